"""« Back », reload, duplicated tab and replay of forms that create: one row each."""

from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from beneficiaries.models import (
    Journey,
    PlanCost,
    PlanFunding,
    PlanPaper,
    Referral,
    Session,
    SituationChange,
    Step,
    SynthesisDocument,
    Workshop,
)
from operators.models import Exchange
from regions.middleware import scope_of
from regions.models import Membership
from sprocep import periods
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

NAVIGATION = {"Sec-Fetch-Mode": "navigate"}


class Typed(HTMLParser):
    """What a browser would send of the main form of a page, before anything is typed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.action = ""
        self._inside = self._select = None
        self.feed(page[page.index("<main") :])

    def handle_starttag(self, tag: str, attributes) -> None:
        given = dict(attributes)
        if tag == "form":
            self._inside = given.get("method") == "post" and "formaction" not in given
            self.action = given.get("action", "") if self._inside else self.action
        if not self._inside:
            return
        if tag == "input" and given.get("type") not in ("checkbox", "radio", "file"):
            self.values.setdefault(given["name"], []).append(given.get("value", ""))
        elif tag == "input" and "checked" in given:
            self.values.setdefault(given["name"], []).append(given["value"])
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and self._select and "selected" in given:
            self.values[self._select] = [given["value"]]
        elif tag == "textarea":
            self.values.setdefault(given["name"], [""])


def tomorrow() -> date:
    return periods.days_after(periods.today(), 1)


def paper(more: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile("devis.pdf", factories.PAPER + more)


# By the page: who types, what she types, in what it is stored, and what she changes after « Back ».
ADVISER, COORDINATION = "adviser marseille", "regional_coordinator 93"
COMPARED = (Session, Workshop)
NEW_SESSION = {"last_name": "Kanarivogel", "first_name": "Inès", "main_reason": "M05"}
FORMS: dict[str, tuple[str, Callable[[], dict], type, dict]] = {
    "/parcours/nouvel-entretien/?journey={journey}": (
        ADVISER, lambda: {"main_service": "S07"}, Session, {"note": "Autre"},
    ),
    "/parcours/nouvel-entretien/?person=new": (
        ADVISER, lambda: NEW_SESSION | {"main_service": "S07"}, Journey, {"first_name": "Inès-Lou"},
    ),
    "/ateliers/nouveau/": (
        ADVISER, lambda: {"theme": "T02", "minutes": "60", "heads": "3"}, Workshop, {"heads": "4"},
    ),
    "/fiches/nouvelle/": (
        ADVISER,
        lambda: NEW_SESSION | {"phone": "06 12 34 56 78", "consent": "on", "other_choice": "x"},
        Referral,
        {"message": "Autre"},
    ),
    "/parcours/{journey}/plan-de-financement/cout/": (
        ADVISER, lambda: {"kind": "CP", "amount": "100"}, PlanCost, {"amount": "120"},
    ),
    "/parcours/{journey}/plan-de-financement/financement/": (
        ADVISER, lambda: {"right": "CPF", "asked": "100"}, PlanFunding, {"asked": "120"},
    ),
    "/parcours/{journey}/plan-de-financement/piece/": (
        ADVISER, lambda: {"label": "Devis", "file": paper()}, PlanPaper, {"label": "Autre"},
    ),
    "/parcours/{journey}/document/etape/": (
        ADVISER, lambda: {"what": "Demander un devis"}, Step, {"what": "En demander deux"},
    ),
    "/parcours/{journey}/situation/": (
        ADVISER, lambda: {"situation": "DEI"}, SituationChange, {"situation": "CDI"},
    ),
    "/echanges/nouveau/": (
        COORDINATION,
        lambda: {
            "title": "Recevoir", "held_on": tomorrow().isoformat(), "starts_at": "09:00",
            "ends_at": "12:00", "place": "Marseille", "seats": "12",
        },
        Exchange,
        {"title": "Autre"},
    ),
}  # fmt: skip


@pytest.fixture
def journey(world) -> Journey:
    adviser = world[ADVISER]
    with scope_of(adviser, read_only=False):
        return factories.journey(
            adviser,
            opened_on=periods.days_after(periods.today(), -1),
            level="N3",
            service="S12",
            situation_id="CDD",
        )


def counted(member: Membership, model: type) -> int:
    with scope_of(member, read_only=True):
        return model.objects.count()


def send(browser: Client, address: str, changes: dict):
    """Open the address as a browser does, type, and send what its form holds."""
    page = browser.get(address, headers=NAVIGATION)
    form = Typed(page.content.decode())
    return form.action or address, form.values | changes


@pytest.mark.parametrize("address", FORMS)
def test_one_row_after_back_reload_duplicated_tab_and_replay(world, logged_in, journey, address):
    actor, typed, model, changes = FORMS[address]
    member, browser = world[actor], logged_in(world[actor])
    receiver = {"receiver": str(world.aix.public_id)} if model is Referral else {}
    before = counted(member, model)
    address = address.format(journey=journey.public_id)
    keyed = browser.get(address, headers=NAVIGATION)["Location"]
    target, values = send(browser, keyed, typed() | receiver)
    duplicated_target, duplicated = send(browser, keyed, typed() | receiver | changes)
    first = browser.post(target, values)
    assert first.status_code == 302, first.content.decode()[:3000]
    assert counted(member, model) == before + 1

    assert browser.post(target, send_values(values)).status_code == 302
    # A session and a workshop say which text is not stored; the others lead to what is.
    from_other_tab = browser.post(duplicated_target, duplicated)
    assert from_other_tab.status_code == (200 if model in COMPARED else 302)
    back = browser.get(keyed, headers=NAVIGATION).content.decode()
    assert "Déjà enregistré" in back
    browser.post(target, send_values(values) | changes)
    assert counted(member, model) == before + 1

    another = browser.get(address, headers=NAVIGATION)
    new = typed() | receiver | changes | ({"file": paper(b"2")} if model is PlanPaper else {})
    target, values = send(browser, another["Location"], new)
    if model is not SituationChange:  # two on one day are one
        assert browser.post(target, values | {"is_somebody_else": "on"}).status_code == 302
        assert counted(member, model) == before + 2


def send_values(values: dict) -> dict:
    """The same again; a file is read from its beginning."""
    return values | ({"file": paper()} if "file" in values else {})


def test_a_document_that_says_nothing_new_is_handed_over_once(world, logged_in, journey):
    browser, member = logged_in(world[ADVISER]), world[ADVISER]
    address = f"/parcours/{journey.public_id}/document/"
    for _ in range(2):  # the page is asked for again: its button carries another key
        _, values = send(browser, address, {})
        assert browser.post(f"{address}remise/", values).status_code == 302
    assert counted(member, SynthesisDocument) == 1
