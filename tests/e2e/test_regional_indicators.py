"""A coordinator composes a regional indicator and publishes it, by keyboard; anybody reads it."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from indicators.models import Definition, EditionCell, RegionalIndicator
from sprocep import periods
from sprocep.tenancy import scope
from tests import factories
from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]

# Five minutes at three strokes a second are nine hundred.
STROKES_AT_MOST = 250
OUTCOMES = ("I01", "I02", "I03")


def sealed_exits(by: int) -> None:
    """A sealed quarter whose exits are published, but for one outcome."""
    sealed = factories.edition(
        "2015-T4",
        "93",
        "sealed",
        sealed_at=timezone.now(),
        sealed_by_id=by,
        chained_seal="0" * 64,
    )
    for breakdown, category, value in (
        ("total", "total", 1240),
        *(("outcome", code, 300 + 20 * rank) for rank, code in enumerate(OUTCOMES)),
    ):
        EditionCell.objects.using("owner").create(
            edition=sealed, territory="93", indicator="A5", population="journeys_closed",
            department="total", operator="total", level="total", breakdown=breakdown,
            category=category, unit="journeys", completeness=100, status="published", value=value,
        )  # fmt: skip


@pytest.mark.parametrize("width", [1280, 375])
def test_a_share_is_composed_and_published_by_keyboard(world, visit, accessible, width):
    sealed_exits(world["regional_coordinator 93"].user_id)
    page = visit(world["regional_coordinator 93"], "/indicateurs-regionaux/", width)
    accessible(page)
    picture(page, f"regional-empty-{width}")
    hands = Keyboard(page)
    hands.open("Nouvel indicateur")
    accessible(page)
    hands.tab_to("Parcours ouverts dans la période")
    hands.press("ArrowDown", 2)  # parcours clos
    hands.press("Tab")
    hands.press("ArrowDown", 2)  # part
    picture(page, f"regional-counted-{width}")
    hands.send()
    accessible(page)
    hands.answer("Intitulé", "Sorties vers l’emploi")
    hands.tab_to("Issue du parcours")
    hands.press("Enter")
    hands.press("Tab")
    hands.press("Space")
    expect(page.get_by_role("status").filter(has_text="l’issue est")).to_be_visible()
    hands.tick("Donné aussi par département")
    picture(page, f"regional-composing-{width}")
    accessible(page)
    hands.send()
    expect(page.get_by_role("heading", name="Sorties vers l’emploi")).to_be_visible()
    accessible(page)
    whole = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Ensemble"))
    expect(whole.first).to_contain_text("1 240".replace(" ", "\u202f"))
    picture(page, f"regional-draft-{width}")
    hands.open("Publier")
    accessible(page)
    picture(page, f"regional-publishing-{width}")
    hands.tab_to("Compté à partir du")
    hands.send()
    expect(page.get_by_text("est compté à partir du")).to_be_visible()
    accessible(page)
    picture(page, f"regional-published-{width}")
    assert hands.strokes <= STROKES_AT_MOST
    print(f"strokes: {hands.strokes}")
    with scope(regions=["93"]):
        row = RegionalIndicator.objects.get()
    assert (row.state, row.measure, row.population) == ("published", "share", "journeys_closed")
    assert row.starts_on == periods.quarter_of(periods.today()).starts
    assert row.by_department
    page.goto("/indicateurs-regionaux/")
    picture(page, f"regional-list-{width}")
    accessible(page)


@pytest.fixture
def changed() -> Iterator[str]:
    """The code of a definition that may get another version: what is public outlives a test."""
    yield "A1"
    Definition.objects.using("owner").filter(version__gt=1).delete()


@pytest.mark.parametrize("width", [1280, 375])
def test_definitions_are_read_by_everybody_and_published_by_the_dgefp(
    world, visit, accessible, chromium, live_server, changed, width
):
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    page.goto("/indicateurs/")
    accessible(page)
    picture(page, f"definitions-{width}")
    hands = Keyboard(page)
    hands.tab_to("A1 Entrées en CEP")
    hands.press("Enter")
    assert page.url.endswith("#A1")
    page.goto("/indicateurs/C1.main/")
    accessible(page)
    picture(page, f"definition-{width}")
    context.close()
    page = visit(world["dgefp_officer"], f"/indicateurs/{changed}/", width)
    hands = Keyboard(page)
    hands.open("Publier une version")
    accessible(page)
    picture(page, f"definition-version-{width}")
    hands.answer("Ce qui change", "Les retours ne comptent plus.")
    hands.send()
    expect(page.get_by_text(f"La version 2 de {changed}")).to_be_visible()
    accessible(page)
