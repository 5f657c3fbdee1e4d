"""The units behind one cell, read in the facts themselves: neither rollups nor figures.

Written apart from the compilation, from docs/counting-rules.md: restrict first (period, territory,
département, operator), then derive (persons, their level, their profile), then keep those of the
level and category. Two read it: the audit as `compiler`, and a structure its own rows as `app`.
"""

from dataclasses import dataclass

from django.conf import settings

from indicators.computation import Extent
from indicators.contacts import CONTACTS
from indicators.definitions import (
    ANSWERED,
    EUROS_TO,
    OUTCOMES_OF_FUNDINGS,
    OUTCOMES_OF_REFERRALS,
    PLANS,
    SENT,
    TOTAL,
)
from indicators.explain.address import CellAddress
from indicators.exports.figures import BY_CODE
from operators.models import Arrival


class NotCountable(LookupError):
    """No rule here says how this cell is counted, as of an indicator that a Region composed."""


@dataclass(frozen=True)
class Reader:
    """Who reads: how persons are told apart, and whose rows are read beyond what row security says.

    `person` is an SQL expression over a journey `j`.
    """

    person: str
    only: str = ""


# The last key of the year; a file without one is a person of its own.
AUDIT = Reader(
    """coalesce((SELECT encode(k.key, 'hex') FROM beneficiaries_personkey k
                  WHERE k.beneficiary_id = j.beneficiary_id AND k.year = %(year)s
                  ORDER BY k.id DESC LIMIT 1), 'file ' || j.beneficiary_id)"""
)
# The keys of persons are not for requests: a structure knows each of its own by one file.
OWN = Reader("'file ' || j.beneficiary_id", "AND {alias}.structure_id = %(structure)s")

_HIGHEST = """(SELECT max(s.rank) FROM beneficiaries_session s
                WHERE s.journey_id = j.id AND s.held_on <= %(last_day)s)"""
_OF_JOURNEY = "j.id AS unit, j.id AS journey, {person} AS person, j.structure_id AS structure"
_OPENED = f"""
SELECT {_OF_JOURNEY}, j.department_id AS department, j.category_id AS operator,
       {{rank}} AS rank, j.opened_on AS happened_on, j.opened_on
  FROM beneficiaries_journey j
 WHERE j.region_id = ANY (%(regions)s) AND j.department_id = ANY (%(departments)s) {{only_j}}
   AND j.opened_on >= %(starts)s AND j.opened_on < %(ends)s
"""
_CLOSED = f"""
SELECT {_OF_JOURNEY}, j.closed_department_id AS department, j.category_id AS operator,
       {_HIGHEST} AS rank, j.closed_on AS happened_on, j.opened_on
  FROM beneficiaries_journey j
 WHERE j.closed_region_id = ANY (%(regions)s) {{only_j}}
   AND j.closed_department_id = ANY (%(departments)s)
   AND j.closed_on >= %(starts)s AND j.closed_on < %(ends)s
"""
_OPEN = f"""
SELECT {_OF_JOURNEY}, f.department_id AS department, j.category_id AS operator,
       {_HIGHEST} AS rank, j.opened_on AS happened_on, j.opened_on
  FROM beneficiaries_journey j
  CROSS JOIN LATERAL (SELECT u.department_id FROM beneficiaries_followup u
                       WHERE u.journey_id = j.id AND u.starts_on <= %(last_day)s
                       ORDER BY u.starts_on DESC, u.id DESC LIMIT 1) f
 WHERE j.region_id = ANY (%(reach)s) AND f.department_id = ANY (%(departments)s) {{only_j}}
   AND j.opened_on <= %(last_day)s AND (j.closed_on IS NULL OR j.closed_on > %(last_day)s)
"""
_SESSIONS = """
SELECT s.id AS unit, s.journey_id AS journey, {person} AS person, s.structure_id AS structure,
       s.department_id AS department, s.category_id AS operator, s.rank, s.held_on AS happened_on,
       j.opened_on
  FROM beneficiaries_session s JOIN beneficiaries_journey j ON j.id = s.journey_id
 WHERE s.region_id = ANY (%(regions)s) AND s.department_id = ANY (%(departments)s) {only_s}
   AND s.held_on >= %(starts)s AND s.held_on < %(ends)s
"""
_SERVICES = f"""
SELECT v.id AS unit, held.journey, held.person, held.structure, held.department, held.operator,
       held.rank, held.happened_on, held.opened_on
  FROM ({_SESSIONS}) held JOIN beneficiaries_sessionservice v ON v.session_id = held.unit
"""
_CONTACTS = f"""
SELECT c.id AS unit, NULL::bigint AS journey, NULL AS person, c.structure_id AS structure,
       c.department_id AS department, '' AS operator, NULL::smallint AS rank,
       c.month AS happened_on, NULL::date AS opened_on, c.channel_id, c.theme_id, c.result_id
  FROM {CONTACTS} c
 WHERE c.region_id = ANY (%(regions)s) AND c.department_id = ANY (%(departments)s) {{only_c}}
   AND c.month >= %(starts)s AND c.month < %(ends)s
"""
# Behind a fiche stands the road of a person, who may have no journey yet.
_REFERRALS = """
SELECT r.id AS unit, r.journey_id AS journey, r.thread_number::text AS person,
       r.structure_id AS structure, r.department_id AS department, '' AS operator,
       NULL::smallint AS rank, r.sent_on AS happened_on, NULL::date AS opened_on
  FROM beneficiaries_referral r
 WHERE r.region_id = ANY (%(regions)s) AND r.department_id = ANY (%(departments)s) {only_r}
   AND r.sent_on >= %(starts)s AND r.sent_on < %(ends)s
"""
# One plan a journey: her amounts are one contribution.
_PLANS = """
SELECT p.id AS unit, p.journey_id AS journey, p.journey_id::text AS person,
       p.structure_id AS structure, p.department_id AS department, j.category_id AS operator,
       NULL::smallint AS rank, p.closed_on AS happened_on, j.opened_on
  FROM beneficiaries_financingplan p JOIN beneficiaries_journey j ON j.id = p.journey_id
 WHERE p.region_id = ANY (%(regions)s) AND p.department_id = ANY (%(departments)s) {only_p}
   AND p.closed_on >= %(starts)s AND p.closed_on < %(ends)s
"""
_FUNDINGS = """
SELECT a.id AS unit, p.journey_id AS journey, p.journey_id::text AS person,
       p.structure_id AS structure, p.department_id AS department, j.category_id AS operator,
       NULL::smallint AS rank, a.decided_on AS happened_on, j.opened_on
  FROM beneficiaries_planfunding a
  JOIN beneficiaries_financingplan p ON p.id = a.plan_id
  JOIN beneficiaries_journey j ON j.id = p.journey_id
 WHERE p.region_id = ANY (%(regions)s) AND p.department_id = ANY (%(departments)s) {only_p}
   AND NOT a.is_withdrawn AND a.decided_on >= %(starts)s AND a.decided_on < %(ends)s
"""
_FIRST = """(SELECT s.rank FROM beneficiaries_session s WHERE s.journey_id = j.id
              ORDER BY s.held_on, s.id LIMIT 1)"""
