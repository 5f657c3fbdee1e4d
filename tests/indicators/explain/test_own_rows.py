"""A structure lists the rows behind a figure: its own, as many as it declares, nobody else's."""

import random
from collections.abc import Iterator

import pytest
from django.core.paginator import Paginator
from django.db import connections
from django.test import Client
from django.utils.html import escape

from indicators.computation import compute_figures, extent_of
from indicators.computation.declared import count_declared
from indicators.explain.address import NAMES, CellAddress, declared
from indicators.explain.own_rows import OwnRows
from indicators.explain.units import PERSONS
from indicators.models import DeclaredCount
from regions.models import AccessEvent, Membership, Site
from regions.queries import region_scope
from sprocep import tenancy
from sprocep.periods import Period
from tests import factories, walks
from tests.indicators.pages.test_explain import text_of

SEED, REGION = 20161125, "93"
PERIOD = Period.parse("2016-T1")


def figures() -> dict[CellAddress, int]:
    """Counts of the Region as compiled, of units that add up over structures."""
    compute_figures(extent_of(PERIOD, REGION))
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(NAMES)}, value FROM indicators_figure WHERE period = %s "
            "AND territory = %s AND borders = 'date' AND value > 0 "
            "AND unit <> ALL ('{days,euros}') "
            "AND indicator NOT IN ('E1.mean', 'E1.median') ORDER BY id",
            [PERIOD.code, REGION],
        )
        values = {CellAddress(*row[:-1]): int(row[-1]) for row in cursor.fetchall()}
    return {cell: value for cell, value in values.items() if cell.population not in PERSONS}


def structures() -> list[int]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT structure_id FROM beneficiaries_journey WHERE region_id = %s "
            "UNION SELECT structure_id FROM beneficiaries_contacttally WHERE region_id = %s "
            "ORDER BY 1",
            [REGION, REGION],
        )
        return [pk for (pk,) in cursor.fetchall()]


def own(cell: CellAddress, structure: int) -> OwnRows:
    return OwnRows(cell, extent_of(PERIOD, REGION), structure)


def test_rows_of_all_structures_add_up_to_the_figure(in_national):
    """Each in its own scope, as its manager: one cell of each breakdown, any margin."""
    every = figures()
    chance, kinds = random.Random(SEED), {}
    for cell in chance.sample(list(every), len(every)):
        kind = (cell.indicator, cell.breakdown)
        kinds.setdefault(kind, cell)
    assert len(kinds) > 30
    chosen = walks.draw("figures listed by structures", sorted(kinds.values(), key=str), 12)
    counted = dict.fromkeys(chosen, 0)
    for structure in structures():
        with tenancy.scope(regions=region_scope(REGION), structures=[structure], read_only=True):
            for cell in chosen:
                counted[cell] += own(cell, structure).count()
    assert counted == {cell: every[cell] for cell in chosen}


@pytest.fixture
def manager(in_national) -> Iterator[Membership]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT j.structure_id FROM beneficiaries_session j WHERE j.region_id = %s "
            "AND held_on >= %s AND held_on < %s GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
            [REGION, PERIOD.starts, PERIOD.ends],
        )
        (structure,) = cursor.fetchone()
    site = Site.objects.filter(structure_id=structure, department__in=["13", "83", "06"])[0]
    made = factories.member("structure_manager", region=REGION, at=site)
    yield made
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM regions_membership WHERE id = %s", [made.pk])


def test_rows_are_as_many_as_the_structure_declares(manager):
    """Every count of its return, but those that no indicator shows."""
    with tenancy.scope(regions=region_scope(REGION), using="compiler"):
        count_declared(PERIOD, REGION)
    counts = DeclaredCount.objects.using("owner").filter(
        period=PERIOD.code, region_id=REGION, structure_id=manager.structure_id
    )
    expected = {
        cell: row.units
        for row in counts
        if (cell := declared(row.population, row.breakdown, row.category))
    }
    with tenancy.scope(regions=[REGION], structures=[manager.structure_id], read_only=True):
        counted = {cell: own(cell, manager.structure_id).count() for cell in expected}
    assert counted == expected
    assert len(expected) > 30


def test_pages_show_every_row_once_newest_first(manager):
    cell = CellAddress("F1", "sessions")
    with tenancy.scope(regions=[REGION], structures=[manager.structure_id], read_only=True):
        rows = own(cell, manager.structure_id)
        pages = Paginator(rows, 10)
        shown = [row for number in pages.page_range for row in pages.page(number)]
    assert len(shown) == pages.count
    assert len(shown) > 10
    assert [r.happened_on for r in shown] == sorted((r.happened_on for r in shown), reverse=True)


def test_another_structure_sees_none_of_them(manager):
    """Asked for by id, in the scope of somebody else: PostgreSQL shows nothing."""
    cell = CellAddress("F1", "sessions")
    others = [pk for pk in structures() if pk != manager.structure_id]
    with tenancy.scope(regions=[REGION], structures=others, read_only=True):
        assert own(cell, manager.structure_id).count() == 0
    with tenancy.scope(regions=[REGION], structures=[manager.structure_id], read_only=True):
        assert own(cell, manager.structure_id).count() > 0


def test_the_page_names_persons_and_leaves_a_trace(manager):
    browser = Client()
    browser.force_login(manager.user)
    address = f"/tableaux-de-bord/{PERIOD}/{REGION}/expliquer/A3/mes-lignes/"
    answer = browser.get(address)
    page = text_of(answer.content)
    with tenancy.scope(regions=[REGION], structures=[manager.structure_id], read_only=True):
        rows = own(CellAddress("A3", "persons_seen"), manager.structure_id)
        expected, first = rows.count(), rows[0:1][0]
    assert f"{expected} personnes reçues" in page
    assert escape(f"{first.last_name} {first.first_name}") in page
    assert answer["Cache-Control"] == "no-store"
    trace = AccessEvent.objects.using("owner").filter(by=manager.user_id).latest("at")
    assert (trace.page, trace.object_id) == ("nominal:own_rows", f"{PERIOD}/{REGION}/A3")


@pytest.mark.parametrize("key", ["R93.1,p=sessions", "A1,channel=PRE", "A1,p=contacts", "Z9,p=x"])
def test_what_nobody_counts_has_no_rows(manager, key):
    browser = Client()
    browser.force_login(manager.user)
    address = f"/tableaux-de-bord/{PERIOD}/{REGION}/expliquer/{key}/mes-lignes/"
    assert browser.get(address).status_code == 404
