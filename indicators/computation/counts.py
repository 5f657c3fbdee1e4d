"""What the facts say, at every address that a cell of the grid may ask for.

`counted(population, source, category, department, operator, level)` → value, units (persons or
journeys behind it) and contributors (structures behind it). Margins are one-way: level and operator
never meet, and a département meets either only in totals.
"""

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

STOCK = (
    _INTO
    + f"""
SELECT 'journeys_open', 'total', 'total', {_ADDRESS}, count(*), count(*),
       count(DISTINCT structure_id)
  FROM in_progress GROUP BY GROUPING SETS ({_EVERYWHERE}, {_BY_DEPARTMENT})
"""
)


def _persons(population: str, facts: str) -> tuple[str, str, str]:
    """Distinct persons; a person's level is the highest of her facts within the margin."""
    counts = "count(DISTINCT person), count(DISTINCT person), count(DISTINCT structure_id)"
    levelled = f"""
WITH facts AS (
  SELECT *, first_value(level) OVER (PARTITION BY {{by}}person ORDER BY rank DESC) AS highest
    FROM {facts}
)
SELECT '{population}', 'total', 'total', {{department}}, 'total', coalesce(highest, 'total'),
       {counts}
  FROM facts GROUP BY GROUPING SETS ({{sets}})
"""
    everywhere = levelled.format(by="", department="'total'", sets="(), (highest)")
    by_department = levelled.format(
        by="department, ",
        department="department",
        sets="(department), (department, highest)",
    )
    by_operator = f"""
SELECT '{population}', 'total', 'total', coalesce(department, 'total'), operator, 'total', {counts}
  FROM {facts} GROUP BY GROUPING SETS ((operator), (department, operator))
"""
    return _INTO + everywhere, _INTO + by_department, _INTO + by_operator


# Of the journeys of these sessions, the one opened last, lowest id on ties.
_LAST_JOURNEY = "(array_agg(journey_id ORDER BY opened_on DESC, journey_id))[1] AS journey_id"
_PROFILE = """
  FROM persons
  JOIN beneficiaries_journey j ON j.id = persons.journey_id
  CROSS JOIN LATERAL (VALUES
    ('sex_age', j.sex_id || '|' || coalesce(
      (SELECT b.code FROM operators_ageband b WHERE b.youngest <= j.age
        ORDER BY b.youngest DESC LIMIT 1), 'NR')),
    ('education_level', j.education_level_id), ('situation', j.situation_id),
    ('socio_professional_category', j.socio_professional_category_id), ('boeth', j.boeth_id),
    ('sector', j.sector_id), ('contract_type', j.contract_type_id),
    ('residence_area', j.residence_area_id)) b(breakdown, category)
"""

PROFILE = (
    _INTO
    + f"""
WITH persons AS (
  SELECT (array_agg(level ORDER BY rank DESC))[1] AS level, {_LAST_JOURNEY}
    FROM seen GROUP BY person
)
SELECT 'persons_seen', breakdown, category, 'total', 'total', coalesce(level, 'total'), count(*),
       count(*), count(DISTINCT structure_id)
{_PROFILE} GROUP BY breakdown, category, GROUPING SETS ((), (level))
"""
)

PROFILE_BY_OPERATOR = (
    _INTO
    + f"""
WITH persons AS (SELECT operator, {_LAST_JOURNEY} FROM seen GROUP BY operator, person)
SELECT 'persons_seen', breakdown, category, 'total', operator, 'total', count(*), count(*),
       count(DISTINCT structure_id)
{_PROFILE} GROUP BY breakdown, category, operator
"""
)

OF_EXITS = (
    _INTO
    + f"""
WITH measured AS (
  SELECT level, operator, count(*) AS units, count(DISTINCT structure_id) AS contributors,
         avg(sessions) AS sessions_mean,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY sessions) AS sessions_median,
         percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY days) AS days
    FROM gone GROUP BY GROUPING SETS ({_EVERYWHERE})
)
SELECT 'journeys_closed', m.source, 'total', 'total', coalesce(operator, 'total'),
       coalesce(level, 'total'), round(m.value::numeric, 1), units, contributors
  FROM measured CROSS JOIN LATERAL (VALUES
    ('sessions_mean', sessions_mean::numeric), ('sessions_median', sessions_median::numeric),
    ('days_q1', days[1]::numeric), ('days_median', days[2]::numeric),
    ('days_q3', days[3]::numeric)) m(source, value)
 WHERE units > 0
"""
)

OF_DELAYS = (
    _INTO
    + """
WITH measured AS (
  SELECT department, operator, count(delay) AS units,
         count(DISTINCT structure_id) FILTER (WHERE delay IS NOT NULL) AS contributors,
         count(*) FILTER (WHERE delay IS NULL) AS undated,
         count(DISTINCT structure_id) FILTER (WHERE delay IS NULL) AS undated_contributors,
         percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY delay) AS delays
    FROM entered GROUP BY GROUPING SETS ((), (operator), (department), (department, operator))
)
SELECT 'journeys_opened', m.source, 'total', coalesce(department, 'total'),
       coalesce(operator, 'total'), 'total', round(m.value, 1), m.units, m.contributors
  FROM measured CROSS JOIN LATERAL (VALUES
    ('delay_median', delays[1]::numeric, units, contributors),
    ('delay_d9', delays[2]::numeric, units, contributors),
    ('delay_undated', undated::numeric, undated, undated_contributors)
  ) m(source, value, units, contributors)
"""
)

# Forty sessions of three persons are a small cell: what stands behind a session is a person.
PERSONS_BEHIND_SESSIONS = f"""
WITH behind AS (
  SELECT c.category, coalesce(operator, 'total') AS operator, coalesce(level, 'total') AS level,
         c.source, count(DISTINCT person) AS persons
    FROM seen CROSS JOIN LATERAL (VALUES ('total', 'total'), ('channel', channel))
         c(source, category)
   GROUP BY c.source, c.category, GROUPING SETS ({_EVERYWHERE})
)
UPDATE counted SET units = behind.persons FROM behind
 WHERE counted.population = 'sessions' AND counted.department = 'total'
   AND (counted.source, counted.category, counted.operator, counted.level)
     = (behind.source, behind.category, behind.operator, behind.level)
"""

PERSONS_BEHIND_SERVICES = f"""
WITH behind AS (
  SELECT c.category, coalesce(operator, 'total') AS operator, coalesce(level, 'total') AS level,
         c.source, count(DISTINCT person) AS persons
    FROM seen JOIN beneficiaries_sessionservice v ON v.session_id = seen.id
    CROSS JOIN LATERAL (VALUES ('total', 'total'), ('service', v.service_id)) c(source, category)
   GROUP BY c.source, c.category, GROUPING SETS ({_EVERYWHERE})
)
UPDATE counted SET units = behind.persons FROM behind
 WHERE counted.population = 'services' AND counted.department = 'total'
   AND (counted.source, counted.category, counted.operator, counted.level)
     = (behind.source, behind.category, behind.operator, behind.level)
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
    PERSONS_BEHIND_SESSIONS,
    PERSONS_BEHIND_SERVICES,
)
