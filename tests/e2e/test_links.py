"""A structure without account, by keyboard alone: the mail, its link, the fiche, the answer."""

import re
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from beneficiaries import actions
from beneficiaries.actions.link_letters import write_links
from beneficiaries.models import Referral
from operators.actions import prove_address
from operators.models import Capacity
from operators.tasks import send_address_link
from regions import returned_mail
from regions.middleware import scope_of
from regions.models import Site
from regions.queries import national_regions
from sprocep import mail, tenancy
from tests import factories
from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
]


@pytest.fixture
def silent(world):
    return factories.structure("Cité des métiers de Marseille", "13055", "13001")


def looked_at(page: Page, accessible, name: str) -> None:
    picture(page, name)
    accessible(page)
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def capacity_of(silent) -> Capacity:
    with tenancy.scope(regions=["93"]):
        return Capacity.objects.get(structure=silent, region="93")


def confirm_address(silent) -> None:
    """As who holds the new address; the former one does not receive."""
    capacity = capacity_of(silent)
    with tenancy.scope(regions=["93"]):
        prove_address(by=None, capacity=capacity, wanted_at=capacity.wanted_at)


@pytest.mark.parametrize("width", [1280, 375])
def test_that_nothing_arrives_is_read_and_mended_by_keyboard(
    visit, world, accessible, box, silent, width
):
    sender, manager = world["adviser marseille"], world["structure_manager marseille"]
    coordinator, administrator = world["regional_coordinator 93"], world["platform_administrator"]
    with tenancy.scope(regions=["93"]):
        Capacity.objects.create(structure=silent, region_id="93", address="acueil@cite.example")
    with scope_of(sender, read_only=False):
        site = Site.objects.filter(structure=silent).first()
        sent = factories.referral(sender, SimpleNamespace(site=site, structure_id=silent.pk))
    with tenancy.scope(regions=national_regions()):
        write_links([sent])
    actions.send_links()
    for address in ("acueil@cite.example", manager.user.email):
        returned_mail.note([mail.Refusal(mail.fingerprint(address), "5.1.1", timezone.now())])
    actions.follow_lost_links()

    page = visit(sender, f"/fiches/{sent.public_id}/", width)
    expect(page.locator(".fr-alert--warning")).to_contain_text("n’est pas arrivée")
    looked_at(page, accessible, f"undelivered-{width}")
    page = visit(sender, "/fiches/?cote=envoyees", width)
    expect(page.locator("tbody")).to_contain_text("non arrivée : son courriel est revenu")
    looked_at(page, accessible, f"undelivered-list-{width}")
    for member, path in (
        (manager, "/lettres/"),
        (manager, "/equipe/"),
        (administrator, f"/habilitations/?q={manager.name}"),
    ):
        page = visit(member, path, width)
        expect(page.locator("main")).to_contain_text("adresse inconnue")
        looked_at(page, accessible, f"undelivered-{path.strip('/').split('/')[0]}-{width}")

    page = visit(coordinator, f"/structures/{silent.public_id}/", width)
    expect(page.locator(".fr-alert--warning")).to_contain_text("adresse inconnue")
    looked_at(page, accessible, f"undelivered-address-{width}")
    hands = Keyboard(page)
    hands.open("Modifier capacité et adresse")
    hands.answer("Adresse des fiches (facultatif)", "accueil@cite.example")
    hands.send()
    expect(page.locator("main")).to_contain_text("accueil@cite.example")
    looked_at(page, accessible, f"undelivered-wanted-{width}")
    confirm_address(silent)
    page.reload()
    expect(page.locator(".fr-alert--warning")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 375])
