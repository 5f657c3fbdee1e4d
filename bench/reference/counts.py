"""What is counted of the facts, at every address that a cell may ask for."""

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
