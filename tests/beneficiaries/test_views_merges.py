"""Two files compared, merged and separated again, as a browser does it."""

import re
from datetime import date
from html import unescape

import pytest

from beneficiaries.identity import sort_key
from beneficiaries.models import Beneficiary, Journey, Merge
from regions.middleware import scope_of
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
CLOSED = {
    "closed_on": date(2016, 4, 1),
    "closed_region_id": "93",
    "closed_department_id": "13",
    "outcome_id": "I03",
    "exit_situation_id": "CDI",
}


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


@pytest.fixture
def browser(logged_in, adviser):
    return logged_in(adviser)


def file_of(adviser, last: str, first: str, *, closed: bool = False, **values) -> Beneficiary:
    with scope_of(adviser, read_only=False):
        values = {"birth_date": date(1985, 3, 12), "sort_key": sort_key(last, first, "")} | values
        person = factories.beneficiary(adviser, last_name=last, first_name=first, **values)
        factories.journey(adviser, of=person, **(CLOSED if closed else {}))
    return person


@pytest.fixture
def pair(adviser) -> tuple[Beneficiary, Beneficiary]:
    kept = file_of(adviser, "Lefèvre", "Sophie", phone="06 11 22 33 44")
    aside = file_of(adviser, "Lefevre", "Sofie", email="s@exemple.fr", closed=True)
    return kept, aside


def text_of(page) -> str:
    words = re.sub(r"<[^>]+>", " ", page.content.decode())
    return " ".join(unescape(words).split())


def of(*persons: Beneficiary) -> str:
    return f"/beneficiaires/{'/reunion/'.join(str(one.public_id) for one in persons)}/"


def stored(adviser, model) -> list:
    with scope_of(adviser, read_only=True):
        return list(model.objects.order_by("pk"))


def chosen(page) -> dict:
    """What the page proposes, as it would be sent."""
    form = page.context["form"]
    return {name: form[name].initial for name in form.fields}


def test_from_the_journey_to_two_files_merged_and_separated(browser, adviser, pair):
    kept, aside = pair
    with scope_of(adviser, read_only=True):
        journey = kept.journeys.get()
    here = f"{of(kept)}reunion/"
    assert here in browser.get(f"/parcours/{journey.public_id}/").content.decode()
    page = browser.get(here)
    assert "LEFEVRE Sofie même nom, presque le même prénom, même date" in text_of(page)
    assert of(kept, aside) in page.content.decode()

    page = browser.get(of(kept, aside))
    assert "06 11 22 33 44 (fiche gardée)" in text_of(page)
    assert "non renseigné (autre fiche)" in text_of(page)
    sent = chosen(page)
    assert sent["phone"] == "one"  # the filled one
    assert {sent["email"], sent["first_name"]} == {"other"}  # the filled one, the newer one
    refused = browser.post(of(kept, aside), {**sent, "email": ""})
    assert "Adresse électronique : les deux valeurs diffèrent." in text_of(refused)
    done = browser.post(of(kept, aside), sent, follow=True)
    assert "Fiches réunies." in text_of(done)
    assert "LEFEVRE Sofie réunie le" in text_of(done)
    assert "Aucune dans votre structure." in text_of(done)
    assert stored(adviser, Beneficiary)[0].email == "s@exemple.fr"

    merge = stored(adviser, Merge)[0]
    back = f"/reunions/{merge.public_id}/separation/"
    assert back in done.content.decode()
    page = text_of(browser.get(back))
    assert re.search(r"Retourne à LEFEVRE Sofie parcours du 10.février 2016 au 1er.avril", page)
    done = browser.post(back, follow=True)
    assert "Fiches séparées" in text_of(done)
    assert [row.first_name for row in stored(adviser, Beneficiary)] == ["Sophie", "Sofie"]
    assert browser.get(back).status_code == browser.post(back).status_code == 302


def test_what_changed_since_is_shown_and_chosen(browser, adviser, pair):
    kept, aside = pair
    browser.post(of(kept, aside), chosen(browser.get(of(kept, aside))))
    with scope_of(adviser, read_only=False):
        Beneficiary.objects.filter(pk=kept.pk).update(email="nouvelle@exemple.fr")
    merge = stored(adviser, Merge)[0]
    back = f"/reunions/{merge.public_id}/separation/"
    page = browser.get(back)
    assert "nouvelle@exemple.fr (maintenant)" in text_of(page)
    assert "non renseigné (avant la réunion)" in text_of(page)
    assert "Choisissez celle qui reste." in text_of(browser.post(back))
    browser.post(back, {"email": "other"})
    assert stored(adviser, Beneficiary)[0].email == ""


def test_of_two_open_journeys_one_goes_on_and_the_page_says_which(browser, adviser):
    kept = file_of(adviser, "Lefèvre", "Sophie")
    aside = file_of(adviser, "Lefèvre", "Sofie")
    page = browser.get(of(kept, aside))
    assert "Aucune sortie n’est comptée." in text_of(page)
    assert browser.post(of(kept, aside), chosen(page)).status_code == 302
    joined = [row for row in stored(adviser, Journey) if row.joined_to_id]
    assert len(joined) == 1
    read = browser.get(f"/parcours/{joined[0].public_id}/")
    assert "qui continue" in text_of(read)
    assert "Rouvrir" not in text_of(read)
    refused = browser.post(f"/parcours/{joined[0].public_id}/reouverture/", follow=True)
    assert "Séparez les fiches" in text_of(refused)
    assert browser.get("/parcours/").status_code == 200


def test_an_address_or_a_draft_older_than_the_merge_finds_the_kept_file(browser, adviser, pair):
    kept, aside = pair
    browser.post(of(kept, aside), chosen(browser.get(of(kept, aside))))
    page = browser.get(f"/parcours/nouvel-entretien/?person={aside.public_id}")
    assert page.context["chosen"].person == kept
    assert browser.get(of(aside)).context["person"] == kept
    assert browser.get(of(kept, aside)).status_code == 302


def test_files_of_another_structure_are_not_there(browser, world, adviser, pair):
    stranger = file_of(world["adviser aix"], "Lefèvre", "Sophie")
    for address in (of(pair[0], stranger), of(stranger, pair[0]), f"{of(stranger)}reunion/"):
        assert browser.get(address).status_code == 404
    assert "LEFÈVRE Sophie même" not in text_of(browser.get(f"{of(pair[0])}reunion/"))
    assert browser.get(of(*pair)).status_code == 200
