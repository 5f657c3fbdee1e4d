"""What the oracle reads: a folder of CSV files, one a table, loaded as light tuples.

`COPY` gives the statement that writes each file (as `compiler` in a national scope, or as owner).
The columns of a statement are the fields of its row, in order.
"""

import csv
import json
import sys
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple, get_type_hints


class Code(NamedTuple):
    """A dated code: of a nomenclature, an operator category or a Region."""

    code: str
    starts_on: date
    ends_on: date | None


class Level(NamedTuple):
    code: str
    rank: int
    starts_on: date
    ends_on: date | None


class AgeBand(NamedTuple):
    code: str
    youngest: int | None
    starts_on: date
    ends_on: date | None


class DepartmentRegion(NamedTuple):
    department: str
    region: str
    starts_on: date
    ends_on: date | None


class Network(NamedTuple):
    """A network, from the first day of its first name."""

    code: str
    starts_on: date


class Structure(NamedTuple):
    id: int
    network: str


class ContactTally(NamedTuple):
    """The contacts of a place and a month; of each answer, how many gave each code (JSON)."""

    structure: int
    department: str
    month: date
    channel: str
    theme: str
    result: str
    age_band: str


class Contact(NamedTuple):
    """One of a tally. Its answers are not of one person: none is counted with another."""

    structure: int
    channel: str
    theme: str
    result: str
    age_band: str

    @classmethod
    def of(cls, tally: ContactTally) -> "list[Contact]":
        answers = (tally.channel, tally.theme, tally.result, tally.age_band)
        given = zip(*map(_given, answers), strict=True)
        return [cls(tally.structure, *codes) for codes in given]


def _given(counts: str) -> list[str]:
    """Each code as often as it was given."""
    return [code for code, count in json.loads(counts).items() for _ in range(count)]


class Beneficiary(NamedTuple):
    """Needed beside the truth only: is there a birth date?"""

    id: int
    is_dated: bool


class PersonKey(NamedTuple):
    id: int
    beneficiary: int
    year: int
    key: str


class Journey(NamedTuple):
    id: int
    beneficiary: int
    department: str
    category: str
    requested_on: date | None
    opened_on: date
    closed_on: date | None
    closed_department: str | None
    outcome: str | None
    exit_situation: str | None
    main_reason: str
    sex: str
    age: int | None
    education_level: str
    situation: str
    socio_professional_category: str
    boeth: str
    sector: str
    contract_type: str
    residence_area: str
    arrival: str


class JourneyReason(NamedTuple):
    journey: int
    reason: str


class FollowUp(NamedTuple):
    journey: int
    department: str
    starts_on: date


class Session(NamedTuple):
    id: int
    journey: int
    department: str
    category: str
    held_on: date
    channel: str
    level: str
    rank: int
    minutes: int | None = None


class SessionService(NamedTuple):
    id: int
    session: int
    service: str


class Referral(NamedTuple):
    id: int
    sender: int
    receiver: int
    journey: int | None
    department: str
    sent_on: date
    state: str
    decline_reason: str | None


class ReferralEvent(NamedTuple):
    id: int
    referral: int
    state: str
    at: datetime  # of the wall clock in Paris


class Document(NamedTuple):
    id: int
    journey: int


class Plan(NamedTuple):
    id: int
    journey: int
    department: str
    closed_on: date | None


class Cost(NamedTuple):
    id: int
    plan: int
    amount: Decimal


class Funding(NamedTuple):
    id: int
    plan: int
    funder: str
    state: str
    asked: Decimal
    granted: Decimal
    asked_on: date
    decided_on: date | None


NOMENCLATURES = (
    "operators_service",
    "operators_reason",
    "operators_channel",
    "operators_outcome",
    "operators_situation",
    "operators_sex",
    "operators_boeth",
    "operators_educationlevel",
    "operators_socioprofessionalcategory",
    "operators_sector",
    "operators_contracttype",
    "operators_residencearea",
    "operators_arrival",
    "operators_theme",
    "operators_steeringresult",
    "operators_declinereason",
    "operators_funder",
)

ROWS: dict[str, type] = {
    "department_region": DepartmentRegion,
    "regions_region": Code,
    "regions_network": Network,
    "regions_structure": Structure,
    "operators_operatorcategory": Code,
    "operators_servicelevel": Level,
    "operators_ageband": AgeBand,
    **dict.fromkeys(NOMENCLATURES, Code),
    "beneficiaries_contacttally": ContactTally,
    "beneficiaries_personkey": PersonKey,
    "beneficiaries_journey": Journey,
    "beneficiaries_journeyreason": JourneyReason,
    "beneficiaries_followup": FollowUp,
    "beneficiaries_session": Session,
    "beneficiaries_sessionservice": SessionService,
    "beneficiaries_referral": Referral,
    "beneficiaries_referralevent": ReferralEvent,
    "beneficiaries_synthesisdocument": Document,
    "beneficiaries_financingplan": Plan,
    "beneficiaries_plancost": Cost,
    "beneficiaries_planfunding": Funding,
}

