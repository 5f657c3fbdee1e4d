"""The reference: DuckDB over Parquet copies of the same rows counts the same cells.

Same populations, margins, distinct persons, quantiles, and for secrecy the persons and structures
behind each value, for all territories of a quarter at once. What it does not do: lay the dense grid
and write it into PostgreSQL. The result is compared with the product's figures, cell by cell.
"""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb

from bench.parquet import COLUMNS
from sprocep.periods import Period

# A fact of the period is of the Region that its département is of on the last day.
FACTS = """
CREATE TABLE here AS
SELECT department_id AS department, region_id AS region FROM place
 WHERE starts_on <= $last_day AND (ends_on IS NULL OR ends_on > $last_day);

CREATE TABLE person AS
SELECT beneficiary_id, arg_max(key, id) AS person FROM person_key WHERE year = $year GROUP BY 1;

CREATE TABLE seen AS
SELECT s.id, s.journey_id, here.region, here.department, s.category_id AS operator,
       s.structure_id AS structure, s.level_id AS level, s.rank, s.channel_id, j.opened_on,
       coalesce(p.person, 'file ' || j.beneficiary_id) AS person,
       CASE WHEN s.rank_before <> s.rank THEN s.level_before || '_' || s.level_id
            ELSE 'none' END AS level_change
  FROM (SELECT *, lag(level_id) OVER road AS level_before, lag(rank) OVER road AS rank_before
          FROM session WINDOW road AS (PARTITION BY journey_id ORDER BY held_on, id)) s
  JOIN journey j ON j.id = s.journey_id
  JOIN here ON here.department = s.department_id
  LEFT JOIN person p ON p.beneficiary_id = j.beneficiary_id
 WHERE s.held_on >= $starts AND s.held_on < $ends;

CREATE TABLE entered AS
SELECT j.*, here.region, here.department, j.category_id AS operator, j.structure_id AS structure,
       j.opened_on - j.requested_on AS delay, coalesce(bands.code, 'NR') AS age_band, first.level,
       coalesce(p.person, 'file ' || j.beneficiary_id) AS person
  FROM journey j JOIN here ON here.department = j.department_id
  LEFT JOIN person p ON p.beneficiary_id = j.beneficiary_id
  ASOF LEFT JOIN age_band bands ON j.age >= bands.youngest
  JOIN (SELECT s.journey_id, arg_min(s.level_id, (s.held_on, s.id)) AS level
          FROM session s SEMI JOIN (SELECT id FROM journey
                                     WHERE opened_on >= $starts AND opened_on < $ends) o
            ON o.id = s.journey_id GROUP BY 1) first ON first.journey_id = j.id
 WHERE j.opened_on >= $starts AND j.opened_on < $ends;

CREATE TABLE gone AS
SELECT j.*, here.region, here.department, j.category_id AS operator, j.structure_id AS structure,
       j.closed_on - j.opened_on AS days, held.sessions, held.level, held.levels,
       CASE WHEN held.rank < 2 THEN 'not_owed' WHEN handed.journey_id IS NULL THEN 'owed'
            ELSE 'handed' END AS document,
       CASE WHEN j.arrival_id = 'V3' OR j.id IN (SELECT journey_id FROM referral
                                                  WHERE state = 'received')
            THEN 'several' ELSE 'one' END AS structures_crossed,
       coalesce(p.person, 'file ' || j.beneficiary_id) AS person
  FROM journey j JOIN here ON here.department = j.closed_department_id
  LEFT JOIN person p ON p.beneficiary_id = j.beneficiary_id
  LEFT JOIN (SELECT DISTINCT structure_id, journey_id FROM document) handed
    ON handed.journey_id = j.id AND handed.structure_id = j.structure_id
  JOIN (SELECT s.journey_id, count(*) AS sessions, arg_max(s.level_id, s.rank) AS level,
               max(s.rank) AS rank,
               array_to_string(list_sort(list(DISTINCT s.level_id)), '_') AS levels
          FROM session s SEMI JOIN (SELECT id FROM journey
                                     WHERE closed_on >= $starts AND closed_on < $ends) c
            ON c.id = s.journey_id GROUP BY 1) held ON held.journey_id = j.id
 WHERE j.closed_on >= $starts AND j.closed_on < $ends;

CREATE TABLE in_progress AS
SELECT here.region, here.department, j.category_id AS operator, j.structure_id AS structure,
       held.level
  FROM journey j
  JOIN (SELECT journey_id, arg_max(department_id, starts_on) AS department FROM follow_up
         WHERE starts_on <= $last_day GROUP BY 1) f ON f.journey_id = j.id
  JOIN here ON here.department = f.department
  JOIN (SELECT journey_id, arg_max(level_id, rank) AS level FROM session
         WHERE held_on <= $last_day GROUP BY 1) held ON held.journey_id = j.id
 WHERE j.opened_on <= $last_day AND (j.closed_on IS NULL OR j.closed_on > $last_day);

CREATE TABLE started_or_ended AS
WITH facts AS (
  SELECT id, region, department, operator, structure, person FROM entered
  UNION ALL SELECT id, region, department, operator, structure, person FROM gone
)
SELECT facts.*, held.level, held.rank
  FROM facts
  JOIN (SELECT s.journey_id, arg_max(s.level_id, s.rank) AS level, max(s.rank) AS rank
          FROM session s SEMI JOIN facts ON facts.id = s.journey_id
         WHERE s.held_on <= $last_day GROUP BY 1) held ON held.journey_id = facts.id;

CREATE TABLE received AS
SELECT c.*, here.region, here.department, c.structure_id AS structure, NULL::text AS operator,
       NULL::text AS level
  FROM contact c JOIN here ON here.department = c.department_id
 WHERE c.held_on >= $starts AND c.held_on < $ends;

CREATE TABLE referred AS
SELECT r.*, here.region, here.department, r.structure_id AS structure, NULL::text AS operator,
       NULL::text AS level, a.given_on - r.sent_on AS delay,
       CASE WHEN r.state IN ('accepted', 'missed') THEN 'accepted'
            WHEN r.state IN ('received', 'declined', 'withdrawn') THEN r.state
            ELSE 'unanswered' END AS outcome
  FROM referral r JOIN here ON here.department = r.department_id
  LEFT JOIN (SELECT referral_id, min(given_on) AS given_on FROM answer GROUP BY 1) a
    ON a.referral_id = r.id AND r.state IN ('accepted', 'missed', 'received', 'declined')
 WHERE r.sent_on >= $starts AND r.sent_on < $ends;

CREATE TABLE planned AS
SELECT here.region, j.category_id AS operator, NULL::text AS level, p.structure_id AS structure,
       coalesce(spent.costs, 0) AS costs,
       greatest(coalesce(spent.costs, 0) - coalesce(paid.granted, 0), 0) AS gap,
       CASE coalesce(paid.funders, 0) WHEN 0 THEN 'none' WHEN 1 THEN 'one' ELSE 'several'
            END AS payers
  FROM plan p JOIN here ON here.department = p.department_id
  JOIN journey j ON j.id = p.journey_id
  LEFT JOIN (SELECT plan_id, sum(amount) AS costs FROM cost GROUP BY 1) spent
    ON spent.plan_id = p.id
  LEFT JOIN (SELECT plan_id, sum(granted) AS granted,
                    count(DISTINCT funder_id) FILTER (granted > 0) AS funders
               FROM funding GROUP BY 1) paid ON paid.plan_id = p.id
 WHERE p.closed_on >= $starts AND p.closed_on < $ends;

CREATE TABLE funded AS
SELECT f.*, here.region, NULL::text AS operator, NULL::text AS level, p.structure_id AS structure,
       f.decided_on - f.asked_on AS delay
  FROM funding f JOIN plan p ON p.id = f.plan_id
  JOIN here ON here.department = p.department_id
 WHERE f.decided_on >= $starts AND f.decided_on < $ends;

CREATE TABLE counted (
  population text, source text, category text, territory text, department text, operator text,
  level text, value double, units bigint, structures bigint
);
"""

