"""What the facts say, at every address that a cell of the grid may ask for.

`counted(population, source, category, department, operator, level)` → value, units (persons or
journeys behind it), contributors (structures behind it) and whether one person makes up nearly all
of an amount. Margins are one-way: level and operator never meet, and a département meets either
only in totals.

Where margins have many groups, structures are grouped within each and the groups then counted, both
hashed; persons, numbered, are `count(DISTINCT person)`, which sorts integers faster (ADR 8).
"""

from indicators.definitions import ANSWERED, DOMINANT, EUROS_TO, PLANS, SENT
from indicators.rollups import each_of

COUNTED = """
CREATE TEMP TABLE counted (
  population text, source text, category text, department text, operator text, level text,
  value numeric, units bigint, contributors bigint, is_dominated boolean DEFAULT false
) ON COMMIT DROP
"""

_INTO = "INSERT INTO counted "
_HERE = """region_id = ANY (%(regions)s) AND department = ANY (%(departments)s)
     AND month >= %(starts)s AND month < %(ends)s"""

FROM_ROLLUPS = f"""{_INTO}
WITH facts AS (
  SELECT population, breakdown, category, operator, level, structure_id, sum(units) AS units
    FROM indicators_rollup WHERE {_HERE}
   GROUP BY population, breakdown, category, structure_id, GROUPING SETS ((), (level), (operator))
)
SELECT population, breakdown, category, 'total', coalesce(operator, 'total'),
       coalesce(level, 'total'), sum(units), sum(units), count(*)
  FROM facts GROUP BY population, breakdown, category, operator, level
"""

FROM_ROLLUPS_BY_DEPARTMENT = f"""{_INTO}
WITH facts AS (
  SELECT population, department, operator, level, structure_id, sum(units) AS units
    FROM indicators_rollup
   WHERE {_HERE} AND breakdown = 'total' AND population IN ('journeys_opened', 'contacts')
   GROUP BY population, department, structure_id, GROUPING SETS ((), (level), (operator))
)
SELECT population, 'total', 'total', department, coalesce(operator, 'total'),
       coalesce(level, 'total'), sum(units), sum(units), count(*)
  FROM facts GROUP BY population, department, operator, level
"""

FROM_ROLLUPS_BY_MONTH = f"""{_INTO}
WITH facts AS (
  SELECT month, structure_id, sum(units) AS units
    FROM indicators_rollup
   WHERE {_HERE} AND breakdown = 'total' AND population = 'journeys_opened'
   GROUP BY month, structure_id
)
SELECT 'journeys_opened', 'month', to_char(month, 'YYYY-MM'), 'total', 'total', 'total',
       sum(units), sum(units), count(*)
  FROM facts GROUP BY month
"""

# Units carry ranks; cells carry codes.
_LEVEL = """coalesce((SELECT l.code FROM operators_servicelevel l
  WHERE l.rank = facts.rank AND l.valid @> %(last_day)s::date), 'total')"""

STOCK = f"""{_INTO}
WITH facts AS (
  SELECT open_in AS department, operator, rank, structure_id, count(*) AS units
    FROM followed WHERE open_in IS NOT NULL
   GROUP BY structure_id, GROUPING SETS ((), (rank), (operator), (open_in), (open_in, rank),
                                         (open_in, operator))
)
SELECT 'journeys_open', 'total', 'total', coalesce(department, 'total'),
       coalesce(operator, 'total'), {_LEVEL}, sum(units), sum(units), count(*)
  FROM facts GROUP BY department, operator, rank
"""


def _persons(population: str, table: str) -> list[str]:
    """Distinct persons; a person's level is the highest of her facts within the margin."""
    ranked = f"""(SELECT {{within}}, structure_id, max(rank) OVER (PARTITION BY {{within}}) AS rank
          FROM {table})"""
    return [
        f"""{_INTO}
WITH facts AS (
  SELECT {margin}, count(DISTINCT person) AS persons, count(DISTINCT structure_id) AS structures
    FROM {facts} facts GROUP BY GROUPING SETS ({sets})
)
SELECT '{population}', 'total', 'total', {address}, persons, persons, structures FROM facts
"""
        for facts, margin, sets, address in (
            (ranked.format(within="person"), "rank", "(), (rank)", f"'total', 'total', {_LEVEL}"),
            (
                ranked.format(within="department, person"),
                "department, rank",
                "(department), (department, rank)",
                f"department, 'total', {_LEVEL}",
            ),
            (
                table,
                "department, operator",
                "(operator), (department, operator)",
                "coalesce(department, 'total'), operator, 'total'",
            ),
        )
    ]


_NAMES, _EACH = each_of(
    {
        name: f"followed.{name}"
        for name in (
            "sex_age",
            "education_level",
            "situation",
            "socio_professional_category",
            "boeth",
            "sector",
            "contract_type",
            "residence_area",
        )
    }
)

