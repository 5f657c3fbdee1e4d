"""« Orienter », the answer, and the first session that it leads to, as browsers do it."""

import io
import re
import uuid
from datetime import date
from html import unescape

import pikepdf
import pytest

from beneficiaries.models import Beneficiary, Draft, Journey, Referral, Session
from regions.middleware import scope_of
from regions.models import AccessEvent
from sprocep import periods, tenancy
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NEW = "/fiches/nouvelle/"
OPENING = "/parcours/nouvel-entretien/"


@pytest.fixture
def desk(logged_in, world):
    return logged_in(world["level1_receptionist marseille"])


@pytest.fixture
def adviser(logged_in, world):
    return logged_in(world["adviser aix"])


def typed(world, **changes) -> dict:
    return {
        "key": str(uuid.uuid4()),
        "last_name": "Kanarivogel",
        "first_name": "Inès",
        "birth_date": "12/03/2006",
        "birth_name": "",
        "sex": "F",
        "phone": "06 12 34 56 78",
        "email": "",
        "commune": "Aix-en-Provence (13)",
        "situation": "JDE",
        "department": "13",
        "level": "N2",
        "main_reason": "M05",
        "receiver": str(world.aix.public_id),
        "other_choice": "",
        "message": "Disponible le matin.",
        "consent": "on",
    } | changes


def referrals_of(member) -> list[Referral]:
    with scope_of(member, read_only=True):
        return list(Referral.objects.order_by("pk"))


def errors_of(page) -> list[str]:
    return re.findall(r'<a href="#[^"]*">([^<]*)</a>', page.content.decode())


def test_a_desk_sends_and_an_adviser_receives(world, desk, adviser):
    page = desk.get(NEW)
    assert str(world.aix.public_id) in page.content.decode()
    sent = desk.post(NEW, typed(world))
    assert sent.status_code == 302, errors_of(sent)
    address = sent["Location"]
    shown = desk.get(address).content.decode()
    assert "KANARIVOGEL" in shown.upper()
    read = adviser.get(address).content.decode()
    assert "06 12 34 56 78" in read
    assert "Disponible le matin." in read
    assert referrals_of(world["adviser aix"])[0].state == Referral.State.OPENED
    assert adviser.post(f"{address}accord/").status_code == 302
    assert "Premier entretien" in adviser.get(address).content.decode()
    fiche = address.strip("/").split("/")[-1]
    form = adviser.get(f"/parcours/nouvel-entretien/?fiche={fiche}").content.decode()
    values = dict(re.findall(r'name="(\w+)"[^>]*?value="([^"]*)"', form.replace("\n", " ")))
    assert (values["last_name"], values["first_name"]) == ("Kanarivogel", "Inès")
    assert values["birth_date"] == "12/03/2006"
    assert values["phone"] == "06 12 34 56 78"


def test_the_first_session_from_a_fiche_receives_the_person(world, desk, adviser):
    address = desk.post(NEW, typed(world))["Location"]
    fiche = address.strip("/").split("/")[-1]
    person = {
        name: value
        for name, value in typed(world).items()
        if name in ("last_name", "first_name", "birth_date", "sex", "phone")
    }
    session = talk(world, fiche=fiche, person="new") | person
    stored = adviser.post(OPENING, session)
    assert stored.status_code == 302, errors_of(stored)
    (now,) = referrals_of(world["adviser aix"])
    assert now.state == Referral.State.RECEIVED
    with scope_of(world["adviser aix"], read_only=True):
        assert Session.objects.get().journey_id == now.opened_journey_id
    assert adviser.post(OPENING, session).status_code == 302  # the same, sent twice
    again = adviser.post(OPENING, session | {"key": str(uuid.uuid4()), "note": "Deux onglets."})
    assert "a déjà son premier entretien" in again.content.decode()
    assert "Deux onglets." in again.content.decode()
    assert sessions_of(world) == 1
    assert adviser.get(f"{OPENING}?fiche={fiche}")["Location"] == address
    added = adviser.post(OPENING, resent(again) | {"main_service": "S07"})
    assert added.status_code == 302, errors_of(added)
    assert sessions_of(world) == 2
    assert len(journeys_of(world)) == 1