_MARGINS = ("", "level", "operator", "region", "region, level", "region, operator")
_IN_DEPARTMENTS = tuple(f"region, department{margin}" for margin in ("", ", level", ", operator"))


def _address(margins: tuple[str, ...]) -> str:
    """Territory, département, operator, level: where no margin names one, it is the total's."""
    named = {column for margin in margins for column in margin.split(", ")}
    return ", ".join(
        f"coalesce({column}, '{total}')" if column in named else f"'{total}'"
        for column, total in (
            ("region", "FR"),
            ("department", "total"),
            ("operator", "total"),
            ("level", "total"),
        )
    )


def _sets(margins: tuple[str, ...], always: str = "") -> str:
    joined = (", ".join(part for part in (always, margin) if part) for margin in margins)
    return f"GROUP BY GROUPING SETS ({', '.join(f'({margin})' for margin in joined)})"


def _totals(population: str, facts: str, margins: tuple[str, ...], units: str = "count(*)") -> str:
    return (
        f"INSERT INTO counted SELECT '{population}', 'total', 'total', {_address(margins)}, "
        f"count(*), {units}, count(DISTINCT structure) FROM {facts} {_sets(margins)}"
    )


def _by_category(population: str, facts: str, pairs: str, units: str = "count(*)") -> str:
    """Facts are unfolded into (breakdown, category), then grouped at each margin."""
    return (
        f"INSERT INTO counted SELECT '{population}', source, category, {_address(_MARGINS)}, "
        f"count(*), {units}, count(DISTINCT structure) "
        f"FROM (SELECT *, unnest([{pairs}], recursive := true) FROM {facts}) "
        f"{_sets(_MARGINS, 'source, category')}"
    )


