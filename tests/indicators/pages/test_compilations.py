"""A compilation launched and watched: its bar, its silence, its failures."""

import pytest
from django.db import connection

from indicators.models import Compilation, Work
from indicators.worklist import nation
from sprocep import periods
from sprocep.periods import Period
from tests.indicators.pages.fabricated import AFTER, DRAFT

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
LAUNCH, OFFICER, AUDITOR = "/nation/compiler/", "dgefp_officer", "auditor"
OTHER = Period.parse("2016-T4")


def launched(browser, period=OTHER) -> Compilation:
    response = browser.post(LAUNCH, {"period": period.code})
    with nation(read_only=True):
        compilation = Compilation.objects.latest("pk")
    assert response["Location"] == address_of(compilation)
    return compilation


def address_of(compilation: Compilation) -> str:
    return f"/nation/compilations/{compilation.pk}/"


def set_work(compilation: Compilation, **values) -> None:
    with nation():
        compilation.work.update(**values)


def test_a_quarter_is_compiled_on_demand(browse):
    compilation = launched(browse(OFFICER))
    with nation(read_only=True):
        at_date = compilation.work.filter(step=Work.Step.COMPUTE, borders="date")
        assert at_date.count() == 19
    page = browse(AUDITOR).get(address_of(compilation)).content.decode()
    assert 'hx-trigger="every 1s"' in page
    assert "0 sur" in page


def test_a_second_launch_leads_to_the_one_that_runs(browse):
    browser = browse(OFFICER)
    compilation = launched(browser)
    again = browser.post(LAUNCH, {"period": OTHER.code})
    assert again["Location"] == address_of(compilation)
    with nation(read_only=True):
        assert Compilation.objects.filter(period=OTHER.code).count() == 1


@pytest.mark.parametrize("word", ["2014-T4", "2016-01", "", "2099-T1"])
def test_what_is_no_quarter_of_the_list_is_refused(browse, word):
    response = browse(OFFICER).post(LAUNCH, {"period": word}, follow=True)
    assert "Choisissez un trimestre" in response.content.decode()
    with nation(read_only=True):
        assert not Compilation.objects.exists()


def test_quarters_run_from_the_first_to_the_present_one(browse):
    choices = browse(OFFICER).get("/nation/").context["form"].fields["period"].choices
    now = periods.quarter_of(periods.today())
    assert choices[0] == (now.code, f"{now.label}, en cours")
    assert choices[-1] == ("2015-T1", "1er trimestre 2015")


def test_an_open_quarter_gives_raw_figures_and_says_so(browse):
    browser = browse(OFFICER)
    compilation = launched(browser, periods.quarter_of(periods.today()))
    with nation(read_only=True):
        assert not compilation.work.filter(step=Work.Step.PROTECT).exists()
    assert "rien n’est publié" in browser.get(address_of(compilation)).content.decode()


def test_silence_is_said(browse):
    browser = browse(OFFICER)
    with nation(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO indicators_compilation (period, requested_at) "
            "VALUES (%s, now() - interval '9 seconds') RETURNING id",
            [OTHER.code],
        )
        compilation = Compilation.objects.get(pk=cursor.fetchone()[0])
        Work.objects.create(
            compilation=compilation,
            step=Work.Step.COMPUTE,
            period=OTHER.code,
            starts_on=OTHER.starts,
            territory="93",
            regions=["93"],
        )
    page = browser.get(address_of(compilation)).content.decode()
    assert "La compilation est figée" in page
    assert "every 1s" in page
    assert "<strong>figée</strong>" in browser.get("/nation/").content.decode()


def test_the_bar_alone_is_answered_to_the_page_and_stops_at_the_end(browse):
    browser = browse(OFFICER)
    compilation = launched(browser)
    asked = browser.get(address_of(compilation), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in asked
    assert "hx-get" in asked
    set_work(compilation, state=Work.State.DONE)
    asked = browser.get(address_of(compilation), headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" not in asked
    assert "La compilation est finie" in asked


def test_drafts_are_read_over_from_the_end_of_the_bar(browse):
    browser = browse(OFFICER)
    compilation = launched(browser, DRAFT)
    set_work(compilation, state=Work.State.DONE)
    page = browser.get(address_of(compilation)).content.decode()
    assert f"/nation/{DRAFT}/relecture/" in page
    assert "/relecture/" not in browse(AUDITOR).get(address_of(compilation)).content.decode()


def test_failures_say_their_cause_and_are_launched_again(browse):
    browser = browse(OFFICER)
    compilation = launched(browser)
    set_work(compilation, state=Work.State.FAILED, cause="DiskFull: plus de place", tries=3)
    page = browser.get(address_of(compilation)).content.decode()
    assert "DiskFull: plus de place" in page
    assert "/relance/" in page
    assert "/relance/" not in browse(AUDITOR).get(address_of(compilation)).content.decode()
    assert browse(AUDITOR).post(f"{address_of(compilation)}relance/").status_code == 403
    again = browser.post(f"{address_of(compilation)}relance/", follow=True)
    assert "remises dans la liste" in again.content.decode()
    with nation():
        assert set(compilation.work.values_list("state", "tries")) == {("waiting", 0)}
        # What was protected while a Region could not be computed is protected again.
        compilation.work.update(state=Work.State.DONE)
        compilation.work.filter(step=Work.Step.COMPUTE, territory="93").update(state="failed")
    browser.post(f"{address_of(compilation)}relance/")
    with nation():
        waiting = compilation.work.filter(state=Work.State.WAITING)
        assert {(one.step, one.territory) for one in waiting} == {
            (Work.Step.COMPUTE, "93"),
            (Work.Step.PROTECT, "FR"),
        }
        compilation.work.update(state=Work.State.WAITING)
    again = browser.post(f"{address_of(compilation)}relance/", follow=True)
    assert "Rien n’était en échec" in again.content.decode()


def test_a_sealed_period_has_nothing_to_compile(browse):
    browser = browse(OFFICER)
    compilation = launched(browser, AFTER)
    page = browser.get(address_of(compilation)).content.decode()
    assert "Toutes" in page or "toutes les éditions" in page


def test_an_unknown_compilation_is_not_found(browse):
    assert browse(OFFICER).get("/nation/compilations/999999/").status_code == 404
    assert browse(OFFICER).post("/nation/compilations/999999/relance/").status_code == 404
