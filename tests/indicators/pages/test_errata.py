"""An erratum beside the edition that it replaces: what it lists as changed, and what stays."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connections
from django.template.loader import render_to_string
from django.utils import timezone

from indicators import actions
from indicators.exports import paper
from indicators.exports.blocks import own_block
from indicators.exports.chain import chained
from indicators.exports.errata import CHANGE_COLUMNS
from indicators.exports.formats import Contents, json_file
from indicators.exports.notes import notes
from indicators.exports.report import report
from indicators.exports.seal import figures_seal
from indicators.models import Edition, EditionCell
from indicators.worklist import nation
from tests import factories
from tests.indicators.pages.fabricated import AFTER, DRAFT, DRAFTS, protect

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
OFFICER, COORDINATOR = "dgefp_officer", "regional_coordinator 93"
PAGE = f"/tableaux-de-bord/{AFTER}/93/"
COPIED = """
INSERT INTO indicators_editioncell (edition_id, {0}) SELECT %s, {0} FROM indicators_editioncell
 WHERE edition_id = %s
""".format(
    "territory, borders, indicator, population, department, operator, level, breakdown, category, "
    "value, unit, status, completeness"
)
TOTAL = {
    "indicator": "A1", "breakdown": "total", "department": "total", "operator": "total",
    "level": "total",
}  # fmt: skip


@pytest.fixture(scope="module")
def drafted(base, django_db_blocker) -> Iterator[dict[str, int]]:
    """A second edition of Region 93, by the owner: a figure changes, one comes out, one goes."""
    with django_db_blocker.unblock():
        editions = Edition.objects.using("owner")
        former = editions.get(period=AFTER.code, territory="93")
        made = editions.create(
            period=AFTER.code,
            territory="93",
            number=2,
            supersedes=former,
            cause="Oubli.",
            compiled_at=timezone.now(),
            figures_seal="",
            attack_report=former.attack_report,
        )
        with connections["owner"].cursor() as cursor:
            cursor.execute(COPIED, [made.pk, former.pk])
        cells = EditionCell.objects.using("owner").filter(edition=made)
        total = cells.get(**TOTAL)
        before = int(total.value)
        cells.filter(pk=total.pk).update(value=before + 40)
        out = cells.filter(status="secret").order_by("pk").first()
        cells.filter(pk=out.pk).update(status="published", value=12)
        gone = (
            cells.filter(status="published", value__gt=0).exclude(pk=total.pk).order_by("pk").last()
        )
        cells.filter(pk=gone.pk).update(status="secret", value=None)
        with nation(read_only=True):
            seal = figures_seal(Edition.objects.get(pk=made.pk))
        editions.filter(pk=made.pk).update(figures_seal=seal)
        yield {"before": before, "after": before + 40}
        cells.delete()
        editions.filter(pk=made.pk).delete()


def erratum() -> Edition:
    return Edition.objects.get(period=AFTER.code, territory="93", number=2)


@pytest.fixture
def sealed(base, drafted) -> dict[str, int]:
    officer = base[OFFICER].user
    with nation():
        actions.transmit_edition(by=officer, edition=erratum().supersedes)
        actions.open_review(by=officer, edition=erratum())
        actions.validate_edition(by=officer, edition=erratum())
        actions.seal_edition(by=officer, edition=erratum())
    return drafted


def transmit(base) -> None:
    with nation():
        actions.transmit_edition(by=base[OFFICER].user, edition=erratum())


@pytest.mark.django_db(databases=["default", "owner", "compiler"])
def test_drafts_are_protected_a_second_time(base):
    """What may hang on a cell, a contestation or a recount, is not the compilation's to read."""
    assert protect(DRAFT) == sorted(DRAFTS)


def test_it_covers_the_seal_of_what_it_corrects(sealed):
    with nation(read_only=True):
        made = erratum()
        former = made.supersedes.chained_seal
        assert made.chained_seal == chained(former, made.code, made.figures_seal)


def test_only_what_both_publish_with_another_value_is_listed(browse, sealed):
    shown = browse(COORDINATOR).get(PAGE).context
    assert shown["edition"].number == 2
    [(words, before, after)] = shown["changed"]
    assert (before, after) == (sealed["before"], sealed["after"])
    assert words == "A1 · Entrées en CEP · ensemble"


def test_the_json_says_why_and_what(sealed):
    with nation(read_only=True):
        head = json.loads(json_file(Contents(own_block(erratum()))))
    assert head["supersedes"] == f"{AFTER}/93/1"
    assert head["cause"] == "Oubli."
    [change] = head["changes"]
    assert (change["former_value"], change["value"]) == (sealed["before"], sealed["after"])
    assert change["indicator"] == "A1"


def test_paper_and_workbooks_say_why(sealed):
    with nation(read_only=True):
        made = erratum()
        said = dict(notes(report(own_block(made))))
        assert said["Erratum"] == f"Cette édition remplace {made.supersedes.code}. Oubli."
        assert "Erratum" not in dict(notes(report(own_block(made.supersedes))))
        cover = render_to_string("pdf/_cover.html", paper.context(report(own_block(made))))
    assert f"remplace {AFTER}/93/1. Oubli." in cover


