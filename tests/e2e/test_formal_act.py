"""The dashboard as a formal act, from the opening of the campaign to the acknowledged erratum.

Four accounts: the manager of a structure, the coordinator of its Region, the DGEFP, and the
coordinator of another Region, who sees nothing of it before it is sealed.
"""

import re
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connections
from playwright.sync_api import Page, expect

from indicators import actions
from indicators.models import CalendarEntry, Edition, Work
from indicators.worklist import nation
from regions.middleware import scope_of
from regions.models import Letter
from sprocep import periods
from sprocep.periods import Period
from tests import factories
from tests.databases import cloned_database
from tests.e2e.keyboard import Keyboard, picture
from tests.e2e.test_dashboards import (
    SECONDS,
    Site,
    all_done,
    arguments,
    enter,
    is_left,
    served,
)
from tests.indicators.conftest import PRIMARY_RULE, National
from tests.waiting import wait_until

__all__ = ["enter"]
pytestmark = pytest.mark.e2e

QUARTER = Period.parse("2016-T1")
PAGE = f"/tableaux-de-bord/{QUARTER}/93/"
MANAGER, COORDINATOR, OFFICER, OTHER = (
    "structure_manager marseille",
    "regional_coordinator 93",
    "dgefp_officer",
    "regional_coordinator 11",
)
ACKNOWLEDGE = re.compile("^Accuser réception")


@pytest.fixture(scope="module")
def site(world, django_db_blocker, tmp_path_factory, worker_id) -> Iterator[Site]:
    """A national base with a worker and the site, where nothing is compiled yet."""
    name, folder = f"act_{worker_id}", tmp_path_factory.mktemp("act")
    with django_db_blocker.unblock(), cloned_database(name):
        call_command("generate_activity", *arguments(folder), stdout=StringIO())
        connections.close_all()
        base = National(name, folder, "")
        with base.worker(PRIMARY_RULE), served(base, folder) as url:
            yield Site(url, world)
        connections.close_all()
        wait_until(lambda: is_left(name), 60)


def open_campaign() -> None:
    """What the calendar says, and what the beat does once its day has come."""
    today = periods.today()
    with nation():
        CalendarEntry.objects.create(
            period=QUARTER.code,
            starts_on=QUARTER.starts,
            launched_at="2016-05-01T00:00Z",  # the DGEFP compiles by herself
            **factories.deadlines(QUARTER.ends, today, periods.days_after(today, 30)),
        )
    assert actions.open_campaigns() == [QUARTER.code]


def press(page: Page, words: str) -> None:
    """A step that asks once: its fold, then its button."""
    page.locator("summary", has_text=re.compile(f"^\\s*{words}\\s*$")).click()
    page.locator("details[open] button[data-main]").click()


def edition(number: int = 1, territory: str = "93") -> Edition:
    with nation(read_only=True):
        return Edition.objects.get(period=QUARTER.code, territory=territory, number=number)


def carry_nation(site: Site) -> None:
    """The nation's edition goes the same way: by hand here, by the grid for all at once."""
    officer = site.world[OFFICER].user
    with nation():
        newest = Edition.objects.filter(period=QUARTER.code, territory="FR").latest("number")
        for act in (
            actions.open_review,
            actions.validate_edition,
            actions.seal_edition,
            actions.transmit_edition,
        ):
            act(by=officer, edition=newest)
        # Nobody opens its files here: seconds of a worker for each of two editions.
        files = Work.objects.filter(step=Work.Step.FILES, territory=newest.territory)
        files.update(state=Work.State.DONE)


def from_draft_to_sent(page: Page, number: int) -> None:
    page.goto(PAGE)
    expect(page.locator(".band")).to_contain_text(f"{QUARTER}/93/{number}")
    for step, state in (
        ("Ouvrir la relecture", "en relecture"),
        ("Valider", "validée"),
        ("Sceller", "scellée"),
        ("Transmettre", "transmise"),
    ):
        press(page, step)
        expect(page.locator(".band .status")).to_have_text(state)


