"""Every page and file of a person of whom nothing optional is known: each is read."""

import json
import re
import uuid
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from beneficiaries import actions
from beneficiaries.contact_codes import new_code
from beneficiaries.entries import (
    Approval,
    Cost,
    Funding,
    Gathering,
    Identity,
    Orientation,
    Paper,
    PlannedStep,
    Profile,
    Talk,
)
from beneficiaries.models import Journey, Referral, ReferralLink, ReferralPerson
from operators.models import Capacity
from regions.middleware import scope_of
from sprocep import periods, tenancy
from sprocep.settings import BASE_DIR
from sprocep.tenancy import NATION
from tests import factories
from tests.permissions.routes import lines
from tests.tokens import shown_token

pytestmark = [
    pytest.mark.django_db(databases=["default", "owner"]),
    pytest.mark.usefixtures("box"),
]
PERSON = Identity(last_name="Kanarivogel", first_name="Inès")
REACHED = Identity(last_name="Kanarivogel", first_name="Inès", phone="06 12 34 56 78")
PROFILE = Profile(main_reason="M05")
# Opened by a cookie: those of a link are walked below, those of the person in test_views_access.py.
BY_COOKIE = {"linked_referral", "decline_by_link", "own_version", "own_version_pdf",
             "own_version_file"}  # fmt: skip
# Of programs, questions and views, which say nothing of a person's file.
OF_OTHERS = {"end_software", "issue_software_token", "drop_view"}


def talk(*services: str) -> Talk:
    return Talk(held_on=periods.today(), channel="PRE", services=services)


def orientation(receiver, level: str = "N2") -> Orientation:
    return Orientation(
        receiver=receiver.site.structure,
        department="13",
        level=level,
        identity=REACHED,
        profile=PROFILE,
    )


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


@pytest.fixture
def receiver(world):
    return world["adviser aix"]


@pytest.fixture
def bare(adviser, receiver) -> dict[str, list]:
    """What an adviser of Marseille stores when she types what is asked and nothing more: arguments
    of addresses, by their route."""
    who = {"by": adviser.user, "membership": adviser}
    with scope_of(adviser, read_only=False):
        session = actions.log_first_session(**who, person=PERSON, profile=PROFILE, talk=talk("S12"))
        journey, person = session.journey, session.journey.beneficiary
        other = factories.beneficiary(
            adviser, last_name="Kanarivogel", first_name="Ines", birth_date=None
        )
        step = actions.add_step(**who, journey=journey, step=PlannedStep(what="x", actor="y"))
        cost = actions.add_cost(**who, journey=journey, cost=Cost(kind="CP", amount=100))
        asked = Funding(right="CPF", asked=100, asked_on=periods.today())
        funding = actions.add_funding(**who, journey=journey, funding=asked)
        paper = Paper(label="Devis", content=factories.PAPER)
        paper = actions.add_paper(**who, journey=journey, paper=paper)
        document = actions.hand_over_document(**who, journey=journey)
        workshop = actions.log_workshop(**who, gathering=gathering(adviser, journey))
        sent = actions.send_referral(**who, orientation=orientation(receiver), journey=journey)
        gone = factories.journey(adviser, of=other, opened_on=date(2016, 2, 10))
        factories.exit_question(adviser, of=gone, exit_on=periods.months_after(periods.today(), -6))
        merged = factories.beneficiary(adviser, first_name="Kim", birth_date=None)
        merge = actions.merge_persons(**who, kept=person, aside=merged, taken=[])
        return {
            "journey": [journey],
            "exit": [gone],
            "session": [session],
            "person": [person],
            "pair": [person, other],
            "merge": [merge],
            "step": [step],
            "cost": [cost],
            "funding": [funding],
            "paper": [paper],
            "document": [document],
            "workshop": [workshop],
            "referral": [sent],
        }


def gathering(adviser, journey: Journey) -> Gathering:
    return Gathering(
        held_on=periods.today(),
        channel="PRE",
        theme="T02",
        minutes=60,
        site=adviser.site,
        animator=adviser,
        heads=1,
        known=(journey.public_id,),
    )


# Which of them each route of a file is about.
OF = {
    "journey": "add_cost add_funding add_paper add_step change_follow_up change_situation "
    "close_journey close_plan document financing_plan journey note_dropout",
    "exit": "note_exit_answer",
    "session": "correct_session",
    "person": "correct_beneficiary merges",
    "pair": "merge_persons",
    "merge": "separate_persons",
    "step": "change_step",
    "cost": "change_cost",
    "funding": "change_funding",
    "paper": "plan_paper",
    "document": "approve_document document_file document_pdf document_version",
    "workshop": "cancel_workshop correct_workshop",
    "referral": "decline_referral referral referral_file referral_pdf",
}


def read_routes() -> set[str]:
    """Routes of one file that a table of rights lets somebody read."""
    found = set()
    for line in lines():
        app, _, name = line.route.partition(":")
        read = line.method == "GET" and 200 in line.statuses.values() and line.place != "—"
        if read and app == "beneficiaries" and "?" not in name:
            found.add(name)
    return found


def test_each_route_of_a_file_is_walked():
    walked = {name for names in OF.values() for name in names.split()}
    assert walked == read_routes() - BY_COOKIE - OF_OTHERS


def test_every_page_and_file_of_a_person_without_optional_fields(logged_in, adviser, bare):
    browser, failed = logged_in(adviser), {}
    for kind, names in OF.items():
        arguments = [row.public_id for row in bare[kind]]
        for name in names.split():
            page = browser.get(reverse(f"beneficiaries:{name}", args=arguments))
            if page.status_code != 200:
                failed[name] = page.status_code
    assert failed == {}


