"""What the facts say, at every address that a cell of the grid may ask for.

`counted(population, source, category, department, operator, level)` → value, units (persons or
journeys behind it) and contributors (structures behind it). Margins are one-way: level and operator
never meet, and a département meets either only in totals.
"""

from indicators.rollups import AGE_BAND, AGE_BANDS

COUNTED = """
CREATE TEMP TABLE counted (
  population text, source text, category text, department text, operator text, level text,
  value numeric, units bigint, contributors bigint
) ON COMMIT DROP
"""

_INTO = "INSERT INTO counted "
_ADDRESS = (
    """coalesce(department, 'total'), coalesce(operator, 'total'), coalesce(level, 'total')"""
)
_ADDRESS_WITHOUT_DEPARTMENT = "'total', coalesce(operator, 'total'), coalesce(level, 'total')"
_EVERYWHERE = "(), (level), (operator)"
_BY_DEPARTMENT = "(department), (department, level), (department, operator)"

FROM_ROLLUPS = (
    _INTO
    + f"""
SELECT population, breakdown, category, {_ADDRESS_WITHOUT_DEPARTMENT}, sum(units), sum(units),
       count(DISTINCT structure_id)
  FROM indicators_rollup
 WHERE region_id = ANY (%(regions)s) AND department = ANY (%(departments)s)
   AND month >= %(starts)s AND month < %(ends)s
 GROUP BY population, breakdown, category, GROUPING SETS ({_EVERYWHERE})
"""
)

FROM_ROLLUPS_BY_DEPARTMENT = (
    _INTO
    + f"""
SELECT population, 'total', 'total', {_ADDRESS}, sum(units), sum(units),
       count(DISTINCT structure_id)
  FROM indicators_rollup
 WHERE region_id = ANY (%(regions)s) AND department = ANY (%(departments)s)
   AND month >= %(starts)s AND month < %(ends)s
   AND breakdown = 'total' AND population IN ('journeys_opened', 'contacts')
 GROUP BY population, GROUPING SETS ({_BY_DEPARTMENT})
"""
)

FROM_ROLLUPS_BY_MONTH = (
    _INTO
    + """
SELECT population, 'month', to_char(month, 'YYYY-MM'), 'total', 'total', 'total', sum(units),
       sum(units), count(DISTINCT structure_id)
  FROM indicators_rollup
 WHERE region_id = ANY (%(regions)s) AND department = ANY (%(departments)s)
   AND month >= %(starts)s AND month < %(ends)s
   AND breakdown = 'total' AND population = 'journeys_opened'
 GROUP BY population, month
"""
)

# Units carry ranks, which sort fast; cells carry codes.
_LEVEL_OF_RANK = """coalesce((SELECT l.code FROM operators_servicelevel l
  WHERE l.rank = facts.rank AND l.valid @> %(last_day)s::date), 'total')"""

STOCK = (
    _INTO
    + f"""
SELECT 'journeys_open', 'total', 'total', coalesce(department, 'total'),
       coalesce(operator, 'total'), {_LEVEL_OF_RANK}, count(*), count(*),
       count(DISTINCT structure_id)
  FROM in_progress facts
 GROUP BY GROUPING SETS ((), (rank), (operator),
                         (department), (department, rank), (department, operator))
"""
)


def _persons(population: str, table: str) -> tuple[str, str, str]:
    """Distinct persons; a person's level is the highest of her facts within the margin."""
    counts = "count(DISTINCT person), count(DISTINCT person), count(DISTINCT structure_id)"
    ranked = f"""
WITH facts AS (
  SELECT DISTINCT department, structure_id, person,
         max(rank) OVER (PARTITION BY {{by}}person) AS rank
    FROM {table}
)
SELECT '{population}', 'total', 'total', {{department}}, 'total', {_LEVEL_OF_RANK}, {counts}
  FROM facts GROUP BY GROUPING SETS ({{sets}})
"""
    everywhere = ranked.format(by="", department="'total'", sets="(), (rank)")
    by_department = ranked.format(
        by="department, ", department="department", sets="(department), (department, rank)"
    )
    by_operator = f"""
SELECT '{population}', 'total', 'total', coalesce(department, 'total'), operator, 'total', {counts}
  FROM {table} GROUP BY GROUPING SETS ((operator), (department, operator))
"""
    return _INTO + everywhere, _INTO + by_department, _INTO + by_operator


_PROFILE = f"""
, codes AS ({AGE_BANDS}), counted_once AS (
  SELECT b.breakdown, b.category, {{by}}, j.structure_id, count(*) AS persons
    FROM facts
    JOIN beneficiaries_journey j ON j.id = facts.journey_id
    CROSS JOIN codes
    CROSS JOIN LATERAL (VALUES
      ('sex_age', j.sex_id || '|' || {AGE_BAND}),
      ('education_level', j.education_level_id), ('situation', j.situation_id),
      ('socio_professional_category', j.socio_professional_category_id), ('boeth', j.boeth_id),
      ('sector', j.sector_id), ('contract_type', j.contract_type_id),
      ('residence_area', j.residence_area_id)) b(breakdown, category)
   GROUP BY 1, 2, 3, 4
)
"""

