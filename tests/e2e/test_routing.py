"""The coordination writes a rule by keyboard, tries it, and an adviser sees another proposal; a
manager says her places and hours."""

import pytest
from playwright.sync_api import Page, expect

from operators.models import RoutingRule
from regions.middleware import scope_of
from sprocep import periods
from tests import factories
from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
]


def fits(page: Page) -> bool:
    return not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def looked_at(page: Page, accessible, name: str) -> None:
    accessible(page)
    assert fits(page)
    picture(page, name)


@pytest.mark.parametrize("width", [1280, 375])
def test_a_rule_written_by_keyboard_changes_what_an_adviser_is_proposed(
    visit, world, accessible, width
):
    sender = world["adviser marseille"]
    with scope_of(sender, read_only=False):
        person = factories.beneficiary(sender, first_name="Inès", phone="06 12 34 56 78")
        journey = factories.journey(sender, of=person)
    sending = f"/fiches/nouvelle/?journey={journey.public_id}"
    page = visit(sender, sending, width)
    expect(page.locator("#receivers label").first).to_contain_text("Agence nationale")

    page = visit(world["regional_coordinator 93"], "/", width)
    hands = Keyboard(page)
    hands.open("Règles d’aiguillage")
    looked_at(page, accessible, f"rules-national-{width}")
    hands.open("Ajouter une règle")
    expect(page.locator("h1")).to_have_text("Ajouter une règle")
    looked_at(page, accessible, f"rule-form-{width}")
    hands.answer("Âge le plus bas (facultatif)", "26")
    hands.tab_to("Situations")
    hands.press("Enter")
    hands.tick("Salarié du privé en CDI")
    hands.answer("Réseau ou structure", "Missions locales")
    hands.answer("Texte ou réunion qui la fixe (facultatif)", "Bureau du SPRO, séance du 12 mars")
    picture(page, f"rule-form-filled-{width}")
    hands.send()
    expect(page.locator(".fr-alert--success")).to_contain_text("Règle ajoutée")
    expect(page.locator("tbody").first).to_contain_text("salarié du privé en CDI")
    looked_at(page, accessible, f"rules-own-{width}")
    print(f"\nrègle écrite : {hands.strokes} frappes")

    hands.open("Essayer")
    hands.answer("Âge (facultatif)", "35")
    hands.answer("Situation (facultatif)", "Salarié du privé en CDI")
    hands.answer("Commune de résidence (facultatif)", "Aix-en-Provence")
    hands.send()
    expect(page.locator(".proposed li").first).to_contain_text("règle de la Région")
    looked_at(page, accessible, f"try-{width}")

    page = visit(sender, sending, width)
    first = page.locator("#receivers label").first
    expect(first).to_contain_text("Mission locale du pays d'Aix")
    expect(first).to_contain_text("règle de la Région : dès 26 ans, salarié du privé en CDI")
    looked_at(page, accessible, f"send-{width}")


def test_what_is_typed_changes_the_proposals_and_stays(visit, world, accessible):
    """Posted as one goes: the address says nothing of the person."""
    page = visit(world["level1_receptionist marseille"], "/fiches/nouvelle/")
    asked = []
    page.on("request", lambda request: asked.append((request.url, request.post_data or "")))
    first = page.locator("#receivers label").first
    expect(first).to_contain_text("Agence nationale")
    page.locator("[name=last_name]").fill("Bellanger")
    with page.expect_response("**/structures/"):
        page.locator("[name=birth_date]").fill("12/03/2006")
        page.locator("[name=birth_date]").press("Tab")
    expect(first).to_contain_text("règle nationale : 16–25 ans → Missions locales")
    with page.expect_response("**/structures/"):
        page.locator("[name=situation]").select_option("DEI")
    expect(page.locator("#receivers")).to_contain_text("demandeur d’emploi indemnisé")
    expect(page.locator("[name=last_name]")).to_have_value("Bellanger")
    sent = [body for url, body in asked if url.endswith("/structures/")]
    assert sent
    assert not any("Bellanger" in body for body in sent)
    assert not any("2006" in url for url, _ in asked)


def test_a_region_begins_with_the_national_rules_by_keyboard(visit, world, accessible):
    page = visit(world["regional_coordinator 93"], "/aiguillage/")
    hands = Keyboard(page)
    hands.open("Partir des règles nationales")
    expect(page.locator(".fr-alert--success")).to_contain_text("règles nationales reprises")
    looked_at(page, accessible, "rules-adopted-1280")


@pytest.mark.parametrize("width", [1280, 375])
def test_a_rule_ends_by_keyboard(visit, world, accessible, width):
    coordinator = world["regional_coordinator 93"]
    today = periods.today()
    for position, values in enumerate(
        ({"oldest": 25, "network_id": "ML"}, {"situations": ["DEI", "DEN"], "network_id": "FT"}),
        start=1,
    ):
        factories.rule("93", position=position, source="Convention de 2016, article 4", **values)
    page = visit(coordinator, "/aiguillage/", width)
    hands = Keyboard(page)
    hands.open("Arrêter la règle 1, jusqu’à 25 ans")
    looked_at(page, accessible, f"rule-end-{width}")
    hands.tab_to("Premier jour sans cette règle")
    hands.send()
    expect(page.locator(".fr-alert--success")).to_contain_text("La règle s’arrête")
    looked_at(page, accessible, f"rules-ended-{width}")
    with scope_of(coordinator, read_only=True):
        assert RoutingRule.objects.get(region="93", position=1).ends_on == today


@pytest.mark.parametrize("width", [1280, 375])
def test_a_manager_says_her_places_and_hours_by_keyboard(visit, world, accessible, width):
    page = visit(world["structure_manager aix"], "/", width)
    hands = Keyboard(page)
    hands.open("Capacité et horaires")
    expect(page.locator("h1")).to_have_text("Mission locale du pays d'Aix")
    hands.open("Modifier capacité et adresse")
    hands.answer("Fiches par semaine (facultatif)", "4")
    looked_at(page, accessible, f"capacity-{width}")
    hands.send()
    hands.open("Modifier les horaires, Accueil de Aix-en-Provence")
    hands.answer("Mardi, ouvre à", "9h")
    hands.answer("Mardi, ferme à", "12:30")
    looked_at(page, accessible, f"hours-{width}")
    hands.send()
    expect(page.locator("tbody")).to_contain_text("le mardi de 9 h à 12 h 30")
    hands.open("Modifier l’accueil, Accueil de Aix-en-Provence")
    hands.answer("Lieu neutre (facultatif)", "oui")
    hands.answer("Entrée sans marche (facultatif)", "oui")
    hands.tick("boucle magnétique")
    hands.tick("par téléphone")
    hands.send()
    expect(page.locator(".fr-error-text")).to_contain_text("dites à quel numéro")
    looked_at(page, accessible, f"premises-refused-{width}")
    hands = Keyboard(page)
    hands.answer("Téléphone (facultatif)", "0442123456")
    hands.answer("Courriel (facultatif)", "accueil@ml-aix.example")
    looked_at(page, accessible, f"premises-{width}")
    hands.send()
    expect(page.locator("tbody")).to_contain_text(
        "lieu neutre, entrée sans marche, boucle magnétique, conseil à distance par téléphone"
    )
    expect(page.locator("tbody")).to_contain_text("04 42 12 34 56")
    looked_at(page, accessible, f"reception-{width}")

    page = visit(world["regional_coordinator 93"], "/structures/", width)
    expect(page.locator("tbody")).to_contain_text("4 places cette semaine")
    looked_at(page, accessible, f"receptions-{width}")
