"""The audit counts again from the raw rows: a thousand published cells (some by day), the same
number each."""

import random
from collections.abc import Iterator

import pytest
from django.db import connections

from indicators import actions
from indicators.computation import Borders, Extent, compute_figures, extent_of
from indicators.explain.address import NAMES, CellAddress
from indicators.explain.opening import address_of
from indicators.explain.recount import count_again
from indicators.models import EditionCell, Recount, Work
from indicators.worklist import nation
from regions.models import AuditEvent, User
from sprocep.periods import Period
from sprocep.tenancy import NATION
from tests import walks
from tests.databases import cloned_database, pointed_at
from tests.indicators.pages.fabricated import protect, seal_all

SEED, CELLS, BY_DAY = 20161125, 1_000, 250
PLACES = (
    ("2015-T4", NATION, Borders.DATE),
    ("2015-T4", "11", Borders.DATE),
    ("2015-T4", "72", Borders.DATE),
    ("2015-T4", "75", Borders.OF_2016),
    ("2016-T1", NATION, Borders.DATE),
    ("2016-T1", "75", Borders.DATE),
    ("2016-T1", "93", Borders.DATE),
    ("2016-T1", "54", Borders.OF_2015),
    ("2016", "32", Borders.DATE),
    ("2016-02", "84", Borders.DATE),
    ("2024-T2", "44", Borders.DATE),
)
SEALED = tuple(Period.parse(code) for code in ("2015-T4", "2016-T1"))


def figures(extent: Extent) -> list[tuple]:
    """(address, value, units, contributors) of every cell of the territory, as compiled."""
    compute_figures(extent)
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(NAMES)}, value, units, contributors FROM indicators_figure "
            "WHERE period = %s AND territory = %s AND borders = %s ORDER BY id",
            [extent.period.code, extent.territory, extent.borders.value],
        )
        return [(CellAddress(*row[: len(NAMES)]), *row[len(NAMES) :]) for row in cursor.fetchall()]


@pytest.mark.parametrize(
    ("code", "territory", "borders"),
    walks.draw("places counted again", PLACES, 5, lambda place: [place[2], place[1] == NATION]),
)
def test_counted_again_every_kind_of_cell_is_the_same(in_national, code, territory, borders):
    """One of each indicator, population, breakdown and margin: value, units and structures."""
    extent = extent_of(Period.parse(code), territory, borders)
    chance = random.Random(f"{SEED} {code} {territory}")
    every = [row for row in figures(extent) if row[1] is not None]
    kinds = {}
    for row in chance.sample(every, len(every)):
        cell = row[0]
        kind = (cell.indicator, cell.population, cell.breakdown, cell.department != "total",
                cell.operator != "total", cell.level != "total", bool(row[1]))  # fmt: skip
        kinds.setdefault(kind, row)
    wrong = []
    for address, *expected in kinds.values():
        recounted = count_again(address, extent, with_rows=False)
        if [recounted.value, recounted.units, recounted.contributors] != expected:
            wrong.append((address.key, recounted, expected))
    assert wrong == []
    assert len(kinds) > 150


# ── What is sealed ───────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def sealed(national, django_db_blocker, worker_id) -> Iterator[User]:
    """Two quarters sealed for some Regions, the nation and constant borders; who audits them."""
    with (
        django_db_blocker.unblock(),
        pointed_at(national.untouched),
        cloned_database(f"recounted_{worker_id}"),
    ):
        officer = User.objects.using("owner").create(email="dgefp@exemple.fr")
        auditor = User.objects.using("owner").create(email="audit@exemple.fr")
        for code, territory, borders in PLACES:
            if Period.parse(code) in SEALED:
                compute_figures(extent_of(Period.parse(code), territory, borders))
        for period in SEALED:
            protect(period)
            officer._state.db = auditor._state.db = "default"
            seal_all(period, officer, transmit=False)
        yield auditor


def published() -> list[EditionCell]:
    with nation(read_only=True):
        return list(
            EditionCell.objects.filter(status="published").select_related("edition").order_by("pk")
        )


def block_of(cell: EditionCell) -> list[tuple]:
    return [(cell.edition.period, cell.territory, cell.borders)]


def test_a_thousand_published_cells_are_counted_again(sealed):
    """Asked for, listed and carried out as from the page, in any order, two thirds above nil."""
    chance, every = random.Random(SEED), published()
    above_nil = [cell for cell in every if cell.value]
    chosen = chance.sample(above_nil, 2 * CELLS // 3)
    others = {cell.pk for cell in chosen}
    chosen += chance.sample([c for c in every if c.pk not in others], CELLS - len(chosen))
    chosen = walks.draw("cells counted again", chosen, BY_DAY, block_of)
    with nation():
        for cell in chosen:
            actions.request_recount(by=sealed, cell=cell, reason="contrôle annuel")
        works = list(Work.objects.filter(step=Work.Step.RECOUNT).order_by("pk"))
    assert len(works) == len(chosen) >= BY_DAY
    first_of_each_place = {(w.period, w.territory, w.borders): w for w in reversed(works)}
    for work in first_of_each_place.values():
        actions.carry_out(work=work)
    with nation(read_only=True):
        done = list(Recount.objects.select_related("cell__edition"))
        audited = AuditEvent.objects.filter(action="request_recount", by=sealed).count()
    assert len(done) == len(chosen) == audited
    assert all(r.done_at for r in done)
    assert [
        (address_of(r.cell).key, r.cell.value, r.value) for r in done if r.value != r.cell.value
    ] == []
    blocks = {(r.cell.edition.period, r.cell.territory, r.cell.borders) for r in done}
    sealed_places = {
        (code, place, borders) for code, place, borders in PLACES if Period.parse(code) in SEALED
    }
    assert sealed_places <= blocks
