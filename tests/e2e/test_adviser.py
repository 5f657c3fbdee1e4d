"""The adviser's first session of a new person by keyboard, and the desk's anonymous contact."""

import re

import pytest
from playwright.sync_api import expect

from beneficiaries.identity import sort_key
from indicators.computation import compute_figures, extent_of
from indicators.models import Figure
from sprocep import periods, tenancy
from tests import factories
from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner", "compiler"], transaction=True),
]


def figure(indicator: str) -> int:
    """Raw figure of the current quarter for Region 93, computed now, read as compiler."""
    extent = extent_of(periods.quarter_of(periods.today()), "93")
    compute_figures(extent)
    with tenancy.scope(regions=extent.scope, using="compiler"):
        return (
            Figure.objects.using("compiler")
            .get(
                indicator=indicator,
                period=extent.period.code,
                territory="93",
                borders=extent.borders.value,
                department="total",
                operator="total",
                level="total",
                breakdown="total",
                population="journeys_opened" if indicator == "A1" else "journeys_closed",
            )
            .value
        )


def test_letters_typed_before_the_scripts_are_there_are_searched(visit, world):
    adviser = world["adviser marseille"]
    with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
        factories.journey(adviser, of=factories.beneficiary(adviser, last_name="Bellanger"))
    page = visit(adviser)
    held = []
    page.route("**/htmx*.js", lambda route: held.append(route))
    page.goto("/parcours/nouvel-entretien/", wait_until="commit")
    page.locator("#q").fill("Bellanger")
    page.wait_for_timeout(400)
    assert page.locator("#people").inner_text().strip() == ""
    for route in held:
        route.continue_()
    expect(page.get_by_text("BELLANGER Alix")).to_be_visible()


def test_first_session_of_a_new_person_by_keyboard(visit, world, accessible):
    adviser = world["adviser marseille"]
    page = visit(adviser)
    hands = Keyboard(page)
    before = {"A1": figure("A1"), "A5": figure("A5")}
    hands.press("Escape")  # leaves the search field of the home, where the focus is
    hands.press("n")
    expect(page.locator("h1")).to_have_text("Nouvel entretien")
    accessible(page)
    hands.type("Bellanger Inès")
    expect(page.locator("#person-new")).to_be_visible()
    hands.pick("Nouvelle personne…")
    expect(page.locator("[name=last_name]")).to_have_value("Bellanger")
    hands.answer("Date de naissance…", "12/03/1985")
    hands.answer("Motif principal…", "Reco")
    hands.answer("Situation…", "Sal")
    hands.answer("Service principal…", "Diag")
    expect(page.locator("#level-shown")).to_contain_text("niveau 2")
    hands.answer("Durée en minutes…", "50")
    accessible(page)
    hands.press("Control+Enter")
    expect(page.locator("h1")).to_have_text("BELLANGER Inès")
    expect(page.locator(".fr-alert--success")).to_contain_text("enregistré")
    accessible(page)
    print(f"\npremier entretien d’une personne nouvelle: {hands.strokes} frappes")

    # Found in « mes parcours », from anywhere by « / ».
    hands.press("/")
    hands.type("bellanger")
    hands.press("Enter")
    expect(page.locator("h1")).to_have_text("Mes parcours")
    expect(page.locator("tbody tr")).to_have_count(1)
    accessible(page)
    hands.tab_to("BELLANGER Inès")
    hands.press("Enter")
    expect(page.locator("h1")).to_have_text("BELLANGER Inès")

    # Closed, and said so.
    hands.tab_to("Clore le parcours")
    hands.press("Enter")
    expect(page.locator("h1")).to_have_text("Clore le parcours")
    accessible(page)
    hands.answer("Issue…", "Ent")
    hands.answer("Situation à la sortie…", "Apprenti")
    hands.pick("oui")
    hands.press("Control+Enter")
    expect(page.locator(".lead")).to_contain_text(f"clos le {periods.full_date(periods.today())}")
    accessible(page)
    assert {name: figure(name) - value for name, value in before.items()} == {"A1": 1, "A5": 1}