def _pairs(**columns: str) -> str:
    return ", ".join(
        f"{{'source': '{source}', 'category': {column}}}" for source, column in columns.items()
    )


def _profile(age_band: str) -> dict[str, str]:
    names = "education_level situation socio_professional_category boeth sector contract_type"
    columns = {name: f"{name}_id" for name in [*names.split(), "residence_area"]}
    return {"sex_age": f"sex_id || '|' || {age_band}"} | columns


def _persons(population: str, facts: str) -> list[str]:
    """Distinct persons; a person's level is the highest of her facts within the margin."""
    counts = "count(DISTINCT person), count(DISTINCT person), count(DISTINCT structure)"
    into = f"INSERT INTO counted SELECT '{population}', 'total', 'total'"
    statements = []
    for margin in ("", "region", "region, department"):
        margins = (margin, f"{margin}, level".removeprefix(", "))
        statements.append(
            f"{into}, {_address(margins)}, {counts} "
            "FROM (SELECT * EXCLUDE (level), first_value(level) OVER "
            f"(PARTITION BY {margin}{', ' if margin else ''}person ORDER BY rank DESC) AS level "
            f"FROM {facts}) {_sets(margins)}"
        )
    margins = ("operator", "region, operator", "region, department, operator")
    return [*statements, f"{into}, {_address(margins)}, {counts} FROM {facts} {_sets(margins)}"]


