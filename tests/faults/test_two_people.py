"""Two people, or two hands, on one act: one wins, the other reads why and loses nothing."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest

from beneficiaries.models import Beneficiary, Journey, Session
from indicators import actions
from indicators.models import Compilation, Edition
from indicators.worklist import nation
from regions.middleware import scope_of
from regions.models import AuditEvent, Membership
from tests import factories
from tests.faults.browser import Answer, Browser, Fields, typed
from tests.faults.crew import Crew
from tests.faults.run import PERIOD, REGIONS, Run
from tests.faults.storm import logged_contacts
from tests.faults.tally import scenario

pytestmark = pytest.mark.faults

KEYS = 20
AT_ONCE = 4
JOURNEYS = 8
Act = tuple[Browser, str, Fields]


def at_once(*acts: Act) -> list[Answer]:
    """All leave at the same instant."""
    barrier = Barrier(len(acts))

    def act(browser: Browser, path: str, fields: Fields) -> Answer:
        barrier.wait()
        return browser.post(path, fields)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, *zip(*acts, strict=True)))


@pytest.fixture(scope="module")
def site(stage) -> str:
    return stage.site()


@pytest.fixture(scope="module")
def officers(stage, site) -> list[Browser]:
    other = Browser(site)
    other.log_in("dgefp-bis@sprocep.example", factories.PASSWORD)
    return [stage.browser_of("dgefp_officer", site), other]


@pytest.fixture(scope="module")
def advisers(stage, site) -> tuple[Membership, list[Browser]]:
    """Two of the same place; the membership of the first."""
    first = stage.browser_of("adviser", site)
    email = stage.account("adviser")["email"]
    with nation():
        membership = Membership.objects.select_related("site").get(user__email=email)
    other = factories.user("conseil-bis@sprocep.example", factories.PASSWORD)
    factories.member("adviser", of=other, region=membership.region_id, at=membership.site)
    second = Browser(site)
    second.log_in(other.email, factories.PASSWORD)
    return membership, [first, second]


def test_sealed_by_two_officers(stage, officers):
    crew = Crew.hired(stage)
    run = Run(stage, seals=False)
    run.wait()
    crew.leave()
    with nation():
        actions.validate_period(by=run.officer, period=PERIOD)
    for territory in REGIONS:
        page = f"/tableaux-de-bord/{PERIOD.code}/{territory}/"
        with scenario("sealed by two officers at once") as count:
            acts = [(o, *o.get(page).form(f"{page}sceller/")) for o in officers]
            answers = at_once(*acts)
            assert [answer.status for answer in answers] == [302, 302]
            said = [o.get(page).text for o in officers]
            count.wrong += sum("est scellée ;" in text for text in said) != 1
            count.wrong += sum("était déjà scellée" in text for text in said) != 1
            with nation(read_only=True):
                edition = Edition.objects.get(period=PERIOD.code, territory=territory)
                traces = AuditEvent.objects.filter(action="seal_edition", object_id=edition.pk)
                count.lost += not edition.is_sealed
                count.doubled += traces.count() - 1


def test_compiled_by_two_officers(officers):
    with scenario("compiled by two officers at once") as count:
        pages = [officer.get("/nation/").form("/nation/compiler/") for officer in officers]
        acts = [
            (officer, action, typed(fields, period="2016-T2"))
            for officer, (action, fields) in zip(officers, pages, strict=True)
        ]
        answers = at_once(*acts)
        assert [answer.status for answer in answers] == [302, 302]
        with nation(read_only=True):
            launched = Compilation.objects.filter(period="2016-T2").count()
        count.lost += launched == 0
        count.doubled += max(0, launched - 1)
        count.wrong += answers[0].location != answers[1].location


def test_closed_by_two_advisers(advisers):
    membership, browsers = advisers
    with scope_of(membership, read_only=False):
        opened = [factories.journey(membership) for _ in range(JOURNEYS)]
    outcomes = ("I01", "I03")
    for journey in opened:
        page = f"/parcours/{journey.public_id}/cloture/"
        with scenario("journey closed by two advisers at once") as count:
            fields = [
                typed(
                    browser.get(page).form()[1],
                    closed_on="2016-05-03",
                    outcome=outcome,
                    exit_situation="CDI",
                    may_be_asked="no",
                )
                for browser, outcome in zip(browsers, outcomes, strict=True)
            ]
            answers = at_once(*zip(browsers, [page] * 2, fields, strict=True))
            statuses = [answer.status for answer in answers]
            assert sorted(statuses) == [200, 302], [answer.text[:300] for answer in answers]
            winner, loser = statuses.index(302), statuses.index(200)
            with scope_of(membership, read_only=True):
                stored = Journey.objects.get(pk=journey.pk)
                traces = AuditEvent.objects.filter(
                    action="close_journey", object_id=journey.public_id
                )
                count.doubled += traces.count() - 1
            count.lost += stored.outcome_id != outcomes[winner]
            count.wrong += "Ce parcours est clos depuis le 3 mai 2016" not in answers[loser].text
            # What the other one typed is still in the form.
            kept = dict(answers[loser].form()[1])
            count.lost += kept["outcome"] != outcomes[loser]


def test_corrected_by_two_advisers(advisers):
    membership, browsers = advisers
    with scope_of(membership, read_only=False):
        opened = [factories.journey(membership) for _ in range(JOURNEYS)]
    notes = ("texte de la première", "texte du second")
    for journey in opened:
        with scope_of(membership, read_only=True):
            session = Session.objects.get(journey=journey)
        page = f"/entretiens/{session.public_id}/"
        with scenario("session corrected by two advisers at once") as count:
            fields = [
                typed(browser.get(page).form()[1], note=note)
                for browser, note in zip(browsers, notes, strict=True)
            ]
            answers = at_once(*zip(browsers, [page] * 2, fields, strict=True))
            statuses = [answer.status for answer in answers]
            assert sorted(statuses) == [200, 302], [answer.text[:300] for answer in answers]
            winner, loser = statuses.index(302), statuses.index(200)
            with scope_of(membership, read_only=True):
                stored = Session.objects.get(pk=session.pk)
            count.lost += stored.note != notes[winner]
            # The other one has both texts before the eyes.
            count.lost += notes[loser] not in answers[loser].body
            count.lost += notes[winner] not in answers[loser].body
            count.wrong += "a été modifié pendant que vous le corrigiez" not in answers[loser].text


def test_sent_several_times_at_once(advisers):
    """The double press of a button, the network that sends again: one row a form."""
    membership, (browser, _) = advisers
    desk = browser.get("/accueil-anonyme/").form()[1]
    new = browser.get("/parcours/nouvel-entretien/?person=new").form()[1]
    with scope_of(membership, read_only=True):
        before = Beneficiary.objects.count()
        logged = logged_contacts()
    for rank in range(KEYS):
        with scenario("the same form four times at once") as count:
            key = str(uuid.uuid4())
            contact = typed(desk, key=key, theme="T01", audience="P04", result="R01")
            talk = typed(
                new,
                key=key,
                last_name=f"Double{rank:02d}".translate(str.maketrans("0123456789", "abcdefghij")),
                first_name="Alix",
                birth_date="1990-05-04",
                held_on=date(2016, 2, 10).isoformat(),
                main_service="S07",
                main_reason="M05",
                is_somebody_else="on",  # whatever the data set holds
            )
            acts = [(browser.again(), "/accueil-anonyme/", contact)] * AT_ONCE
            acts += [(browser.again(), "/parcours/nouvel-entretien/", talk)] * AT_ONCE
            answers = at_once(*acts)
            assert {answer.status for answer in answers} == {201, 302}, answers[-1].text[:600]
            with scope_of(membership, read_only=True):
                contacts = logged_contacts() - logged - rank
                sessions = Session.objects.filter(idempotency_key=key).count()
                persons = Beneficiary.objects.count() - before - rank
            count.lost += [contacts, sessions, persons].count(0)
            count.doubled += contacts + sessions + persons - 3
