"""The path of a décrocheur, by keyboard: a Region names a member of its platform, an adviser notes
the path and orients her there, the member reads it; what a Region reads of them all."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from indicators.actions import publish_surveys
from regions.middleware import scope_of
from sprocep import periods
from tests import factories
from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
]


def looked_at(page: Page, accessible, name: str) -> None:
    picture(page, name)
    accessible(page)
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def young(adviser):
    person = factories.beneficiary(
        adviser, first_name="Inès", birth_date=date(2007, 1, 5), phone="06 12 34 56 78"
    )
    opened_on = periods.days_after(periods.today(), -20)
    return factories.journey(adviser, of=person, age=19, opened_on=opened_on)


@pytest.mark.parametrize("width", [1280, 375])
def test_from_the_platform_to_the_relay_by_keyboard(visit, world, accessible, width):
    page = visit(world["regional_coordinator 93"], f"/structures/{world.aix.public_id}/", width)
    hands = Keyboard(page)
    hands.open("La structure y entre")
    looked_at(page, accessible, f"platform-form-{width}")
    hands.open("Enregistrer")
    expect(page.locator("main")).to_contain_text("Membre à partir du")
    looked_at(page, accessible, f"platform-member-{width}")

    adviser = world["adviser marseille"]
    with scope_of(adviser, read_only=False):
        journey = young(adviser)
    address = f"/parcours/{journey.public_id}/"
    page = visit(adviser, address, width)
    hands = Keyboard(page)
    looked_at(page, accessible, f"dropout-offered-{width}")
    hands.open("Elle a quitté l’école sans diplôme")
    looked_at(page, accessible, f"dropout-form-{width}")
    hands.open("Enregistrer")
    expect(page.locator("main")).to_contain_text("Repérée")
    looked_at(page, accessible, f"dropout-journey-{width}")
    page.goto(f"/fiches/nouvelle/?journey={journey.public_id}")
    expect(page.locator("#receivers label").first).to_contain_text("Aix")
    looked_at(page, accessible, f"dropout-sending-{width}")

    relay = world["adviser aix"]
    with scope_of(adviser, read_only=False):
        sent = factories.referral(adviser, relay, journey=journey)
    page = visit(relay, f"/fiches/{sent.public_id}/", width)
    expect(page.locator("main")).to_contain_text("Parcours décrocheur")
    looked_at(page, accessible, f"dropout-told-{width}")


@pytest.mark.parametrize("width", [1280, 375])
def test_a_region_reads_how_many_were_found(visit, world, accessible, width):
    quarter = periods.Period.parse("2016-T1")
    ended = {"ended_on": date(2016, 3, 1), "ending": "training"}
    for place, numbers in (("marseille", (12, 13)), ("aix", (15, 11)), ("paris", (0, 11))):
        adviser = world[f"adviser {place}"]
        with scope_of(adviser, read_only=False):
            for became, number in zip((ended, {}), numbers, strict=True):
                for _ in range(number):
                    person = factories.beneficiary(adviser, birth_date=date(1999, 1, 5))
                    journey = factories.journey(adviser, of=person, age=17)
                    factories.dropout_path(adviser, journey, **became)
    publish_surveys(periods.months_after(quarter.ends, 6))
    for role in ("regional_coordinator 93", "dgefp_officer", "structure_manager marseille"):
        page = visit(world[role], "/parcours-des-decrocheurs/", width)
        expect(page.locator("h1")).to_have_text("Parcours des décrocheurs")
        looked_at(page, accessible, f"dropouts-{role.split()[0]}-{width}")