def sessions_of(world) -> int:
    with scope_of(world["adviser aix"], read_only=True):
        return Session.objects.count()


def journeys_of(world) -> list[Journey]:
    with scope_of(world["adviser aix"], read_only=True):
        return list(Journey.objects.all())


def resent(page) -> dict:
    """The form as the page shows it."""
    form = page.context["form"]
    typed = {name: form[name].value() for name in form.fields}
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode())
    return {name: value for name, value in (typed | dict(hidden)).items() if value is not None}


def test_declined_while_the_session_is_typed_nothing_typed_is_lost(world, desk, adviser):
    address = desk.post(NEW, typed(world))["Location"]
    fiche = address.strip("/").split("/")[-1]
    named = {"last_name": "Kanarivogel", "first_name": "Inès", "sex": "F"}
    session = talk(world, fiche=fiche, person="new", note="Vient à pied.") | named
    assert adviser.post(f"{OPENING}brouillon/", session).status_code == 200
    adviser.post(f"{address}refus/", {"reason": "D03"})
    draft = adviser.get(f"{OPENING}?brouillon={session['key']}").content.decode()
    assert "Cette fiche est refusée" in draft
    assert "Vient à pied." in draft
    refused = adviser.post(OPENING, session)
    assert "Cette fiche est refusée" in refused.content.decode()
    assert sessions_of(world) == 0
    again = session | {"fiche": ""}
    assert f'value="{fiche}"' not in refused.content.decode()
    assert adviser.post(OPENING, again).status_code == 302
    assert referrals_of(world["adviser aix"])[0].state == Referral.State.DECLINED
    assert sessions_of(world) == 1


def test_withdrawn_while_the_session_is_typed_nothing_of_her_is_kept(world, desk, adviser):
    address = desk.post(NEW, typed(world))["Location"]
    fiche = address.strip("/").split("/")[-1]
    session = talk(world, fiche=fiche, person="new", last_name="Kanarivogel")
    draft = f"{OPENING}?brouillon={session['key']}"
    for method, other in (("get", draft), ("post", OPENING)):
        assert adviser.post(f"{OPENING}brouillon/", session).status_code == 200
        assert adviser.get(draft).status_code == (200 if method == "get" else 302)
        desk.post(f"{address}retrait/")
        adviser.post(f"{OPENING}brouillon/", session)
        answer = getattr(adviser, method)(other, session if method == "post" else None)
        assert answer["Location"] == address
        assert "a repris son accord" in adviser.get(address).content.decode()
        with scope_of(world["adviser aix"], read_only=True):
            assert not Draft.objects.exists()
    assert sessions_of(world) == 0


def test_without_consent_nothing_leaves_and_all_is_kept(world, desk):
    refused = desk.post(NEW, typed(world, consent=""))
    text = refused.content.decode()
    assert refused.status_code == 200
    assert "Donnez l’accord de la personne" in text
    assert 'value="Kanarivogel"' in text
    assert referrals_of(world["level1_receptionist marseille"]) == []
    assert desk.post(NEW, typed(world)).status_code == 302


def test_another_choice_says_why(world, desk, monkeypatch):
    monkeypatch.setattr("operators.routing.offers.PROPOSALS", 0)
    refused = desk.post(NEW, typed(world))
    assert "Dites pourquoi" in refused.content.decode(), errors_of(refused)
    assert referrals_of(world["level1_receptionist marseille"]) == []
    said = typed(world, other_choice="Déjà suivie là-bas")
    assert desk.post(NEW, said).status_code == 302
    (sent,) = referrals_of(world["level1_receptionist marseille"])
    page = f"/fiches/{sent.public_id}/"
    assert "Déjà suivie là-bas" in desk.get(page).content.decode()


