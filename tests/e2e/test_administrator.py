"""An administrator gives someone access, and the auditor reads the trace of it."""

import re

import pytest
from playwright.sync_api import expect

from regions import tasks
from tests import factories
from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
NEW = "claude.nouveau@exemple.fr"
PASSWORD = "trois chevaux bruns"


@pytest.fixture
def letters(settings, tmp_path, live_server):
    """The files that letters become; the addresses in them, the newest last."""
    settings.SITE_URL = live_server.url
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
    hands = Keyboard(page)
    hands.open("Créer un compte")
    hands.answer("Adresse électronique…", "claude")
    hands.send()
    expect(page.get_by_text("Un point est à corriger")).to_be_visible()
    accessible(page)
    picture(page, f"account-refused-{width}")
    hands.tab_to("Adresse électronique :…")  # of the summary, which leads to the field
    hands.press("Enter")
    hands.press("End")
    hands.type(NEW.removeprefix("claude"))
    hands.send()

    expect(page.get_by_text("son invitation est partie")).to_be_visible()
    hands.answer("Prénom et nom", "Claude Nouveau")
    hands.answer("Rôle", "coordination")
    hands.answer("Région (facultatif)…", "Provence")
    accessible(page)
    picture(page, f"membership-{width}")
    hands.send()
    expect(page.get_by_text("L’habilitation de Claude Nouveau est ouverte.")).to_be_visible()

    (address,) = letters()
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": width, "height": 900}, locale="fr-FR"
    )
    own = context.new_page()
    own.goto(address)
    accessible(own)
    hands = Keyboard(own)
    hands.answer("Mot de passe…", "court")
    hands.send()
    expect(own.get_by_text("Ce mot de passe est trop court").first).to_be_visible()
    accessible(own)
    picture(own, f"password-refused-{width}")
    hands.tab_to("Mot de passe :…")
    hands.press("Enter")
    hands.type(PASSWORD)
    hands.answer("Le même, encore une fois", PASSWORD)
    picture(own, f"password-{width}")
    hands.send()

    expect(own.get_by_text("Votre mot de passe est enregistré.")).to_be_visible()
    accessible(own)
    picture(own, f"login-after-{width}")
    hands.answer("Adresse électronique", NEW)
    hands.answer("Mot de passe", PASSWORD)
    hands.send()
    expect(own.get_by_text("Claude Nouveau, coordination régionale")).to_be_visible()
    accessible(own)
    picture(own, f"home-coordinator-{width}")
    own.goto(address)
    expect(own.get_by_text("déconnectez-vous avant")).to_be_visible()
    hands.open("Se déconnecter")
    own.goto(address)
    expect(own.get_by_role("heading", name="Ce lien n’ouvre plus rien")).to_be_visible()
    accessible(own)
    picture(own, f"link-over-{width}")
    hands.open("Recevoir un autre lien")
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

    expect(page.get_by_text("L’habilitation de Claude Nouveau est enregistrée.")).to_be_visible()
    page.get_by_label("Personne, adresse, structure ou Siret").fill("claude")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.get_by_text("1 habilitation", exact=True)).to_be_visible()
    page.get_by_text("Changer", exact=True).click()
    expect(page.get_by_role("button", name="Renvoyer l’invitation")).to_be_visible()
    accessible(page)
    picture(page, f"memberships-{width}")

    direction = visit(world["structure_manager aix"], "/", width)
    hands = Keyboard(direction)
    hands.open("habilitation à confirmer")
    accessible(direction)
    picture(direction, f"team-to-confirm-{width}")
    hands.tab_to("Confirmer le rôle de Claude Nouveau")
    hands.press("Enter")
    hands.tab_to("Confirmer ce rôle")
    hands.press("Enter")
    expect(direction.locator(".fr-alert--success")).to_contain_text("Claude Nouveau est confirmé")
    accessible(direction)
    picture(direction, f"team-confirmed-{width}")

    audit = visit(world["auditor"], "/traces/?action=open_membership", width)
    expect(audit.get_by_role("cell", name="habilitation ouverte")).to_be_visible()
    accessible(audit)
    picture(audit, f"audit-{width}")
    audit.goto("/consultations/")
    expect(audit.get_by_role("cell", name="traces d’audit")).to_be_visible()
    accessible(audit)
    picture(audit, f"accesses-{width}")


