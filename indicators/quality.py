"""What looks wrong in what a structure declares: the rules of `QualityRule`, as `compiler`.

Each statement gives, for a Region and a period, lines of (structure, found, expected). What is
`found` above the threshold of its rule becomes an anomaly; one that no longer holds closes itself.
"""

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone

from indicators.contacts import CONTACTS
from indicators.models import Anomaly, QualityRule
from sprocep.periods import Period

Found = dict[tuple[int, str], tuple[float, float | None]]  # (structure, rule): found, expected
_Kind = QualityRule.Kind

LATE_DAYS = 30
OLDEST_REQUEST_DAYS = 365
AGES = (16, 75)
LONGEST_MINUTES = 360
# Shares and jumps of fewer units than this say nothing.
FEWEST_UNITS = 10
FEWEST_YEARS = 3
# Of a normal law, the median deviation is 0.6745 standard deviations.
SCALE = 0.6745

_OPENED = """
SELECT j.structure_id, {what} FROM beneficiaries_journey j
 WHERE j.region_id = %(region)s AND j.opened_on >= %(starts)s AND j.opened_on < %(ends)s
"""
_HELD = """
SELECT s.structure_id, {what} FROM beneficiaries_session s
 WHERE s.region_id = %(region)s AND s.held_on >= %(starts)s AND s.held_on < %(ends)s
"""
_CODED = ("education_level", "situation", "socio_professional_category")
_UNKNOWN = {name: f"j.{name}_id = 'NR'" for name in _CODED} | {"age": "j.age IS NULL"}
# The day in Paris: a connection counts in universal time, where a day begins an hour or two later.
_RECORDED_ON = f"(recorded_at AT TIME ZONE '{settings.TIME_ZONE}')::date"
_LATE = {
    "sessions": (_HELD, f"{_RECORDED_ON} - s.held_on > {LATE_DAYS}"),
    "journeys": (_OPENED, f"{_RECORDED_ON} - j.opened_on > {LATE_DAYS}"),
}
_IMPOSSIBLE = {
    "age": (_OPENED, f"(j.age < {AGES[0]} OR j.age > {AGES[1]})"),
    "request_date": (_OPENED, f"j.opened_on - j.requested_on > {OLDEST_REQUEST_DAYS}"),
    "session_date": (_HELD, f"s.held_on > {_RECORDED_ON}"),
    "minutes": (_HELD, f"s.minutes > {LONGEST_MINUTES}"),
}

# The key of a person is the last of the year; a journey counts where it is open on the last day.
_OPEN_TWICE = """
SELECT structure_id, count(*) AS found FROM (
  SELECT j.structure_id, k.key
    FROM beneficiaries_journey j
    CROSS JOIN LATERAL (SELECT p.key FROM beneficiaries_personkey p
                         WHERE p.beneficiary_id = j.beneficiary_id
                         ORDER BY (p.year = %(year)s) DESC, p.year DESC, p.id DESC LIMIT 1) k
   WHERE j.region_id = %(region)s AND j.opened_on < %(ends)s
     AND (j.closed_on IS NULL OR j.closed_on >= %(ends)s)
   GROUP BY j.structure_id, k.key HAVING count(*) > 1) twice
 GROUP BY structure_id
"""
_SAME_DAY_TWICE = f"""
SELECT structure_id, sum(more) AS found FROM (
  SELECT s.structure_id, count(*) - 1 AS more
    FROM ({_HELD.format(what="s.id, s.journey_id, s.held_on")}) s
    JOIN beneficiaries_sessionservice v ON v.session_id = s.id
   GROUP BY s.structure_id, s.journey_id, s.held_on, v.service_id HAVING count(*) > 1) twice
 GROUP BY structure_id
"""

# `back`: how many periods before the one that is judged (0). A structure counts from its first
# fact on, and a period without any is a nought. The spread is one unit at least.
_JUMPS = f"""
WITH facts AS (
  SELECT structure_id, back, count(*) AS units FROM (
    SELECT structure_id, floor((extract(year FROM day) * 12 + extract(month FROM day) - %(first)s)
                               / %(length)s)::int AS back
      FROM ({{dates}}) dated WHERE day < %(ends)s) placed
   GROUP BY structure_id, back
), filled AS (
  SELECT began.structure_id, back, coalesce(units, 0) AS units
    FROM (SELECT structure_id, min(back) AS first FROM facts GROUP BY structure_id) began
    CROSS JOIN LATERAL generate_series(began.first, 0) back
    LEFT JOIN facts USING (structure_id, back)
), known AS (
  SELECT *, back * %(length)s %% 12 = 0 AS in_season,
         count(*) FILTER (WHERE back < 0 AND back * %(length)s %% 12 = 0)
           OVER (PARTITION BY structure_id) >= {FEWEST_YEARS} AS has_seasons
    FROM filled
), former AS (
  SELECT structure_id, units FROM known WHERE back < 0 AND (in_season OR NOT has_seasons)
), middle AS (
  SELECT structure_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY units) AS median
    FROM former GROUP BY structure_id HAVING count(*) >= {FEWEST_YEARS}
), spread AS (
  SELECT structure_id, median,
         greatest(percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(units - median)), 1) AS mad
    FROM former JOIN middle USING (structure_id) GROUP BY structure_id, median
)
SELECT structure_id, units AS found, median AS expected,
       abs({SCALE} * (units - median) / mad) AS z
  FROM spread JOIN filled USING (structure_id)
 WHERE back = 0 AND greatest(units, median) >= %(fewest)s
"""
_DATES = {
    "journeys_opened": "SELECT structure_id, opened_on AS day FROM beneficiaries_journey "
    "WHERE region_id = ANY (%(regions)s)",
    "journeys_closed": "SELECT structure_id, closed_on AS day FROM beneficiaries_journey "
    "WHERE closed_region_id = ANY (%(regions)s) AND closed_on IS NOT NULL",
    "sessions": "SELECT structure_id, held_on AS day FROM beneficiaries_session "
    "WHERE region_id = ANY (%(regions)s)",
    "contacts": f"SELECT structure_id, month AS day FROM {CONTACTS} contacts "
    "WHERE region_id = ANY (%(regions)s)",
}


