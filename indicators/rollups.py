"""Additive counts kept up to date, cell by cell: (Region of the facts, month).

A cell is stale when it was never built or when a fact of it changed since (`RollupMark`, written by
statement triggers). Only stale cells are built again. Runs as `compiler`, inside a scope.
"""

from collections.abc import Sequence

from django.db import connections, transaction

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

EMPTY = """
DELETE FROM indicators_rollup r USING stale
 WHERE r.region_id = stale.region_id AND r.month = stale.month
"""

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

OPENED = (
    _INTO
    + f"""
WITH opened AS (
  SELECT j.*, stale.month, first.level_id AS level, {AGE_BAND} AS age_band
    FROM stale
    CROSS JOIN ({AGE_BANDS}) codes
    JOIN beneficiaries_journey j ON j.region_id = stale.region_id
     AND j.opened_on >= stale.month AND j.opened_on < stale.ends
    CROSS JOIN LATERAL (SELECT s.level_id FROM beneficiaries_session s WHERE s.journey_id = j.id
                         ORDER BY s.held_on, s.id LIMIT 1) first
), counted AS (
  SELECT o.region_id, o.department_id, o.month, o.structure_id, o.category_id, o.level,
         b.breakdown, b.category
    FROM opened o CROSS JOIN LATERAL (VALUES
      ('total', 'total'), ('sex_age', o.sex_id || '|' || o.age_band),
      ('education_level', o.education_level_id), ('situation', o.situation_id),
      ('socio_professional_category', o.socio_professional_category_id), ('boeth', o.boeth_id),
      ('sector', o.sector_id), ('contract_type', o.contract_type_id),
      ('residence_area', o.residence_area_id), ('reason', o.main_reason_id),
      ('reason_all', o.main_reason_id)) b(breakdown, category)
  UNION ALL
  SELECT o.region_id, o.department_id, o.month, o.structure_id, o.category_id, o.level,
         'reason_all', r.reason_id
    FROM opened o JOIN beneficiaries_journeyreason r ON r.journey_id = o.id
   WHERE r.reason_id <> o.main_reason_id
)
SELECT region_id, department_id, month, structure_id, category_id, level, 'journeys_opened',
       breakdown, category, count(*)
  FROM counted GROUP BY 1, 2, 3, 4, 5, 6, 8, 9
"""
)

CLOSED = (
    _INTO
    + """
WITH closed AS (
  SELECT j.closed_region_id, j.closed_department_id, stale.month, j.structure_id, j.category_id,
         j.outcome_id, j.exit_situation_id, levels.highest, levels.all_levels
    FROM stale
    JOIN beneficiaries_journey j ON j.closed_region_id = stale.region_id
     AND j.closed_on >= stale.month AND j.closed_on < stale.ends
    CROSS JOIN LATERAL (
      SELECT (array_agg(l.level_id ORDER BY l.rank DESC))[1] AS highest,
             string_agg(l.level_id, '_' ORDER BY l.rank) AS all_levels
        FROM (SELECT DISTINCT s.level_id, s.rank FROM beneficiaries_session s
               WHERE s.journey_id = j.id) l) levels
)
SELECT c.closed_region_id, c.closed_department_id, c.month, c.structure_id, c.category_id,
       c.highest, 'journeys_closed', b.breakdown, b.category, count(*)
  FROM closed c CROSS JOIN LATERAL (VALUES
    ('total', 'total'), ('outcome', c.outcome_id), ('exit_situation', c.exit_situation_id),
    ('journey_type', c.all_levels)) b(breakdown, category)
 GROUP BY 1, 2, 3, 4, 5, 6, 8, 9
"""
)

CONTACTS = (
    _INTO
    + """
SELECT c.region_id, c.department_id, stale.month, c.structure_id, '', '', 'contacts',
       b.breakdown, b.category, count(*)
  FROM stale
  JOIN beneficiaries_contact c ON c.region_id = stale.region_id
   AND c.held_on >= stale.month AND c.held_on < stale.ends
  JOIN regions_structure t ON t.id = c.structure_id
  CROSS JOIN LATERAL (VALUES
    ('total', 'total'), ('channel', c.channel_id), ('theme', c.theme_id),
    ('steering_result', c.result_id), ('network', t.network_id)) b(breakdown, category)
 GROUP BY 1, 2, 3, 4, 8, 9
"""
)


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
        cursor.execute("SELECT count(*) FROM stale")
        (stale,) = cursor.fetchone()
        if stale:
            for statement in (
                UNMARK,
                EMPTY,
                OPENED,
                CLOSED,
                CONTACTS,
                MARK_BUILT,
            ):
                cursor.execute(statement)
        cursor.execute("DROP TABLE stale")
    return stale
