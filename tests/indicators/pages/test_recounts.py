"""The audit asks for a recount, with a reason, and a worker counts; nobody else may."""

import pytest

from indicators import actions
from indicators.models import EditionCell, Recount, Work
from indicators.worklist import nation
from regions.models import AuditEvent, Membership
from regions.permissions import READ_ONLY_ROLES, Permission, is_reader_only
from tests.indicators.pages.fabricated import AFTER, BEFORE, DRAFT
from tests.indicators.pages.test_explain import cells, of, text_of

pytestmark = pytest.mark.django_db(databases=["default", "owner", "compiler"])

REASON = "Contrôle annuel de la remontée"


def asked_for() -> tuple[list[Recount], list[Work]]:
    with nation(read_only=True):
        counted = Recount.objects.select_related("cell__edition")
        return list(counted), list(Work.objects.filter(step=Work.Step.RECOUNT))


def whole(period, territory: str) -> EditionCell:
    (found,) = cells(period, territory, indicator="A1", department="total", operator="total",
                     level="total", breakdown="total")  # fmt: skip
    return found


def test_a_recount_is_asked_listed_and_shown(browse, base):
    browser = browse("auditor")
    assert f"{of(AFTER, '93')}recompter/" in browser.get(of(AFTER, "93")).content.decode()
    answer = browser.post(f"{of(AFTER, '93')}recompter/", {"reason": REASON})
    ((recount,), (work,)) = asked_for()
    assert answer.url == f"/recomptages/{recount.public_id}/"
    assert (recount.cell, recount.reason) == (whole(AFTER, "93"), REASON)
    assert recount.requested_by_id == base["auditor"].user_id
    assert (work.period, work.territory, work.borders) == (AFTER.code, "93", "date")
    audited = AuditEvent.objects.using("default").filter(action="request_recount")
    with nation(read_only=True):
        assert [event.object_id for event in audited] == [str(recount.public_id)]
    page = text_of(browser.get(answer.url).content)
    assert "Recomptage en cours" in page
    assert REASON in page


def test_asked_twice_while_it_waits_it_is_one(browse):
    browser = browse("auditor")
    first, second = (
        browser.post(f"{of(AFTER, '93')}recompter/", {"reason": REASON}).url for _ in range(2)
    )
    assert first == second
    recounts, works = asked_for()
    assert (len(recounts), len(works)) == (1, 1)


def test_the_result_says_whether_it_is_the_published_value(browse):
    """No facts stand behind these editions: the recount finds none. Then one that finds it."""
    browser = browse("auditor")
    address = browser.post(f"{of(AFTER, '93')}recompter/", {"reason": REASON}).url
    ((recount,), (work,)) = asked_for()
    actions.carry_out(work=work)
    page = text_of(browser.get(address).content)
    assert "Les faits ne donnent pas la valeur publiée" in page
    assert "Valeur recomptée 0 " in page
    with nation():
        Recount.objects.filter(pk=recount.pk).update(
            value=recount.cell.value, units=3, contributors=1,
            rows=[[1, "apec", "13", "2016-02-01", 2]],
        )  # fmt: skip
    page = text_of(browser.get(address).content)
    assert "Les faits donnent la valeur publiée." in page
    assert "1er février 2016 S1" in page
    assert "égale" in text_of(browser.get("/recomptages/").content)


def test_what_failed_says_so(browse):
    browser = browse("auditor")
    address = browser.post(f"{of(AFTER, '93')}recompter/", {"reason": REASON}).url
    with nation():
        Work.objects.filter(step=Work.Step.RECOUNT).update(state=Work.State.FAILED)
    assert "Le recomptage n’a pas abouti" in text_of(browser.get(address).content)


@pytest.mark.parametrize("reason", ["", "   "])
def test_no_recount_without_a_reason(browse, reason):
    answer = browse("auditor").post(f"{of(AFTER, '93')}recompter/", {"reason": reason})
    assert answer.status_code == 200
    assert asked_for() == ([], [])


def test_what_is_secret_or_not_sealed_is_not_counted_again(browse):
    secret = cells(BEFORE, "93", status="secret", indicator="B3", level="N2",
                   population="journeys_opened")[0]  # fmt: skip
    browser = browse("auditor")
    for address in (of(BEFORE, "93", f"B3,situation={secret.category},l=N2"), of(DRAFT, "93")):
        assert "recompter" not in browser.get(address).content.decode()
        answer = browser.post(f"{address}recompter/", {"reason": REASON})
        assert "Seule une valeur publiée" in text_of(answer.content)
    assert asked_for() == ([], [])


@pytest.mark.parametrize("who", ["dgefp_officer", "regional_coordinator 93", "elected_referent 93"])
def test_nobody_else_asks_or_reads(browse, who):
    browser = browse(who)
    assert browser.get(of(AFTER, "93")).status_code == 200
    assert browser.post(f"{of(AFTER, '93')}recompter/", {"reason": REASON}).status_code == 403
    assert browser.get("/recomptages/").status_code == 403
    assert asked_for() == ([], [])


def test_it_is_the_one_act_of_the_auditor():
    """On every route of another right PostgreSQL refuses its writes, whatever the view says."""
    role = Membership.Role.AUDITOR
    assert role in READ_ONLY_ROLES
    assert {right for right in Permission if not is_reader_only(role, right)} == {
        Permission.RECOUNT
    }
    assert is_reader_only(role, None)
    assert is_reader_only(role, frozenset({Permission.RECOUNT, Permission.SEAL}))