def test_from_the_address_to_the_answer_by_keyboard(
    visit, world, accessible, box, silent, live_server, chromium, width
):
    sender, coordinator = world["adviser marseille"], world["regional_coordinator 93"]
    with scope_of(sender, read_only=False):
        person = factories.beneficiary(
            sender, last_name="Bellanger", first_name="Inès", phone="06 12 34 56 78"
        )
        journey = factories.journey(sender, of=person)

    page = visit(sender, f"/fiches/nouvelle/?journey={journey.public_id}", width)
    hands = Keyboard(page)
    hands.tab_to("Une autre structure…")
    hands.press("Enter")
    hands.pick("Cité des métiers de Marseille…")
    hands.answer("Pourquoi cette autre structure (facultatif)", "Demandée par la personne")
    hands.tick("La personne est d’accord…")
    hands.send()
    expect(page.locator("main")).to_contain_text("ni compte ni adresse")
    looked_at(page, accessible, f"link-refused-{width}")

    page = visit(coordinator, f"/structures/{silent.public_id}/", width)
    hands = Keyboard(page)
    hands.open("Modifier capacité et adresse")
    hands.answer("Adresse des fiches (facultatif)", "accueil@cite.example")
    looked_at(page, accessible, f"link-address-{width}")
    hands.send()
    expect(page.locator("main")).to_contain_text("accueil@cite.example")
    looked_at(page, accessible, f"link-reception-{width}")
    send_address_link("93", capacity_of(silent).pk, "new")
    (letter,) = box.letters
    box.letters.clear()
    link = re.search(r"/adresse-des-fiches/\S+", letter.get_content())[0]
    holder = chromium.new_context(viewport={"width": width, "height": 900}).new_page()
    holder.goto(f"{live_server.url}{link}")
    looked_at(holder, accessible, f"link-address-held-{width}")
    Keyboard(holder).open("Les fiches arrivent ici")
    expect(holder.locator("main")).to_contain_text("C’est confirmé")
    looked_at(holder, accessible, f"link-address-confirmed-{width}")

    page = visit(sender, f"/fiches/nouvelle/?journey={journey.public_id}", width)
    hands = Keyboard(page)
    hands.pick("Cité des métiers de Marseille…")
    hands.tick("La personne est d’accord…")
    looked_at(page, accessible, f"link-send-{width}")
    hands.send()
    expect(page.locator(".fr-alert--success")).to_contain_text("envoyée")

    actions.send_links()
    (letter,) = box.letters
    link = re.search(r"/lien/\S+", letter.get_content())[0]
    page = chromium.new_context(viewport={"width": width, "height": 900}).new_page()
    page.goto(f"{live_server.url}{link}")
    looked_at(page, accessible, f"link-{width}")
    hands = Keyboard(page)
    hands.open("Ouvrir la fiche")
    expect(page.locator(".facts").first).to_contain_text("Bellanger")
    looked_at(page, accessible, f"link-opened-{width}")
    hands.open("Refuser")
    looked_at(page, accessible, f"link-decline-{width}")
    hands.open("Annuler")
    hands.open("Accepter")
    expect(page.locator(".fr-alert--success")).to_contain_text("acceptée")
    looked_at(page, accessible, f"link-accepted-{width}")
    print(f"\nfiche ouverte et acceptée par un lien : {hands.strokes} frappes")
    hands.open("La personne a été reçue")
    expect(page.locator(".fr-alert--success")).to_contain_text("a été reçue")
    looked_at(page, accessible, f"link-received-{width}")
    with scope_of(sender, read_only=True):
        assert Referral.objects.get().state == Referral.State.RECEIVED

    page.goto(f"{live_server.url}{link}")
    looked_at(page, accessible, f"link-over-{width}")
    hands = Keyboard(page)
    hands.open("Recevoir un nouveau lien")
    looked_at(page, accessible, f"link-renewed-{width}")
    elsewhere = chromium.new_context(viewport={"width": width, "height": 900}).new_page()
    with scope_of(sender, read_only=True):
        elsewhere.goto(f"{live_server.url}/fiche-recue/{Referral.objects.get().public_id}/")
    looked_at(elsewhere, accessible, f"link-closed-{width}")
