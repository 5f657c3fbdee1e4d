"""A document de synthèse by keyboard alone: a step, a version, her approval, a code; opened in
another Region by that code, and taken up in a journey where nothing is typed again."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from beneficiaries.models import Journey, Step
from regions.middleware import scope_of
from tests import factories
from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
]


def fits(page: Page) -> bool:
    return not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@pytest.mark.parametrize("width", [1280, 375])
def test_handed_over_approved_shared_and_taken_up_by_keyboard(visit, world, accessible, width):
    adviser, other = world["adviser marseille"], world["adviser paris"]
    with scope_of(adviser, read_only=False):
        person = factories.beneficiary(
            adviser, last_name="Bellanger", first_name="Inès", phone="06 12 34 56 78"
        )
        journey = factories.journey(adviser, of=person, level="N3", service="S12")
        factories.session(adviser, journey, held_on=date(2016, 4, 12))
        plan = factories.financing_plan(adviser, journey)
        factories.plan_cost(plan, "6450.50", label="CAP cuisine, Greta de Marseille")
        factories.plan_funding(plan, 3000, 2500)
        done = {"what": "Rencontrer un cuisinier", "done_on": date(2016, 3, 1)}
        factories.step(adviser, journey, **done, result="Convaincue : elle commence par un CAP.")

    def looked_at(page: Page, name: str) -> None:
        accessible(page)
        assert fits(page)
        picture(page, f"{name}-{width}")

    page = visit(adviser, f"/parcours/{journey.public_id}/", width)
    hands = Keyboard(page)
    hands.open("Document de synthèse")
    looked_at(page, "document-before")
    hands.open("Ajouter une étape")
    looked_at(page, "document-step")
    hands.answer("Étape…", "Demander un devis au Greta de Marseille")
    hands.send()
    expect(page.locator(".fr-alert--success")).to_contain_text("Étape ajoutée")
    looked_at(page, "document")
    hands.open("Changer Demander un devis au Greta de Marseille")
    hands.answer("Résultat…", "Reçu")
    hands.send()
    expect(page.locator(".error-summary")).to_contain_text("donnez sa date")
    looked_at(page, "document-step-refused")
    hands.open("Annuler")
    hands.open("Remettre à la personne")
    expect(page.locator("h1")).to_have_text("Document de synthèse, version 1")
    looked_at(page, "document-version")
    hands.open("Noter l’accord de la personne")
    looked_at(page, "document-approval")
    hands.tick("La personne a relu et approuve ce document")
    hands.send()
    expect(page.locator(".lead")).to_contain_text("Approuvé par la personne")
    hands.tab_to("Donner un code de partage")
    hands.press("Enter")
    hands.open("Montrer le code")
    groups = page.locator(".slip__code span").all_inner_texts()
    assert len(groups) == 5
    looked_at(page, "document-code")
    print(f"\ndocument partagé : {hands.strokes} frappes")

    page = visit(other, "/parcours/", width)
    theirs = Keyboard(page)
    theirs.open("Ouvrir un document avec un code")
    theirs.answer("Code de partage", "0" * 20)
    theirs.send()
    expect(page.locator(".error-summary")).to_contain_text("n’ouvre aucun document")
    looked_at(page, "document-unknown")
    theirs.tab_to("Code de partage")
    theirs.press("Control+a")
    theirs.type(" ".join(groups))
    theirs.send()
    expect(page.locator("h1")).to_have_text("Document de synthèse")
    looked_at(page, "document-shared")
    theirs.open("Reprendre dans un parcours")
    expect(page.locator("h1")).to_have_text("Nouvel entretien")
    expect(page.locator("[name=last_name]")).to_have_value("Bellanger")
    looked_at(page, "document-taken-up")
    theirs.answer("Service principal…", "Ing")
    theirs.send()
    expect(page.locator("h1")).to_have_text("BELLANGER Inès")
    print(f"\ndocument repris : {theirs.strokes} frappes")
    with scope_of(other, read_only=True):
        assert Journey.objects.get().thread_number == journey.thread_number
        assert Step.objects.count() == 4

    page = visit(adviser, version_of(hands.page), width)
    expect(page.locator(".file__side")).to_contain_text("par Mission locale de Paris")
    hands = Keyboard(page)
    hands.open(f"Révoquer le code donné le {today(page)}")
    expect(page.locator(".fr-alert--success")).to_contain_text("n’ouvre plus rien")
    looked_at(page, "document-revoked")


def version_of(page: Page) -> str:
    return re.sub(r"^https?://[^/]+|partage/$", "", page.url)


def today(page: Page) -> str:
    text = page.locator(".file__side").inner_text()
    return re.search(r"Code donné le (\d\w* \S+ \d{4})", text)[1]
