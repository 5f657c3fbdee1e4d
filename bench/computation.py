"""Raw figures of a quarter for all Regions and the nation, beside DuckDB on the same rows."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

import django
from django.db import connections

from bench import parquet, reference
from bench.base import QUARTER, Base
from bench.measures import RUNS, Results, Target, spent, walls
from indicators.computation import Borders, borders_of, compute_figures, counts, extent_of, grid
from sprocep import tenancy
from sprocep.periods import Period
from sprocep.tenancy import NATION

SUBJECT = "Computation"
WORKERS = 2
TIMES_THE_REFERENCE = Target(5)
FROM_ROLLUPS = Target(1)


def measure(base: Base, results: Results) -> None:
    period = Period.parse(QUARTER)
    codes = territories(period)
    parquet.export(base.folder)
    _beside_the_reference(base, results, 1, lambda: compute_one_by_one(codes))
    results.facts["cells"] = equal_cells(base, period)
    seconds = walls(lambda: count_additive(period, codes))
    results.add(
        SUBJECT,
        "rollups already built, additive counts of 18 Regions alone",
        "s",
        seconds,
        target=FROM_ROLLUPS,
    )
    with workers() as pool:
        _beside_the_reference(base, results, WORKERS, lambda: list(pool.map(compute, codes)))


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


def compute(territory: str) -> int:
    return compute_figures(extent_of(Period.parse(QUARTER), territory))


def compute_one_by_one(codes: list[str]) -> None:
    for code in codes:
        compute(code)


def forget() -> None:
    """What the compilation computed, it may empty: nothing is known but the facts."""
    with connections["compiler"].cursor() as cursor:
        cursor.execute("TRUNCATE indicators_rollup")
        cursor.execute("TRUNCATE indicators_figure")


def count_additive(period: Period, codes: list[str]) -> None:
    """Only what adds up, for all Regions, out of rollups: as `compute_figures` counts it."""
    for code in codes:
        if code == NATION:
            continue
        extent = extent_of(period, code)
        parameters = {
            "regions": list(extent.regions),
            "departments": list(extent.departments),
            "starts": period.starts,
            "ends": period.ends,
        }
        with (
            tenancy.scope(regions=extent.scope, using="compiler"),
            connections["compiler"].cursor() as cursor,
        ):
            cursor.execute(counts.COUNTED)
            cursor.execute(counts.FROM_ROLLUPS, parameters)
            cursor.execute(counts.FROM_ROLLUPS_BY_DEPARTMENT, parameters)
            cursor.execute(counts.FROM_ROLLUPS_BY_MONTH, parameters)
            cursor.execute("DROP TABLE counted")


@contextmanager
def workers() -> Iterator[ProcessPoolExecutor]:
    """Two processes of their own, ready to work: what they cost to start is not counted."""
    connections.close_all()
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(WORKERS, mp_context=spawn, initializer=django.setup) as pool:
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