# Of the journeys of these sessions, the one opened last, lowest id on ties.
PROFILE = """
CREATE TABLE profile AS
WITH persons AS (
  SELECT region, operator, arg_max(level, rank) AS level,
         arg_max(journey_id, (opened_on, -journey_id)) AS journey_id
    FROM seen GROUP BY GROUPING SETS ((person), (region, person), (operator, person),
                                      (region, operator, person))
)
SELECT persons.*, j.* EXCLUDE (id), j.structure_id AS structure, coalesce(b.code, 'NR') AS age_band
  FROM persons JOIN journey j ON j.id = persons.journey_id
  ASOF LEFT JOIN age_band b ON j.age >= b.youngest
"""
OF_PROFILE = f"""
INSERT INTO counted
SELECT 'persons_seen', source, category, {_address(_MARGINS)}, count(*), count(*),
       count(DISTINCT structure)
  FROM (SELECT *, unnest([{_pairs(**_profile("age_band"))}], recursive := true) FROM profile)
 GROUP BY GROUPING SETS ((source, category, region, operator),
                         (source, category, region, operator, level))
HAVING operator IS NULL OR level IS NULL
"""
OF_EXITS = f"""
INSERT INTO counted
SELECT 'journeys_closed', m.source, 'total', {_address(_MARGINS)}, m.value, units, structures
  FROM (SELECT region, operator, level, count(*) AS units, count(DISTINCT structure) AS structures,
               unnest([{{'source': 'sessions_mean', 'value': avg(sessions)}},
                       {{'source': 'sessions_median', 'value': quantile_cont(sessions, 0.5)}},
                       {{'source': 'days_q1', 'value': quantile_cont(days, 0.25)}},
                       {{'source': 'days_median', 'value': quantile_cont(days, 0.5)}},
                       {{'source': 'days_q3', 'value': quantile_cont(days, 0.75)}}]) AS m
          FROM gone {_sets(_MARGINS)})
"""
_DELAY_MARGINS = (
    "", "operator", "region", "region, operator", "region, department",
    "region, department, operator",
)  # fmt: skip
OF_DELAYS = f"""
INSERT INTO counted
SELECT 'journeys_opened', m.source, 'total', coalesce(region, 'FR'), coalesce(department, 'total'),
       coalesce(operator, 'total'), 'total', m.value, m.units, m.structures
  FROM (SELECT region, department, operator, unnest([
    {{'source': 'delay_median', 'value': quantile_cont(delay, 0.5), 'units': count(delay),
     'structures': count(DISTINCT structure) FILTER (delay IS NOT NULL)}},
    {{'source': 'delay_d9', 'value': quantile_cont(delay, 0.9), 'units': count(delay),
     'structures': count(DISTINCT structure) FILTER (delay IS NOT NULL)}},
    {{'source': 'delay_undated', 'value': count(*) FILTER (delay IS NULL),
     'units': count(*) FILTER (delay IS NULL),
     'structures': count(DISTINCT structure) FILTER (delay IS NULL)}}]) AS m
          FROM entered {_sets(_DELAY_MARGINS)})
"""
ALL_REASONS = (
    "(SELECT *, main_reason_id AS any_reason FROM entered UNION ALL "
    "SELECT entered.*, reason.reason_id FROM entered JOIN reason ON reason.journey_id = entered.id "
    "WHERE reason.reason_id <> entered.main_reason_id)"
)
_ROADS, _PLANS = "count(DISTINCT thread_number)", "count(DISTINCT plan_id)"
_NETWORKS = {"from_network": "from_network", "to_network": "to_network"}
OUTCOMES = ("accepted", "received", "declined", "unanswered", "withdrawn")


def _delays(population: str, facts: str, units: str, names: str, parts: dict[str, str]) -> str:
    """Median and ninth decile, of all and of each part; `names` begins those of the two."""
    pairs = _pairs(**{"": "'total'"}, **{f"_{part}": column for part, column in parts.items()})
    return f"""
INSERT INTO counted
SELECT '{population}', '{names}_' || m.name || source, category, {_address(_MARGINS)}, m.value,
       units, structures
  FROM (SELECT source, category, region, operator, level, {units} AS units,
               count(DISTINCT structure) AS structures,
               unnest([{{'name': 'median', 'value': quantile_cont(delay, 0.5)}},
                       {{'name': 'd9', 'value': quantile_cont(delay, 0.9)}}]) AS m
          FROM (SELECT *, unnest([{pairs}], recursive := true) FROM {facts} WHERE delay IS NOT NULL)
         {_sets(_MARGINS, "source, category")})
"""


