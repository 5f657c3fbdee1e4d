"""What a task of the day costs two hands on a keyboard: keys, interactions, seconds.

Seconds are those of the keystroke-level model (Card, Moran and Newell, 1983): 0.28 for a key of an
average typist, 1.35 to decide of each field or button, and what the pages really took. `GESTURES`
names a file where each task is written (`bench/gestures.py`).
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from beneficiaries.models import Referral
from regions.middleware import scope_of
from tests import factories
from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
]
KEY, DECISION, POINTING = 0.28, 1.35, 1.1
IS_ON_SCREEN = """(element) => {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}"""
FIELDS = """() => document.querySelectorAll(
  "main form :is(input, select, textarea):not([type=hidden], [type=search])"
).length"""


class Task:
    """One task as it is carried out; `fields`: how many its page has, used or not."""

    def __init__(self, name: str, page: Page) -> None:
        self.name, self.page, self.hands = name, page, Keyboard(page)
        self.fields, self.took = 0, 0.0

    def arrived(self, heading: str) -> None:
        expect(self.page.locator("h1")).to_have_text(heading)
        self.page.wait_for_load_state()  # hands begin once the scripts are there
        self.fields = max(self.fields, self.page.evaluate(FIELDS))

    @property
    def of_hands(self) -> float:
        """Seconds of the person alone: the same on every machine."""
        return KEY * self.hands.strokes + DECISION * self.hands.acts

    def as_dict(self) -> dict:
        return {
            "task": self.name,
            "keys": self.hands.strokes,
            "interactions": self.hands.acts,
            "fields": self.fields,
            "seconds": round(self.of_hands + self.took, 1),
        }


@contextmanager
def measured(name: str, page: Page) -> Iterator[Task]:
    task = Task(name, page)
    began = time.monotonic()
    yield task
    task.took = time.monotonic() - began
    line = json.dumps(task.as_dict(), ensure_ascii=False)
    print(f"\n{line}")
    if path := os.environ.get("GESTURES"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def saved(page: Page, words: str = "enregistré") -> None:
    expect(page.locator(".fr-alert--success")).to_contain_text(words)


def test_level_1(visit, world):
    page = visit(world["level1_receptionist marseille"], "/accueil-anonyme/")
    with measured("level 1: an anonymous contact", page) as task:
        task.arrived("Accueil anonyme")
        task.hands.pick("Formations")
        task.hands.pick("Demandeur d’emploi")
        task.hands.pick("Documentation remise")
        task.hands.send()
        saved(page, "Prêt pour le suivant")
    assert task.hands.acts <= 6
    assert task.of_hands <= 20


def test_level_1_by_touch(visit, world):
    """On a telephone; a finger takes the time of a pointer (1.1 s), and scrolls between answers."""
    page = visit(world["level1_receptionist marseille"], "/accueil-anonyme/", width=375, touch=True)
    taps = scrolls = 0

    def tap(thing: Locator) -> None:
        nonlocal taps, scrolls
        scrolls += not page.evaluate(IS_ON_SCREEN, thing.element_handle())
        thing.tap()
        taps += 1

    for words in ("Formations", "Demandeur d’emploi", "Documentation remise"):
        tap(page.get_by_text(words, exact=True))
    tap(page.get_by_role("button", name="Enregistrer"))
    saved(page, "Prêt pour le suivant")
    assert taps <= 6
    assert taps * (DECISION + POINTING) + scrolls * POINTING <= 20


def test_first_session_of_a_new_person(visit, world):
    page = visit(world["adviser marseille"])
    with measured("first session of a new person", page) as task:
        task.hands.press("Escape")
        task.hands.press("n")
        task.arrived("Nouvel entretien")
        expect(page.locator("#q")).to_be_focused()
        task.hands.type("Bellanger Inès")
        expect(page.locator("#person-new")).to_be_visible()
        task.hands.pick("Nouvelle personne…")
        expect(page.locator("[name=last_name]")).to_have_value("Bellanger")
        task.arrived("Nouvel entretien")
        task.hands.answer("Date de naissance…", "12031985")
        task.hands.answer("Motif principal…", "Reco")
        task.hands.answer("Situation…", "Sal")
        task.hands.answer("Service principal…", "Diag")
        task.hands.send()
        expect(page.locator("h1")).to_have_text("BELLANGER Inès")
        saved(page)
    assert task.hands.acts <= 10


def test_next_session(visit, world):
    adviser = world["adviser marseille"]
    with scope_of(adviser, read_only=False):
        person = factories.beneficiary(adviser, last_name="Bellanger", first_name="Inès")
        factories.journey(adviser, of=person)
    page = visit(adviser)
    with measured("next session, as the last time", page) as task:
        task.hands.press("Escape")
        task.hands.press("n")
        task.arrived("Nouvel entretien")
        expect(page.locator("#q")).to_be_focused()
        task.hands.type("bellanger")
        expect(page.locator("#people")).to_contain_text("BELLANGER Inès")
        task.hands.pick("BELLANGER Inès…")
        expect(page.get_by_text("Comme la dernière fois")).to_be_visible()
        task.arrived("Nouvel entretien")
        task.hands.open("Comme la dernière fois")
        expect(page.locator("[name=main_service]")).to_have_value("S07")
        picture(page, "next-session")
        task.hands.answer("Note…", "Devis reçu, dossier à envoyer.")
        task.hands.send()
        saved(page)
    assert task.of_hands <= 45


def test_fiche_sent_and_accepted(visit, world):
    sender, receiver = world["adviser marseille"], world["adviser aix"]
    with scope_of(sender, read_only=False):
        person = factories.beneficiary(sender, last_name="Bellanger", phone="06 12 34 56 78")
        journey = factories.journey(sender, of=person)
    page = visit(sender, f"/parcours/{journey.public_id}/")
    with measured("fiche de liaison sent", page) as task:
        task.hands.open("Orienter")
        task.arrived("Orienter vers une autre structure")
        task.hands.pick("Mission locale du pays d'Aix…")
        task.hands.tick("La personne est d’accord…")
        task.hands.send()
        saved(page, "envoyée")
    assert task.hands.acts <= 4
    with scope_of(receiver, read_only=True):
        number = Referral.objects.get().number
    page = visit(receiver)
    with measured("fiche de liaison accepted", page) as task:
        task.hands.open("fiche de liaison reçue : à répondre, ou personne à recevoir")
        task.hands.open(number)
        task.hands.open("Accepter")
        saved(page, "acceptée")
    assert task.hands.acts <= 3


def test_document_approved(visit, world):
    adviser = world["adviser marseille"]
    with scope_of(adviser, read_only=False):
        person = factories.beneficiary(adviser, last_name="Bellanger", first_name="Inès")
        journey = factories.journey(adviser, of=person)
    page = visit(adviser, f"/parcours/{journey.public_id}/")
    with measured("document de synthèse handed over and approved", page) as task:
        task.hands.open("Document de synthèse")
        task.hands.open("Remettre à la personne")
        saved(page, "elle ne changera plus")
        task.hands.open("Noter l’accord de la personne")
        task.arrived("Accord de la personne sur la version 1")
        task.hands.tick("La personne a relu et approuve ce document")
        task.hands.send()
        saved(page, "Accord de la personne noté")
    assert task.hands.acts <= 5
    assert task.of_hands <= 30
