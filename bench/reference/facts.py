"""Facts of a period, as DuckDB reads them from the Parquet copies."""

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