def test_lists_and_forms_that_begin_from_her_file(logged_in, adviser, bare):
    browser = logged_in(adviser)
    journey, person = bare["journey"][0].public_id, bare["person"][0].public_id
    for address in (
        "/",
        "/parcours/?q=kanarivogel",
        "/parcours/fichier/",
        "/fiches/?cote=envoyees",
        f"/parcours/nouvel-entretien/?journey={journey}",
        f"/parcours/nouvel-entretien/?person={person}",
        "/parcours/nouvel-entretien/personnes/?q=kanarivogel",
        "/parcours/nouvel-entretien/ressemblances/?last_name=Kanarivogel&first_name=Ines",
        "/ateliers/participants/?q=kanarivogel",
        f"/fiches/nouvelle/?journey={journey}",
    ):
        assert browser.get(address).status_code == 200, address


def test_the_receiver_reads_and_takes_up_her_fiche(logged_in, receiver, bare):
    browser, fiche = logged_in(receiver), bare["referral"][0].public_id
    for name in ("referral", "referral_pdf", "referral_file", "decline_referral"):
        assert browser.get(reverse(f"beneficiaries:{name}", args=[fiche])).status_code == 200, name
    page = browser.get(f"/parcours/nouvel-entretien/?fiche={fiche}")
    assert page.status_code == 200
    assert "Kanarivogel" in page.content.decode()


def test_the_example_of_the_documentation_is_read_by_both(world, logged_in, receiver):
    """docs/api.md: a fiche without birth date."""
    example = (BASE_DIR / "docs/api.md").read_text()
    body = json.loads(re.search(r"-d '(\{\"receiver.*?\})' \\", example, re.DOTALL)[1])
    body["receiver"] = {"siret": receiver.site.structure.siret, "department": "13"}
    assert "birth_date" not in body["person"]
    with shown_token(world, "structure_program marseille") as headers:
        program = Client(headers=headers | {"Idempotency-Key": str(uuid.uuid4())})
        sent = program.post("/api/v1/fiches/", body, content_type="application/json")
        assert sent.status_code == 201
        fiche = sent.json()["id"]
        assert program.get(f"/api/v1/fiches/{fiche}/").status_code == 200
    for reader in ("adviser marseille", "adviser aix"):
        for name in ("referral", "referral_pdf", "referral_file"):
            address = reverse(f"beneficiaries:{name}", args=[fiche])
            assert logged_in(world[reader]).get(address).status_code == 200, (reader, name)


def test_her_shared_document_is_read_and_taken_up(logged_in, adviser, receiver, bare):
    (document,) = bare["document"]
    who = {"by": adviser.user, "membership": adviser, "document": document}
    code = new_code()
    with scope_of(adviser, read_only=False):
        approval = Approval(approved_on=periods.today(), channel="PRE")
        actions.approve_document(**who, approval=approval)
        actions.share_document(**who, code=code)
    browser = logged_in(receiver)
    opened = browser.post("/documents/code/", {"code": code})
    assert opened.status_code == 302
    new = f"/parcours/nouvel-entretien/?person=new&document={document.public_id}"
    for address in (opened["Location"], new, f"{opened['Location']}document.pdf"):
        assert browser.get(address).status_code == 200, address


# ── By a link ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def linked(world, adviser, annex):
    """The address of a link to a fiche of hers, sent to a structure without account."""
    site = annex.silent
    with tenancy.scope(regions=["93"]):
        Capacity.objects.create(structure=site.structure, region_id="93", address="a@b.example")

    class Silent:
        structure_id = site.structure_id

    Silent.site = site
    with scope_of(adviser, read_only=False):
        sent = actions.send_referral(
            by=adviser.user, membership=adviser, orientation=orientation(Silent)
        )
    return sent


def test_a_link_opens_her_fiche(linked, box):
    actions.send_links()
    (letter,) = box.letters
    address = re.search(r"/lien/[^/\s]+/", letter.get_content())[0]
    browser = Client()
    opened = browser.post(address)
    assert opened.status_code == 302
    for page in (opened["Location"], f"{opened['Location']}refus/"):
        assert browser.get(page).status_code == 200


def test_a_link_is_not_spent_on_a_fiche_that_cannot_be_shown(adviser, linked, box):
    actions.send_links()
    (letter,) = box.letters
    address = re.search(r"/lien/[^/\s]+/", letter.get_content())[0]
    with tenancy.scope(regions=[NATION]):
        link = ReferralLink.objects.get(referral=linked.pk)
    spoilt = {"last_name": "Kanarivogel", "first_name": "Inès", "commune": "00000"}
    rewrite_person(adviser, linked, spoilt)
    browser = Client(raise_request_exception=False)
    assert browser.post(address).status_code == 500
    with tenancy.scope(regions=[NATION]):
        link.refresh_from_db()
    assert link.used_at is None
    rewrite_person(adviser, linked, spoilt | {"commune": ""})
    assert browser.post(address).status_code == 302


def rewrite_person(adviser, referral: Referral, fields: dict) -> None:
    parties = ("region_id", "structure_id", "receiver_id", "receiver_region_id")
    with scope_of(adviser, read_only=False):
        ReferralPerson.objects.filter(referral=referral).delete()
        ReferralPerson.objects.create(
            referral=referral, fields=fields, **{name: getattr(referral, name) for name in parties}
        )
