"""The direction limits an adviser to level 1 by keyboard; his pages then offer level 1 alone."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.keyboard import Keyboard, picture
from tests.e2e.test_merges import fits

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
]


@pytest.mark.parametrize("width", [1280, 375])
def test_an_adviser_is_limited_by_keyboard(visit, world, accessible, width):
    adviser = world["adviser marseille"]
    page = visit(world["structure_manager marseille"], "/", width)
    hands = Keyboard(page)

    def looked_at(page: Page, name: str) -> None:
        accessible(page)
        assert fits(page)
        picture(page, f"{name}-{width}")

    if width == 375:
        hands.tab_to("Menu")  # the link that leads to it, then the button that opens it
        hands.tab_to("Menu")
        hands.press("Enter")
    hands.tab_to("Plus")
    hands.press("Enter")
    looked_at(page, "menu-more")
    hands.open("Équipe")
    expect(page.locator("h1")).to_have_text("Équipe")
    hands.tab_to(f"Limiter {adviser.name} au niveau 1")
    hands.press("Enter")
    hands.tab_to("Limiter dès maintenant")
    looked_at(page, "team")
    with page.expect_navigation():
        hands.press("Enter")
    expect(page.locator(".fr-alert--success")).to_contain_text("n’enregistre plus que le niveau 1")
    looked_at(page, "team-limited")

    limited = visit(adviser, "/parcours/nouvel-entretien/?person=new", width)
    expect(limited.locator(".lead")).to_contain_text("limitée au niveau 1")
    looked_at(limited, "level1-session")
    with page.expect_navigation():
        hands.tab_to(f"Lever la limite de {adviser.name}")
        hands.press("Enter")
    expect(page.locator(".fr-alert--success")).to_contain_text("de nouveau tous les niveaux")
