"""A fiche de liaison by keyboard alone: sent from a journey, accepted, and the first session that
types nothing again; what the coordination sees of one that nobody answers."""

import pytest
from playwright.sync_api import Page, expect

from beneficiaries.models import Referral
from regions.middleware import scope_of
from tests import factories
from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
]


def fits(page: Page) -> bool:
    return not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@pytest.mark.parametrize("width", [1280, 375])
def test_sent_accepted_and_received_by_keyboard(visit, world, accessible, width):
    sender, receiver = world["adviser marseille"], world["adviser aix"]
    with scope_of(sender, read_only=False):
        person = factories.beneficiary(
            sender, last_name="Bellanger", first_name="Inès", phone="06 12 34 56 78"
        )
        journey = factories.journey(sender, of=person)

    page = visit(sender, f"/parcours/{journey.public_id}/", width)
    hands = Keyboard(page)
    hands.open("Orienter")
    expect(page.locator("h1")).to_have_text("Orienter vers une autre structure")
    accessible(page)
    assert fits(page)
    picture(page, f"send-{width}")
    hands.tab_to("Agence nationale…")
    hands.press("ArrowDown")
    assert hands.focused().startswith("Mission locale du pays d'Aix")
    hands.tick("La personne est d’accord…")
    hands.send()
    expect(page.locator(".fr-alert--success")).to_contain_text("envoyée")
    accessible(page)
    assert fits(page)
    picture(page, f"sent-{width}")
    print(f"\nfiche de liaison envoyée : {hands.strokes} frappes")

    page = visit(receiver, "/", width)
    hands = Keyboard(page)
    picture(page, f"home-{width}")
    hands.open("fiche de liaison reçue : à répondre, ou personne à recevoir")
    expect(page.locator("h1")).to_have_text("Fiches de liaison")
    accessible(page)
    assert fits(page)
    picture(page, f"list-{width}")
    hands.open(number_of(receiver))
    hands.open("Accepter")
    expect(page.locator(".fr-alert--success")).to_contain_text("acceptée")
    accessible(page)
    picture(page, f"accepted-{width}")
    print(f"\nfiche de liaison acceptée : {hands.strokes} frappes")
    hands.press("n")
    expect(page.locator("h1")).to_have_text("Nouvel entretien")
    expect(page.locator("[name=last_name]")).to_have_value("Bellanger")
    expect(page.locator("[name=phone]")).to_have_value("06 12 34 56 78")
    accessible(page)
    assert fits(page)
    picture(page, f"first-{width}")
    hands.answer("Service principal…", "Diag")
    hands.send()
    expect(page.locator("h1")).to_have_text("BELLANGER Inès")
    with scope_of(receiver, read_only=True):
        assert Referral.objects.get().state == Referral.State.RECEIVED


@pytest.mark.parametrize("width", [1280, 375])
def test_who_did_not_come_is_said_by_keyboard(visit, world, accessible, width):
    sender, receiver = world["adviser marseille"], world["adviser aix"]
    with scope_of(sender, read_only=False):
        sent = factories.referral(sender, receiver, state=Referral.State.ACCEPTED)
    page = visit(receiver, f"/fiches/{sent.public_id}/", width)
    hands = Keyboard(page)
    hands.open("La personne n’est pas venue")
    expect(page.locator(".fr-alert--success")).to_contain_text("plus tard")
    expect(page.get_by_role("link", name="Premier entretien")).to_be_visible()
    accessible(page)
    assert fits(page)
    picture(page, f"missed-{width}")


def number_of(member) -> str:
    with scope_of(member, read_only=True):
        return Referral.objects.get().number


@pytest.mark.parametrize("width", [1280, 375])
def test_the_coordination_reads_what_nobody_answered(visit, world, accessible, width):
    sender, receiver = world["adviser marseille"], world["adviser aix"]
    with scope_of(sender, read_only=False):
        late = factories.referral(sender, receiver)
        Referral.objects.filter(pk=late.pk).update(state="escalated")
    page = visit(world["regional_coordinator 93"], "/", width)
    hands = Keyboard(page)
    hands.open("fiche de liaison sans réponse depuis dix jours")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text(late.number)
    accessible(page)
    assert fits(page)
    picture(page, f"escalated-{width}")
