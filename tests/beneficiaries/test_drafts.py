"""Drafts: what is typed is kept, found again by its author alone, and gone once it is a fact."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from beneficiaries.models import LONGEST_DRAFT, Beneficiary, Draft, Session
from beneficiaries.queries import DRAFT_DAYS
from sprocep import tenancy
from tests import factories
from tests.beneficiaries.test_views_sessions import NEW, new_person, talk

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
KEEP, DROP = f"{NEW}brouillon/", f"{NEW}abandon/"


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


@pytest.fixture
def browser(logged_in, adviser):
    return logged_in(adviser)


@pytest.fixture
def colleague(logged_in, world):
    """Of the same structure, with the same rights on sessions."""
    return logged_in(world["structure_manager marseille"])


@pytest.fixture
def file(world):
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        yield


def resumed(browser, data) -> str:
    return browser.get(NEW, {"brouillon": data["key"]}).content.decode()


def test_all_that_was_typed_is_found_again_right_or_wrong(browser, adviser):
    data = new_person(adviser, birth_date="31/02/85", minutes="mille", note="Un « texte » & <b>")
    answer = browser.post(KEEP, data)
    assert answer.status_code == 200
    assert answer.content.decode().startswith("Brouillon gardé à ")
    page = resumed(browser, data)
    for text in ("31/02/85", "mille", "Un « texte » &amp; &lt;b&gt;", "Lefèvre", "Aubagne (13)"):
        assert text in page, text
    for chosen in ('value="S07" selected', 'value="M05" selected', 'value="K01" selected'):
        assert chosen in page, chosen
    assert data["key"] in page
    assert "error-summary" not in page


def test_the_home_page_lists_it_without_a_name(browser, adviser):
    assert "Entretien commencé" not in browser.get("/").content.decode()
    browser.post(KEEP, new_person(adviser))
    home = browser.get("/").content.decode()
    assert home.count("Entretien commencé, gardé le ") == 1
    assert "lefèvre" not in home.lower()


def test_the_last_text_stands_in_place_of_the_former(browser, adviser, file):
    data = new_person(adviser)
    browser.post(KEEP, data)
    browser.post(KEEP, data | {"note": "Un autre texte."})
    assert Draft.objects.count() == 1
    page = resumed(browser, data)
    assert "Un autre texte." in page
    assert data["note"] not in page


def test_it_goes_when_its_session_is_stored_and_comes_no_more(browser, adviser, file):
    data = new_person(adviser)
    browser.post(KEEP, data)
    assert Draft.objects.count() == 1
    browser.post(NEW, data)
    assert (Draft.objects.count(), Session.objects.count()) == (0, 1)
    # A page that was slow to keep what it had already sent.
    assert "déjà enregistré" in browser.post(KEEP, data).content.decode()
    assert Draft.objects.count() == 0


def test_a_refused_session_keeps_its_draft(browser, adviser, file):
    data = new_person(adviser, main_service="")
    browser.post(KEEP, data)
    browser.post(NEW, data)
    assert (Draft.objects.count(), Session.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    "change", [{"level": "N3"}, {"minutes": "51"}, {"channel": "TEL"}, {"other_services": []}]
)
def test_any_change_under_the_same_key_is_told(browser, adviser, file, change):
    data = new_person(adviser)
    browser.post(NEW, data)
    assert browser.post(NEW, data).status_code == 302
    answer = browser.post(NEW, data | change)
    assert "déjà enregistré, sans vos derniers changements" in answer.content.decode()
    assert Session.objects.count() == 1


def test_another_text_under_the_same_key_is_not_lost_in_silence(browser, adviser, file):
    data = new_person(adviser)
    browser.post(NEW, data)
    page = browser.post(NEW, data | {"note": "Écrit dans l’autre onglet."}).content.decode()
    assert "déjà enregistré, sans vos derniers changements" in page
    assert "Écrit dans l’autre onglet." in page
    assert Session.objects.get().note == data["note"]
    assert Beneficiary.objects.count() == 1


def test_its_author_alone_finds_it(browser, colleague, logged_in, world, adviser):
    data = new_person(adviser)
    browser.post(KEEP, data)
    assert browser.get(NEW, {"brouillon": data["key"]}).status_code == 200
    assert colleague.get(NEW, {"brouillon": data["key"]}).status_code == 404
    assert "Entretien commencé" not in colleague.get("/").content.decode()
    for stranger in ("adviser aix", "adviser paris"):
        other = logged_in(world[stranger])
        assert other.get(NEW, {"brouillon": data["key"]}).status_code == 404
        other.post(DROP, {"key": data["key"]})
    colleague.post(DROP, {"key": data["key"]})
    assert data["note"].split()[0] in resumed(browser, data)
    browser.post(DROP, {"key": data["key"]})
    assert browser.get(NEW, {"brouillon": data["key"]}).status_code == 404


def test_old_ones_are_shown_no_more_and_forgotten_with_the_next(browser, adviser, file):
    old, edge = new_person(adviser), new_person(adviser)
    for data, days in ((old, DRAFT_DAYS + 1), (edge, DRAFT_DAYS - 1)):
        browser.post(KEEP, data)
        Draft.objects.filter(key=data["key"]).update(kept_at=timezone.now() - timedelta(days=days))
    assert browser.get(NEW, {"brouillon": old["key"]}).status_code == 404
    assert browser.get(NEW, {"brouillon": edge["key"]}).status_code == 200
    browser.post(KEEP, new_person(adviser))
    assert {str(key) for key in Draft.objects.values_list("key", flat=True)} >= {edge["key"]}
    assert not Draft.objects.filter(key=old["key"]).exists()


def test_kept_for_later_without_script(browser, adviser):
    data = new_person(adviser)
    answer = browser.post(KEEP, data | {"later": "1"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/"
    assert "Brouillon gardé" in answer.content.decode()
    assert "Lefèvre" in resumed(browser, data)


def test_a_text_too_long_is_refused_by_the_page_and_by_postgresql(browser, adviser, file):
    data = new_person(adviser, note="x" * LONGEST_DRAFT)
    assert browser.post(KEEP, data).status_code == 413
    browser.post(KEEP, new_person(adviser))
    with pytest.raises(IntegrityError, match="draft_length"), transaction.atomic():
        Draft.objects.update(typed="x" * (LONGEST_DRAFT + 1))


def test_as_the_last_time_fills_all_but_the_day_and_the_note(browser, adviser, file):
    journey = factories.journey(adviser, opened_on=date(2016, 2, 1))
    data = talk(adviser, journey=str(journey.public_id), channel="TEL", level="N3", minutes="35")
    browser.post(NEW, data)
    address = f"{NEW}?journey={journey.public_id}"
    assert (
        f"{NEW}?journey={journey.public_id}&amp;repeat=1" in browser.get(address).content.decode()
    )
    page = browser.get(f"{address}&repeat=1").content.decode()
    for chosen in ("TEL", "S07", "N3"):
        assert f'value="{chosen}" selected' in page, chosen
    assert 'value="35"' in page
    assert str(adviser.site.public_id) in page
    form = browser.get(f"{address}&repeat=1").context["form"]
    assert form["note"].value() is None
    assert form["other_services"].value() == ["S03"]
    assert form["key"].value() != uuid.UUID(data["key"])
