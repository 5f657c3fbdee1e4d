"""What each structure declares in a Region for a period: counts of its own facts, as `compiler`."""

from django.db import connections, transaction

from indicators.rollups import each_of, refresh_rollups
from sprocep.periods import Period

# Health is counted for the nation alone: no list of a structure shows it.
_LEFT_OUT = ("boeth", "journey_type", "reason_all", "network", "exit_situation")

_FORGET = (
    "DELETE FROM indicators_declaredcount WHERE period = %(period)s AND region_id = %(region)s"
)

_NAMES, _EACH = each_of({"level": "level", "month": "month", "channel": "channel"})
# Each structure that owes a return has one line at least: that day it had nothing to declare.
_COUNT = f"""
INSERT INTO indicators_declaredcount
  (period, region_id, structure_id, population, breakdown, category, units, counted_at)
WITH additive AS MATERIALIZED (
  SELECT structure_id, population, breakdown, category, level, to_char(month, 'YYYY-MM') AS month,
         units
    FROM indicators_rollup
   WHERE region_id = %(region)s AND month = ANY (%(months)s) AND structure_id IS NOT NULL
     AND breakdown <> ALL (%(left_out)s)
), held AS (
  SELECT structure_id, level_id AS level, to_char(held_on, 'YYYY-MM') AS month,
         channel_id AS channel
    FROM beneficiaries_session
   WHERE region_id = %(region)s AND held_on >= %(starts)s AND held_on < %(ends)s
), counted AS (
  SELECT structure_id, population, breakdown, category, units FROM additive
  UNION ALL
  SELECT structure_id, population, 'level', level, units FROM additive
   WHERE breakdown = 'total' AND level <> ''
  UNION ALL
  SELECT structure_id, population, 'month', month, units FROM additive WHERE breakdown = 'total'
  UNION ALL
  SELECT structure_id, 'sessions', {_NAMES}, count(*) FROM held GROUP BY structure_id, {_EACH}
  UNION ALL
  SELECT structure_id, 'journeys_opened', 'total', 'total', 0 FROM indicators_expectedreturn
   WHERE region_id = %(region)s AND period = %(period)s
)
SELECT %(period)s, %(region)s, structure_id, population, breakdown, category, sum(units), now()
  FROM counted GROUP BY structure_id, population, breakdown, category
"""


def count_declared(period: Period, region: str) -> None:
    """Count again what the structures of this Region declare for this period.

    Idempotent; of two at once, the second waits for the first.
    """
    refresh_rollups([region], period)
    values = {
        "period": period.code,
        "region": region,
        "months": [month.starts for month in period.months],
        "starts": period.starts,
        "ends": period.ends,
        "left_out": list(_LEFT_OUT),
    }
    lock = f"declared {period} {region}"
    with transaction.atomic(using="compiler"), connections["compiler"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [lock])
        cursor.execute(_FORGET, values)
        cursor.execute(_COUNT, values)


_EXPECT = """
INSERT INTO indicators_expectedreturn (period, region_id, structure_id)
SELECT DISTINCT %(period)s, d.region_id, o.structure_id
  FROM operators_operator o
  JOIN regions_site s ON s.structure_id = o.structure_id
  JOIN department_region d ON d.department_id = s.department_id
 WHERE o.valid @> %(last_day)s::date AND d.valid @> %(last_day)s::date
ON CONFLICT DO NOTHING
"""


def expect_returns(period: Period) -> int:
    """One return of each structure that is an operator on the last day of the period, in each
    Region where it receives that day; those that are expected already stay as they are.

    Returns:
        how many are new.
    """
    with connections["compiler"].cursor() as cursor:
        cursor.execute(_EXPECT, {"period": period.code, "last_day": period.last_day})
        return cursor.rowcount
