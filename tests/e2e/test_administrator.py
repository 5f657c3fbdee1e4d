"""An administrator gives someone access, and the auditor reads the trace of it."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import factories

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
NEW = "claude.nouveau@exemple.fr"
PASSWORD = "trois chevaux bruns"


def picture(page: Page, name: str) -> None:
    """Kept where SCREENSHOTS says, to be looked at."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


FOCUSED = """() => {
  const element = document.activeElement;
  if (!element.matches("a, button, input, select, summary")) return "";
  const words = element.labels?.length ? element.labels[0].textContent : element.textContent;
  return words.replace(/\\s+/g, " ").trim();
}"""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what bears this label, or these words first, has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED).startswith(name):
            return
    pytest.fail(f"« {name} » is not reached by the keyboard")


@pytest.fixture
def letters(settings, tmp_path):
    """The files that letters become; the addresses in them, the newest last."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"

    def addresses() -> list[str]:
        files = sorted((tmp_path / "mail").iterdir(), key=lambda path: path.stat().st_mtime_ns)
        text = "".join(path.read_text("utf-8") for path in files)
        return re.findall(r"http\S+", text)

    return addresses


@pytest.mark.parametrize("width", [1280, 375])
def test_a_coordinator_is_invited_and_enters_by_keyboard_alone(
    world, visit, chromium, live_server, accessible, letters, width
):
    page = visit(world["platform_administrator"], "/", width)
    accessible(page)
    picture(page, f"home-administrator-{width}")
    tab_to(page, "Créer un compte")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nouveau compte")).to_be_visible()
    tab_to(page, "Adresse électronique")
    page.keyboard.type("claude")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Un point est à corriger")).to_be_visible()
    accessible(page)
    picture(page, f"account-refused-{width}")
    tab_to(page, "Adresse électronique :")  # of the summary, which leads to the field
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.type(NEW.removeprefix("claude"))
    page.keyboard.press("Control+Enter")

    expect(page.get_by_text("son invitation est partie")).to_be_visible()
    tab_to(page, "Prénom et nom")
    page.keyboard.type("Claude Nouveau")
    tab_to(page, "Rôle")
    page.keyboard.type("coordination")
    tab_to(page, "Région")
    page.keyboard.type("Provence")
    accessible(page)
    picture(page, f"membership-{width}")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("L'habilitation de Claude Nouveau est ouverte.")).to_be_visible()

    (address,) = letters()
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": width, "height": 900}, locale="fr-FR"
    )
    own = context.new_page()
    own.goto(address)
    accessible(own)
    tab_to(own, "Mot de passe")
    own.keyboard.type("court")
    own.keyboard.press("Enter")
    expect(own.get_by_text("Ce mot de passe est trop court").first).to_be_visible()
    accessible(own)
    picture(own, f"password-refused-{width}")
    for field in ("Mot de passe", "Le même, encore une fois"):
        own.get_by_label(field).focus()
        own.keyboard.type(PASSWORD)
    picture(own, f"password-{width}")
    own.keyboard.press("Control+Enter")

    expect(own.get_by_text("Votre mot de passe est enregistré.")).to_be_visible()
    accessible(own)
    picture(own, f"login-after-{width}")
    tab_to(own, "Adresse électronique")
    own.keyboard.type(NEW)
    own.keyboard.press("Tab")
    own.keyboard.type(PASSWORD)
    own.keyboard.press("Enter")
    expect(own.get_by_text("Claude Nouveau, coordination régionale")).to_be_visible()
    accessible(own)
    picture(own, f"home-coordinator-{width}")
    own.goto(address)
    expect(own.get_by_text("déconnectez-vous avant")).to_be_visible()
    own.get_by_role("button", name="Se déconnecter").click()
    own.goto(address)
    expect(own.get_by_role("heading", name="Ce lien n’ouvre plus rien")).to_be_visible()
    accessible(own)
    picture(own, f"link-over-{width}")
    tab_to(own, "Recevoir un autre lien")
    own.keyboard.press("Enter")
    expect(own.get_by_role("heading", name="Mot de passe oublié")).to_be_visible()
    accessible(own)
    picture(own, f"forgotten-{width}")
    context.close()


@pytest.mark.parametrize("width", [1280, 375])
def test_access_is_given_and_traced(world, visit, accessible, width):
    account = factories.user(NEW)
    page = visit(
        world["platform_administrator"], f"/habilitations/nouvelle/?email={account.email}", width
    )
    page.get_by_label("Prénom et nom").fill("Claude Nouveau")
    page.get_by_label("Rôle", exact=True).select_option("adviser")
    page.locator("#id_region").select_option("93")
    page.get_by_label("Chercher une structure").fill("pays d'aix")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Prénom et nom")).to_have_value("Claude Nouveau")
    site = page.locator("#id_site")
    site.select_option(index=1)
    site.focus()
    page.keyboard.press("Control+Enter")

    expect(page.get_by_text("L'habilitation de Claude Nouveau est ouverte.")).to_be_visible()
    page.get_by_label("Personne, adresse, structure ou Siret").fill("claude")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.get_by_text("1 habilitation", exact=True)).to_be_visible()
    page.get_by_text("Changer", exact=True).click()
    expect(page.get_by_role("button", name="Renvoyer l’invitation")).to_be_visible()
    accessible(page)
    picture(page, f"memberships-{width}")

    audit = visit(world["auditor"], "/traces/?action=open_membership", width)
    expect(audit.get_by_role("cell", name="habilitation ouverte")).to_be_visible()
    accessible(audit)
    picture(audit, f"audit-{width}")
    audit.goto("/consultations/")
    expect(audit.get_by_role("cell", name="traces d'audit")).to_be_visible()
    accessible(audit)
    picture(audit, f"accesses-{width}")


@pytest.mark.parametrize("width", [1280, 375])
def test_a_program_is_given_a_token_and_loses_it(world, visit, accessible, width):
    page = visit(world["platform_administrator"], "/logiciels/", width)
    accessible(page)
    page.get_by_role("link", name="Autoriser un logiciel").first.click()
    page.get_by_label("Nom du logiciel").fill("SI de la Région")
    page.get_by_label("Adresse du contact technique").fill("si@exemple.fr")
    page.locator("#id_region").select_option("93")
    accessible(page)
    picture(page, f"program-{width}")
    page.keyboard.press("Control+Enter")
    page.get_by_label("Usage").fill("tableaux du site de la Région")
    accessible(page)
    picture(page, f"token-{width}")
    page.keyboard.press("Control+Enter")
    secret = page.get_by_label("Jeton")
    expect(secret).to_be_focused()
    # Selected as it comes: copying needs no mouse.
    assert page.evaluate("() => getSelection().toString()") == secret.input_value()
    accessible(page)
    picture(page, f"token-issued-{width}")
    page.get_by_role("link", name="C’est copié, revenir à la liste").click()
    page.get_by_text("Révoquer", exact=True).click()
    accessible(page)
    picture(page, f"programs-{width}")
    page.get_by_role("button", name="Révoquer ce jeton").click()
    expect(page.get_by_text("n'ouvre plus rien")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="tableaux du site de la Région")
    expect(row).to_contain_text("révoqué le")


@pytest.mark.parametrize("width", [1280, 375])
def test_another_membership_is_taken_up_by_keyboard(world, visit, accessible, width):
    adviser = world["adviser marseille"]
    account = factories.user("deux@exemple.fr", factories.PASSWORD)
    first = factories.member("adviser", of=account, region="93", at=adviser.site)
    factories.member("regional_coordinator", of=account, region="11")
    page = visit(first, "/", width)
    accessible(page)
    picture(page, f"switch-one-{width}")
    tab_to(page, "Passer à Île-de-France")
    page.keyboard.press("Enter")
    expect(page.locator(".who__place")).to_have_text("Île-de-France")

    factories.member("level1_receptionist", of=account, region="93", at=adviser.site)
    page.reload()
    tab_to(page, "Changer d’habilitation")
    page.keyboard.press("Enter")
    accessible(page)
    picture(page, f"switch-many-{width}")
    tab_to(page, "Mission locale de Marseille, accueil de niveau 1")
    page.keyboard.press("Enter")
    expect(page.locator(".who__place")).to_have_text("Mission locale de Marseille")
    expect(page.locator(".who__person")).to_contain_text("accueil de niveau 1")


def test_logging_in_by_keyboard(world, chromium, live_server, accessible):
    account = factories.user("clavier@exemple.fr", factories.PASSWORD)
    adviser = world["adviser marseille"]
    factories.member("adviser", of=account, region="93", at=adviser.site)
    page = chromium.new_page(base_url=live_server.url)
    page.goto("/")
    accessible(page)
    picture(page, "login")
    page.get_by_label("Adresse électronique").fill("Clavier@exemple.fr")
    page.keyboard.press("Tab")
    page.keyboard.type("pas le bon mot de passe")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Adresse ou mot de passe inconnu").first).to_be_visible()
    accessible(page)
    picture(page, "login-refused")
    expect(page.get_by_label("Adresse électronique")).to_have_value("Clavier@exemple.fr")
    page.get_by_label("Mot de passe").fill(factories.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Mission locale de Marseille")).to_be_visible()
    accessible(page)
    picture(page, "home-adviser")
    page.close()


def test_too_many_tries_are_said(world, chromium, live_server, accessible):
    page = chromium.new_page(base_url=live_server.url)
    page.goto("/connexion/")
    for _ in range(5):
        page.get_by_label("Adresse électronique").fill("personne@exemple.fr")
        page.get_by_label("Mot de passe").fill("pas le bon")
        page.keyboard.press("Enter")
        expect(page.locator(".error-summary")).to_be_visible()
    expect(page.get_by_text("Trop d'essais pour cette adresse").first).to_be_visible()
    accessible(page)
    picture(page, "login-locked")
    page.close()
