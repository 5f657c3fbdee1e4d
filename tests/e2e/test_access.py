"""By keyboard alone: an adviser gives a person her access; she enters by her code and the digits
that she was sent, approves her document, shares it, takes her consent back, and leaves."""

import re
from datetime import date

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from beneficiaries import actions, tasks
from regions.middleware import scope_of
from tests import factories
from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
]


@pytest.fixture(autouse=True)
def worker(monkeypatch) -> None:
    """The task runs where it is rung."""
    monkeypatch.setattr(tasks.send_factor, "delay", tasks.send_factor)


@pytest.fixture
def journey(world):
    """With steps, a version that waits for her approval, a fiche that waits for an answer."""
    adviser = world["adviser marseille"]
    with scope_of(adviser, read_only=False):
        person = factories.beneficiary(
            adviser, last_name="Bellanger", first_name="Inès", email="ines@exemple.fr"
        )
        made = factories.journey(adviser, of=person)
        factories.session(adviser, made, held_on=date(2016, 4, 12))
        factories.step(adviser, made, what="Demander un devis au Greta de Marseille")
        factories.step(
            adviser, made, what="Rencontrer un cuisinier", done_on=date(2016, 3, 1), result="Oui."
        )
        factories.referral(adviser, world["adviser aix"], journey=made)
        actions.hand_over_document(by=adviser.user, membership=adviser, journey=made)
    return made


@pytest.mark.parametrize("width", [1280, 375])
def test_given_entered_and_approved_by_keyboard(visit, world, journey, accessible, width):
    def looked_at(page: Page, name: str) -> None:
        accessible(page)
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        picture(page, f"access-{name}-{width}")

    page = visit(world["adviser marseille"], f"/parcours/{journey.public_id}/", width)
    hands = Keyboard(page)
    hands.tab_to("Donner un accès à la personne")
    hands.press("Enter")
    looked_at(page, "before")
    hands.open("Montrer le code")
    code = " ".join(page.locator(".slip__code span").all_inner_texts())
    looked_at(page, "given")
    print(f"\naccès donné : {hands.strokes} frappes")

    page = visit(None, "/mon-parcours/", width)
    hers = Keyboard(page)
    hers.answer("Votre code", "0" * 19 + "1")
    hers.send()
    expect(page.locator(".error-summary")).to_contain_text("mal recopié")
    looked_at(page, "misread")
    hers.tab_to("Votre code")
    hers.press("Control+a")
    hers.type(code)
    hers.send()
    hers.answer("Les six chiffres reçus", "000000")
    hers.send()
    expect(page.locator(".error-summary")).to_contain_text("n’ouvrent rien")
    looked_at(page, "wrong-digits")
    hers.tab_to("Les six chiffres reçus")
    hers.press("Control+a")
    hers.type(re.search(r"^\d{6}$", mail.outbox[-1].body, re.MULTILINE)[0])
    hers.send()
    expect(page.locator("h1")).to_have_text("Mon parcours")
    looked_at(page, "journey")
    hers.open("Relire et approuver mon document")
    looked_at(page, "version")
    hers.open("J’ai relu et j’approuve")
    expect(page.locator(".lead")).to_contain_text("Vous l’avez approuvé")
    hers.tab_to("Partager avec une structure")
    hers.press("Enter")
    hers.open("Montrer le code")
    looked_at(page, "shared")
    hers.open("Révoquer…")
    expect(page.locator(".fr-alert--success")).to_contain_text("n’ouvre plus rien")
    hers.open("Mon parcours")
    hers.tab_to("Reprendre mon accord")
    hers.press("Enter")
    looked_at(page, "consent")
    hers.press("Tab")
    hers.press("Enter")
    expect(page.locator(".fr-alert--success")).to_contain_text("ne dit plus rien de vous")
    hers.open("Se déconnecter")
    expect(page.locator("h1")).to_have_text("Lire mon parcours")
    looked_at(page, "left")
    print(f"\nparcours lu, approuvé, partagé : {hers.strokes} frappes")
