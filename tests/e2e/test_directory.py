"""« Où être reçu » by keyboard alone, without an account."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
]


@pytest.mark.parametrize("width", [1280, 375])
def test_a_person_finds_where_to_go_by_keyboard(chromium, live_server, accessible, world, width):
    here = factories.structure("Cité des métiers d'Avignon", "84007", "84031", network="CDM")
    other = factories.structure("Cap emploi du Gard rhodanien", "30351", network="CAP")
    for made in (here, other):
        factories.spro_membership("93" if made is here else "76", made)
    for site in here.sites.all():
        factories.opening_hours("93", site, 2, 9, 12)
        factories.premises("93", site, phone="04 90 12 34 56", remote=["TEL", "VIS"])
    afar = factories.structure("Info parcours", "75056", network="OPACIF", category="opacif")
    platform = factories.site(afar, "75056", is_remote_platform=True)
    factories.premises("11", platform, is_neutral=None, is_step_free=None, phone="39 36")
    page = chromium.new_context(viewport={"width": width, "height": 900}).new_page()

    def looked_at(name: str) -> None:
        picture(page, f"{name}-{width}")
        accessible(page)
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")

    page.goto(f"{live_server.url}/connexion/")
    hands = Keyboard(page)
    hands.open("Où être reçu près de chez moi")
    looked_at("directory-empty")
    hands = Keyboard(page)
    hands.answer("Commune ou code postal", "Saint-Saturnin")
    hands.send()
    expect(page.locator("main")).to_contain_text("De quelle commune")
    looked_at("directory-communes")
    hands = Keyboard(page)
    hands.open("Saint-Saturnin-lès-Avignon")
    expect(page.locator("main")).to_contain_text("Dans la même intercommunalité")
    expect(page.locator("main")).to_contain_text("Cap emploi du Gard rhodanien")
    looked_at("directory-places")
    hands = Keyboard(page)
    hands.tick("Lieu neutre")
    hands.send()
    expect(page.locator("main")).not_to_contain_text("Cap emploi du Gard rhodanien")
    expect(page.locator("main")).to_contain_text("Cité des métiers d'Avignon")
    looked_at("directory-neutral")
    hands = Keyboard(page)
    hands.tick("Conseil à distance")
    hands.send()
    expect(
        page.locator("main").get_by_role("link", name="04 90 12 34 56, Accueil de Avignon")
    ).to_be_visible()
    looked_at("directory-afar")
