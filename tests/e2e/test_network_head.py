"""The head of a network finds who is late, and takes the list away."""

import pytest
from playwright.sync_api import expect

from indicators.models import ExpectedReturn
from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]


@pytest.fixture
def owed(world) -> None:
    ExpectedReturn.objects.using("owner").bulk_create(
        ExpectedReturn(
            period=period,
            region_id=region,
            structure_id=structure.pk,
            received_at="2016-01-20T09:00:00+01:00" if structure is world.marseille else None,
        )
        for period in ("2016-T1", "2015-T4")
        for structure, region in ((world.marseille, "93"), (world.aix, "93"), (world.paris, "11"))
    )


@pytest.mark.parametrize("width", [1280, 375])
def test_who_is_late_is_found_by_keyboard(world, owed, visit, accessible, width):
    page = visit(world["network_head ML"], "/", width)
    accessible(page)
    picture(page, f"home-network-head-{width}")
    hands = Keyboard(page)
    hands.open("Remontées")
    expect(page.get_by_role("heading", name="Remontées de mon réseau")).to_be_visible()
    accessible(page)
    picture(page, f"returns-{width}")
    hands.open("4e trimestre 2015 , Provence-Alpes-Côte d'Azur")
    expect(page.get_by_text("2 remontées")).to_be_visible()
    accessible(page)
    picture(page, f"returns-of-structures-{width}")
    hands.answer("État", "en retard")
    hands.open("Filtrer")
    expect(page.get_by_text("1 remontée", exact=False).first).to_be_visible()
    expect(page.get_by_role("cell", name="Mission locale du pays d'Aix").last).to_be_visible()
    with page.expect_download() as file:
        hands.tab_to("XLSX")
        hands.press("Enter")
    assert file.value.suggested_filename == "remontees-par-structure.xlsx"


@pytest.mark.parametrize("role", ["elected_referent 93", "carif_oref 93"])
def test_who_reads_a_region_is_told_so(world, visit, accessible, role):
    page = visit(world[role])
    expect(page.get_by_text("Vous lisez les tableaux de bord scellés")).to_be_visible()
    accessible(page)
    picture(page, f"home-{role.split()[0]}")
    page.get_by_role("link", name="Tableaux de bord").first.click()
    expect(page.get_by_role("heading", name="Tableaux de bord")).to_be_visible()
    accessible(page)
