"""Additive counts kept up to date, cell by cell: (Region of the facts, month).

A cell is stale when it was never built or when a fact of it changed since (`RollupMark`, written by
statement triggers). Only stale cells are built again. Runs as `compiler`, inside a scope.
"""

from collections.abc import Mapping, Sequence

from django.db import connections, transaction

from indicators.contacts import CONTACTS
from sprocep.periods import Period

# The band of an age: the last whose youngest age is reached; `NR` without an age.
AGE_BANDS = """
SELECT array_agg(youngest ORDER BY youngest) AS youngest, array_agg(code ORDER BY youngest) AS code
  FROM operators_ageband WHERE youngest IS NOT NULL
"""
AGE_BAND = "coalesce(codes.code[width_bucket(j.age, codes.youngest)], 'NR')"

STALE = """
CREATE TEMP TABLE stale ON COMMIT DROP AS
SELECT region_id, month, (month + interval '1 month')::date AS ends
  FROM unnest(%(regions)s::text[]) region_id, unnest(%(months)s::date[]) month
 WHERE EXISTS (SELECT 1 FROM indicators_rollupmark m
                WHERE m.region_id = region_id.region_id AND m.month = month.month)
    OR NOT EXISTS (SELECT 1 FROM indicators_rollup r
                    WHERE r.region_id = region_id.region_id AND r.month = month.month
                      AND r.population = 'built')
"""

# Before the facts are read: a mark that comes later stays for the next time.
UNMARK = """
DELETE FROM indicators_rollupmark m USING stale
 WHERE m.region_id = stale.region_id AND m.month = stale.month
"""

# Cell by cell, each by its own range of the index: joined, they read what the Region ever had.
EMPTY = "DELETE FROM indicators_rollup WHERE region_id = %s AND month = %s"

MARK_BUILT = """
INSERT INTO indicators_rollup
  (region_id, department, month, operator, level, population, breakdown, category, units)
SELECT region_id, '', month, '', '', 'built', 'total', 'total', 0 FROM stale
"""

_INTO = """
INSERT INTO indicators_rollup
  (region_id, department, month, structure_id, operator, level, population, breakdown,
   category, units)
"""


def each_of(columns: Mapping[str, str]) -> tuple[str, str]:
    """Count facts by each of these columns in turn, in one reading and without unfolding them.

    Args:
        columns: for each breakdown, the column of its category, never NULL.

    Returns:
        the columns `breakdown` and `category` (`total` for all facts) to select, and the
        `GROUPING SETS` to group by.
    """
    names = " ".join(f"WHEN grouping({c}) = 0 THEN '{name}'" for name, c in columns.items())
    sets = ", ".join(f"({column})" for column in ("", *columns.values()))
    return (
        f"CASE {names} ELSE 'total' END AS breakdown, "
        f"coalesce({', '.join(columns.values())}, 'total') AS category",
        f"GROUPING SETS ({sets})",
    )


_NAMES, _EACH = each_of(
    {
        "sex_age": "sex_age",
        "education_level": "education_level_id",
        "situation": "situation_id",
        "socio_professional_category": "socio_professional_category_id",
        "boeth": "boeth_id",
        "sector": "sector_id",
        "contract_type": "contract_type_id",
        "residence_area": "residence_area_id",
        "arrival": "arrival_id",
        "reason": "main_reason_id",
    }
)
OPENED = f"""{_INTO}
WITH opened AS MATERIALIZED (
  SELECT j.*, stale.month, first.level_id AS level, j.sex_id || '|' || {AGE_BAND} AS sex_age
    FROM stale
    CROSS JOIN ({AGE_BANDS}) codes
    CROSS JOIN LATERAL (SELECT * FROM beneficiaries_journey
                         WHERE region_id = stale.region_id
                           AND opened_on >= stale.month AND opened_on < stale.ends OFFSET 0) j
    CROSS JOIN LATERAL (SELECT s.level_id FROM beneficiaries_session s WHERE s.journey_id = j.id
                         ORDER BY s.held_on, s.id LIMIT 1) first
)
SELECT region_id, department_id, month, structure_id, category_id, level, 'journeys_opened',
       {_NAMES}, count(*)
  FROM opened
 GROUP BY region_id, department_id, month, structure_id, category_id, level, {_EACH}
UNION ALL
SELECT region_id, department_id, month, structure_id, category_id, level, 'journeys_opened',
       'reason_all', reason_id, count(*)
  FROM (
    SELECT opened.*, main_reason_id AS reason_id FROM opened
    UNION ALL
    SELECT opened.*, others.reason_id
      FROM opened
      CROSS JOIN LATERAL (SELECT r.reason_id FROM beneficiaries_journeyreason r
                           WHERE r.journey_id = opened.id
                             AND r.reason_id <> opened.main_reason_id OFFSET 0) others
  ) reasons
 GROUP BY region_id, department_id, month, structure_id, category_id, level, reason_id
"""

