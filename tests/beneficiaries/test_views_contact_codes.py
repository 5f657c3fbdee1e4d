"""The code of an anonymous contact given to the adviser who opens a journey."""

import pytest

from beneficiaries.contact_codes import (
    groups_of,
    journey_fingerprint,
    new_code,
    new_contact_code,
)
from beneficiaries.models import Journey
from sprocep import tenancy
from tests.beneficiaries.test_views_sessions import NEW, new_person

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
UNKNOWN = "Aucun accueil de votre structure n’a donné ce code."
MISTYPED = "Ce code est mal recopié"
USED = "Ce code d’accueil a déjà ouvert un parcours dans votre structure."


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


@pytest.fixture
def browser(logged_in, adviser):
    return logged_in(adviser)


@pytest.fixture
def file(world):
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        yield


def given_by(member) -> str:
    """The code of a contact of this person's structure."""
    return new_contact_code(member.structure_id, member.region_id)


def spelled(code: str) -> str:
    return "-".join(groups_of(code)).lower()


def said(response) -> str:
    return response.content.decode()


def assert_refused(browser, data: dict, sentence: str) -> None:
    response = browser.post(NEW, data)
    assert response.status_code == 200
    assert sentence in said(response)
    form = response.context["form"]
    kept = {name: form.data.getlist(name) for name in data if name in form.data}
    assert kept == {k: v if isinstance(v, list) else [v] for k, v in data.items()}
    assert f'value="{data["contact_code"]}"' in response.content.decode()


def test_code_given_ties_the_journey_by_a_fingerprint_of_its_own(browser, adviser, file):
    code = given_by(adviser)
    page = browser.post(NEW, new_person(adviser, contact_code=spelled(code)), follow=True)
    stored = Journey.objects.get().contact_code_fingerprint
    assert stored == journey_fingerprint(code)
    assert "Avec le code d’un accueil anonyme" in said(page)
    assert not any(group in page.content.decode() for group in groups_of(code))


def test_no_code_is_asked_of_nobody(browser, adviser, file):
    page = browser.post(NEW, new_person(adviser), follow=True)
    assert Journey.objects.get().contact_code_fingerprint is None
    assert Journey.objects.get().arrival_id == "V1"
    assert "De sa propre initiative" in said(page)


def test_code_mistyped_or_unknown_says_so_and_loses_nothing(browser, adviser, file):
    code = given_by(adviser)
    wrong = spelled(code[:-1] + ("A" if code[-1] != "A" else "B"))
    assert_refused(browser, new_person(adviser, contact_code=wrong), MISTYPED)
    assert_refused(browser, new_person(adviser, contact_code=spelled(new_code())), UNKNOWN)
    assert not Journey.objects.exists()
    right = new_person(adviser, contact_code=spelled(code))
    assert browser.post(NEW, right).status_code == 302


def test_code_opens_one_journey_of_a_structure(browser, adviser, file):
    code = spelled(given_by(adviser))
    once = new_person(adviser, contact_code=code)
    assert browser.post(NEW, once).url == browser.post(NEW, once).url
    assert_refused(browser, new_person(adviser, birth_date="24/07/1979", contact_code=code), USED)
    assert Journey.objects.count() == 1
    other = new_person(adviser, birth_date="24/07/1979", contact_code=spelled(given_by(adviser)))
    assert browser.post(NEW, other).status_code == 302


def test_code_of_another_structure_is_as_one_never_given_and_is_taken_at_her_word(
    browser, logged_in, adviser, world, file
):
    """Nothing tells the true one from the invented one; neither is refused once said to come from
    elsewhere, and the other structure's use of it is not seen."""
    neighbour = world["adviser aix"]
    true, invented = given_by(neighbour), new_code()
    own = new_person(neighbour, contact_code=spelled(true))
    assert logged_in(neighbour).post(NEW, own).status_code == 302
    for code, day in ((true, "24/07/1979"), (invented, "25/09/1991")):
        data = new_person(adviser, birth_date=day, contact_code=spelled(code))
        assert_refused(browser, data, UNKNOWN)
        assert 'name="is_code_from_elsewhere"' in said(browser.post(NEW, data))
        assert browser.post(NEW, data | {"is_code_from_elsewhere": "on"}).status_code == 302
    stored = set(Journey.objects.values_list("contact_code_fingerprint", flat=True))
    assert stored == {journey_fingerprint(true), journey_fingerprint(invented)}


def test_the_box_waits_for_a_code(browser):
    assert "is_code_from_elsewhere" not in said(browser.get(NEW, {"person": "new"}))
