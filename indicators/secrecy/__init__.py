"""Protect: raw figures of all territories of a period → the cells of their draft editions.

Primary rule only (settings.SECRECY_NOTICE says so on every page and file): a cell of 1 to k − 1
units is secret, k being a dated row; for special breakdowns (BOETH, health reasons) a zero is as
secret as a one; a ninth decile needs 30 units. Whether a hidden cell is primary is nowhere written.
The engine of ADR 17 (`indicators.secrecy.together`) takes its place once it is quick on sparse
quarters.
"""

import json

from django.db import connections

from indicators.computation import Borders, borders_of
from indicators.definitions import base_in_force
from indicators.exports.seal import figures_seal
from indicators.models import Edition
from operators.models import Reason
from sprocep.periods import Period, quarter_of
from sprocep.tenancy import NATION

EXTENTS = """
CREATE TEMP TABLE extent (
  territory text, borders text, region_id text, edition_id bigint
) ON COMMIT DROP
"""

# Returns of the cell's Regions: all of them, and by category of operator.
RETURNS = """
CREATE TEMP TABLE returns ON COMMIT DROP AS
SELECT e.territory, e.borders, coalesce(o.category_id, 'total') AS operator,
       count(*) AS expected, count(r.received_at) AS received
  FROM extent e
  JOIN indicators_expectedreturn r ON r.region_id = e.region_id AND r.period = ANY (%(quarters)s)
  JOIN operators_operator o ON o.structure_id = r.structure_id AND o.valid @> %(last_day)s::date
 GROUP BY GROUPING SETS ((e.territory, e.borders), (e.territory, e.borders, o.category_id))
"""

CELLS = """
INSERT INTO indicators_editioncell
  (edition_id, territory, borders, indicator, population, department, operator, level, breakdown,
   category, unit, completeness, status, value)
SELECT edition_id, territory, borders, indicator, population, department, operator, level,
       breakdown, category, unit, completeness, status, CASE WHEN status = 'published' THEN raw END
  FROM (
    SELECT e.edition_id, f.territory, f.borders, f.indicator, f.population, f.department,
           f.operator, f.level, f.breakdown, f.category, f.unit,
           coalesce(round(100.0 * r.received / nullif(r.expected, 0), 1), 0),
           CASE
             WHEN f.operator <> 'total' AND r.expected IS NULL AND f.units = 0
               THEN 'not_applicable'
             WHEN r.expected > 0 AND r.received = 0 THEN 'missing'
             WHEN f.value IS NULL THEN 'not_applicable'
             WHEN f.units BETWEEN 1 AND greatest(t.k, rule.least_units) - 1 THEN 'secret'
             WHEN f.units = 0 AND rule.is_special THEN 'secret'
             ELSE 'published'
           END AS status,
           f.value AS raw
      FROM (SELECT DISTINCT territory, borders, edition_id FROM extent) e
      JOIN indicators_figure f
        ON f.period = %(period)s AND f.territory = e.territory AND f.borders = e.borders
       AND f.number = (SELECT number FROM indicators_edition WHERE id = e.edition_id)
      CROSS JOIN (SELECT k FROM indicators_secrecythreshold WHERE starts_on <= %(last_day)s
                   ORDER BY starts_on DESC LIMIT 1) t
      LEFT JOIN returns r
        ON r.territory = f.territory AND r.borders = f.borders AND r.operator = f.operator
      CROSS JOIN LATERAL (SELECT
        coalesce((%(least_units)s::jsonb ->> f.indicator)::int, 0) AS least_units,
        f.breakdown = ANY (%(special_breakdowns)s)
          OR (f.breakdown = 'reason' AND f.category = ANY (%(health_reasons)s)) AS is_special) rule
  ) judged (edition_id, territory, borders, indicator, population, department, operator, level,
            breakdown, category, unit, completeness, status, raw)
"""


def protect(period: Period, sealed: set[str]) -> list[str]:
    """Write the protected cells of every computed territory that is not sealed.

    One national step: all that is published together is protected together. Idempotent. Runs as
    `compiler` inside a scope of all Regions.

    Args:
        sealed: territories whose edition is sealed already; they are left alone.

    Returns:
        the territories whose draft edition was written.
    """
    with connections["compiler"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"protect {period}"])
        editions = _draft_editions(cursor, period, sealed)
        _lay_extents(cursor, period, editions)
        ids = list(editions.values())
        # In SQL: Django would look for what protects a cell, in tables that the role may not read.
        cursor.execute("DELETE FROM indicators_editioncell WHERE edition_id = ANY (%s)", [ids])
        parameters = _parameters(period)
        cursor.execute(RETURNS, parameters)
        cursor.execute(CELLS, parameters)
        cursor.execute("DROP TABLE extent, returns")
    for edition in Edition.objects.using("compiler").filter(pk__in=ids):
        seal = figures_seal(edition, using="compiler")
        Edition.objects.using("compiler").filter(pk=edition.pk).update(figures_seal=seal)
    return sorted(editions)


def _draft_editions(cursor, period: Period, sealed: set[str]) -> dict[str, int]:
    """Of each computed territory that is not sealed: its open edition, opened where it has none."""
    cursor.execute(
        "INSERT INTO indicators_edition "
        "(period, territory, number, state, compiled_at, figures_seal) "
        "SELECT DISTINCT f.period, f.territory, 1, 'draft', now(), '' FROM indicators_figure f "
        "WHERE f.period = %s AND f.borders = 'date' AND f.territory <> ALL (%s) "
        "AND NOT EXISTS (SELECT FROM indicators_edition e "
        "WHERE e.period = f.period AND e.territory = f.territory)",
        [period.code, sorted(sealed)],
    )
    cursor.execute(
        "UPDATE indicators_edition SET compiled_at = now() "
        "WHERE period = %s AND territory <> ALL (%s) RETURNING territory, id",
        [period.code, sorted(sealed)],
    )
    return dict(cursor.fetchall())


def _lay_extents(cursor, period: Period, editions: dict[str, int]) -> None:
    """The Regions of the date behind each territory; constant borders go with the nation."""
    now = borders_of(period, Borders.DATE)
    region_of = {department: code for code, members in now.items() for department in members}
    rows = [(code, "date", code, editions[code]) for code in now if code in editions]
    if NATION in editions:
        nation = editions[NATION]
        rows += [(NATION, "date", code, nation) for code in now]
        for borders in (Borders.OF_2015, Borders.OF_2016):
            for territory, members in borders_of(period, borders).items():
                behind = {region_of[department] for department in members}
                rows += [(territory, borders.value, code, nation) for code in behind]
    cursor.execute(EXTENTS)
    cursor.executemany("INSERT INTO extent VALUES (%s, %s, %s, %s)", rows)


def _parameters(period: Period) -> dict:
    base = base_in_force(period)
    least_units = {i.code: i.least_units for i in base if i.least_units}
    return {
        "period": period.code,
        "last_day": period.last_day,
        "quarters": sorted({quarter_of(month.starts).code for month in period.months}),
        "least_units": json.dumps(least_units),
        "special_breakdowns": sorted({b.name for i in base for b in i.breakdowns if b.is_special}),
        "health_reasons": list(
            Reason.objects.filter(is_health=True).values_list("code", flat=True)
        ),
    }