# Of the journeys of these sessions, the one opened last, lowest id on ties.
PROFILE = (
    _INTO
    + f"""
WITH facts AS (
  SELECT DISTINCT ON (person) journey_id, max(rank) OVER (PARTITION BY person) AS rank
    FROM seen ORDER BY person, opened_on DESC, journey_id
){_PROFILE.format(by="facts.rank")}
SELECT 'persons_seen', breakdown, category, 'total', 'total', {_LEVEL_OF_RANK}, sum(persons),
       sum(persons), count(DISTINCT structure_id)
  FROM counted_once facts GROUP BY breakdown, category, GROUPING SETS ((), (rank))
"""
)

PROFILE_BY_OPERATOR = (
    _INTO
    + f"""
WITH facts AS (
  SELECT DISTINCT ON (operator, person) operator, journey_id
    FROM seen ORDER BY operator, person, opened_on DESC, journey_id
){_PROFILE.format(by="facts.operator")}
SELECT 'persons_seen', breakdown, category, 'total', operator, 'total', sum(persons),
       sum(persons), count(DISTINCT structure_id)
  FROM counted_once GROUP BY breakdown, category, operator
"""
)

OF_EXITS = (
    _INTO
    + f"""
WITH facts AS (
  SELECT rank, operator, count(*) AS units, count(DISTINCT structure_id) AS contributors,
         avg(sessions) AS sessions_mean,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY sessions) AS sessions_median,
         percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY days) AS days
    FROM gone GROUP BY GROUPING SETS ((), (rank), (operator))
)
SELECT 'journeys_closed', m.source, 'total', 'total', coalesce(operator, 'total'),
       {_LEVEL_OF_RANK}, round(m.value, 1), units, contributors
  FROM facts CROSS JOIN LATERAL (VALUES
    ('sessions_mean', sessions_mean), ('sessions_median', sessions_median::numeric),
    ('days_q1', days[1]::numeric), ('days_median', days[2]::numeric),
    ('days_q3', days[3]::numeric)) m(source, value)
 WHERE units > 0
"""
)

OF_DELAYS = (
    _INTO
    + """
WITH facts AS (
  SELECT department, operator, count(delay) AS units,
         count(DISTINCT structure_id) FILTER (WHERE delay IS NOT NULL) AS contributors,
         count(*) FILTER (WHERE delay IS NULL) AS undated,
         count(DISTINCT structure_id) FILTER (WHERE delay IS NULL) AS undated_contributors,
         percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY delay) AS delays
    FROM entered GROUP BY GROUPING SETS ((), (operator), (department), (department, operator))
)
SELECT 'journeys_opened', m.source, 'total', coalesce(department, 'total'),
       coalesce(operator, 'total'), 'total', round(m.value, 1), m.units, m.contributors
  FROM facts CROSS JOIN LATERAL (VALUES
    ('delay_median', delays[1]::numeric, units, contributors),
    ('delay_d9', delays[2]::numeric, units, contributors),
    ('delay_undated', undated::numeric, undated, undated_contributors)
  ) m(source, value, units, contributors)
"""
)


def _acts(population: str, breakdown: str, category: str, joined: str = "") -> str:
    """Sessions, or their services; behind them stand persons: forty sessions of three persons are
    a small cell."""
    return f"""{_INTO}
WITH acts AS (
  SELECT person, operator, rank, seen.structure_id, {category} AS category, count(*) AS acts
    FROM seen {joined} GROUP BY 1, 2, 3, 4, 5
)
SELECT '{population}', c.source, c.category, 'total', coalesce(operator, 'total'), {_LEVEL_OF_RANK},
       sum(acts), count(DISTINCT person), count(DISTINCT structure_id)
  FROM acts facts
  CROSS JOIN LATERAL (VALUES ('total', 'total'), ('{breakdown}', facts.category))
    c(source, category)
 GROUP BY c.source, c.category, GROUPING SETS ((), (rank), (operator))
"""


ALL = (
    FROM_ROLLUPS,
    FROM_ROLLUPS_BY_DEPARTMENT,
    FROM_ROLLUPS_BY_MONTH,
    STOCK,
    *_persons("persons_seen", "seen"),
    *_persons("persons_started_or_ended", "started_or_ended"),
    PROFILE,
    PROFILE_BY_OPERATOR,
    OF_EXITS,
    OF_DELAYS,
    _acts("sessions", "channel", "channel"),
    _acts(
        "services",
        "service",
        "v.service_id",
        "JOIN beneficiaries_sessionservice v ON v.session_id = seen.id",
    ),
)