def test_from_opening_to_acknowledged_erratum(site, enter, accessible):
    open_campaign()
    manager, coordinator = enter(MANAGER, "/"), enter(COORDINATOR, "/")
    officer, other = enter(OFFICER, "/nation/"), enter(OTHER, "/")

    # The structure sees what it declares, and confirms it.
    manager.goto(f"/remontees/{QUARTER}/93/{site.world.marseille.siret}/")
    accessible(manager)
    manager.get_by_role("button", name="Confirmer").click()
    expect(manager.locator(".band")).to_contain_text("confirmée le")

    # The DGEFP compiles, and gives the draft to the Region to read over.
    officer.get_by_label("Trimestre à compiler").select_option(QUARTER.code)
    officer.get_by_role("button", name="Compiler").click()
    expect(officer.locator(".compilation")).to_contain_text(
        "La compilation est finie", timeout=SECONDS * 1000
    )
    assert coordinator.request.get(PAGE).status == 404
    officer.goto(PAGE)
    press(officer, "Ouvrir la relecture")
    assert coordinator.goto(PAGE).status == 200
    accessible(coordinator)
    coordinator.get_by_role("link", name="Commenter").click()
    coordinator.get_by_label("Votre commentaire").fill("Les contacts d’un site manquent.")
    coordinator.keyboard.press("Control+Enter")
    expect(coordinator.locator("main")).to_contain_text("transmis à la DGEFP")

    # It is validated, sealed and sent; another Region sees it from its seal on, not before.
    officer.goto(PAGE)
    press(officer, "Valider")
    assert other.request.get(PAGE).status == 404
    press(officer, "Sceller")
    expect(officer.locator(".band .status")).to_have_text("scellée")
    assert other.request.get(PAGE).status == 200
    assert other.request.get(f"{PAGE}historique/").status == 404
    press(officer, "Transmettre")
    carry_nation(site)
    wait_until(lambda: all_done(step=Work.Step.FILES), SECONDS)
    with nation(read_only=True):
        [letter] = Letter.objects.filter(key__startswith=f"edition_transmitted {QUARTER}/93/1 ")
        assert letter.recipient_id == site.world[COORDINATOR].user_id

    # The Region opens it and says so, by keyboard alone.
    coordinator.goto("/recus/")
    accessible(coordinator)
    picture(coordinator, "inbox")
    hands = Keyboard(coordinator)
    hands.open(f"{QUARTER.label}…")
    expect(coordinator.locator("h1")).to_contain_text(QUARTER.label)
    hands.open("Accuser réception")
    expect(coordinator.locator(".band .status")).to_have_text("reçue par la Région")
    accessible(coordinator)
    picture(coordinator, "acknowledged")

    # It contests a figure; the DGEFP answers by an erratum.
    hands.open("Contester une case")
    accessible(coordinator)
    coordinator.goto(f"{PAGE}contester/?indicateur=A6")
    coordinator.get_by_label("Motif").fill("Quarante accueils de Marseille manquent.")
    picture(coordinator, "contest")
    coordinator.keyboard.press("Control+Enter")
    expect(coordinator.locator("main")).to_contain_text("réponse attendue")
    accessible(coordinator)
    record_what_was_forgotten(site)
    officer.goto("/contestations/")
    accessible(officer)
    picture(officer, "contestations")
    officer.goto("/")
    officer.get_by_role("link", name="contestation à traiter").click()
    officer.get_by_text("corrigée par un erratum").click()
    officer.get_by_label("Réponse").fill("Accueils de Marseille enregistrés après coup.")
    accessible(officer)
    picture(officer, "contestation")
    officer.get_by_role("button", name="Répondre").click()
    expect(officer.locator("main")).to_contain_text("Accueils de Marseille enregistrés")

    # The erratum goes the way of any edition; the former one stands until then.
    wait_until(lambda: bool(edition(2).figures_seal), SECONDS)
    assert coordinator.goto(PAGE).status == 200
    expect(coordinator.locator(".band")).to_contain_text(f"{QUARTER}/93/1")
    from_draft_to_sent(officer, 2)
    carry_nation(site)
    wait_until(lambda: all_done(step=Work.Step.FILES), SECONDS)
    coordinator.goto(PAGE)
    expect(coordinator.locator("main")).to_contain_text("Erratum.")
    coordinator.get_by_text("valeurs corrigées").first.click()
    expect(coordinator.locator("details[open] table")).to_contain_text("A6")
    accessible(coordinator)
    picture(coordinator, "erratum")
    coordinator.get_by_role("button", name=ACKNOWLEDGE).click()
    expect(coordinator.locator(".band .status")).to_have_text("reçue par la Région")
    assert edition(2).state == "acknowledged"
    assert edition(1).state == "superseded"

    # The former edition is still read at its own address, and the history tells all.
    coordinator.goto(f"{PAGE}?edition=1")
    expect(coordinator.locator("main")).to_contain_text("Édition remplacée.")
    accessible(coordinator)
    coordinator.goto(f"{PAGE}historique/")
    rows = coordinator.locator("main tbody tr")
    said = [row.split("\t")[0] for row in rows.all_inner_texts()]
    for fact in (
        "Commentaire de la Région",
        "Transmission",
        "Ouverture par la Région",
        "Accusé de réception",
        "Contestation",
        "Réponse à une contestation",
        "Erratum ouvert",
        "Remplacement par un erratum",
    ):
        assert any(fact in line for line in said), (fact, said)
    accessible(coordinator)
    picture(coordinator, "timeline")
    coordinator.set_viewport_size({"width": 375, "height": 900})
    assert coordinator.evaluate("document.documentElement.scrollWidth") == 375
    picture(coordinator, "timeline-375")


def record_what_was_forgotten(site: Site) -> None:
    adviser = site.world["adviser marseille"]
    with scope_of(adviser, read_only=False):
        for _ in range(40):
            factories.contact(adviser, held_on=QUARTER.starts)