_FACTS = {
    "contacts": _CONTACTS,
    "journeys_opened": _OPENED.replace("{rank}", _FIRST),
    "journeys_closed": _CLOSED,
    "journeys_open": _OPEN,
    "persons_started_or_ended": f"{_OPENED.replace('{rank}', _HIGHEST)} UNION ALL {_CLOSED}",
    "persons_seen": _SESSIONS,
    "sessions": _SESSIONS,
    "services": _SERVICES,
    SENT: _REFERRALS,
    PLANS: _PLANS,
    ANSWERED: _FUNDINGS,
}
for _facts, _state, _outcomes in (
    (_REFERRALS, "r.state", OUTCOMES_OF_REFERRALS),
    (_FUNDINGS, "a.state", OUTCOMES_OF_FUNDINGS),
):
    for _population, _states in _outcomes.items():
        _FACTS[_population] = f"{_facts} AND {_state} = ANY ('{{{{{','.join(_states)}}}}}')"

PERSONS = frozenset({"persons_started_or_ended", "persons_seen"})
# Behind what is done stand fewer persons than acts.
ACTS = frozenset(
    {"sessions", "services", SENT, *OUTCOMES_OF_REFERRALS, ANSWERED, *OUTCOMES_OF_FUNDINGS}
)

# A person once, with her highest level here and the journey opened last, lowest id on ties.
_EACH_FACT = "SELECT * FROM here"
_EACH_PERSON = """
SELECT DISTINCT ON (person) unit, journey, person, structure, department, operator,
       max(rank) OVER (PARTITION BY person) AS rank, happened_on, opened_on
  FROM here ORDER BY person, opened_on DESC, journey
"""