# Of the journeys of these sessions, the one opened last, lowest id on ties: once in the territory,
# once in each category of operator.
PROFILE = f"""{_INTO}
WITH chosen AS (
  (SELECT DISTINCT ON (person) NULL AS operator, journey_id,
          max(rank) OVER (PARTITION BY person) AS rank
     FROM met ORDER BY person, opened_on DESC, journey_id)
  UNION ALL
  (SELECT DISTINCT ON (operator, person) operator, journey_id, NULL::smallint
     FROM met ORDER BY operator, person, opened_on DESC, journey_id)
), profiles AS (
  SELECT chosen.operator, chosen.rank, followed.structure_id, {_NAMES}, count(*) AS units
    FROM chosen JOIN followed USING (journey_id)
   GROUP BY chosen.operator, chosen.rank, followed.structure_id, {_EACH}
), facts AS (
  SELECT breakdown, category, operator, rank, structure_id, sum(units) AS units
    FROM profiles WHERE breakdown <> 'total'
   GROUP BY breakdown, category, operator, structure_id, GROUPING SETS ((), (rank))
  HAVING grouping(rank) = 1 OR rank IS NOT NULL
)
SELECT 'persons_seen', breakdown, category, 'total', coalesce(operator, 'total'), {_LEVEL},
       sum(units), sum(units), count(*)
  FROM facts GROUP BY breakdown, category, operator, rank
"""

OF_EXITS = f"""{_INTO}
WITH facts AS (
  SELECT rank, operator, count(*) AS units, count(DISTINCT structure_id) AS contributors,
         avg(sessions) AS sessions_mean,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY sessions) AS sessions_median,
         percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY days) AS days
    FROM followed WHERE closed_in IS NOT NULL GROUP BY GROUPING SETS ((), (rank), (operator))
)
SELECT 'journeys_closed', m.source, 'total', 'total', coalesce(operator, 'total'),
       {_LEVEL}, round(m.value, 1), units, contributors
  FROM facts CROSS JOIN LATERAL (VALUES
    ('sessions_mean', sessions_mean), ('sessions_median', sessions_median::numeric),
    ('days_q1', days[1]::numeric), ('days_median', days[2]::numeric),
    ('days_q3', days[3]::numeric)) m(source, value)
 WHERE units > 0
"""

OF_DELAYS = f"""{_INTO}
WITH facts AS (
  SELECT opened_in AS department, operator, count(delay) AS units,
         count(DISTINCT structure_id) FILTER (WHERE delay IS NOT NULL) AS contributors,
         count(*) FILTER (WHERE delay IS NULL) AS undated,
         count(DISTINCT structure_id) FILTER (WHERE delay IS NULL) AS undated_contributors,
         percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY delay) AS delays
    FROM followed WHERE opened_in IS NOT NULL
   GROUP BY GROUPING SETS ((), (operator), (opened_in), (opened_in, operator))
)
SELECT 'journeys_opened', m.source, 'total', coalesce(department, 'total'),
       coalesce(operator, 'total'), 'total', round(m.value, 1), m.units, m.contributors
  FROM facts CROSS JOIN LATERAL (VALUES
    ('delay_median', delays[1]::numeric, units, contributors),
    ('delay_d9', delays[2]::numeric, units, contributors),
    ('delay_undated', undated::numeric, undated, undated_contributors)
  ) m(source, value, units, contributors)
"""


def _acts(population: str, breakdown: str, category: str, joined: str = "") -> str:
    """Sessions, or their services; behind them stand persons: forty sessions of three persons are
    a small cell."""
    return f"""{_INTO}
WITH facts AS (
  SELECT category, operator, rank, count(*) AS acts, count(DISTINCT person) AS persons,
         count(DISTINCT structure_id) AS structures
    FROM (SELECT person, operator, rank, seen.structure_id, {category} AS category
            FROM seen {joined}) acts
   GROUP BY GROUPING SETS ((), (rank), (operator),
                           (category), (category, rank), (category, operator))
)
SELECT '{population}', CASE WHEN category IS NULL THEN 'total' ELSE '{breakdown}' END,
       coalesce(category, 'total'), 'total', coalesce(operator, 'total'), {_LEVEL},
       acts, persons, structures
  FROM facts
"""


OF_LEVEL_CHANGES = f"""{_INTO}
SELECT 'sessions', 'level_change', level_change, 'total', 'total', 'total', count(*),
       count(DISTINCT person), count(DISTINCT structure_id)
  FROM seen GROUP BY level_change
"""

_NAMES, _EACH = each_of(
    {name: name for name in ("from_network", "to_network", "decline_reason", "department")}
)
# Of all fiches sent, then of each outcome.
OF_REFERRALS = f"""{_INTO}
WITH facts AS (
  SELECT population, {_NAMES}, count(*) AS fiches, count(DISTINCT road) AS roads,
         count(DISTINCT structure_id) AS structures
    FROM (SELECT '{SENT}' AS population, * FROM referred
          UNION ALL SELECT outcome, * FROM referred) fiches
   GROUP BY population, {_EACH}
)
SELECT population, CASE breakdown WHEN 'department' THEN 'total' ELSE breakdown END,
       CASE breakdown WHEN 'department' THEN 'total' ELSE category END,
       CASE breakdown WHEN 'department' THEN category ELSE 'total' END, 'total', 'total',
       fiches, roads, structures
  FROM facts
"""

