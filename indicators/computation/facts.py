"""Temporary tables of the facts of one territory and period: what does not add up is counted here.

Sessions of the period are read once, and once the journeys that lived in it; all else is looked up
in the order of journeys, which keeps the pages of the indexes at hand (ADR 8).

Parameters: `regions` that hold the facts and `reach` that hold their journeys, `departments` of the
territory, `starts`, `ends` and `last_day` of the period, `year` of the person keys.
"""

from collections.abc import Iterable, Mapping

from django.conf import settings

from indicators.definitions import OUTCOMES_OF_FUNDINGS, OUTCOMES_OF_REFERRALS
from indicators.rollups import AGE_BAND, AGE_BANDS
from operators.models import Arrival

HELD = """
CREATE TEMP TABLE held ON COMMIT DROP AS
SELECT s.id AS session_id, s.journey_id, s.department_id AS department, s.category_id AS operator,
       s.structure_id, s.rank, s.channel_id AS channel,
       CASE WHEN before.rank <> s.rank THEN before.level_id || '_' || s.level_id
            ELSE 'none' END AS level_change
  FROM beneficiaries_session s
  LEFT JOIN LATERAL (SELECT b.level_id, b.rank FROM beneficiaries_session b
                      WHERE b.journey_id = s.journey_id AND (b.held_on, b.id) < (s.held_on, s.id)
                      ORDER BY b.held_on DESC, b.id DESC LIMIT 1) before ON true
 WHERE s.region_id = ANY (%(regions)s) AND s.department_id = ANY (%(departments)s)
   AND s.held_on >= %(starts)s AND s.held_on < %(ends)s
"""

# The journeys that lived in the period (index `journey_living`) and give the territory a fact: an
# opening, a closing, a place in the stock (where the follow-up in force on the last day is held) or
# a session. Sessions so far count: a journey closed in the period has no later ones. A person is
# the last key of the year, or the file itself when it has none; numbered, because what follows
# counts her many times.
FOLLOWED = f"""
CREATE TEMP TABLE followed ON COMMIT DROP AS
WITH living AS (
  SELECT * FROM beneficiaries_journey
   WHERE region_id = ANY (%(reach)s) AND opened_on <= %(last_day)s
     AND CASE WHEN closed_on IS NULL THEN '9999-12-31' ELSE closed_on END >= %(starts)s
   ORDER BY id
), placed AS MATERIALIZED (
  SELECT j.*,
         CASE WHEN j.opened_on >= %(starts)s AND j.department_id = ANY (%(departments)s)
              THEN j.department_id END AS opened_in,
         CASE WHEN j.closed_on < %(ends)s AND j.closed_department_id = ANY (%(departments)s)
              THEN j.closed_department_id END AS closed_in,
         CASE WHEN f.department_id = ANY (%(departments)s) THEN f.department_id END AS open_in
    FROM living j
    LEFT JOIN LATERAL (SELECT u.department_id FROM beneficiaries_followup u
                        WHERE u.journey_id = j.id AND u.starts_on <= %(last_day)s
                          AND (j.closed_on IS NULL OR j.closed_on > %(last_day)s)
                        ORDER BY u.starts_on DESC, u.id DESC LIMIT 1) f ON true
)
SELECT j.id AS journey_id, j.category_id AS operator, j.structure_id, j.opened_on,
       j.opened_in, j.closed_in, j.open_in, j.opened_on - j.requested_on AS delay,
       j.closed_on - j.opened_on AS days, so_far.sessions, so_far.rank,
       j.sex_id || '|' || {AGE_BAND} AS sex_age, j.education_level_id AS education_level,
       j.situation_id AS situation, j.socio_professional_category_id AS socio_professional_category,
       j.boeth_id AS boeth, j.sector_id AS sector, j.contract_type_id AS contract_type,
       j.residence_area_id AS residence_area,
       CASE WHEN so_far.rank < 2 THEN 'not_owed'
            WHEN EXISTS (SELECT FROM beneficiaries_synthesisdocument d
                          WHERE d.structure_id = j.structure_id AND d.journey_id = j.id)
            THEN 'handed' ELSE 'owed' END AS document,
       CASE WHEN j.arrival_id = '{Arrival.FROM_A_STRUCTURE}'
              OR j.id IN (SELECT r.journey_id FROM beneficiaries_referral r
                           WHERE r.state = 'received')
            THEN 'several' ELSE 'one' END AS structures,
       dense_rank() OVER (ORDER BY coalesce(
         (SELECT k.key FROM beneficiaries_personkey k
           WHERE k.beneficiary_id = j.beneficiary_id AND k.year = %(year)s
           ORDER BY k.id DESC LIMIT 1),
         int8send(j.beneficiary_id)))::int AS person
  FROM placed j
  CROSS JOIN ({AGE_BANDS}) codes
  CROSS JOIN LATERAL (SELECT count(*)::int AS sessions, max(s.rank) AS rank
                        FROM beneficiaries_session s
                       WHERE s.journey_id = j.id AND s.held_on <= %(last_day)s) so_far
 WHERE j.opened_in IS NOT NULL OR j.closed_in IS NOT NULL OR j.open_in IS NOT NULL
    OR j.id IN (SELECT journey_id FROM held)
"""

