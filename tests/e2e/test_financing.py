"""A financing plan by keyboard alone: a cost, two fundings, a paper, an answer, closed."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from beneficiaries.models import FinancingPlan
from regions.middleware import scope_of
from sprocep import periods
from tests import factories
from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
]


# A browser's field of a date takes day and month in the order of its own language.
FIRST_DAY = f"{periods.quarter_of(periods.today()).starts:%d%m%Y}"


def fits(page: Page) -> bool:
    return not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@pytest.mark.parametrize("width", [1280, 375])
def test_a_plan_is_built_and_closed_by_keyboard(visit, world, accessible, width):
    adviser = world["adviser marseille"]
    with scope_of(adviser, read_only=False):
        person = factories.beneficiary(adviser, last_name="Bellanger", first_name="Inès")
        journey = factories.journey(adviser, of=person, level="N3", service="S12")

    page = visit(adviser, f"/parcours/{journey.public_id}/", width)
    hands = Keyboard(page)

    def looked_at(name: str) -> None:
        accessible(page)
        assert fits(page)
        picture(page, f"{name}-{width}")

    hands.open("Plan de financement")
    looked_at("plan-empty")

    hands.open("Ajouter un coût")
    looked_at("plan-cost")
    hands.answer("Type de coût", "Co")
    hands.send()
    expect(page.locator(".error-summary")).to_contain_text("Donnez le montant du devis")
    looked_at("plan-cost-refused")
    hands.answer("Montant en euros", "6 450,50")
    hands.answer("Précision…", "CAP cuisine, Greta de Marseille")
    hands.send()
    expect(page.locator(".fr-alert--success")).to_contain_text("Coût ajouté")

    hands.open("Ajouter un financement")
    looked_at("plan-funding")
    hands.answer("Droit mobilisé", "Comp")
    hands.answer("Montant demandé en euros", "3000")
    hands.answer("Demandé le…", FIRST_DAY)
    hands.send()
    expect(page.locator(".fr-alert--success")).to_contain_text("Financement ajouté")
    hands.open("Ajouter un financement")
    hands.answer("Droit mobilisé", "Aide")
    hands.answer("Montant demandé en euros", "3450,50")
    hands.send()
    expect(page.locator(".fr-alert--success")).to_contain_text("Financement ajouté")

    hands.open("Changer Compte personnel de formation, 3 000,00 €")
    hands.tab_to("pas encore…")
    hands.press("ArrowDown")
    hands.answer("Montant accordé en euros…", "3000")
    hands.answer("Réponse du…", FIRST_DAY)
    looked_at("plan-answer")
    hands.send()
    expect(page.locator(".fr-alert--success")).to_contain_text("Financement changé")
    expect(page.locator(".sums__gap")).to_contain_text("3 450,50 €")
    looked_at("plan")

    hands.open("Joindre une pièce")
    hands.answer("Ce que c’est…", "Devis du Greta, 3 mars")
    hands.tab_to("Fichier…")
    chosen = page.locator("[name=file]")
    chosen.set_input_files(
        {"name": "devis.pdf", "mimeType": "application/pdf", "buffer": b"GIF89a"}
    )
    hands.send()
    expect(page.locator(".error-summary")).to_contain_text("ni un PDF, ni une image")
    expect(page.locator("[name=label]")).to_have_value("Devis du Greta, 3 mars")
    looked_at("plan-paper-refused")
    hands.tab_to("Pour quelle ligne…")
    hands.type("Co")
    hands.tab_to("Fichier…")
    chosen.set_input_files({"name": "x", "mimeType": "text/plain", "buffer": factories.PAPER})
    hands.send()
    expect(page.locator(".fr-alert--success")).to_contain_text("Pièce jointe au plan")
    looked_at("plan-paper")
    link = "Télécharger Devis du Greta, 3 mars"
    hands.tab_to(link)
    with page.expect_download() as download:
        hands.press("Enter")
    assert download.value.suggested_filename == "devis-du-greta-3-mars.pdf"
    assert Path(download.value.path()).read_bytes() == factories.PAPER
    hands.tab_to("Retirer Devis du Greta, 3 mars")
    hands.press("Enter")
    looked_at("plan-paper-withdrawal")
    hands.open("Retirer la pièce")
    expect(page.locator(".fr-alert--success")).to_contain_text("son contenu est effacé")
    expect(page.get_by_role("link", name=link)).to_have_count(0)

    hands.open("Boucler le plan")
    looked_at("plan-closing")
    hands.answer("Pourquoi le plan se boucle…", "La Région répond en janvier.")
    hands.send()
    expect(page.locator(".fr-alert--success")).to_contain_text("bouclé")
    looked_at("plan-closed")
    hands.tab_to("Suivi du plan : 8 étapes")
    hands.press("Enter")
    expect(page.locator(".timeline")).to_contain_text("Plan bouclé — La Région répond en janvier.")
    looked_at("plan-log")
    print(f"\nplan de financement bouclé : {hands.strokes} frappes")
    with scope_of(adviser, read_only=True):
        assert not FinancingPlan.objects.get().is_open
