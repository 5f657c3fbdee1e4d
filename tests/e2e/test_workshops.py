"""A workshop by keyboard alone: who came by name and by number, the list, the correction."""

from datetime import date

import pytest
from playwright.sync_api import expect

from beneficiaries.models import Workshop
from regions.middleware import scope_of
from tests import factories
from tests.beneficiaries.test_workshops import journeys
from tests.e2e.keyboard import Keyboard, picture
from tests.e2e.test_merges import fits

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
]


@pytest.mark.parametrize("width", [1280, 375])
def test_a_workshop_by_keyboard(visit, world, accessible, width):
    adviser = world["adviser marseille"]
    with scope_of(adviser, read_only=False):
        martin, _ = journeys(adviser, "Martin", "Petit")
        factories.workshop(adviser, held_on=date(2026, 9, 8), title="Lire une fiche de paie")
        factories.workshop(adviser, martin, held_on=date(2026, 10, 6), heads=9)
    page = visit(adviser, "/", width)
    hands = Keyboard(page)

    def looked_at(name: str) -> None:
        accessible(page)
        assert fits(page)
        picture(page, f"{name}-{width}")

    hands.open("Ateliers")
    looked_at("workshops")
    hands.open("Nouvel atelier")
    hands.answer("Durée en minutes", "90")
    hands.answer("Thème", "Form")
    hands.answer("Intitulé…", "Reprendre des études")
    for name in ("martin", "petit"):
        hands.tab_to("Participants connus…") if name == "martin" else hands.back_to(
            "Participants connus…"
        )
        hands.press("Control+a")
        hands.type(name)
        expect(page.locator("#participants")).to_contain_text(f"{name.upper()} Alix")
        hands.tick(f"{name.upper()} Alix…")
    hands.answer("Nombre de personnes…", "12")
    looked_at("workshop-new")
    expect(page.locator("[data-draft-said]")).to_contain_text("Brouillon gardé")
    hands.send()
    expect(page.locator(".fr-alert--success")).to_contain_text("enregistré")
    looked_at("workshop-stored")
    with scope_of(adviser, read_only=True):
        made = Workshop.objects.latest("pk")
        assert (made.heads, made.participants.count()) == (12, 2)
    hands.open("Corriger l’atelier du…")
    looked_at("workshop-correct")
    hands.back_to("Annuler l’atelier")
    with page.expect_navigation():
        hands.press("Enter")
    hands.answer("Pourquoi…", "Salle fermée")
    looked_at("workshop-cancel")
    hands.send()
    expect(page.locator("main")).to_contain_text("Salle fermée")
    looked_at("workshop-cancelled")
    page.goto(f"/parcours/{martin.public_id}/")
    looked_at("workshop-journey")
    print(f"\natelier : {hands.strokes} frappes, {hands.acts} actes")