SEEN = """
CREATE TEMP TABLE seen ON COMMIT DROP AS
SELECT held.*, followed.person, followed.opened_on FROM held JOIN followed USING (journey_id)
"""

# Persons with what they came for: where, at which operator, in which journey, how high.
MET = """
CREATE TEMP TABLE met ON COMMIT DROP AS
SELECT person, department, operator, structure_id, journey_id, opened_on, max(rank) AS rank
  FROM seen GROUP BY person, department, operator, structure_id, journey_id, opened_on
"""

# A journey opened and closed in the period gives both facts.
STARTED_OR_ENDED = """
CREATE TEMP TABLE started_or_ended ON COMMIT DROP AS
SELECT person, opened_in AS department, operator, structure_id, rank
  FROM followed WHERE opened_in IS NOT NULL
UNION ALL
SELECT person, closed_in, operator, structure_id, rank
  FROM followed WHERE closed_in IS NOT NULL
"""


def _outcome(state: str, outcomes: Mapping[str, Iterable[str]]) -> str:
    """The population that a state puts a row in."""
    return " ".join(
        f"WHEN {state} IN ({', '.join(map(repr, states))}) THEN '{population}'"
        for population, states in outcomes.items()
    )


# Fiches de liaison are those of who sent them, on the day that they were sent, as they stand now;
# the answer is the first move that accepts or declines. One person has one road (thread).
REFERRED = f"""
CREATE TEMP TABLE referred ON COMMIT DROP AS
SELECT r.structure_id, r.department_id AS department, r.thread_number AS road,
       CASE {_outcome("r.state", OUTCOMES_OF_REFERRALS)} END AS outcome,
       coalesce(r.decline_reason_id, '') AS decline_reason,
       sender.network_id AS from_network, receiver.network_id AS to_network,
       answer.given_on - r.sent_on AS delay
  FROM beneficiaries_referral r
  JOIN regions_structure sender ON sender.id = r.structure_id
  JOIN regions_structure receiver ON receiver.id = r.receiver_id
  LEFT JOIN LATERAL (SELECT (min(e.at) AT TIME ZONE '{settings.TIME_ZONE}')::date AS given_on
                       FROM beneficiaries_referralevent e
                      WHERE e.referral_id = r.id AND e.state IN ('accepted', 'declined')) answer
    ON r.state IN ('accepted', 'missed', 'received', 'declined')
 WHERE r.region_id = ANY (%(regions)s) AND r.department_id = ANY (%(departments)s)
   AND r.sent_on >= %(starts)s AND r.sent_on < %(ends)s
"""

# Plans closed in the period, of the département where they were opened, as they stand now.
PLANNED = """
CREATE TEMP TABLE planned ON COMMIT DROP AS
SELECT p.id AS plan, p.structure_id, j.category_id AS operator, spent.costs,
       greatest(spent.costs - paid.granted, 0) AS gap,
       CASE paid.funders WHEN 0 THEN 'none' WHEN 1 THEN 'one' ELSE 'several' END AS payers
  FROM beneficiaries_financingplan p
  JOIN beneficiaries_journey j ON j.id = p.journey_id
  CROSS JOIN LATERAL (SELECT coalesce(sum(c.amount), 0) AS costs FROM beneficiaries_plancost c
                       WHERE c.plan_id = p.id AND NOT c.is_withdrawn) spent
  CROSS JOIN LATERAL (SELECT coalesce(sum(f.granted), 0) AS granted,
                             count(DISTINCT r.funder_id) FILTER (WHERE f.granted > 0) AS funders
                        FROM beneficiaries_planfunding f
                        JOIN operators_fundingright r ON r.code = f.right_id
                       WHERE f.plan_id = p.id AND NOT f.is_withdrawn) paid
 WHERE p.region_id = ANY (%(regions)s) AND p.department_id = ANY (%(departments)s)
   AND p.closed_on >= %(starts)s AND p.closed_on < %(ends)s
"""

# Requests that a funder answered in the period, where their plan is.
FUNDED = f"""
CREATE TEMP TABLE funded ON COMMIT DROP AS
SELECT f.plan_id AS plan, f.structure_id, r.funder_id AS funder,
       CASE {_outcome("f.state", OUTCOMES_OF_FUNDINGS)} END AS outcome, f.asked,
       f.granted AS given, f.decided_on - f.asked_on AS delay
  FROM beneficiaries_planfunding f
  JOIN beneficiaries_financingplan p ON p.id = f.plan_id
  JOIN operators_fundingright r ON r.code = f.right_id
 WHERE f.region_id = ANY (%(regions)s) AND p.department_id = ANY (%(departments)s)
   AND f.decided_on >= %(starts)s AND f.decided_on < %(ends)s AND NOT f.is_withdrawn
"""

# How many journeys these are is told by the pages of a table; that each is another journey is not.
ALL = (
    HELD, FOLLOWED, "ANALYZE followed (journey_id)", SEEN, MET, STARTED_OR_ENDED, REFERRED, PLANNED,
    FUNDED,
)  # fmt: skip
TABLES = ("held", "followed", "seen", "met", "started_or_ended", "referred", "planned", "funded")