_SELECT: dict[str, str] = {
    "department_region": (
        "SELECT department_id AS department, region_id AS region, starts_on, ends_on"
        " FROM department_region"
    ),
    "regions_region": "SELECT code, starts_on, ends_on FROM regions_region",
    "regions_network": (
        "SELECT network_id AS code, min(starts_on) AS starts_on FROM regions_networkname GROUP BY 1"
    ),
    "regions_structure": "SELECT id, network_id AS network FROM regions_structure",
    "operators_operatorcategory": (
        "SELECT code, starts_on, ends_on FROM operators_operatorcategory"
    ),
    "operators_servicelevel": ("SELECT code, rank, starts_on, ends_on FROM operators_servicelevel"),
    "operators_ageband": "SELECT code, youngest, starts_on, ends_on FROM operators_ageband",
    **{table: f"SELECT code, starts_on, ends_on FROM {table}" for table in NOMENCLATURES},
    "beneficiaries_contacttally": (
        "SELECT structure_id AS structure, department_id AS department, month, channel, theme,"
        " result, age_band FROM beneficiaries_contacttally"
    ),
    "beneficiaries_personkey": (
        "SELECT id, beneficiary_id AS beneficiary, year, encode(key, 'hex') AS key"
        " FROM beneficiaries_personkey"
    ),
    "beneficiaries_journey": (
        "SELECT id, beneficiary_id AS beneficiary, department_id AS department,"
        " category_id AS category, requested_on, opened_on, closed_on,"
        " closed_department_id AS closed_department, outcome_id AS outcome,"
        " exit_situation_id AS exit_situation, main_reason_id AS main_reason,"
        " sex_id AS sex, age, education_level_id AS education_level,"
        " situation_id AS situation,"
        " socio_professional_category_id AS socio_professional_category,"
        " boeth_id AS boeth, sector_id AS sector, contract_type_id AS contract_type,"
        " residence_area_id AS residence_area, arrival_id AS arrival"
        " FROM beneficiaries_journey"
    ),
    "beneficiaries_journeyreason": (
        "SELECT journey_id AS journey, reason_id AS reason FROM beneficiaries_journeyreason"
    ),
    "beneficiaries_followup": (
        "SELECT journey_id AS journey, department_id AS department, starts_on"
        " FROM beneficiaries_followup"
    ),
    "beneficiaries_session": (
        "SELECT id, journey_id AS journey, department_id AS department,"
        " category_id AS category, held_on, channel_id AS channel, level_id AS level, rank, minutes"
        " FROM beneficiaries_session"
    ),
    "beneficiaries_sessionservice": (
        "SELECT id, session_id AS session, service_id AS service FROM beneficiaries_sessionservice"
    ),
    "beneficiaries_referral": (
        "SELECT id, structure_id AS sender, receiver_id AS receiver, journey_id AS journey,"
        " department_id AS department, sent_on, state,"
        " decline_reason_id AS decline_reason FROM beneficiaries_referral"
    ),
    "beneficiaries_referralevent": (
        "SELECT id, referral_id AS referral, state, at AT TIME ZONE 'Europe/Paris' AS at"
        " FROM beneficiaries_referralevent"
    ),
    "beneficiaries_synthesisdocument": (
        "SELECT id, journey_id AS journey FROM beneficiaries_synthesisdocument"
    ),
    "beneficiaries_financingplan": (
        "SELECT id, journey_id AS journey, department_id AS department, closed_on"
        " FROM beneficiaries_financingplan"
    ),
    "beneficiaries_plancost": (
        "SELECT id, plan_id AS plan, amount FROM beneficiaries_plancost WHERE NOT is_withdrawn"
    ),
    "beneficiaries_planfunding": (
        "SELECT f.id AS id, plan_id AS plan, funder_id AS funder, state, asked, granted, asked_on,"
        " decided_on FROM beneficiaries_planfunding f"
        " JOIN operators_fundingright r ON r.code = f.right_id WHERE NOT f.is_withdrawn"
    ),
}

# Only the owner may ask whether a birth date exists: dumped for the truth mode, not otherwise.
BENEFICIARY_TABLE = "beneficiaries_beneficiary"
_SELECT_BENEFICIARY = "SELECT id, birth_date IS NOT NULL AS is_dated FROM beneficiaries_beneficiary"


def _copy(select: str) -> str:
    return f"COPY ({select}) TO STDOUT WITH CSV HEADER"