_NAMES, _EACH = each_of(
    {
        "outcome": "outcome_id",
        "exit_situation": "exit_situation_id",
        "journey_type": "all_levels",
    }
)
CLOSED = f"""{_INTO}
SELECT j.closed_region_id, j.closed_department_id, stale.month, j.structure_id, j.category_id,
       highest, 'journeys_closed', {_NAMES}, count(*)
  FROM stale
  CROSS JOIN LATERAL (SELECT * FROM beneficiaries_journey
                       WHERE closed_region_id = stale.region_id
                         AND closed_on >= stale.month AND closed_on < stale.ends OFFSET 0) j
  CROSS JOIN LATERAL (
    SELECT (array_agg(l.level_id ORDER BY l.rank DESC))[1] AS highest,
           string_agg(l.level_id, '_' ORDER BY l.rank) AS all_levels
      FROM (SELECT DISTINCT s.level_id, s.rank FROM beneficiaries_session s
             WHERE s.journey_id = j.id) l) levels
 GROUP BY j.closed_region_id, j.closed_department_id, stale.month, j.structure_id, j.category_id,
       highest, {_EACH}
"""

_NAMES, _EACH = each_of(
    {
        "channel": "channel_id",
        "theme": "theme_id",
        "steering_result": "result_id",
        "network": "network_id",
    }
)
OF_CONTACTS = f"""{_INTO}
SELECT c.region_id, c.department_id, stale.month, c.structure_id, '', '', 'contacts',
       {_NAMES}, count(*)
  FROM stale
  CROSS JOIN LATERAL (SELECT region_id, department_id, structure_id, channel_id, theme_id, result_id
                        FROM {CONTACTS} contacts
                       WHERE region_id = stale.region_id
                         AND month = stale.month OFFSET 0) c
  JOIN regions_structure t ON t.id = c.structure_id
 GROUP BY c.region_id, c.department_id, stale.month, c.structure_id, {_EACH}
"""


def refresh_rollups(regions: Sequence[str], period: Period) -> int:
    """Build again the stale cells of these Regions and of the months of the period.

    In a short transaction of its own: of two computations that need the same cells, the second
    waits for the first, then finds them built.

    Returns:
        the number of cells that were stale.
    """
    months = [month.starts for month in period.months]
    with transaction.atomic(using="compiler"), connections["compiler"].cursor() as cursor:
        for region in sorted(regions):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"rollup {region}"])
        cursor.execute(STALE, {"regions": list(regions), "months": months})
        cursor.execute("SELECT region_id, month FROM stale")
        stale = cursor.fetchall()
        if stale:
            # These are few: the planner that knows it does not read all the past to find them.
            cursor.execute("ANALYZE stale")
            cursor.execute(UNMARK)
            cursor.executemany(EMPTY, stale)
            for statement in (OPENED, CLOSED, OF_CONTACTS, MARK_BUILT):
                cursor.execute(statement)
        cursor.execute("DROP TABLE stale")
    return len(stale)
