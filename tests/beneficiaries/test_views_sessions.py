"""« Nouvel entretien »: every answer stored and found back, nothing lost, nothing stored twice."""

import uuid
from datetime import date, timedelta

import pytest

from beneficiaries import actions
from beneficiaries.entries import Closing
from beneficiaries.models import Beneficiary, Journey, Session
from regions.models import AccessEvent
from sprocep import periods, tenancy
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NEW = "/parcours/nouvel-entretien/"


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


@pytest.fixture
def browser(logged_in, adviser):
    return logged_in(adviser)


@pytest.fixture
def file(world):
    """A scope on the files of the structure, to look at what was stored."""
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        yield


def talk(adviser, **changes) -> dict:
    return {
        "key": str(uuid.uuid4()),
        "held_on": "2016-02-10",
        "channel": "PRE",
        "site": str(adviser.site.public_id),
        "main_service": "S07",
        "other_services": ["S03"],
        "level": "",
        "minutes": "50",
        "note": "Vise le métier d’ébéniste.",
    } | changes


def new_person(adviser, **changes) -> dict:
    return (
        talk(
            adviser,
            person="new",
            last_name="Lefèvre",
            first_name="Sophie",
            birth_name="Garnier",
            birth_date="12/03/1985",
            sex="F",
            phone="06 12 34 56 78",
            email="sophie@exemple.fr",
            commune="Aubagne (13)",
            main_reason="M05",
            other_reasons=["M14"],
            requested_on="01022016",
            situation="CDI",
            education_level="4",
            socio_professional_category="5",
            sector="C",
            contract_type="K01",
            boeth="NON",
            arrival="V1",
        )
        | changes
    )


FOUND_BACK = [
    "Prochain rendez-vous le 24 février 2016",
    "LEFÈVRE Sophie",
    "Garnier",
    "12 mars 1985",
    "Femme",
    "06 12 34 56 78",
    "sophie@exemple.fr",
    "Aubagne (13)",
    "Reconversion",
    "Information sur les dispositifs",
    "1er février 2016",
    "De sa propre initiative",
    "Salarié du privé en CDI",
    "CDI",
    "Bac",
    "Employés",
    "Industrie manufacturière",
    "Non",
    "10 février 2016",
    "présentiel",
    "Élaboration du projet",
    "Diagnostic de situation",
    "50 min",
    "ébéniste",
    "Niveau 2",
    "Accueil de Marseille",
    "Camille Adviser",
    "30 ans",
]


def test_first_session_of_a_new_person_is_found_back_field_by_field(browser, adviser):
    response = browser.post(NEW, new_person(adviser, next_on="24/02/2016"), follow=True)
    assert response.status_code == 200
    page = response.content.decode()
    assert [text for text in FOUND_BACK if text.lower() not in page.lower()] == []
    listed = browser.get("/parcours/?state=open").content.decode()
    assert "LEFÈVRE Sophie" in listed
    assert "BOETH" not in listed


def test_double_submit_stores_one_row(browser, adviser, world):
    data = new_person(adviser)
    first, second = browser.post(NEW, data), browser.post(NEW, data)
    assert first.url == second.url
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        assert [m.objects.count() for m in (Beneficiary, Journey, Session)] == [1, 1, 1]


def test_next_session_continues_the_open_journey(browser, adviser, file):
    journey = factories.journey(adviser)
    person = journey.beneficiary
    page = browser.get(NEW, {"person": str(person.public_id)})
    assert page.context["chosen"].journey == journey
    assert "main_reason" not in page.context["form"].fields
    data = talk(
        adviser, person=str(person.public_id), journey=str(journey.public_id), held_on="2016-03-01"
    )
    response = browser.post(NEW, data | {"next": "1"})
    assert response.url == NEW
    assert journey.sessions.count() == 2


def test_known_person_without_open_journey_opens_one(browser, adviser, file):
    person = factories.beneficiary(adviser, sex_id="F")
    page = browser.get(NEW, {"person": str(person.public_id)})
    assert "last_name" not in page.context["form"].fields
    data = {k: v for k, v in new_person(adviser).items() if k != "person"}
    browser.post(NEW, data | {"person": str(person.public_id)})
    assert person.journeys.get().sex_id == "F"