COPY: dict[str, str] = {table: _copy(select) for table, select in _SELECT.items()}
COPY_FOR_TRUTH: dict[str, str] = {BENEFICIARY_TABLE: _copy(_SELECT_BENEFICIARY)}


# ── Loading ──────────────────────────────────────────────────────────────────────────────────


@cache
def _date(text: str) -> date:
    return date.fromisoformat(text)


@cache
def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


@cache
def _boolean(text: str) -> bool:
    return {"t": True, "f": False}[text]


PARSERS = {
    int: int,
    int | None: lambda text: int(text) if text else None,
    str: sys.intern,
    str | None: lambda text: sys.intern(text) if text else None,
    date: _date,
    datetime: _instant,
    date | None: lambda text: _date(text) if text else None,
    bool: _boolean,
    Decimal: Decimal,
}


def read_table(path: Path, row: type) -> list:
    """The rows of one CSV file; its header must be the fields of `row`."""
    hints = get_type_hints(row)
    parsers = [PARSERS[hints[field]] for field in row._fields]
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        header = tuple(next(lines))
        if header != row._fields:
            raise ValueError(f"{path}: columns {header}, expected {row._fields}")
        return [
            row._make([parse(text) for parse, text in zip(parsers, line, strict=True)])
            for line in lines
        ]


def read_truth(path: Path) -> dict[int, str]:
    """The generator's hidden file: the true person behind each beneficiary."""
    with path.open(encoding="utf-8", newline="") as file:
        return {int(line["beneficiary_id"]): line["person_number"] for line in csv.DictReader(file)}


class Rows:
    """The tables by name, and the few indexes that the counting asks for."""

    def __init__(self, tables: dict[str, list]):
        self.tables = tables

    def __getitem__(self, table: str) -> list:
        return self.tables[table]

    @cached_property
    def journeys(self) -> dict[int, Journey]:
        return {journey.id: journey for journey in self["beneficiaries_journey"]}

    @cached_property
    def sessions_of_journey(self) -> dict[int, list[Session]]:
        """In the order in which they were held."""
        sessions = defaultdict(list)
        for session in self["beneficiaries_session"]:
            sessions[session.journey].append(session)
        for held in sessions.values():
            held.sort(key=lambda session: (session.held_on, session.id))
        return dict(sessions)

    @cached_property
    def sessions(self) -> dict[int, Session]:
        return {session.id: session for session in self["beneficiaries_session"]}

    @cached_property
    def follow_ups_of_journey(self) -> dict[int, list[FollowUp]]:
        follow_ups = defaultdict(list)
        for follow_up in self["beneficiaries_followup"]:
            follow_ups[follow_up.journey].append(follow_up)
        return dict(follow_ups)

    @cached_property
    def reasons_of_journey(self) -> dict[int, set[str]]:
        """The other reasons, without the main one."""
        reasons = defaultdict(set)
        for other in self["beneficiaries_journeyreason"]:
            reasons[other.journey].add(other.reason)
        return dict(reasons)

    @cached_property
    def answers(self) -> dict[int, date]:
        """The day on which each fiche was first accepted or declined."""
        days: dict[int, date] = {}
        for event in sorted(self["beneficiaries_referralevent"], key=lambda event: event.id):
            if event.state in ("accepted", "declined"):
                days.setdefault(event.referral, event.at.date())
        return days

    @cached_property
    def plans(self) -> dict[int, Plan]:
        return {plan.id: plan for plan in self["beneficiaries_financingplan"]}

    @cached_property
    def costs_of_plan(self) -> dict[int, Decimal]:
        costs: dict[int, Decimal] = defaultdict(Decimal)
        for cost in self["beneficiaries_plancost"]:
            costs[cost.plan] += cost.amount
        return costs

    @cached_property
    def fundings_of_plan(self) -> dict[int, list[Funding]]:
        fundings = defaultdict(list)
        for funding in self["beneficiaries_planfunding"]:
            fundings[funding.plan].append(funding)
        return fundings

    @cached_property
    def journeys_with_document(self) -> set[int]:
        return {document.journey for document in self["beneficiaries_synthesisdocument"]}

    @cached_property
    def journeys_sent_and_received(self) -> set[int | None]:
        fiches = self["beneficiaries_referral"]
        return {fiche.journey for fiche in fiches if fiche.state == "received"}

    @cached_property
    def network_of_structure(self) -> dict[int, str]:
        return {structure.id: structure.network for structure in self["regions_structure"]}


def load(folder: Path, *, with_beneficiaries: bool = False) -> Rows:
    """All tables of `folder`; a missing file is an error."""
    tables = {table: read_table(folder / f"{table}.csv", row) for table, row in ROWS.items()}
    if with_beneficiaries:
        tables[BENEFICIARY_TABLE] = read_table(folder / f"{BENEFICIARY_TABLE}.csv", Beneficiary)
    return Rows(tables)