def test_the_grid_says_which_edition_is_an_erratum(browse, sealed):
    assert browse(OFFICER).get("/nation/").content.decode().count("erratum, édition 2") == 1


def test_the_list_is_a_csv(browse, sealed):
    lines = browse(COORDINATOR).get(f"{PAGE}erratum.csv?edition=2").content.decode().splitlines()
    assert lines[0] == ",".join(CHANGE_COLUMNS)
    assert len(lines) == 2
    assert lines[1].startswith(f"{AFTER}/93/2,{AFTER}/93/1,{AFTER},93,A1,")
    assert lines[1].endswith(f",{sealed['before']},{sealed['after']}")
    assert browse(COORDINATOR).get(f"{PAGE}erratum.csv?edition=1").status_code == 404


def test_the_former_edition_is_replaced_when_the_erratum_is_sent_and_stays_readable(
    base, browse, sealed
):
    def former():
        return browse(COORDINATOR).get(f"{PAGE}?edition=1")

    with nation(read_only=True):
        assert erratum().supersedes.state == "transmitted"
    assert "Édition remplacée." not in former().content.decode()
    transmit(base)
    with nation(read_only=True):
        assert erratum().supersedes.state == "superseded"
        assert (
            erratum().supersedes.events.get(kind="superseded").text
            == f"Erratum {AFTER}/93/2 : Oubli."
        )
    page = former()
    assert "Édition remplacée." in page.content.decode()
    assert page.context["edition"].number == 1
    assert browse(COORDINATOR).get(f"{PAGE}csv/?edition=1").status_code == 409  # no files here


def test_the_list_opens_each_edition_under_its_own_number(base, browse, sealed):
    transmit(base)
    page = browse(COORDINATOR).get("/tableaux-de-bord/").content.decode()
    for number in (1, 2):
        assert f'href="{PAGE}?edition={number}"' in page
        assert f"{AFTER}/93/{number}" in page
    assert f"{AFTER}/93/2, erratum" in page


def test_what_is_replaced_is_neither_received_nor_contested(base, browse, sealed):
    transmit(base)
    acknowledge = f"{PAGE}accuser-reception/"
    # Of a page that was open before the erratum came.
    former = browse(COORDINATOR).post(acknowledge, {"number": "1"}, follow=True)
    assert "est remplacée par un erratum" in former.content.decode()
    for nothing in ({}, {"number": "3"}, {"number": "x"}):
        assert browse(COORDINATOR).post(acknowledge, nothing).status_code == 404
    assert browse(COORDINATOR).post(acknowledge, {"number": "2"}).status_code == 302
    with nation(read_only=True):
        assert erratum().state == "acknowledged"
        assert erratum().supersedes.state == "superseded"
    assert browse(COORDINATOR).get(f"{PAGE}contester/").context["edition"].number == 2


def test_another_region_reads_it_and_not_its_history(browse, sealed):
    other = browse("regional_coordinator 11")
    assert other.get(PAGE).context["edition"].number == 2
    assert other.get(f"{PAGE}historique/").status_code == 404


# ── The year that holds it ───────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def year(base, django_db_blocker) -> Iterator[None]:
    """Sealed before the erratum of its quarter, as for the Region and the nation."""
    then = timezone.now() - timedelta(days=30)
    sealed = {
        "compiled_at": then,
        "sealed_at": then,
        "sealed_by": base[OFFICER].user_id,
        "chained_seal": "0" * 64,
    }
    with django_db_blocker.unblock():
        made = [factories.edition("2016", code, "sealed", **sealed) for code in ("93", "FR")]
        yield
        for edition in made:
            edition.delete(using="owner")


def behind(browse) -> list[dict]:
    """What waits on the home of the DGEFP for what errata have left behind."""
    waiting = browse(OFFICER).get("/").context["editions_waiting"]
    return [item for item in waiting if "d’une période corrigée" in item["label"]]


def test_a_sealed_year_that_its_quarter_left_behind_waits_for_its_own(browse, year, sealed):
    form = browse(OFFICER).get(f"/nation/{AFTER}/erratum/").content.decode()
    assert '<a href="/nation/2016/erratum/">année 2016</a>' in form
    [item] = behind(browse)
    assert item["url"] == "/nation/2016/erratum/?region=93"
    [since] = Edition.objects.using("owner").filter(number=2).values_list("compiled_at", flat=True)
    assert item["since"] == since
    page = browse(OFFICER).get(item["url"])
    assert page.context["form"]["territories"].value() == ["93"]
    assert "ne suit pas" not in page.content.decode()
    browse(OFFICER).post(item["url"], {"territories": ["93"], "cause": "Quarante oublis."})
    assert behind(browse) == []


def test_a_sealed_year_without_erratum_within_it_waits_for_nothing(browse, year):
    assert behind(browse) == []