# To the nearest ten thousand euros; behind an amount stand plans, each of one person.
OF_PLANS = f"""
INSERT INTO counted
SELECT 'financing_plans', source, 'total', {_address(_MARGINS)}, round(sum(amount) / 10000) * 10000,
       count(*), count(DISTINCT structure)
  FROM (SELECT *, unnest([{{'source': 'costs', 'amount': costs}},
                          {{'source': 'gap', 'amount': gap}}], recursive := true) FROM planned)
 {_sets(_MARGINS, "source")}
"""
OF_FUNDINGS = f"""
INSERT INTO counted
SELECT 'fundings', name || source, category, {_address(_MARGINS)},
       round(sum(amount) / 10000) * 10000, {_PLANS}, count(DISTINCT structure)
  FROM (SELECT *, unnest([{_pairs(**{"": "'total'", "_funder": "funder_id"})}], recursive := true)
          FROM (SELECT *, unnest([{{'name': 'asked', 'amount': asked}},
                                  {{'name': 'given', 'amount': granted}}], recursive := true)
                  FROM funded))
 {_sets(_MARGINS, "name, source, category")}
"""
COUNTS = [
    _by_category(
        "journeys_opened",
        "entered",
        _pairs(
            total="'total'",
            reason="main_reason_id",
            arrival="arrival_id",
            **_profile("age_band"),
        ),
    ),
    _by_category("journeys_opened", ALL_REASONS, _pairs(reason_all="any_reason")),
    _by_category("journeys_opened", "entered", _pairs(month="strftime(opened_on, '%Y-%m')")),
    _totals("journeys_opened", "entered", _IN_DEPARTMENTS),
    _by_category(
        "journeys_closed",
        "gone",
        _pairs(
            total="'total'",
            outcome="outcome_id",
            exit_situation="exit_situation_id",
            journey_type="levels",
            document="document",
            structures="structures_crossed",
        ),
    ),
    _totals("journeys_open", "in_progress", _MARGINS + _IN_DEPARTMENTS),
    _by_category(
        "sessions",
        "seen",
        _pairs(total="'total'", channel="channel_id", level_change="level_change"),
        "count(DISTINCT person)",
    ),
    _by_category(
        "services",
        "seen JOIN service ON service.session_id = seen.id",
        _pairs(total="'total'", service="service_id"),
        "count(DISTINCT person)",
    ),
    _by_category(
        "contacts",
        "received",
        _pairs(
            total="'total'",
            channel="channel_id",
            theme="theme_id",
            steering_result="result_id",
            network="network_id",
        ),
    ),
    _totals("contacts", "received", _IN_DEPARTMENTS),
    _by_category(
        "referrals",
        "referred",
        _pairs(total="'total'", **_NETWORKS),
        _ROADS,
    ),
    _totals("referrals", "referred", ("region, department",), _ROADS),
    *(
        _by_category(
            f"referrals_{outcome}",
            f"(SELECT * FROM referred WHERE outcome = '{outcome}')",
            _pairs(total="'total'", decline_reason="decline_reason_id", **_NETWORKS),
            _ROADS,
        )
        for outcome in OUTCOMES
    ),
    _delays("referrals", "referred", _ROADS, "answer", _NETWORKS),
    _by_category("financing_plans", "planned", _pairs(total="'total'", payers="payers")),
    OF_PLANS,
    _by_category("fundings", "funded", _pairs(total="'total'", funder="funder_id"), _PLANS),
    *(
        _by_category(
            f"fundings_{answer}",
            f"(SELECT * FROM funded WHERE state = '{answer}')",
            _pairs(total="'total'", funder="funder_id"),
            _PLANS,
        )
        for answer in ("granted", "refused")
    ),
    OF_FUNDINGS,
    _delays("fundings", "funded", _PLANS, "funding", {"funder": "funder_id"}),
    *_persons("persons_seen", "seen"),
    *_persons("persons_started_or_ended", "started_or_ended"),
    PROFILE,
    OF_PROFILE,
    OF_EXITS,
    OF_DELAYS,
]

Address = tuple[str, str, str, str, str, str, str]
Value = tuple[Decimal | None, int, int]


def count(folder: Path, period: Period, threads: int) -> None:
    """From the Parquet copies to one Parquet file of counts."""
    parameters = {
        "starts": period.starts,
        "ends": period.ends,
        "last_day": period.last_day,
        "year": period.starts.year,
    }
    with duckdb.connect(config={"threads": threads}) as reference:
        for table in COLUMNS:
            reference.execute(f"CREATE VIEW {table} AS FROM '{folder / table}.parquet'")
        for statement in filter(str.strip, FACTS.split(";")):
            own = {name: value for name, value in parameters.items() if f"${name}" in statement}
            reference.execute(statement, own)
        for statement in COUNTS:
            reference.execute(statement)
        reference.execute(f"COPY counted TO '{folder}/counted.parquet' (FORMAT parquet)")


def counted(folder: Path) -> dict[Address, Value]:
    """What `count` wrote, values rounded as the product rounds them."""
    with duckdb.connect() as reference:
        rows = reference.execute(f"FROM '{folder}/counted.parquet'").fetchall()
    return {tuple(row[:7]): (_rounded(row[7]), row[8], row[9]) for row in rows}


def _rounded(value: float | None) -> Decimal | None:
    if value is None:
        return None
    return Decimal(str(value)).quantize(Decimal("0.1"), ROUND_HALF_UP)
