"""A structure confirms what it declares; the head of its network, for all of its own."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from django.utils import timezone

from indicators import actions
from indicators.models import (
    Anomaly,
    CalendarEntry,
    DeclaredCount,
    Edition,
    ExpectedReturn,
    QualityRule,
    Work,
)
from indicators.worklist import nation
from regions.middleware import scope_of
from regions.models import AuditEvent
from sprocep import periods
from sprocep.errors import ActionRefused
from tests.factories import deadlines

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
MANAGER, HEAD = "structure_manager marseille", "network_head ML"
PERIOD = "2016-T3"
OWNER = "owner"


def page_of(base, structure: str = "marseille", region: str = "93") -> str:
    return f"/remontees/{PERIOD}/{region}/{getattr(base, structure).siret}/"


@pytest.fixture(scope="module", autouse=True)
def campaign(base, django_db_blocker) -> Iterator[None]:
    """The third quarter of 2016 is over, counted, and waits: committed, then gone."""
    with django_db_blocker.unblock():
        QualityRule.objects.using(OWNER).get_or_create(
            code="jump_entries",
            defaults={
                "kind": "jump", "label": "Entrées sans rapport avec la saison",
                "subject": "journeys_opened", "threshold": "3.5",
            },
        )  # fmt: skip
        made = [
            ExpectedReturn.objects.using(OWNER).create(
                period=PERIOD, region_id=region, structure_id=structure.pk
            )
            for structure, region in (
                (base.marseille, "93"), (base.aix, "93"), (base.paris, "11"), (base.national, "93"),
            )
        ]  # fmt: skip
        counted = [
            DeclaredCount.objects.using(OWNER).create(
                period=period, region_id="93", structure_id=base.marseille.pk,
                population="journeys_opened", breakdown=by, category=category, units=units,
            )
            for period, by, category, units in (
                (PERIOD, "total", "total", 42),
                (PERIOD, "level", "N2", 42),
                (PERIOD, "situation", "NR", 7),
                (PERIOD, "month", "2016-08", 40),
                ("2016-T2", "month", "2016-05", 9),
                ("2016-T2", "total", "total", 31),
            )
        ]  # fmt: skip
        CalendarEntry.objects.using(OWNER).create(
            period=PERIOD,
            starts_on="2016-07-01",
            opens_on="2016-10-01",
            confirm_by="2016-10-20",
            computed_on="2016-10-25",
            comment_by="2016-11-05",
            due_on="2016-11-15",
        )
        anomaly = Anomaly.objects.using(OWNER).create(
            period=PERIOD,
            region_id="93",
            structure_id=base.marseille.pk,
            rule_id="jump_entries",
            found=42,
            expected=18,
            state="corrected",
            closed_at=timezone.now(),
        )
        yield
        for row in (anomaly, *made, *counted):
            row.delete(using=OWNER)
        CalendarEntry.objects.using(OWNER).filter(pk=PERIOD).delete()


@pytest.fixture(autouse=True)
def day(monkeypatch) -> None:
    monkeypatch.setattr(periods, "today", lambda: date(2016, 10, 10))


@pytest.fixture
def anomaly(base) -> Anomaly:
    """It was corrected once, and is there again."""
    with nation():
        Anomaly.objects.update(state="open", closed_at=None)
        return Anomaly.objects.get()


@pytest.fixture
def settled(base) -> Edition:
    with nation():
        made = Edition.objects.create(
            period=PERIOD, territory="93", compiled_at=timezone.now(), figures_seal="0" * 64
        )
    move(made, "under_review", "validated")
    return made


def move(edition: Edition, *states: str) -> None:
    with nation():
        for state in states:
            Edition.objects.filter(pk=edition.pk).update(state=state)


def returns_of(base, structure: str = "marseille") -> tuple:
    with nation(read_only=True):
        return ExpectedReturn.objects.values_list("received_at", "received_by").get(
            period=PERIOD, structure=getattr(base, structure)
        )


def flat(response) -> str:
    return " ".join(response.content.decode().split())


def said(response) -> str:
    return " ".join(str(message) for message in response.context["messages"])


# ── What is shown ────────────────────────────────────────────────────────────────────────────


def test_counts_stand_beside_the_quarter_before_and_the_year_before(browse, base):
    response = browse(MANAGER).get(page_of(base))
    totals = {line.label: (line.now, line.before, line.year_before)
              for line in response.context["counts"].totals}  # fmt: skip
    assert totals["Parcours ouverts"] == (42, 31, None)
    assert totals["Entretiens"] == (0, 0, None)
    page = flat(response)
    assert "Non renseigné" in page
    assert "Compté le" in page
    assert "20 octobre 2016" in page
    # No count at all of the year before is « nd », and none of a kind is 0.
    assert "<abbr" in page


def test_a_month_stands_beside_that_of_its_rank(browse, base):
    tables = dict(browse(MANAGER).get(page_of(base)).context["counts"].tables)
    [august] = tables["Entrées par mois"]
    assert (august.label, august.now, august.before) == ("août 2016", 40, 9)


def test_own_rows_are_one_link_away(browse, base):
    browser = browse(MANAGER)
    address = browser.get(page_of(base)).context["journeys"]
    assert "opened_from=2016-07-01" in address
    assert "opened_to=2016-09-30" in address
    assert browser.get(address).status_code == 200
    assert browse(HEAD).get(page_of(base)).context["journeys"] == ""


def test_a_structure_lists_its_own_returns_and_no_other(browse, base):
    page = flat(browse(MANAGER).get("/remontees/"))
    assert page_of(base) in page
    assert base.aix.siret not in page
    assert base.national.siret not in page


def test_a_structure_opens_no_other(browse, base):
    browser = browse(MANAGER)
    for structure, region in (("aix", "93"), ("paris", "11"), ("national", "93")):
        assert browser.get(page_of(base, structure, region)).status_code == 404
    assert browser.get(f"/remontees/2016-T4/93/{base.marseille.siret}/").status_code == 404


def test_the_head_of_a_network_opens_all_of_its_own(browse, base):
    browser = browse(HEAD)
    for structure, region in (("marseille", "93"), ("aix", "93"), ("paris", "11")):
        assert browser.get(page_of(base, structure, region)).status_code == 200
    assert browser.get(page_of(base, "national", "93")).status_code == 404


# ── Confirmed ────────────────────────────────────────────────────────────────────────────────


def test_a_structure_confirms_once_and_takes_back(browse, base):
    browser, page = browse(MANAGER), page_of(base)
    assert "Confirmer" in flat(browser.get(page))
    confirmed = browser.post(f"{page}confirmer/", follow=True)
    assert "est confirmée" in said(confirmed)
    assert "par Camille Structure Manager" in flat(confirmed)
    at, by = returns_of(base)
    assert (at is not None, by) == (True, base[MANAGER].user_id)
    browser.post(f"{page}confirmer/")
    assert returns_of(base) == (at, by)
    with nation(read_only=True):
        traced = AuditEvent.objects.filter(action="confirm_return", structure=base.marseille)
        assert traced.count() == 1
    assert "est retirée" in said(browser.post(f"{page}retirer/", follow=True))
    assert returns_of(base) == (None, None)


def test_a_period_that_is_not_over_is_not_confirmed(browse, base, monkeypatch):
    monkeypatch.setattr(periods, "today", lambda: date(2016, 9, 30))
    page = page_of(base)
    assert "vous confirmerez à partir du 1er octobre 2016" in flat(browse(MANAGER).get(page))
    refused = browse(MANAGER).post(f"{page}confirmer/", follow=True)
    assert "n’est pas fini" in said(refused)
    assert returns_of(base) == (None, None)


def test_an_open_anomaly_holds_the_confirmation_back(browse, base, anomaly):
    browser, page = browse(MANAGER), page_of(base)
    shown = flat(browser.get(page))
    assert "42, d’ordinaire 18 (médiane)" in shown
    assert "1 anomalie attend" in said(browser.post(f"{page}confirmer/", follow=True))
    assert returns_of(base) == (None, None)

    empty = browser.post(f"{page}anomalies/jump_entries/", {"explanation": " "})
    assert empty.status_code == 200
    assert "Erreur" in empty.content.decode()
    explained = browser.post(
        f"{page}anomalies/jump_entries/", {"explanation": "Deux accueils ont fermé."}, follow=True
    )
    assert "« Deux accueils ont fermé. »" in flat(explained)
    assert "est confirmée" in said(browser.post(f"{page}confirmer/", follow=True))
    with nation(read_only=True):
        row = Anomaly.objects.get(pk=anomaly.pk)
    assert (row.state, row.closed_by_id) == ("explained", base[MANAGER].user_id)


def test_nothing_changes_once_the_region_is_validated(browse, base, settled, anomaly):
    browser, page = browse(MANAGER), page_of(base)
    shown = flat(browser.get(page))
    assert "cette remontée ne change plus" in shown
    assert "/confirmer/" not in shown
    for act in ("confirmer/", "anomalies/jump_entries/"):
        browser.post(f"{page}{act}", {"explanation": "trop tard"})
    assert returns_of(base) == (None, None)
    with nation(read_only=True):
        assert Anomaly.objects.get(pk=anomaly.pk).state == "open"
    move(settled, "under_review")
    browser.post(f"{page}anomalies/jump_entries/", {"explanation": "Un accueil a fermé."})
    assert "est confirmée" in said(browser.post(f"{page}confirmer/", follow=True))


def test_a_confirmation_is_not_taken_back_once_validated(base, settled):
    with nation():
        ExpectedReturn.objects.filter(period=PERIOD).update(received_at=timezone.now())
    with scope_of(base[MANAGER], read_only=False):
        owed = ExpectedReturn.objects.get(period=PERIOD)
        with pytest.raises(ActionRefused, match="ne changent plus"):
            actions.withdraw_confirmation(by=base[MANAGER].user, owed=owed)


def test_the_head_confirms_all_that_no_anomaly_holds_back(browse, base, anomaly):
    browser = browse(HEAD)
    listed = flat(browser.get("/remontees/structures/", {"periode": PERIOD}))
    assert "Confirmer celles sans anomalie" in listed
    done = said(browser.post(f"/remontees/{PERIOD}/confirmer/", follow=True))
    assert "2 remontées confirmées." in done
    assert "1 attend encore" in done
    assert returns_of(base, "aix")[1] == base[HEAD].user_id
    assert returns_of(base, "paris")[1] == base[HEAD].user_id
    assert returns_of(base, "marseille") == (None, None)
    # Of another network, nothing.
    assert returns_of(base, "national") == (None, None)


def test_the_head_writes_nothing_else(browse, base):
    """Its confirmations and its letters are the only writes that PostgreSQL lets pass."""
    browser = browse(HEAD)
    assert browser.post("/parcours/nouvel-entretien/").status_code == 404
    assert browser.post(f"{page_of(base, 'national')}confirmer/").status_code == 404


def test_another_count_is_asked_for_once(browse, base):
    browser, page = browse(MANAGER), page_of(base)
    assert "est demandé" in said(browser.post(f"{page}recompter/", follow=True))
    assert "était déjà demandé" in said(browser.post(f"{page}recompter/", follow=True))
    with nation(read_only=True):
        (work,) = Work.objects.filter(step=Work.Step.DECLARE)
    assert (work.period, work.territory) == (PERIOD, "93")
    with scope_of(base[MANAGER], read_only=True):
        (trace,) = AuditEvent.objects.filter(action="request_count")
    assert (trace.territory, trace.structure_id) == ("93", base.marseille.pk)


def test_others_read_that_it_is_expected_and_no_count(browse, base):
    for who in ("regional_coordinator 93", "dgefp_officer", "auditor"):
        browser = browse(who)
        listed = flat(browser.get("/remontees/structures/", {"periode": PERIOD}))
        assert base.marseille.siret in listed
        assert page_of(base) not in listed
        assert browser.get(page_of(base)).status_code == 403
    assert base.paris.siret not in flat(
        browse("regional_coordinator 93").get("/remontees/structures/", {"periode": PERIOD})
    )


# ── The Region reads over ────────────────────────────────────────────────────────────────────


def test_a_region_comments_its_own_draft_until_its_day(browse, base, monkeypatch):
    own, other = browse("regional_coordinator 93"), browse("regional_coordinator 11")
    address = "/tableaux-de-bord/2016-T2/93/"
    assert own.get(f"{address}commenter/").status_code == 404
    officer = browse("dgefp_officer")
    officer.post(f"{address}relecture/")
    assert f"{address}commenter/" in own.get(address).content.decode()
    assert f"{address}commenter/" not in browse("elected_referent 93").get(address).content.decode()
    assert other.get(f"{address}commenter/").status_code == 404
    sent = own.post(f"{address}commenter/", {"text": "Les sorties paraissent basses."}, follow=True)
    assert "transmis à la DGEFP" in said(sent)
    assert "Les sorties paraissent basses." in flat(officer.get(f"{address}historique/"))

    with nation():
        CalendarEntry.objects.create(
            period="2016-T2", starts_on="2016-04-01",
            **deadlines(date(2016, 7, 1), date(2016, 8, 1), date(2016, 10, 10)),
        )  # fmt: skip
    monkeypatch.setattr(periods, "today", lambda: date(2016, 10, 10))
    assert f"{address}commenter/" in own.get(address).content.decode()
    last = own.post(f"{address}commenter/", {"text": "Le dernier jour."}, follow=True)
    assert "transmis à la DGEFP" in said(last)
    monkeypatch.setattr(periods, "today", lambda: date(2016, 10, 11))
    assert f"{address}commenter/" not in own.get(address).content.decode()
    late = own.post(f"{address}commenter/", {"text": "Trop tard."})
    assert "close depuis le 10 octobre 2016" in flat(late)
    officer.post(f"{address}valider/")
    refused = own.post(f"{address}commenter/", {"text": "Trop tard."})
    assert "en relecture" in flat(refused)


# ── Homes ────────────────────────────────────────────────────────────────────────────────────


def waiting(browser) -> dict[str, str]:
    page = browser.get("/").content.decode()
    listed = page.split("Ce qui vous attend")[1].split("</section>")[0]
    found = re.findall(r'<a href="([^"]+)">([^<]+)</a>', listed)
    return {words: address.replace("&amp;", "&") for address, words in found}


def test_what_waits_for_a_structure_goes_with_its_act(browse, base, anomaly):
    browser, page = browse(MANAGER), page_of(base)
    listed = waiting(browser)
    assert listed["anomalie à expliquer, 3e trimestre 2016"] == page
    assert listed["remontée à confirmer, 3e trimestre 2016"] == page
    browser.post(f"{page}anomalies/jump_entries/", {"explanation": "Deux accueils ont fermé."})
    assert list(waiting(browser)) == ["remontée à confirmer, 3e trimestre 2016"]
    browser.post(f"{page}confirmer/")
    assert waiting(browser) == {}


def test_what_waits_for_a_network_goes_with_its_act(browse, base):
    browser = browse(HEAD)
    ((words, address),) = waiting(browser).items()
    assert words == "remontées à confirmer, 3e trimestre 2016"
    assert browser.get(address).status_code == 200
    browser.post(f"/remontees/{PERIOD}/confirmer/")
    assert waiting(browser) == {}


def test_nothing_waits_once_the_region_is_validated(browse, base, settled):
    assert waiting(browse(MANAGER)) == {}
    move(settled, "under_review")
    assert len(waiting(browse(MANAGER))) == 1