WRONG = [
    ({"held_on": "2999-01-01"}, "une date à venir"),
    ({"held_on": "2014-12-31"}, "se compte depuis le 1er janvier 2015"),
    ({"held_on": "32/01/2016"}, "Saisissez une date valide"),
    ({"birth_date": "31/02/1985"}, "Saisissez une date valide"),
    ({"birth_date": "12/03/2015"}, "Vérifiez l’année de naissance"),
    ({"requested_on": "01/03/2016"}, "La demande ne peut pas suivre"),
    ({"channel": "FAX"}, "Ce code n’est pas dans la liste"),
    ({"main_service": ""}, "Choisissez le service rendu"),
    ({"main_service": "S99"}, "Ce service n’est pas dans la liste"),
    ({"main_reason": "M77"}, "Ce motif n’est pas dans la liste"),
    ({"commune": "Nulle-part"}, "Aucune commune ne porte ce nom"),
    ({"commune": "Saint-Denis"}, "Plusieurs communes répondent"),
    ({"minutes": "700"}, "La durée va de 1 à 600 minutes"),
    ({"next_on": "10/02/2016"}, "vient après l’entretien"),
    ({"phone": "demain"}, "Écrivez les dix chiffres"),
    ({"note": "Son numéro: 1 85 03 13 055 123 14"}, "numéro de sécurité sociale"),
    ({"last_name": ""}, "Ce champ est obligatoire"),
    ({"site": str(uuid.uuid4())}, "n’est pas de votre structure"),
]


@pytest.mark.parametrize(("changes", "sentence"), WRONG)
def test_wrong_answer_says_why_and_loses_nothing(browser, adviser, file, changes, sentence):
    data = new_person(adviser, **changes)
    response = browser.post(NEW, data)
    assert response.status_code == 200
    page = response.content.decode()
    assert sentence in page.replace("\xa0", " ")
    bound = response.context["form"]
    kept = {name: bound.data.getlist(name) for name in data if name in bound.data}
    assert kept == {k: v if isinstance(v, list) else [v] for k, v in data.items()}
    assert not Beneficiary.objects.exists()
    assert browser.post(NEW, new_person(adviser)).status_code == 302


def test_number_of_security_is_not_repeated_in_the_message(browser, adviser):
    number = "1 85 03 13 055 123 14"
    response = browser.post(NEW, new_person(adviser, note=number))
    assert number not in str(response.context["form"].errors)


def test_session_without_a_person_is_refused_and_kept(browser, adviser):
    response = browser.post(NEW, talk(adviser, note="Texte gardé"))
    assert "Choisissez une personne" in response.content.decode()
    assert "Texte gardé" in response.content.decode()


def test_second_tab_on_a_journey_closed_meanwhile(browser, adviser, file):
    journey = factories.journey(adviser)
    who = {"person": str(journey.beneficiary.public_id), "journey": str(journey.public_id)}
    assert browser.get(NEW, who).status_code == 200
    actions.close_journey(
        by=adviser.user,
        membership=adviser,
        journey=journey,
        closing=Closing(closed_on=date(2016, 5, 3), outcome="I03", exit_situation="CDI"),
    )
    response = browser.post(NEW, talk(adviser, **who, held_on="2016-04-01", note="Texte gardé"))
    page = response.content.decode()
    assert "Ce parcours est clos depuis le 3 mai 2016." in page
    assert "Texte gardé" in page
    assert journey.sessions.count() == 1


def test_person_is_found_while_typing(browser, adviser, file):
    factories.beneficiary(
        adviser, last_name="Lefèvre", first_name="Sophie", sort_key="LEFEVRE SOPHIE"
    )
    page = browser.get(f"{NEW}personnes/", {"q": "sophie lefe"}).content.decode()
    assert "LEFÈVRE Sophie" in page
    assert "Nouvelle personne" in page
    assert "LEFÈVRE" not in browser.get(f"{NEW}personnes/", {"q": "durand"}).content.decode()
    event = AccessEvent.objects.latest("pk")
    assert (event.page, event.by) == ("nominal:persons_found", adviser.user)


def test_new_person_takes_the_words_searched(browser):
    page = browser.get(NEW, {"person": "new", "q": "lefevre sophie 12/03/1985"})
    initial = page.context["form"].initial
    assert (initial["last_name"], initial["first_name"]) == ("Lefevre", "Sophie")
    assert initial["birth_date"] == date(1985, 3, 12)


def test_partial_is_sent_to_htmx_only(browser):
    whole = browser.get(NEW, {"person": "new"}).content.decode()
    part = browser.get(NEW, {"person": "new"}, headers={"HX-Request": "true"}).content.decode()
    assert "<h1>" in whole
    assert "<h1>" not in part
    assert 'name="last_name"' in part


def test_level_appears_with_the_services(browser):
    page = browser.get(f"{NEW}niveau/", {"main_service": "S01", "other_services": ["S11"]})
    assert "niveau 3" in page.content.decode()
    raised = browser.get(f"{NEW}niveau/", {"main_service": "S01", "level": "N2"})
    assert "niveau 2" in raised.content.decode()
    unknown = browser.get(f"{NEW}niveau/", {"main_service": "S99", "level": "N7"})
    assert "Le niveau apparaît avec le service" in unknown.content.decode()


def test_communes_are_proposed_by_name_or_postcode(browser):
    assert "Aubagne (13)" in browser.get(f"{NEW}communes/", {"commune": "aub"}).content.decode()
    assert "Aubagne (13)" in browser.get(f"{NEW}communes/", {"commune": "13400"}).content.decode()
    assert "option" not in browser.get(f"{NEW}communes/", {"commune": "a"}).content.decode()