def talk(world, **changes) -> dict:
    return {
        "key": str(uuid.uuid4()),
        "main_reason": "M05",
        "situation": "JDE",
        "education_level": "NR",
        "socio_professional_category": "NR",
        "sector": "NR",
        "contract_type": "K99",
        "commune": "Aix-en-Provence (13)",
        "held_on": periods.today().isoformat(),
        "channel": "PRE",
        "site": str(world["adviser aix"].site.public_id),
        "main_service": "S07",
        "level": "",
    } | changes


@pytest.fixture
def sent_to_who_knows_her(world, desk):
    """A fiche to Aix of a person who has a file there; her file."""
    aix = world["adviser aix"]
    with scope_of(aix, read_only=False):
        known = factories.beneficiary(
            aix, last_name="Kanarivogel", first_name="Inès", birth_date=date(2006, 3, 12)
        )
    address = desk.post(NEW, typed(world))["Location"]
    return address.strip("/").split("/")[-1], known


def test_who_is_known_here_is_proposed_and_opens_no_other_file(
    world, adviser, sent_to_who_knows_her
):
    fiche, known = sent_to_who_knows_her
    person = {"last_name": "Kanarivogel", "first_name": "Inès", "birth_date": "12/03/2006"}
    refused = adviser.post(OPENING, talk(world, fiche=fiche, person="new", sex="F", **person))
    assert any("Votre structure connaît" in one for one in errors_of(refused))
    alike = adviser.get(f"{OPENING}ressemblances/", person | {"fiche": fiche}).content.decode()
    (link,) = set(re.findall(r'href="([^"]*person=[^"]*)"', alike))
    assert str(known.public_id) in link
    page = adviser.get(unescape(link)).content.decode()
    assert "ce qu’elle dit est repris ici" in page
    chosen = talk(world, fiche=fiche, person=str(known.public_id))
    stored = adviser.post(OPENING, chosen)
    assert stored.status_code == 302, errors_of(stored)
    aix = world["adviser aix"]
    with scope_of(aix, read_only=True):
        referral = Referral.objects.get()
        assert referral.state == Referral.State.RECEIVED
        assert referral.opened_journey.beneficiary == known
        assert referral.opened_journey.thread_number == referral.thread_number
        assert Beneficiary.objects.filter(structure=aix.structure_id).count() == 1


def test_who_is_followed_here_goes_on_in_her_journey(world, adviser, sent_to_who_knows_her):
    fiche, known = sent_to_who_knows_her
    aix = world["adviser aix"]
    with scope_of(aix, read_only=False):
        followed = factories.journey(aix, of=known)
    page = adviser.get(OPENING, {"fiche": fiche, "person": str(known.public_id)})
    assert "cet entretien continue son parcours" in page.content.decode()
    stored = adviser.post(OPENING, talk(world, fiche=fiche, person=str(known.public_id)))
    assert stored.status_code == 302, errors_of(stored)
    with scope_of(aix, read_only=True):
        referral = Referral.objects.get()
        assert referral.state == Referral.State.RECEIVED
        assert referral.opened_journey == followed
        assert Journey.objects.filter(structure=aix.structure_id).count() == 1
        assert Session.objects.filter(journey=followed).count() == 2


def test_sent_twice_it_is_one_fiche(world, desk):
    once = typed(world)
    assert {desk.post(NEW, once)["Location"] for _ in range(2)} == {
        f"/fiches/{referrals_of(world['adviser aix'])[0].public_id}/"
    }


def test_from_a_journey_nothing_is_typed_again(logged_in, world):
    adviser = world["adviser marseille"]
    with scope_of(adviser, read_only=False):
        person = factories.beneficiary(adviser, phone="06 00 00 00 00")
        journey = factories.journey(adviser, of=person)
    browser = logged_in(adviser)
    page = browser.get(f"{NEW}?journey={journey.public_id}").content.decode()
    assert "MARTIN Alix" in page
    assert 'name="last_name"' not in page
    asked = ("key", "department", "level", "main_reason", "receiver", "message", "consent")
    fiche = {name: value for name, value in typed(world).items() if name in asked}
    sent = browser.post(NEW, fiche | {"journey": str(journey.public_id)})
    assert sent.status_code == 302, errors_of(sent)
    (stored,) = referrals_of(adviser)
    assert stored.journey_id == journey.pk
    assert stored.thread_number == journey.thread_number


