"""New sessions of the current quarter: how long until the figures that they change are true."""

import time
import uuid
from collections.abc import Callable

from django.db import connections, transaction
from django.db.models import Model

from bench import computation, generation
from bench.base import Base
from bench.computation import FIVE_REGIONS, WORKERS
from bench.measures import RUNS, Results, Target
from beneficiaries.models import FollowUp, Journey, Session
from sprocep import tenancy
from sprocep.periods import Period

SUBJECT = "Corrections"
OWNER = "owner"
# The last that the data set holds is the current one: nothing but the past lies behind it.
CURRENT = generation.SPAN[-1]
SESSIONS_A_REGION = 200
NEW_JOURNEYS_A_REGION = 40
AFTER_THE_COMMIT = Target(5)

MARKED = "SELECT count(DISTINCT (region_id, month)) FROM indicators_rollupmark"
TOTALS = """
SELECT sum(value) FILTER (WHERE indicator = 'A1'), sum(value) FILTER (WHERE indicator = 'F1')
  FROM indicators_figure
 WHERE period = %(period)s AND borders = 'date' AND territory = ANY (%(regions)s)
   AND breakdown = 'total' AND department = 'total' AND operator = 'total' AND level = 'total'
"""


def measure(base: Base, results: Results) -> None:
    period = Period.parse(CURRENT)
    computation.compute_one_by_one(FIVE_REGIONS, CURRENT)
    name = f"{len(FIVE_REGIONS)} Regions, from commit to figures"
    seconds, added, marked = _after_each_commit(
        period, lambda: computation.compute_one_by_one(FIVE_REGIONS, CURRENT)
    )
    results.facts["added sessions"] = f"{added:,}"
    results.facts["marked cells"] = f"{marked:,}"
    results.add(SUBJECT, f"{name}, 1 process", "s", seconds, target=AFTER_THE_COMMIT, grows=True)
    with computation.workers() as pool:
        seconds, *_ = _after_each_commit(
            period, lambda: computation.compute_together(pool, FIVE_REGIONS, CURRENT)
        )
    results.add(
        SUBJECT,
        f"{name}, {WORKERS} processes",
        "s",
        seconds,
        target=AFTER_THE_COMMIT,
        grows=True,
    )


def _after_each_commit(
    period: Period, compute: Callable[[], object]
) -> tuple[list[float], int, int]:
    """Seconds of each run, then sessions added and cells marked by one."""
    seconds = []
    for _ in range(RUNS):
        entries, sessions = _totals(period)
        _forget_marks()
        more_entries, more_sessions = _add(period)
        marked = _marked()
        began = time.perf_counter()
        compute()
        seconds.append(time.perf_counter() - began)
        if _totals(period) != (entries + more_entries, sessions + more_sessions):
            raise RuntimeError("A1 and F1 do not say what was added")
    return seconds, more_sessions, marked


def _add(period: Period) -> tuple[int, int]:
    """As an import would, in one transaction of the owner: journeys opened, sessions held."""
    journeys, follow_ups, sessions = [], [], []
    with transaction.atomic(using=OWNER):
        for region in FIVE_REGIONS:
            opened = _new_journeys(region, period)
            journeys += [journey for journey, *_ in opened]
            follow_ups += [follow_up for _, follow_up, _ in opened]
            sessions += [session for *_, session in opened]
            sessions += _in_open_journeys(region, period, SESSIONS_A_REGION - len(opened))
        for model, rows in ((Journey, journeys), (FollowUp, follow_ups), (Session, sessions)):
            model.objects.using(OWNER).bulk_create(rows)
    return len(journeys), len(sessions)


def _in_open_journeys(region: str, period: Period, count: int) -> list[Session]:
    """One more talk, on the last day of the quarter, in journeys that saw one in it."""
    seen = Session.objects.using(OWNER).filter(
        region_id=region, held_on__gte=period.starts, journey__closed_on__isnull=True
    )
    alike = seen.order_by("journey_id", "id").distinct("journey_id")[:count]
    return [_again(row, public_id=uuid.uuid4(), held_on=period.last_day) for row in alike]


def _new_journeys(region: str, period: Period) -> list[tuple[Journey, FollowUp, Session]]:
    """Of persons who opened one in the quarter, with the same first talk."""
    opened = Journey.objects.using(OWNER).filter(region_id=region, opened_on__gte=period.starts)
    alike = list(opened.order_by("id")[:NEW_JOURNEYS_A_REGION])
    follow_ups = _first_of_each(FollowUp, alike, "starts_on")
    talks = _first_of_each(Session, alike, "held_on")
    return [
        (
            new := _again(
                journey,
                public_id=uuid.uuid4(),
                closed_on=None,
                closed_region=None,
                closed_department=None,
                outcome=None,
                exit_situation=None,
            ),
            _again(follow_up, journey=new, ends_on=None),
            _again(talk, public_id=uuid.uuid4(), journey=new),
        )
        for journey, follow_up, talk in zip(alike, follow_ups, talks, strict=True)
    ]


def _first_of_each(model: type[Model], journeys: list[Journey], day: str) -> list[Model]:
    rows = model.objects.using(OWNER).filter(journey__in=journeys)
    return list(rows.order_by("journey_id", day, "id").distinct("journey_id"))


def _again(row: Model, **changes: object) -> Model:
    """A new row like this one, but for some columns."""
    row.pk, row._state.adding = None, True
    for name, value in changes.items():
        setattr(row, name, value)
    return row


def _forget_marks() -> None:
    """Those of the run before and of what is never computed here: the next are counted alone."""
    with connections[OWNER].cursor() as cursor:
        cursor.execute("DELETE FROM indicators_rollupmark")


def _marked() -> int:
    with connections[OWNER].cursor() as cursor:
        cursor.execute(MARKED)
        return cursor.fetchone()[0]


def _totals(period: Period) -> tuple[int, int]:
    """Entries and sessions of these Regions, as the figures say."""
    with (
        tenancy.scope(regions=FIVE_REGIONS, using="compiler"),
        connections["compiler"].cursor() as cursor,
    ):
        cursor.execute(TOTALS, {"period": period.code, "regions": list(FIVE_REGIONS)})
        return cursor.fetchone()
