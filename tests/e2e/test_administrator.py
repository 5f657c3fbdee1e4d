"""An administrator gives someone access, and the auditor reads the trace of it."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import factories

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
NEW = "claude.nouveau@exemple.fr"


def picture(page, name: str) -> None:
    """Kept where SCREENSHOTS says, to be looked at."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("width", [1280, 375])
def test_access_is_given_and_traced(world, visit, accessible, width):
    page = visit(world["platform_administrator"], "/", width)
    accessible(page)
    picture(page, f"home-administrator-{width}")
    page.get_by_role("link", name="Créer un compte").first.click()
    page.get_by_label("Adresse électronique").fill(NEW)
    page.get_by_label("Mot de passe initial").fill("court")
    page.get_by_role("button", name="Créer le compte").click()
    expect(page.get_by_label("Adresse électronique")).to_have_value(NEW)
    accessible(page)
    picture(page, f"account-refused-{width}")
    page.get_by_label("Mot de passe initial").fill(factories.PASSWORD)
    page.keyboard.press("Control+Enter")

    expect(page.get_by_role("heading", name="Nouvelle habilitation")).to_be_visible()
    page.get_by_label("Prénom et nom").fill("Claude Nouveau")
    page.get_by_label("Rôle", exact=True).select_option("adviser")
    page.locator("#id_region").select_option("93")
    page.get_by_label("Chercher une structure").fill("pays d'aix")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Prénom et nom")).to_have_value("Claude Nouveau")
    site = page.locator("#id_site")
    site.select_option(index=1)
    site.focus()
    accessible(page)
    picture(page, f"membership-{width}")
    page.keyboard.press("Control+Enter")

    expect(page.get_by_text("L'habilitation de Claude Nouveau est ouverte.")).to_be_visible()
    page.get_by_label("Personne, adresse, structure ou Siret").fill("claude")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.get_by_text("1 habilitation", exact=True)).to_be_visible()
    page.get_by_text("Changer", exact=True).click()
    accessible(page)
    picture(page, f"memberships-{width}")

    audit = visit(world["auditor"], "/traces/?action=open_membership", width)
    expect(audit.get_by_role("cell", name="habilitation ouverte")).to_be_visible()
    accessible(audit)
    picture(audit, f"audit-{width}")


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
