"""A view kept and journeys ticked, then entrusted to a colleague, by keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from beneficiaries.queries import follow_up_on
from regions.middleware import scope_of
from sprocep import periods
from tests import factories
from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
]


@pytest.mark.parametrize("width", [1280, 375])
def test_a_view_is_kept_and_journeys_are_entrusted(visit, world, accessible, width):
    adviser, colleague = world["adviser marseille"], world["structure_manager marseille"]
    with scope_of(adviser, read_only=False):
        journeys = [
            factories.journey(adviser, of=factories.beneficiary(adviser, last_name=name))
            for name in ("Bellanger", "Caron", "Duval")
        ]

    def looked_at(page: Page, name: str) -> None:
        accessible(page)
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        picture(page, f"{name}-{width}")

    page = visit(adviser, "/parcours/?state=silent", width)
    hands = Keyboard(page)
    hands.tab_to("Garder cette vue")
    hands.press("Enter")
    hands.answer("Nom de la vue", "À relancer")
    looked_at(page, "view-form")
    hands.press("Enter")
    expect(page.get_by_text("Vue « À relancer » gardée.")).to_be_visible()
    expect(page.get_by_role("navigation", name="Mes vues")).to_contain_text("À relancer")
    looked_at(page, "views")

    hands.tab_to("Tout cocher")
    hands.press("Enter")
    hands.tab_to("Choisir DUVAL…", key="Shift+Tab")
    hands.press("Space")
    picture(page, f"ticked-{width}")
    hands.tab_to("Confier les parcours cochés")
    hands.press("Enter")
    expect(page.get_by_role("heading", name="Confier 2 parcours")).to_be_visible()
    hands.tab_to("Référent")
    hands.type("Camille S")
    looked_at(page, "entrust")
    hands.press("Control+Enter")
    expect(page.get_by_text("2 parcours : Camille Structure Manager les suit.")).to_be_visible()

    with scope_of(adviser, read_only=True):
        today = periods.today()
        found = {str(one.beneficiary): follow_up_on(one, today).referent for one in journeys}
    assert list(found.values()).count(colleague) == 2
    assert found["DUVAL Alix"] == adviser
