"""Temporary tables of the facts of one territory and period: what does not add up is counted here.

Parameters: `regions` that hold the facts and `reach` that hold their journeys, `departments` of the
territory, `starts`, `ends` and `last_day` of the period, `year` of the person keys.
"""

SESSIONS = """
CREATE TEMP TABLE seen_by_file ON COMMIT DROP AS
SELECT s.id, s.journey_id, s.department_id AS department, s.category_id AS operator,
       s.structure_id, s.rank, s.channel_id AS channel, j.opened_on, j.beneficiary_id
  FROM beneficiaries_session s
  JOIN beneficiaries_journey j ON j.id = s.journey_id
 WHERE s.region_id = ANY (%(regions)s) AND s.department_id = ANY (%(departments)s)
   AND s.held_on >= %(starts)s AND s.held_on < %(ends)s
"""

ENTRIES = """
CREATE TEMP TABLE entered ON COMMIT DROP AS
SELECT j.id AS journey_id, j.department_id AS department, j.category_id AS operator,
       j.structure_id, j.opened_on - j.requested_on AS delay, j.beneficiary_id
  FROM beneficiaries_journey j
 WHERE j.region_id = ANY (%(regions)s) AND j.department_id = ANY (%(departments)s)
   AND j.opened_on >= %(starts)s AND j.opened_on < %(ends)s
"""

EXITS = """
CREATE TEMP TABLE gone ON COMMIT DROP AS
SELECT j.id AS journey_id, j.closed_department_id AS department, j.category_id AS operator,
       j.structure_id, j.closed_on - j.opened_on AS days, j.beneficiary_id, held.sessions, held.rank
  FROM beneficiaries_journey j
  CROSS JOIN LATERAL (SELECT count(*) AS sessions, max(s.rank) AS rank
                        FROM beneficiaries_session s WHERE s.journey_id = j.id) held
 WHERE j.closed_region_id = ANY (%(regions)s) AND j.closed_department_id = ANY (%(departments)s)
   AND j.closed_on >= %(starts)s AND j.closed_on < %(ends)s
"""

# A person is the last key of the year, or the file itself when it has none; numbered, because
# what follows sorts and counts her many times.
PERSONS = """
CREATE TEMP TABLE person ON COMMIT DROP AS
WITH files AS (
  SELECT beneficiary_id FROM seen_by_file UNION SELECT beneficiary_id FROM entered
  UNION SELECT beneficiary_id FROM gone
)
SELECT beneficiary_id, dense_rank() OVER (ORDER BY coalesce(
         (SELECT k.key FROM beneficiaries_personkey k
           WHERE k.beneficiary_id = files.beneficiary_id AND k.year = %(year)s
           ORDER BY k.id DESC LIMIT 1),
         int8send(beneficiary_id)))::int AS person
  FROM files
"""

SEEN = """
CREATE TEMP TABLE seen ON COMMIT DROP AS
SELECT f.*, p.person FROM seen_by_file f JOIN person p USING (beneficiary_id)
"""

# The stock: where the follow-up in force on the last day is held.
IN_PROGRESS = """
CREATE TEMP TABLE in_progress ON COMMIT DROP AS
SELECT f.department_id AS department, j.category_id AS operator, j.structure_id, held.rank
  FROM beneficiaries_journey j
  CROSS JOIN LATERAL (SELECT u.department_id FROM beneficiaries_followup u
                       WHERE u.journey_id = j.id AND u.starts_on <= %(last_day)s
                       ORDER BY u.starts_on DESC LIMIT 1) f
  CROSS JOIN LATERAL (SELECT max(s.rank) AS rank FROM beneficiaries_session s
                       WHERE s.journey_id = j.id AND s.held_on <= %(last_day)s) held
 WHERE j.region_id = ANY (%(reach)s) AND f.department_id = ANY (%(departments)s)
   AND j.opened_on <= %(last_day)s AND (j.closed_on IS NULL OR j.closed_on > %(last_day)s)
"""

# A journey opened and closed in the period gives both facts; its level is the highest so far.
STARTED_OR_ENDED = """
CREATE TEMP TABLE started_or_ended ON COMMIT DROP AS
WITH facts AS (
  SELECT journey_id, department, operator, structure_id, beneficiary_id FROM entered
  UNION ALL SELECT journey_id, department, operator, structure_id, beneficiary_id FROM gone
)
SELECT facts.*, p.person, held.rank
  FROM facts
  JOIN person p USING (beneficiary_id)
  CROSS JOIN LATERAL (SELECT max(s.rank) AS rank FROM beneficiaries_session s
                       WHERE s.journey_id = facts.journey_id AND s.held_on <= %(last_day)s) held
"""

ALL = {
    "seen_by_file": SESSIONS,
    "entered": ENTRIES,
    "gone": EXITS,
    "person": PERSONS,
    "seen": SEEN,
    "in_progress": IN_PROGRESS,
    "started_or_ended": STARTED_OR_ENDED,
}