# The source of a measure that is broken down.
_SOURCE = "m.source || CASE breakdown WHEN 'total' THEN '' ELSE '_' || breakdown END"
_NAMES, _EACH = each_of({name: name for name in ("from_network", "to_network")})
OF_ANSWERS = f"""{_INTO}
WITH facts AS (
  SELECT {_NAMES}, count(DISTINCT road) AS units, count(DISTINCT structure_id) AS contributors,
         percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY delay) AS delays
    FROM referred WHERE delay IS NOT NULL GROUP BY {_EACH}
)
SELECT '{SENT}', {_SOURCE},
       category, 'total', 'total', 'total', round(m.value::numeric, 1), units, contributors
  FROM facts CROSS JOIN LATERAL
       (VALUES ('answer_median', delays[1]), ('answer_d9', delays[2])) m(source, value)
 WHERE units > 0
"""

_NAMES, _EACH = each_of({"document": "document", "structures": "structures"})
# What closed journeys left to the person, and how many structures took part.
MORE_OF_EXITS = f"""{_INTO}
WITH facts AS (
  SELECT {_NAMES}, operator, count(*) AS units, count(DISTINCT structure_id) AS contributors
    FROM followed WHERE closed_in IS NOT NULL GROUP BY GROUPING SETS ((), (operator)), {_EACH}
)
SELECT 'journeys_closed', breakdown, category, 'total', coalesce(operator, 'total'), 'total',
       units, units, contributors
  FROM facts WHERE breakdown <> 'total'
"""

_NAMES, _EACH = each_of({"payers": "payers"})
OF_PLANS = f"""{_INTO}
SELECT '{PLANS}', {_NAMES}, 'total', coalesce(operator, 'total'), 'total', count(*), count(*),
       count(DISTINCT structure_id)
  FROM planned GROUP BY GROUPING SETS ((), (operator)), {_EACH}
"""

# A plan is of one person: her amounts are one contribution.
_AMOUNT = f"""round(sum(m.amount) / {EUROS_TO}) * {EUROS_TO}, count(*),
       count(DISTINCT structure_id), max(m.amount) > {DOMINANT} * sum(m.amount)"""
AMOUNTS_OF_PLANS = f"""{_INTO}
SELECT '{PLANS}', m.source, 'total', 'total', coalesce(operator, 'total'), 'total', {_AMOUNT}
  FROM planned CROSS JOIN LATERAL (VALUES ('costs', costs), ('gap', gap)) m(source, amount)
 GROUP BY m.source, GROUPING SETS ((), (operator))
"""

_NAMES, _EACH = each_of({"funder": "funder"})
# Of all requests that were answered, then of each answer.
OF_FUNDINGS = f"""{_INTO}
SELECT population, {_NAMES}, 'total', 'total', 'total', count(*), count(DISTINCT plan),
       count(DISTINCT structure_id)
  FROM (SELECT '{ANSWERED}' AS population, * FROM funded
        UNION ALL SELECT outcome, * FROM funded) requests
 GROUP BY population, {_EACH}
"""
AMOUNTS_OF_FUNDINGS = f"""{_INTO}
WITH facts AS (
  SELECT plan, structure_id, {_NAMES}, sum(asked) AS asked, sum(given) AS given
    FROM funded GROUP BY plan, structure_id, {_EACH}
)
SELECT '{ANSWERED}', {_SOURCE}, category, 'total', 'total', 'total', {_AMOUNT}
  FROM facts CROSS JOIN LATERAL (VALUES ('asked', asked), ('given', given)) m(source, amount)
 GROUP BY m.source, breakdown, category
"""
DELAYS_OF_FUNDINGS = f"""{_INTO}
WITH facts AS (
  SELECT {_NAMES}, count(DISTINCT plan) AS units, count(DISTINCT structure_id) AS contributors,
         percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY delay) AS delays
    FROM funded GROUP BY {_EACH}
)
SELECT '{ANSWERED}', {_SOURCE}, category, 'total', 'total', 'total', round(m.value::numeric, 1),
       units, contributors
  FROM facts CROSS JOIN LATERAL
       (VALUES ('funding_median', delays[1]), ('funding_d9', delays[2])) m(source, value)
 WHERE units > 0
"""

ADDITIVE = (FROM_ROLLUPS, FROM_ROLLUPS_BY_DEPARTMENT, FROM_ROLLUPS_BY_MONTH)
FROM_UNITS = (
    STOCK,
    *_persons("persons_seen", "met"),
    *_persons("persons_started_or_ended", "started_or_ended"),
    PROFILE,
    OF_EXITS,
    OF_DELAYS,
    OF_REFERRALS,
    OF_ANSWERS,
    MORE_OF_EXITS,
    OF_LEVEL_CHANGES,
    OF_PLANS,
    AMOUNTS_OF_PLANS,
    OF_FUNDINGS,
    AMOUNTS_OF_FUNDINGS,
    DELAYS_OF_FUNDINGS,
    _acts("sessions", "channel", "channel"),
    _acts(
        "services",
        "service",
        "v.service_id",
        "JOIN beneficiaries_sessionservice v ON v.session_id = seen.session_id",
    ),
)