# ── Correction ───────────────────────────────────────────────────────────────────────────────


def test_session_is_corrected(browser, adviser, file):
    session = factories.journey(adviser).sessions.get()
    url = f"/entretiens/{session.public_id}/"
    form = browser.get(url).context["form"]
    data = talk(adviser, note="Corrigé", seen_at=form["seen_at"].value())
    assert browser.post(url, data).url == f"/parcours/{session.journey.public_id}/"
    session.refresh_from_db()
    assert session.note == "Corrigé"


def test_session_changed_meanwhile_shows_both_texts(browser, adviser, file):
    session = factories.journey(adviser).sessions.get()
    url = f"/entretiens/{session.public_id}/"
    seen = browser.get(url).context["form"]["seen_at"].value()
    browser.post(url, talk(adviser, note="Texte de la collègue", seen_at=seen))
    response = browser.post(url, talk(adviser, note="Mon texte", seen_at=seen))
    page = response.content.decode()
    assert "modifié pendant que vous" in page
    assert "Texte de la collègue" in page
    assert "Mon texte" in page
    again = response.context["form"]["seen_at"].value()
    assert browser.post(url, talk(adviser, note="Mon texte", seen_at=again)).status_code == 302
    session.refresh_from_db()
    assert session.note == "Mon texte"


def test_correction_that_is_refused_keeps_what_was_typed(browser, adviser, file):
    session = factories.journey(adviser).sessions.get()
    url = f"/entretiens/{session.public_id}/"
    seen = browser.get(url).context["form"]["seen_at"].value()
    close = Closing(closed_on=date(2016, 5, 3), outcome="I03", exit_situation="CDI")
    actions.close_journey(
        by=adviser.user, membership=adviser, journey=session.journey, closing=close
    )
    late = talk(adviser, held_on="2016-06-01", note="Texte gardé", seen_at=seen)
    page = browser.post(url, late).content.decode()
    assert "est clos depuis le 3 mai 2016" in page
    assert "Texte gardé" in page
    broken = browser.post(url, talk(adviser, seen_at="hier"))
    assert list(broken.context["form"].errors) == ["seen_at"]
    session.refresh_from_db()
    assert session.held_on == date(2016, 2, 10)


def test_correction_takes_the_level_of_its_services_unless_raised(browser, adviser, file):
    journey = factories.journey(adviser)
    raised = factories.session(
        adviser, journey, held_on=date(2016, 3, 1), level="N3", service="S07"
    )
    plain = journey.sessions.earliest("held_on")
    for session, level in ((plain, ""), (raised, "N3")):
        form = browser.get(f"/entretiens/{session.public_id}/").context["form"]
        assert form["level"].value() == level


def test_numbers_that_are_no_social_security_number_are_kept(browser, adviser, file):
    note = "Dossier 1 85 03 13 055 123 45, Siret 18850313055123"
    assert browser.post(NEW, new_person(adviser, note=note)).status_code == 302
    assert Session.objects.get().note == note


# ── Whose files ──────────────────────────────────────────────────────────────────────────────


def test_files_of_another_structure_are_not_found(logged_in, world, browser):
    with tenancy.scope(regions=["93"], structures=[world.aix.pk]):
        journey = factories.journey(world["adviser aix"])
        session = journey.sessions.get()
    person = journey.beneficiary
    nowhere = uuid.uuid4()
    own = logged_in(world["adviser aix"])
    for address in (
        "/parcours/{journey}/",
        "/parcours/{journey}/cloture/",
        "/parcours/{journey}/suivi/",
        "/entretiens/{session}/",
        "/beneficiaires/{person}/",
        NEW + "?person={person}",
        NEW + "?journey={journey}",
    ):
        ids = {
            "journey": journey.public_id,
            "session": session.public_id,
            "person": person.public_id,
        }
        assert own.get(address.format(**ids)).status_code == 200
        foreign = browser.get(address.format(**ids))
        absent = browser.get(address.format(journey=nowhere, session=nowhere, person=nowhere))
        assert (foreign.status_code, absent.status_code) == (404, 404)
        assert foreign.content == absent.content
    assert browser.post(f"/parcours/{journey.public_id}/reouverture/").status_code == 404


def test_malformed_id_is_not_found(browser):
    assert browser.get(NEW, {"person": "1 OR 1=1"}).status_code == 404
    assert browser.get(NEW, {"journey": "'"}).status_code == 404


def test_session_of_today_is_allowed_and_of_tomorrow_is_not(browser, adviser):
    today = periods.today()
    refused = browser.post(NEW, new_person(adviser, held_on=str(today + timedelta(days=1))))
    assert refused.status_code == 200
    assert browser.post(NEW, new_person(adviser, held_on=str(today))).status_code == 302
