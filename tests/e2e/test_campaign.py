"""A campaign by keyboard alone: a structure explains and confirms, its Region comments, the DGEFP
sees how far it is. Each page is looked at, wide and narrow."""

import pytest
from playwright.sync_api import expect

from indicators.models import (
    Anomaly,
    CalendarEntry,
    DeclaredCount,
    Edition,
    ExpectedReturn,
    QualityRule,
)
from indicators.worklist import nation
from regions import letters
from sprocep import periods
from tests import factories
from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
MANAGER, HEAD, OFFICER = "structure_manager marseille", "network_head ML", "dgefp_officer"
COORDINATOR = "regional_coordinator 93"
PERIOD = periods.last_complete_quarter(periods.today())
COUNTS = {
    ("journeys_opened", "total", "total"): 142,
    ("journeys_opened", "level", "N1"): 30,
    ("journeys_opened", "level", "N2"): 90,
    ("journeys_opened", "level", "N3"): 22,
    ("journeys_opened", "situation", "NR"): 41,
    ("journeys_opened", "situation", "CDI"): 101,
    ("journeys_closed", "total", "total"): 98,
    ("sessions", "total", "total"): 511,
}


@pytest.fixture
def campaign(world) -> None:
    """The last quarter waits for its structures, one of which has an anomaly."""
    by_today = {f"{name}": periods.days_after(periods.today(), days) for name, days in (
        ("opens_on", -9), ("confirm_by", 9), ("computed_on", 12), ("comment_by", 20),
        ("due_on", 25),
    )}  # fmt: skip
    rule, _ = QualityRule.objects.using("owner").get_or_create(
        code="missing_situation",
        defaults={
            "kind": "missing", "label": "Situation à l’ouverture non renseignée",
            "subject": "situation", "threshold": 15,
        },
    )  # fmt: skip
    with nation():
        CalendarEntry.objects.create(period=PERIOD.code, starts_on=PERIOD.starts, **by_today)
        letters.write(
            key=f"returns_opened {PERIOD}",
            to=[world[MANAGER].user],
            subject=f"sprocep : votre remontée est à confirmer, {PERIOD.label}",
            template="returns_opened",
            context={"label": PERIOD.label, "entry": CalendarEntry.objects.get()},
        )
    for structure, region in ((world.marseille, "93"), (world.aix, "93"), (world.paris, "11")):
        ExpectedReturn.objects.using("owner").create(
            period=PERIOD.code, region_id=region, structure_id=structure.pk
        )
    for period, share in ((PERIOD, 1), (PERIOD.before, 0.9)):
        DeclaredCount.objects.using("owner").bulk_create(
            DeclaredCount(
                period=period.code, region_id="93", structure_id=world.marseille.pk,
                population=population, breakdown=by, category=category, units=int(units * share),
            )
            for (population, by, category), units in COUNTS.items()
        )  # fmt: skip
    Anomaly.objects.using("owner").create(
        period=PERIOD.code, region_id="93", structure_id=world.marseille.pk, rule=rule,
        found=28.87, expected=15,
    )  # fmt: skip
    for territory in ("93", "11", "FR"):
        factories.edition(PERIOD.code, territory, "under_review")


@pytest.mark.parametrize("width", [1280, 375])
def test_a_structure_explains_then_confirms(world, campaign, visit, accessible, width):
    page = visit(world[MANAGER], "/", width)
    accessible(page)
    picture(page, f"home-structure-{width}")
    hands = Keyboard(page)
    hands.open(f"remontée à confirmer, {PERIOD.label}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Remontée du")
    accessible(page)
    picture(page, f"declaration-{width}")
    hands.tab_to("Expliquer : Situation à l’ouverture…")
    hands.press("Enter")
    hands.tab_to("Ce qui l’explique…")
    hands.type("Un conseiller nouveau.")
    hands.open("Garder cette explication")
    expect(page.get_by_text("L’explication est gardée")).to_be_visible()
    hands.open("Confirmer")
    expect(page.get_by_text("est confirmée.")).to_be_visible()
    accessible(page)
    picture(page, f"declaration-confirmed-{width}")
    print(f"touches : {hands.strokes}")
    with nation(read_only=True):
        owed = ExpectedReturn.objects.get(period=PERIOD.code, structure=world.marseille)
    assert owed.received_by_id == world[MANAGER].user_id

    page.goto("/remontees/")
    accessible(page)
    picture(page, f"returns-of-a-structure-{width}")
    page.goto("/lettres/")
    accessible(page)
    picture(page, f"letters-{width}")
    for chosen, key in (("chacune aussitôt", "ArrowDown"), ("réunies en un courriel…", "ArrowUp")):
        hands.tab_to(chosen)
        hands.press(key)
        hands.open("Enregistrer ce choix")
        expect(page.get_by_text("Votre choix vaut")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 375])
def test_the_head_confirms_what_nothing_holds_back(world, campaign, visit, accessible, width):
    page = visit(world[HEAD], f"/remontees/structures/?periode={PERIOD}", width)
    accessible(page)
    picture(page, f"confirm-network-{width}")
    hands = Keyboard(page)
    hands.tab_to("Confirmer celles sans anomalie")
    hands.press("Enter")
    hands.open("Confirmer")
    expect(page.get_by_text("2 remontées confirmées.")).to_be_visible()
    expect(page.get_by_text("1 attend encore")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 375])
def test_a_region_comments(world, campaign, visit, accessible, width):
    page = visit(world[COORDINATOR], "/", width)
    hands = Keyboard(page)
    picture(page, f"home-coordinator-{width}")
    hands.open(f"Tableau de bord à relire : {PERIOD.label}")
    accessible(page)
    picture(page, f"comment-{width}")
    hands.tab_to("Votre commentaire…")
    hands.type("Les sorties paraissent basses.")
    hands.send()
    with nation(read_only=True):
        edition = Edition.objects.get(period=PERIOD.code, territory="93")
        assert edition.events.filter(text="Les sorties paraissent basses.").exists()


@pytest.mark.parametrize("width", [1280, 375])
def test_the_dgefp_sees_how_far_it_is(world, campaign, visit, accessible, width):
    page = visit(world[OFFICER], "/nation/", width)
    accessible(page)
    picture(page, f"grid-campaign-{width}")
    for address, name in (
        ("/nation/referentiels/", "reference-campaign"),
        (f"/nation/{PERIOD}/echeances/", "deadlines"),
        ("/nation/referentiels/qualite/missing_situation/", "rule"),
        (f"/nation/{PERIOD}/valider/", "validate-period"),
        ("/", "home-officer-campaign"),
    ):
        page.goto(address)
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") == width, address
        picture(page, f"{name}-{width}")