_JOURNEY = "JOIN beneficiaries_journey f ON f.id = u.journey"
_ROWS = {
    PLANS: "JOIN beneficiaries_financingplan f ON f.id = u.unit",
    **dict.fromkeys(
        (ANSWERED, *OUTCOMES_OF_FUNDINGS),
        """JOIN beneficiaries_planfunding f ON f.id = u.unit
  JOIN operators_fundingright asked_right ON asked_right.code = f.right_id""",
    ),
    "contacts": """CROSS JOIN LATERAL (SELECT u.channel_id, u.theme_id, u.result_id) f
  JOIN regions_structure held_by ON held_by.id = u.structure""",
    "sessions": "JOIN beneficiaries_session f ON f.id = u.unit",
    "services": "JOIN beneficiaries_sessionservice f ON f.id = u.unit",
} | dict.fromkeys(
    (SENT, *OUTCOMES_OF_REFERRALS),
    """JOIN beneficiaries_referral f ON f.id = u.unit
  JOIN regions_structure held_by ON held_by.id = u.structure
  JOIN regions_structure receiver ON receiver.id = f.receiver_id""",
)
_AGE_BAND = """coalesce((SELECT b.code FROM operators_ageband b WHERE b.youngest <= f.age
                          ORDER BY b.youngest DESC LIMIT 1), 'NR')"""
_LEVELS = """(SELECT string_agg(l.level_id, '_' ORDER BY l.rank)
                FROM (SELECT DISTINCT s.level_id, s.rank FROM beneficiaries_session s
                       WHERE s.journey_id = f.id) l)"""
_OTHER_REASON = """EXISTS (SELECT FROM beneficiaries_journeyreason r
                            WHERE r.journey_id = f.id AND r.reason_id = %(category)s)"""
_HAS_DOCUMENT = """EXISTS (SELECT FROM beneficiaries_synthesisdocument d
                            WHERE d.structure_id = f.structure_id AND d.journey_id = f.id)"""
_IS_SHARED = f"""(f.arrival_id = '{Arrival.FROM_A_STRUCTURE}'
                OR EXISTS (SELECT FROM beneficiaries_referral r
                            WHERE r.journey_id = f.id AND r.state = 'received'))"""
_BEFORE = """(SELECT b.level_id FROM beneficiaries_session b
               WHERE b.journey_id = f.journey_id AND (b.held_on, b.id) < (f.held_on, f.id)
               ORDER BY b.held_on DESC, b.id DESC LIMIT 1)"""
_LEVEL_CHANGE = f"coalesce(nullif({_BEFORE}, f.level_id) || '_' || f.level_id, 'none')"
_FUNDERS = """(SELECT count(DISTINCT r.funder_id) FROM beneficiaries_planfunding g
                 JOIN operators_fundingright r ON r.code = g.right_id
                WHERE g.plan_id = f.id AND NOT g.is_withdrawn AND g.state = 'granted')"""
_CODES = {
    "document": f"CASE WHEN u.rank < 2 THEN 'not_owed' WHEN {_HAS_DOCUMENT} THEN 'handed' "
    "ELSE 'owed' END",
    "structures": f"CASE WHEN {_IS_SHARED} THEN 'several' ELSE 'one' END",
    "arrival": "f.arrival_id",
    "level_change": _LEVEL_CHANGE,
    "funder": "asked_right.funder_id",
    "payers": f"(ARRAY['none', 'one', 'several'])[least({_FUNDERS}, 2) + 1]",
    "month": "to_char(u.happened_on, 'YYYY-MM')",
    "outcome": "f.outcome_id",
    "exit_situation": "f.exit_situation_id",
    "journey_type": _LEVELS,
    "channel": "f.channel_id",
    "theme": "f.theme_id",
    "steering_result": "f.result_id",
    "network": "held_by.network_id",
    "sex_age": f"f.sex_id || '|' || {_AGE_BAND}",
    "education_level": "f.education_level_id",
    "situation": "f.situation_id",
    "socio_professional_category": "f.socio_professional_category_id",
    "boeth": "f.boeth_id",
    "sector": "f.sector_id",
    "contract_type": "f.contract_type_id",
    "residence_area": "f.residence_area_id",
    "reason": "f.main_reason_id",
    "service": "f.service_id",
    "from_network": "held_by.network_id",
    "to_network": "receiver.network_id",
    "decline_reason": "f.decline_reason_id",
}

_SESSIONS_OF_JOURNEY = """(SELECT count(*) FROM beneficiaries_session s
                            WHERE s.journey_id = f.id AND s.held_on <= %(last_day)s)"""
_ANSWER = f"""(SELECT (min(e.at) AT TIME ZONE '{settings.TIME_ZONE}')::date - f.sent_on
                FROM beneficiaries_referralevent e
               WHERE e.referral_id = f.id AND e.state IN ('accepted', 'declined')
                 AND f.state IN ('accepted', 'missed', 'received', 'declined'))"""
_COSTS = """(SELECT coalesce(sum(c.amount), 0) FROM beneficiaries_plancost c
             WHERE c.plan_id = f.id AND NOT c.is_withdrawn)"""
_GRANTED = """(SELECT coalesce(sum(g.granted), 0) FROM beneficiaries_planfunding g
               WHERE g.plan_id = f.id AND NOT g.is_withdrawn)"""
