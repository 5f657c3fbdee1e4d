"""Raw figures of a quarter for all Regions and the nation, beside DuckDB on the same rows."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

import django
from django.db import connections

from bench import memory, parquet, reference
from bench.base import QUARTER, Base
from bench.measures import RUNS, Results, Target, spent, walls
from indicators.computation import (
    Borders,
    borders_of,
    compute_figures,
    counts,
    extent_of,
    facts,
    grid,
)
from indicators.computation.compute import count_facts
from sprocep import tenancy
from sprocep.periods import Period
from sprocep.tenancy import NATION

SUBJECT = "Computation"
WORKERS = 2
FIVE_REGIONS = ("11", "32", "75", "76", "93")
TIMES_THE_REFERENCE = Target(5)
FROM_ROLLUPS = Target(1)
FROM_UNITS = Target(5)


def measure(base: Base, results: Results) -> None:
    period = Period.parse(QUARTER)
    codes = territories(period)
    parquet.export(base.folder)
    _beside_the_reference(base, results, 1, lambda: compute_one_by_one(codes, QUARTER))
    results.facts["cells"] = equal_cells(base, period)
    additive = walls(lambda: count_all(period, codes[1:], counts.ADDITIVE))
    results.add(
        SUBJECT,
        "rollups already built, additive counts of 18 Regions alone",
        "s",
        additive,
        target=FROM_ROLLUPS,
        grows=True,
    )
    units = walls(lambda: count_all(period, FIVE_REGIONS, (*facts.ALL, *counts.FROM_UNITS)))
    results.add(
        SUBJECT,
        "from units, what does not add up of 5 Regions alone",
        "s",
        units,
        target=FROM_UNITS,
        grows=True,
    )
    with workers() as pool, memory.watched(with_root=False) as peak:
        _beside_the_reference(
            base, results, WORKERS, lambda: compute_together(pool, codes, QUARTER)
        )
    memory.add_peak(results, SUBJECT, peak)


def _beside_the_reference(
    base: Base, results: Results, count: int, compute_all: Callable[[], object]
) -> None:
    """Turn by turn, so that both meet the same noise of the machine."""
    period = Period.parse(QUARTER)
    theirs, first, again = [], [], []
    for _ in range(RUNS):
        theirs.append(spent(lambda: reference.count(base.folder, period, count)).wall)
        forget()
        first.append(spent(compute_all).wall)
        again.append(spent(compute_all).wall)
    plural = "es" if count > 1 else ""
    ours = results.add(SUBJECT, f"from raw facts, {count} process{plural}", "s", first, grows=True)
    threads = f"DuckDB on Parquet, {count} thread{plural[1:]}"
    ratio = ours.value / results.add(SUBJECT, threads, "s", theirs).value
    results.add(SUBJECT, f"ratio of the two, {count}", "×", ratio, target=TIMES_THE_REFERENCE)
    name = f"rollups already built, {count} process{plural}"
    results.add(SUBJECT, name, "s", again, grows=True)


def territories(period: Period) -> list[str]:
    """The nation first: it is the longest, and the other process does Regions meanwhile."""
    return [NATION, *sorted(borders_of(period, Borders.DATE))]


def compute(territory: str, quarter: str) -> int:
    return compute_figures(extent_of(Period.parse(quarter), territory))


def compute_one_by_one(codes: Iterable[str], quarter: str) -> None:
    for code in codes:
        compute(code, quarter)


def compute_together(pool: ProcessPoolExecutor, codes: Sequence[str], quarter: str) -> None:
    list(pool.map(compute, codes, [quarter] * len(codes)))


def forget() -> None:
    """What the compilation computed, it may empty: nothing is known but the facts."""
    with connections["compiler"].cursor() as cursor:
        cursor.execute("TRUNCATE indicators_rollup")
        cursor.execute("TRUNCATE indicators_figure")


def count_all(period: Period, codes: Sequence[str], statements: Sequence[str]) -> None:
    """What `compute_figures` counts, or a part of it; no grid, and no figure is written."""
    for code in codes:
        extent = extent_of(period, code)
        with (
            tenancy.scope(regions=extent.scope, using="compiler"),
            connections["compiler"].cursor() as cursor,
        ):
            count_facts(cursor, extent, statements)


@contextmanager
def workers(start: Callable[[], object] = django.setup) -> Iterator[ProcessPoolExecutor]:
    """Two processes of their own, ready to work: what they cost to start is not counted."""
    connections.close_all()
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(WORKERS, mp_context=spawn, initializer=start) as pool:
        list(pool.map(abs, range(WORKERS * 4)))
        yield pool


def equal_cells(base: Base, period: Period) -> str:
    """How many cells of the product have the value, units and contributors of the reference."""
    counted = reference.counted(base.folder)
    cells = equal = 0
    for code in territories(period):
        written = _figures(period, code)
        for line in grid.lines(extent_of(period, code)):
            indicator, population, *margin, breakdown, category = line[:7]
            source, source_category, is_count = line[8:]
            address = (population, source, source_category, code, *margin)
            nothing = (0 if is_count else None, 0, 0)
            cells += 1
            found = written[indicator, population, *margin, breakdown, category]
            equal += found == counted.get(address, nothing)
    return f"{equal:,} of {cells:,}"


def _figures(period: Period, territory: str) -> dict[tuple, reference.Value]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT indicator, population, department, operator, level, breakdown, category, "
            "value, units, contributors FROM indicators_figure "
            "WHERE period = %s AND territory = %s AND borders = 'date'",
            [period.code, territory],
        )
        return {row[:7]: row[7:] for row in cursor.fetchall()}
