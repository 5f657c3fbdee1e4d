"""« Mes parcours »: several at once, and the views that one keeps."""

import uuid
from datetime import date, timedelta

import pytest

from beneficiaries import actions
from beneficiaries.entries import Closing
from beneficiaries.models import FollowUp, SavedView
from beneficiaries.queries import follow_up_on
from regions.middleware import scope_of
from regions.models import AuditEvent
from sprocep import periods
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
LIST, ENTRUST, VIEWS = "/parcours/", "/parcours/confier/", "/parcours/vues/"


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


@pytest.fixture
def manager(world):
    return world["structure_manager marseille"]


@pytest.fixture
def browser(logged_in, adviser):
    return logged_in(adviser)


@pytest.fixture
def file(adviser):
    with scope_of(adviser, read_only=False):
        yield


# ── Several journeys to another référent ─────────────────────────────────────────────────────


def entrusted(to, *journeys, **changes) -> dict:
    return {
        "parcours": [str(journey.public_id) for journey in journeys],
        "starts_on": periods.today().isoformat(),
        "site": str(to.site.public_id),
        "referent": str(to.public_id),
    } | changes


def test_ticked_ones_go_to_the_new_referent_the_others_stay(browser, adviser, manager, file):
    ticked, other = [factories.journey(adviser) for _ in range(2)], factories.journey(adviser)
    page = browser.get(LIST).content.decode()
    for journey in ticked:
        assert f'name="parcours" form="entrust" value="{journey.public_id}"' in page
    asked = browser.get(ENTRUST, {"parcours": [str(journey.public_id) for journey in ticked]})
    assert "Confier 2 parcours" in asked.content.decode()
    sent = browser.post(ENTRUST, entrusted(manager, *ticked), follow=True)
    assert "2 parcours : Camille Structure Manager les suit." in sent.content.decode()
    today = periods.today()
    assert [follow_up_on(journey, today).referent for journey in ticked] == [manager, manager]
    assert follow_up_on(other, today).referent == adviser
    traces = AuditEvent.objects.filter(action="change_follow_up")
    assert {trace.object_id for trace in traces} == {str(journey.public_id) for journey in ticked}


def test_what_is_refused_stays_on_the_page_with_its_reason(browser, adviser, manager, file):
    fine, moved, closed = (factories.journey(adviser) for _ in range(3))
    yesterday = periods.today() - timedelta(days=1)
    FollowUp.objects.filter(journey=moved).update(starts_on=yesterday)
    closing = Closing(closed_on=yesterday, outcome="I03", exit_situation="CDI")
    actions.close_journey(by=adviser.user, membership=adviser, journey=closed, closing=closing)
    before = (yesterday - timedelta(days=1)).isoformat()
    data = entrusted(manager, fine, moved, closed, starts_on=before)
    page = browser.post(ENTRUST, data).content.decode()
    assert "1 parcours : Camille Structure Manager les suit." in page
    assert "Confier 2 parcours" in page
    assert "Le suivi actuel a commencé le" in page
    assert "Ce parcours est clos depuis le" in page
    assert f'value="{before}"' in page
    assert str(fine.public_id) not in page
    today = periods.today()
    assert [follow_up_on(one, today).referent for one in (fine, moved, closed)] == [
        manager,
        adviser,
        adviser,
    ]


def test_nothing_ticked_and_nobody_chosen_are_said(browser, adviser, file):
    assert "Cochez au moins un parcours" in browser.get(ENTRUST, follow=True).content.decode()
    journey = factories.journey(adviser)
    page = browser.post(ENTRUST, entrusted(adviser, journey, referent="")).content.decode()
    assert "Ce champ est obligatoire" in page
    assert str(journey.public_id) in page


def test_of_another_structure_nothing_moves(browser, adviser, manager, world):
    other = world["adviser aix"]
    with scope_of(other, read_only=False):
        stranger = factories.journey(other, opened_on=date(2016, 2, 10))
    with scope_of(adviser, read_only=False):
        own = factories.journey(adviser)
    browser.post(ENTRUST, entrusted(manager, own, stranger))
    browser.post(ENTRUST, entrusted(manager, stranger))
    with scope_of(other, read_only=True):
        assert follow_up_on(stranger, periods.today()).referent == other
    with scope_of(adviser, read_only=True):
        assert follow_up_on(own, periods.today()).referent == manager


# ── Views ────────────────────────────────────────────────────────────────────────────────────


def test_a_view_keeps_the_filters_and_never_a_name(browser, logged_in, manager, file):
    query = "q=Kanarivogel&state=silent&referent=me&reason=X&page=3"
    sent = browser.post(VIEWS, {"name": "Silencieux", "query": query}, follow=True)
    assert "Vue « Silencieux » gardée." in sent.content.decode()
    view = SavedView.objects.get()
    assert view.query == "state=silent&referent=me"
    page = browser.get(LIST).content.decode()
    assert 'href="?state=silent&amp;referent=me"' in page
    assert "Mes vues" not in logged_in(manager).get(LIST).content.decode()
    assert logged_in(manager).post(f"{VIEWS}{view.public_id}/").status_code == 404
    opened = browser.get(f"{LIST}?{view.query}").content.decode()
    assert "Supprimer cette vue" in opened
    assert browser.post(f"{VIEWS}{view.public_id}/").status_code == 302
    assert not SavedView.objects.exists()


def test_the_same_name_replaces_and_ten_are_enough(browser, file):
    for rank in range(11):
        name = f"Vue {rank}"
        page = browser.post(VIEWS, {"name": name, "query": "state=open"}, follow=True)
    assert "Vous gardez déjà 10 vues" in page.content.decode()
    browser.post(VIEWS, {"name": "Vue 3", "query": "state=closed"})
    assert SavedView.objects.count() == 10
    assert SavedView.objects.get(name="Vue 3").query == "state=closed"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"name": "", "query": "state=open"}, "Donnez un nom à la vue"),
        ({"name": "Tout", "query": "state="}, "a aucun filtre"),
    ],
)
def test_a_view_without_name_or_filter_is_refused(browser, file, data, sentence):
    assert sentence in browser.post(VIEWS, data, follow=True).content.decode()
    assert not SavedView.objects.exists()
    assert browser.post(f"{VIEWS}{uuid.uuid4()}/").status_code == 404