def test_the_coordination_sees_two_structures_and_nobody(logged_in, world):
    adviser, other = world["adviser marseille"], world["adviser aix"]
    with scope_of(adviser, read_only=False):
        late = factories.referral(adviser, other)
        Referral.objects.filter(pk=late.pk).update(state="escalated")
    coordinator = logged_in(world["regional_coordinator 93"])
    page = coordinator.get("/fiches/sans-reponse/").content.decode()
    assert late.number in page
    assert "Martin" not in page
    assert "MARTIN" not in page
    assert "fiche de liaison sans réponse" in coordinator.get("/").content.decode()
    assert coordinator.get(f"/fiches/{late.public_id}/").status_code == 404
    elsewhere = logged_in(world["regional_coordinator 11"])
    assert late.number not in elsewhere.get("/fiches/sans-reponse/").content.decode()


def test_on_paper_and_in_the_version_that_is_asked(world, desk, adviser):
    address = desk.post(NEW, typed(world))["Location"]
    paper = adviser.get(f"{address}fiche.pdf")
    assert paper["Content-Type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(paper.content)) as pdf:
        assert pdf.open_metadata()["pdfuaid:part"] == "1"
        assert str(pdf.docinfo["/Title"]).startswith("Fiche de liaison ")
    for accept in ("*/*", "application/json", "application/json; version=1"):
        file = adviser.get(f"{address}fiche.json", HTTP_ACCEPT=accept)
        assert file["Content-Type"] == "application/json; version=1"
        assert file.json()["version"] == 1
    unknown = adviser.get(f"{address}fiche.json", HTTP_ACCEPT="application/json; version=2")
    assert unknown.status_code == 406
    assert "Demandez : application/json; version=1." in unknown.content.decode()


def test_reading_a_fiche_leaves_its_trace(world, desk, adviser):
    address = desk.post(NEW, typed(world))["Location"]
    adviser.get(address)
    adviser.get(f"{address}fiche.json")
    with tenancy.scope(regions=["93"], read_only=True):
        read = AccessEvent.objects.filter(
            by=world["adviser aix"].user_id, page="nominal:referral"
        ).count()
    assert read == 2


def test_what_waits_is_on_the_home_page(world, desk, adviser):
    assert "fiche de liaison reçue" not in adviser.get("/").content.decode()
    address = desk.post(NEW, typed(world))["Location"]
    adviser.post(f"{address}accord/")
    assert "fiche de liaison reçue" in adviser.get("/").content.decode()
    assert "La personne n’est pas venue" in adviser.get(address).content.decode()
    assert adviser.post(f"{address}absence/").status_code == 302
    assert "fiche de liaison reçue" not in adviser.get("/").content.decode()
    said = adviser.get(address).content.decode()
    assert "État : personne non venue" in said
    (first,) = re.findall(r'href="([^"]*fiche=[^"]*)"', said)
    assert "KANARIVOGEL" in adviser.get(first).content.decode().upper()
    assert "La personne reprend son accord" in desk.get(address).content.decode()


def test_structures_follow_the_departement_and_what_was_typed_stays(world, desk):
    """By the partial that comes as one chooses, and by the button where no script runs."""
    shown = desk.post(
        f"{NEW}structures/", {"department": "75", "level": "N2", "chercher": "1"}
    ).content.decode()
    assert str(world.paris.public_id) in shown
    assert str(world.aix.public_id) not in shown
    page = desk.post(NEW, typed(world, department="75", chercher="1", consent=""))
    text = page.content.decode()
    assert str(world.paris.public_id) in text
    assert 'value="Kanarivogel"' in text
    assert "error-summary" not in text
    assert referrals_of(world["level1_receptionist marseille"]) == []