@pytest.mark.parametrize("width", [1280, 375])
def test_a_program_is_given_a_token_and_loses_it(world, visit, accessible, width):
    page = visit(world["platform_administrator"], "/logiciels/", width)
    accessible(page)
    hands = Keyboard(page)
    hands.open("Autoriser un logiciel")
    hands.answer("Nom du logiciel…", "SI de la Région")
    hands.answer("Adresse du contact technique…", "si@exemple.fr")
    hands.answer("Région…", "Provence")
    accessible(page)
    picture(page, f"program-{width}")
    hands.send()
    hands.answer("Usage…", "tableaux du site de la Région")
    accessible(page)
    picture(page, f"token-{width}")
    hands.send()
    secret = page.get_by_label("Jeton")
    expect(secret).to_be_focused()
    # Selected as it comes: copying needs no mouse.
    assert page.evaluate("() => getSelection().toString()") == secret.input_value()
    accessible(page)
    picture(page, f"token-issued-{width}")
    hands.open("C’est copié, revenir à la liste")
    hands.tab_to("Révoquer")
    hands.press("Enter")
    accessible(page)
    picture(page, f"programs-{width}")
    hands.open("Révoquer ce jeton")
    expect(page.get_by_text("n’ouvre plus rien")).to_be_visible()
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
    hands = Keyboard(page)
    hands.open("Passer à Île-de-France…")
    expect(page.locator(".who__place")).to_have_text("Île-de-France")

    factories.member("level1_receptionist", of=account, region="93", at=adviser.site)
    page.reload()
    hands.tab_to("Changer d’habilitation")
    hands.press("Enter")
    accessible(page)
    picture(page, f"switch-many-{width}")
    hands.open("Mission locale de Marseille, accueil de niveau 1")
    expect(page.locator(".who__place")).to_have_text("Mission locale de Marseille")
    expect(page.locator(".who__person")).to_contain_text("accueil de niveau 1")


@pytest.mark.parametrize("width", [1280, 375])
def test_logging_in_by_keyboard(world, chromium, live_server, accessible, letters, width):
    """With a wrong password, then with another one, chosen by the link of a letter."""
    account = factories.user("clavier@exemple.fr", factories.PASSWORD)
    adviser = world["adviser marseille"]
    factories.member("adviser", of=account, region="93", at=adviser.site)
    page = chromium.new_page(base_url=live_server.url, viewport={"width": width, "height": 900})
    page.goto("/")
    accessible(page)
    picture(page, f"login-{width}")
    hands = Keyboard(page)
    hands.answer("Adresse électronique", "Clavier@exemple.fr")
    hands.answer("Mot de passe", "pas le bon mot de passe")
    hands.send()
    expect(page.get_by_text("Adresse ou mot de passe inconnu").first).to_be_visible()
    accessible(page)
    picture(page, f"login-refused-{width}")
    expect(page.get_by_label("Adresse électronique")).to_have_value("Clavier@exemple.fr")

    hands.open("Mot de passe oublié")
    hands.answer("Adresse électronique de votre compte", account.email)
    hands.send()
    expect(page.get_by_role("heading", name="Regardez votre messagerie")).to_be_visible()
    accessible(page)
    picture(page, f"link-sent-{width}")
    tasks.send_reset_link(account.pk)  # no worker runs beside this test
    page.goto(letters()[-1])
    accessible(page)
    picture(page, f"password-again-{width}")
    hands.answer("Mot de passe…", PASSWORD)
    hands.answer("Le même, encore une fois", PASSWORD)
    hands.send()
    hands.answer("Adresse électronique", account.email)
    hands.answer("Mot de passe", PASSWORD)
    hands.send()
    expect(page.get_by_text("Mission locale de Marseille")).to_be_visible()
    accessible(page)
    picture(page, f"home-adviser-{width}")
    page.close()


def test_too_many_tries_are_said(world, chromium, live_server, accessible):
    page = chromium.new_page(base_url=live_server.url)
    page.goto("/connexion/")
    for _ in range(5):
        page.get_by_label("Adresse électronique").fill("personne@exemple.fr")
        page.get_by_label("Mot de passe").fill("pas le bon")
        page.keyboard.press("Enter")
        expect(page.locator(".error-summary")).to_be_visible()
    expect(page.get_by_text("Trop d’essais pour cette adresse").first).to_be_visible()
    accessible(page)
    picture(page, "login-locked")
    page.close()
