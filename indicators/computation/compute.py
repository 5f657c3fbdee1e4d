"""One unit of work: the raw figures of a territory, a period and borders."""

from collections.abc import Sequence

from django.db import connections

from indicators.computation import counts, facts, grid
from indicators.computation.territory import Extent
from indicators.definitions import Indicator
from indicators.regional.composition import Composition
from indicators.regional.statements import statement
from indicators.rollups import refresh_rollups
from sprocep import tenancy

FIGURES = """
INSERT INTO indicators_figure
  (period, number, territory, borders, indicator, population, department, operator, level,
   breakdown, category, value, unit, units, contributors, is_dominated)
SELECT %(period)s, %(number)s, %(territory)s, %(borders)s, g.indicator, g.population,
       g.department, g.operator, g.level, g.breakdown, g.category,
       coalesce(c.value, CASE WHEN g.is_count THEN 0 END), g.unit, coalesce(c.units, 0),
       coalesce(c.contributors, 0), coalesce(c.is_dominated, false)
  FROM grid g
  LEFT JOIN counted c
    ON c.population = g.population AND c.source = g.source AND c.category = g.source_category
   AND c.department = g.department AND c.operator = g.operator AND c.level = g.level
"""

# A nation's journeys of a quarter fit, so that nothing is sorted on the disk.
WORK_MEMORY = "256MB"

FORMER = """
DELETE FROM indicators_figure
 WHERE period = %(period)s AND number = %(number)s AND territory = %(territory)s
   AND borders = %(borders)s
"""


# What an open edition shows of these figures, kept once until its cells are written again.
KEPT = """
INSERT INTO indicators_shownfigure
  (period, number, territory, borders, indicator, population, department, operator, level,
   breakdown, category, value, unit, units, status)
SELECT f.period, f.number, f.territory, f.borders, f.indicator, f.population, f.department,
       f.operator, f.level, f.breakdown, f.category, f.value, f.unit, f.units, c.status
  FROM indicators_edition e
  JOIN indicators_editioncell c
    ON c.edition_id = e.id AND c.territory = %(territory)s AND c.borders = %(borders)s
  JOIN indicators_figure f
    ON f.period = e.period AND f.number = e.number AND f.territory = c.territory
   AND f.borders = c.borders AND f.indicator = c.indicator AND f.population = c.population
   AND f.department = c.department AND f.operator = c.operator AND f.level = c.level
   AND f.breakdown = c.breakdown AND f.category = c.category
 WHERE e.period = %(period)s AND e.number = %(number)s AND e.territory = %(holder)s
   AND NOT EXISTS (SELECT FROM indicators_shownfigure s
                    WHERE s.period = e.period AND s.number = e.number
                      AND s.territory = %(territory)s AND s.borders = %(borders)s)
"""


def compute_figures(extent: Extent, number: int = 1, composed: Sequence[Composition] = ()) -> int:
    """Count all cells of this territory and write them in the place of the former ones of this
    number of its edition. What that edition shows meanwhile is kept for its protection.

    Idempotent: the same facts give the same rows. Runs as `compiler`. `composed`: indicators that
    stand after the base, of this Region or promoted (`indicators.regional`).

    Returns:
        the number of figures written.
    """
    period = extent.period
    with tenancy.scope(regions=extent.scope, using="compiler"):
        refresh_rollups(extent.regions, period)
    with (
        tenancy.scope(regions=sorted({*extent.scope, extent.holder}), using="compiler"),
        connections["compiler"].cursor() as cursor,
    ):
        # Two holders of one unit (a worker frozen, then awake) write one after the other.
        unit = f"figures {period} {extent.territory} {extent.borders}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [unit])
        _lay_grid(cursor, extent, [one for each in composed for one in each.indicators])
        count_facts(cursor, extent, (*facts.ALL, *counts.ADDITIVE, *counts.FROM_UNITS))
        count_composed(cursor, extent, composed)
        address = _address(extent, number)
        keep_shown(cursor, extent, number)
        cursor.execute(FORMER, address)
        cursor.execute(FIGURES, address)
        written = cursor.rowcount
        cursor.execute(f"DROP TABLE grid, counted, {', '.join(facts.TABLES)}")
    return written


def keep_shown(cursor, extent: Extent, number: int) -> None:
    """What the edition shows of this territory, before its figures are counted again."""
    cursor.execute(KEPT, _address(extent, number))


def _address(extent: Extent, number: int) -> dict:
    return {
        "period": extent.period.code,
        "number": number,
        "territory": extent.territory,
        "borders": extent.borders.value,
        "holder": extent.holder,
    }


def parameters_of(extent: Extent) -> dict:
    period = extent.period
    return {
        "regions": list(extent.regions),
        "reach": list(extent.reach),
        "departments": list(extent.departments),
        "starts": period.starts,
        "ends": period.ends,
        "last_day": period.last_day,
        "year": period.starts.year,
    }


def count_facts(cursor, extent: Extent, statements: Sequence[str]) -> None:
    """Carry out these statements over the facts of the extent; the counts are left in `counted`."""
    parameters = parameters_of(extent)
    cursor.execute(f"SET LOCAL work_mem = '{WORK_MEMORY}'")
    cursor.execute(counts.COUNTED)
    for one in statements:
        cursor.execute(one, parameters)


def count_composed(cursor, extent: Extent, composed: Sequence[Composition]) -> None:
    """One statement a composition, over the facts that are there already."""
    parameters = parameters_of(extent)
    for one in composed:
        asked = statement(one)
        cursor.execute(asked.text, parameters | asked.parameters)


def _lay_grid(cursor, extent: Extent, composed: Sequence[Indicator]) -> None:
    cursor.execute(grid.GRID)
    lines = grid.lines(extent, composed)
    text = "".join("\t".join(map(str, line)) + "\n" for line in lines)
    with cursor.copy("COPY grid FROM STDIN") as copy:
        copy.write(text)