def _share(facts: str, condition: str) -> str:
    """Structures of which a share of the facts, in percent, passes the threshold."""
    share = f"round(100.0 * count(*) FILTER (WHERE {condition}) / count(*), 2) AS found"
    return (
        f"SELECT structure_id, found, %(threshold)s::numeric FROM ({facts.format(what=share)} "
        f"GROUP BY structure_id HAVING count(*) >= %(fewest)s) shares "
        "WHERE found > %(threshold)s"
    )


def _number(counted: str) -> str:
    """Structures of which more than the threshold were counted."""
    return (
        f"SELECT structure_id, found, NULL::numeric FROM ({counted}) counted "
        "WHERE found > %(threshold)s"
    )


def _impossible(facts: str, condition: str) -> str:
    counted = facts.format(what="count(*) AS found")
    return _number(f"{counted} AND {condition} GROUP BY structure_id")


def _jump(dates: str) -> str:
    return (
        f"SELECT structure_id, found, expected FROM ({_JUMPS.format(dates=dates)}) judged "
        "WHERE z > %(threshold)s"
    )


_DOUBLED = {"journeys": _OPEN_TWICE, "sessions": _SAME_DAY_TWICE}
# The statement of a rule by its kind and subject: a closed list, nothing typed goes into it.
STATEMENTS: dict[str, dict[str, str]] = {
    _Kind.MISSING: {name: _share(_OPENED, test) for name, test in _UNKNOWN.items()},
    _Kind.IMPOSSIBLE: {name: _impossible(*test) for name, test in _IMPOSSIBLE.items()},
    _Kind.LATE: {name: _share(*test) for name, test in _LATE.items()},
    _Kind.DOUBLED: {name: _number(counted) for name, counted in _DOUBLED.items()},
    _Kind.JUMP: {name: _jump(dates) for name, dates in _DATES.items()},
}


def judge(period: Period, region: str, regions: list[str]) -> Found:
    """Hold what structures declare in this Region against the active rules, and keep what is found.

    Args:
        regions: the Region and those that it inherits from, where its former years lie.
    """
    values = {
        "region": region,
        "regions": regions,
        "starts": period.starts,
        "ends": period.ends,
        "year": period.last_day.year,
        "first": period.starts.year * 12 + period.starts.month,
        "length": period.months_long,
        "fewest": FEWEST_UNITS,
    }
    with transaction.atomic(using="compiler"):
        found = _found(values, _expected(period, region))
        _keep(period, region, found)
    return found


def _expected(period: Period, region: str) -> set[int]:
    with connections["compiler"].cursor() as cursor:
        cursor.execute(
            "SELECT structure_id FROM indicators_expectedreturn "
            "WHERE period = %s AND region_id = %s",
            [period.code, region],
        )
        return {structure for (structure,) in cursor.fetchall()}


def _found(values: dict, structures: set[int]) -> Found:
    found: Found = {}
    with connections["compiler"].cursor() as cursor:
        for rule in QualityRule.objects.using("compiler").filter(is_active=True):
            statement = STATEMENTS[rule.kind][rule.subject]
            cursor.execute(statement, values | {"threshold": rule.threshold})
            for structure, units, expected in cursor.fetchall():
                if structure in structures:
                    found[structure, rule.code] = (
                        round(float(units), 2),
                        None if expected is None else round(float(expected), 2),
                    )
    return found


def _keep(period: Period, region: str, found: Found) -> None:
    """An explanation stands as long as what it explains; what is gone is corrected."""
    rows = Anomaly.objects.using("compiler").filter(period=period.code, region=region)
    new = dict(found)
    for anomaly in rows.select_for_update(of=("self",)):
        key = (anomaly.structure_id, anomaly.rule_id)
        if key not in found:
            _correct(anomaly)
        elif anomaly.state != Anomaly.State.CORRECTED and float(anomaly.found) == found[key][0]:
            del new[key]
        else:
            anomaly.delete(using="compiler")
    Anomaly.objects.using("compiler").bulk_create(
        Anomaly(
            period=period.code,
            region_id=region,
            structure_id=structure,
            rule_id=rule,
            found=units,
            expected=expected,
        )
        for (structure, rule), (units, expected) in new.items()
    )


def _correct(anomaly: Anomaly) -> None:
    if anomaly.state != Anomaly.State.CORRECTED:
        anomaly.state, anomaly.closed_at = Anomaly.State.CORRECTED, timezone.now()
        anomaly.save(using="compiler", update_fields=["state", "closed_at"])