# What is measured on each unit; a unit without it is not one of the cell.
_AMOUNTS = {
    "sessions_mean": _SESSIONS_OF_JOURNEY,
    "sessions_median": _SESSIONS_OF_JOURNEY,
    "days_q1": "f.closed_on - f.opened_on",
    "days_median": "f.closed_on - f.opened_on",
    "days_q3": "f.closed_on - f.opened_on",
    "delay_median": "f.opened_on - f.requested_on",
    "delay_d9": "f.opened_on - f.requested_on",
    "answer_median": _ANSWER,
    "answer_d9": _ANSWER,
    "costs": _COSTS,
    "gap": f"greatest({_COSTS} - {_GRANTED}, 0)",
    "asked": "f.asked",
    "given": "f.granted",
    "funding_median": "f.decided_on - f.asked_on",
    "funding_d9": "f.decided_on - f.asked_on",
    "delay_undated": "CASE WHEN f.requested_on IS NULL THEN 1 END",
}
MEDIAN = "percentile_cont({share}) WITHIN GROUP (ORDER BY amount)::numeric"
EUROS = f"round(sum(amount) / {EUROS_TO}) * {EUROS_TO}"
VALUES = {
    "sessions_mean": "avg(amount)",
    "sessions_median": MEDIAN.format(share=0.5),
    "days_q1": MEDIAN.format(share=0.25),
    "days_median": MEDIAN.format(share=0.5),
    "days_q3": MEDIAN.format(share=0.75),
    "delay_median": MEDIAN.format(share=0.5),
    "delay_d9": MEDIAN.format(share=0.9),
    "answer_median": MEDIAN.format(share=0.5),
    "answer_d9": MEDIAN.format(share=0.9),
    "funding_median": MEDIAN.format(share=0.5),
    "funding_d9": MEDIAN.format(share=0.9),
    **dict.fromkeys(("costs", "gap", "asked", "given"), EUROS),
}


def is_countable(address: CellAddress) -> bool:
    """Whether the national base has such a cell, whatever its codes."""
    indicator = BY_CODE.get(address.indicator)
    if indicator is None:
        return False
    breakdowns = {TOTAL, *(one.name for one in indicator.breakdowns)}
    return address.population in indicator.populations and address.breakdown in breakdowns


def measure_of(address: CellAddress) -> str:
    """Empty for a plain count.

    Raises:
        NotCountable: the national base has no such cell.
    """
    if not is_countable(address):
        raise NotCountable(address.key)
    return BY_CODE[address.indicator].measure


def behind(address: CellAddress, reader: Reader) -> str:
    """`WITH … kept AS (…)`: a row a unit, with unit, journey, person, structure, department,
    operator, rank, happened_on and amount; `here` holds the facts of the cell's margin.

    Raises:
        NotCountable: nothing here says how the cell is counted.
    """
    measure = measure_of(address)
    only = {f"only_{alias}": reader.only.format(alias=alias) for alias in "jscrp"}
    facts = _FACTS[address.population].format(person=reader.person, **only)
    restricted = [f"{name} = %({name})s" for name in ("department", "operator")
                  if getattr(address, name) != TOTAL]  # fmt: skip
    return f"""
WITH facts AS ({facts}),
here AS (SELECT * FROM facts {_where(restricted)}),
units AS ({_EACH_PERSON if address.population in PERSONS else _EACH_FACT}),
kept AS (
  SELECT * FROM (SELECT u.*, {_AMOUNTS.get(measure, "1")} AS amount
                   FROM units u {_ROWS.get(address.population, _JOURNEY)}
                   {_where(_of_the_cell(address))}) measured
   WHERE amount IS NOT NULL
)
"""


def _of_the_cell(address: CellAddress) -> list[str]:
    wanted = []
    if address.level != TOTAL:
        wanted.append("u.rank = (SELECT l.rank FROM operators_servicelevel l"
                      " WHERE l.code = %(level)s)")  # fmt: skip
    if address.breakdown != TOTAL:
        is_its_code = f"{_CODES[address.breakdown]} = %(category)s"
        if address.indicator == "C1.all":
            is_its_code = f"({is_its_code} OR {_OTHER_REASON})"
        wanted.append(is_its_code)
    return wanted


def _where(conditions: list[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def parameters(address: CellAddress, extent: Extent, **more) -> dict:
    period = extent.period
    return {
        **address.columns,
        "regions": list(extent.regions),
        "reach": list(extent.reach),
        "departments": list(extent.departments),
        "starts": period.starts,
        "ends": period.ends,
        "last_day": period.last_day,
        "year": period.starts.year,
        **more,
    }
