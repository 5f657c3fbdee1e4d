"""Advice on funders by keyboard alone: a coordination adds one, and ends it."""

import pytest
from playwright.sync_api import expect

from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
]


@pytest.mark.parametrize("width", [1280, 375])
def test_advice_is_added_and_ended_by_keyboard(visit, world, accessible, width):
    page = visit(world["regional_coordinator 93"], "/", width)
    hands = Keyboard(page)
    hands.open("Conseils de financement")
    expect(page.locator("h1")).to_have_text("Conseils de financement")
    expect(page.locator(".notice")).to_contain_text("Aucun conseil")
    accessible(page)
    hands.open("Ajouter un conseil")
    accessible(page)
    picture(page, f"hint-{width}")
    hands.answer("Financeur", "Rég")
    hands.answer("Conseil…", "Demandez l’accord de la Région avant le début de la formation.")
    hands.answer("Source…", "Règlement d’intervention du 12 mars 2026, article 4")
    hands.send()
    expect(page.locator(".fr-alert--success")).to_contain_text("Conseil ajouté")
    accessible(page)
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    picture(page, f"hints-{width}")
    hands.open("Arrêter le conseil sur Région…")
    hands.tab_to("Premier jour sans ce conseil…")
    hands.send()
    expect(page.locator(".fr-alert--success")).to_contain_text("s’arrête")
