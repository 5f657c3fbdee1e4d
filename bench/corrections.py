"""Late sessions: how long until the figures that they change are true again."""

import time

from django.db import connections, transaction

from bench import computation
from bench.base import QUARTER, Base
from bench.measures import RUNS, Results, Target
from sprocep import tenancy
from sprocep.periods import Period

SUBJECT = "Corrections"
REGIONS = ("11", "32", "75", "76", "93")
SESSIONS_A_REGION = 200
AFTER_THE_COMMIT = Target(5)

# As an import would: one transaction of the owner, each session like one that the Region held.
INSERT = """
WITH alike AS (
  SELECT * FROM beneficiaries_session
   WHERE region_id = %(region)s AND held_on >= %(starts)s AND held_on < %(ends)s
   ORDER BY id LIMIT %(count)s
)
INSERT INTO beneficiaries_session
  (public_id, region_id, structure_id, journey_id, department_id, category_id, max_rank, site_id,
   adviser_id, held_on, channel_id, level_id, rank, is_collective, minutes, note, recorded_at,
   updated_at)
SELECT gen_random_uuid(), region_id, structure_id, journey_id, department_id, category_id,
       max_rank, site_id, adviser_id, held_on, channel_id, level_id, rank, is_collective, minutes,
       note, now(), now()
  FROM alike
"""
MARKED = "SELECT count(DISTINCT (region_id, month)) FROM indicators_rollupmark"
SESSIONS = """
SELECT sum(value) FROM indicators_figure
 WHERE period = %(period)s AND borders = 'date' AND territory = ANY (%(regions)s)
   AND indicator = 'F1' AND breakdown = 'total' AND operator = 'total' AND level = 'total'
"""


def measure(base: Base, results: Results) -> None:
    period = Period.parse(QUARTER)
    seconds, marked = [], 0
    for _ in range(RUNS):
        before = _sessions(period)
        added = _add(period)
        marked = _marked()
        began = time.perf_counter()
        computation.compute_one_by_one(list(REGIONS))
        seconds.append(time.perf_counter() - began)
        if _sessions(period) != before + added:
            raise RuntimeError(f"{added} sessions were added, and F1 does not say so")
    results.facts["added sessions"] = f"{added:,}"
    results.facts["marked cells"] = f"{marked:,}"
    name = f"{added:,} sessions more in {len(REGIONS)} Regions, from commit to figures"
    results.add(SUBJECT, name, "s", seconds, target=AFTER_THE_COMMIT, grows=True)


def _add(period: Period) -> int:
    added = 0
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for region in REGIONS:
            cursor.execute(
                INSERT,
                {
                    "region": region,
                    "starts": period.starts,
                    "ends": period.ends,
                    "count": SESSIONS_A_REGION,
                },
            )
            added += cursor.rowcount
    return added


def _marked() -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute(MARKED)
        return cursor.fetchone()[0]


def _sessions(period: Period) -> int:
    with (
        tenancy.scope(regions=REGIONS, using="compiler"),
        connections["compiler"].cursor() as cursor,
    ):
        cursor.execute(SESSIONS, {"period": period.code, "regions": list(REGIONS)})
        return cursor.fetchone()[0]