def test_wrong_answer_leads_to_its_field_and_keeps_the_rest(visit, world, accessible):
    page = visit(world["adviser marseille"], "/parcours/nouvel-entretien/?person=new&q=Roux")
    page.fill("[name=first_name]", "Maël")
    page.fill("[name=birth_date]", "31/02/1985")
    page.fill("[name=note]", "Un texte qui ne doit pas se perdre.")
    page.press("[name=note]", "Control+Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    accessible(page)
    expect(page.locator("[name=note]")).to_have_value("Un texte qui ne doit pas se perdre.")
    page.get_by_role("link", name=re.compile("Date de naissance")).click()
    expect(page.locator("[name=birth_date]")).to_be_focused()


def test_two_steps_without_script(chromium, live_server, logged_in, settings, world):
    """Search, choose, go on: each is a form."""
    name = settings.SESSION_COOKIE_NAME
    value = logged_in(world["adviser marseille"]).cookies[name].value
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    page = context.new_page()
    page.goto("/parcours/nouvel-entretien/")
    page.fill("#q", "Bellanger Inès")
    page.click("text=Chercher")
    page.click("label[for=person-new]")
    page.click("text=Continuer")
    page.select_option("[name=main_reason]", "M05")
    page.select_option("[name=main_service]", "S07")
    page.click("button:text-is('Enregistrer')")
    expect(page.locator("h1")).to_have_text("BELLANGER Inès")
    context.close()


@pytest.mark.parametrize("width", [1280, 375])
def test_pages_of_a_journey_are_accessible(visit, world, accessible, width):
    adviser = world["adviser marseille"]
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        journey = factories.journey(adviser, opened_on=periods.today())
        session = journey.sessions.get()
    own = f"/parcours/{journey.public_id}/"
    page = visit(adviser, own, width=width)
    for address in (
        own,
        f"{own}suivi/",
        f"{own}cloture/",
        f"/entretiens/{session.public_id}/",
        f"/beneficiaires/{journey.beneficiary.public_id}/",
        f"/parcours/nouvel-entretien/?journey={journey.public_id}",
        "/parcours/?state=open",
        "/parcours/?q=personne",
    ):
        page.goto(address)
        accessible(page)
        too_wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        assert not too_wide, address


@pytest.mark.parametrize("width", [1280, 375])
def test_anonymous_contact_in_four_touches(visit, world, accessible, width):
    page = visit(world["level1_receptionist marseille"], "/accueil-anonyme/", width=width)
    accessible(page)
    touches = ["Formations", "Demandeur d’emploi", "Documentation remise"]
    for words in touches:
        page.get_by_text(words, exact=True).click()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".fr-alert--success")).to_contain_text("Prêt pour le suivant")
    assert len(touches) + 1 <= 6
    expect(page.locator(".slip__code span")).to_have_count(5)
    too_wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not too_wide
    accessible(page)
    picture(page, f"contact-code-{width}")
    page.get_by_role("button", name="Besoin de niveau 2").click()
    expect(page.locator("h1")).to_have_text("Orienter vers une autre structure")
    expect(page.locator("[name=main_reason]")).to_have_value("M07")
    accessible(page)
    page.goto("/accueils/")
    expect(page.locator(".count")).to_contain_text("1 accueil")
    expect(page.locator(".tallies caption")).to_have_count(5)
    accessible(page)
    picture(page, f"contacts-{width}")


def test_code_of_an_anonymous_contact_goes_by_hand_to_the_adviser(visit, world, accessible):
    """Shown once, alone on the paper; typed by keyboard where the journey opens."""
    desk = visit(world["level1_receptionist marseille"], "/accueil-anonyme/", width=375)
    for words in ("Formations", "Demandeur d’emploi", "Documentation remise"):
        desk.get_by_text(words, exact=True).click()
    desk.get_by_role("button", name="Enregistrer").click()
    code = " ".join(desk.locator(".slip__code").inner_text().split())
    desk.evaluate("window.print = () => document.body.dataset.printed = ''")
    desk.get_by_role("button", name="Imprimer").press("Enter")
    expect(desk.locator("body[data-printed]")).to_be_attached()
    desk.emulate_media(media="print")
    expect(desk.locator(".slip__code")).to_be_visible()
    expect(desk.locator(".desk")).to_be_hidden()
    desk.emulate_media(media="screen")
    desk.reload()  # sends the form again
    expect(desk.locator(".fr-alert--warning")).to_contain_text("était déjà enregistré")
    expect(desk.locator(".slip")).to_have_count(0)
    accessible(desk)

    page = visit(world["adviser marseille"], "/parcours/nouvel-entretien/?person=new&q=Roux")
    page.fill("[name=first_name]", "Maël")
    hands = Keyboard(page)
    hands.answer("Motif principal…", "Reco")
    hands.answer("Code d’accueil…", code.lower()[:-1])
    hands.answer("Service principal…", "Diag")
    hands.press("Control+Enter")
    expect(page.locator(".error-summary")).to_contain_text("Ce code est mal recopié")
    accessible(page)
    page.get_by_role("link", name=re.compile("Code d’accueil")).press("Enter")
    hands.press("End")
    hands.type(code.lower()[-1])
    hands.press("Control+Enter")
    expect(page.locator("h1")).to_have_text("ROUX Maël")
    expect(page.locator(".facts").filter(has_text="Venue")).to_contain_text(
        "Avec le code d’un accueil anonyme"
    )


def test_lists_fit_a_telephone(world, visit, accessible):
    """Each row is a card: nothing scrolls sideways."""
    adviser = world["adviser marseille"]
    with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
        factories.journey(adviser)
        factories.contact(adviser)
    for address, rows, parts in (
        ("/parcours/", 1, ("html", ".table-box")),
        ("/accueils/", 5, ("html",)),  # a table an answer
    ):
        page = visit(adviser, address, width=375)
        assert page.locator("tbody tr").count() == rows
        for part in parts:
            scrolled, seen = page.locator(part).evaluate("e => [e.scrollWidth, e.clientWidth]")
            assert scrolled <= seen
        accessible(page)


def test_a_known_person_is_proposed_while_a_new_one_is_typed(visit, world, accessible):
    adviser = world["adviser marseille"]
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        for last, first in (("Lefèvre", "Sophie"), ("Lefèvre", "Sofiane")):
            factories.beneficiary(
                adviser, last_name=last, first_name=first, sort_key=sort_key(last, first)
            )
    page = visit(adviser, "/parcours/nouvel-entretien/?person=new")
    page.fill("[name=note]", "Un texte qui ne doit pas se perdre.")
    hands = Keyboard(page)
    page.focus("[name=last_name]")
    hands.type("Lefevre")
    hands.answer("Premier prénom", "Sofie")
    expect(page.locator(".alike li")).to_have_count(2)
    accessible(page)
    picture(page, "look-alikes")
    hands.answer("Date de naissance…", "04/05/1990")
    expect(page.locator(".alike li").first).to_contain_text("même date")
    hands.tab_to("LEFÈVRE Sophie…")
    hands.press("Enter")
    expect(page.locator("#who h2").first).to_have_text("LEFÈVRE Sophie")
    expect(page.locator("[name=note]")).to_have_value("Un texte qui ne doit pas se perdre.")
    accessible(page)
