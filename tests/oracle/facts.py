"""The facts of each population in a period, and the units derived from some of them.

A fact has a département and an operator category, on which a cell is restricted. Units are
derived after that, from the facts that are left: a journey, a session, a service, a contact, or a
person.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import date
from typing import NamedTuple

from tests.oracle.rows import (
    BENEFICIARY_TABLE,
    Contact,
    Funding,
    Journey,
    Plan,
    Referral,
    Rows,
    Session,
)
from tests.oracle.spans import Period


class Mobilised(NamedTuple):
    session: Session
    service: str


Row = Contact | Journey | Session | Mobilised | Referral | Plan | Funding


class Fact(NamedTuple):
    department: str
    operator: str | None
    row: Row


class Unit(NamedTuple):
    """What a cell counts. `row` gives its profile: for a person seen, one of her journeys."""

    level: str | None
    row: Row | None


class Book:
    """The rows, opened at a period, with the way to tell persons apart."""

    def __init__(self, rows: Rows, period: Period, truth: dict[int, str] | None = None):
        self.rows = rows
        self.period = period
        self._persons = _keys(rows, period.year) if truth is None else _true(rows, truth)

    def person(self, journey: Journey) -> Hashable:
        return self._persons.get(journey.beneficiary, ("file", journey.beneficiary))


def _keys(rows: Rows, year: int) -> dict[int, Hashable]:
    """The last key of each beneficiary in the year; a file without one is a person of its own."""
    of_year = [row for row in rows["beneficiaries_personkey"] if row.year == year]
    return {row.beneficiary: row.key for row in sorted(of_year, key=lambda row: row.id)}


def _true(rows: Rows, truth: dict[int, str]) -> dict[int, Hashable]:
    """The true person of each file that has a birth date; without one, the file itself."""
    return {row.id: truth[row.id] for row in rows[BENEFICIARY_TABLE] if row.is_dated}


# ── Facts ────────────────────────────────────────────────────────────────────────────────────


def contacts(book: Book) -> list[Fact]:
    return [
        Fact(tally.department, None, contact)
        for tally in book.rows["beneficiaries_contacttally"]
        if tally.month in book.period
        for contact in Contact.of(tally)
    ]


def openings(book: Book) -> list[Fact]:
    return [
        Fact(journey.department, journey.category, journey)
        for journey in book.rows["beneficiaries_journey"]
        if journey.opened_on in book.period
    ]


def closings(book: Book) -> list[Fact]:
    return [
        Fact(journey.closed_department, journey.category, journey)
        for journey in book.rows["beneficiaries_journey"]
        if journey.closed_on in book.period
    ]


def stock(book: Book) -> list[Fact]:
    """Journeys open at the end of the last day, where they are followed on that day."""
    last_day = book.period.last_day
    facts = []
    for journey in book.rows["beneficiaries_journey"]:
        is_closed = journey.closed_on is not None and journey.closed_on <= last_day
        if journey.opened_on > last_day or is_closed:
            continue
        begun = [
            follow_up
            for follow_up in book.rows.follow_ups_of_journey.get(journey.id, [])
            if follow_up.starts_on <= last_day
        ]
        if begun:  # else nothing says where: no département, so no territory
            latest = max(begun, key=lambda follow_up: follow_up.starts_on)
            facts.append(Fact(latest.department, journey.category, journey))
    return facts


def openings_and_closings(book: Book) -> list[Fact]:
    return openings(book) + closings(book)


def sessions(book: Book) -> list[Fact]:
    return [
        Fact(session.department, session.category, session)
        for session in book.rows["beneficiaries_session"]
        if session.held_on in book.period
    ]


def services(book: Book) -> list[Fact]:
    facts = []
    for mobilised in book.rows["beneficiaries_sessionservice"]:
        session = book.rows.sessions[mobilised.session]
        if session.held_on in book.period:
            row = Mobilised(session, mobilised.service)
            facts.append(Fact(session.department, session.category, row))
    return facts


def fiches(*states: str) -> Callable[[Book], list[Fact]]:
    """Fiches de liaison sent in the period that are in one of these states now; all without any."""

    def facts(book: Book) -> list[Fact]:
        return [
            Fact(fiche.department, None, fiche)
            for fiche in book.rows["beneficiaries_referral"]
            if fiche.sent_on in book.period and (not states or fiche.state in states)
        ]

    return facts


def _of_plan(book: Book, plan: Plan, row: Plan | Funding) -> Fact:
    return Fact(plan.department, book.rows.journeys[plan.journey].category, row)


def plans_closed(book: Book) -> list[Fact]:
    plans = book.rows["beneficiaries_financingplan"]
    return [_of_plan(book, plan, plan) for plan in plans if plan.closed_on in book.period]


def fundings_answered(*states: str) -> Callable[[Book], list[Fact]]:
    """Requests that their funder answered in the period, in one of these ways; all without any."""

    def facts(book: Book) -> list[Fact]:
        return [
            _of_plan(book, book.rows.plans[funding.plan], funding)
            for funding in book.rows["beneficiaries_planfunding"]
            if funding.decided_on in book.period and (not states or funding.state in states)
        ]

    return facts


# ── Units ────────────────────────────────────────────────────────────────────────────────────


def highest(held: Iterable[Session]) -> str | None:
    """The level of highest rank among these sessions."""
    ranked = [(session.rank, session.level) for session in held]
    return max(ranked)[1] if ranked else None


def _held_up_to(book: Book, journey: Journey, day: date) -> list[Session]:
    return [s for s in book.rows.sessions_of_journey.get(journey.id, []) if s.held_on <= day]


def journeys_opened(book: Book, facts: list[Fact]) -> list[Unit]:
    units = []
    for fact in facts:
        held = book.rows.sessions_of_journey.get(fact.row.id, [])
        units.append(Unit(held[0].level if held else None, fact.row))
    return units


def journeys_closed(book: Book, facts: list[Fact]) -> list[Unit]:
    held = book.rows.sessions_of_journey
    return [Unit(highest(held.get(fact.row.id, [])), fact.row) for fact in facts]


def journeys_open(book: Book, facts: list[Fact]) -> list[Unit]:
    last_day = book.period.last_day
    return [Unit(highest(_held_up_to(book, fact.row, last_day)), fact.row) for fact in facts]


def persons_started_or_ended(book: Book, facts: list[Fact]) -> list[Unit]:
    held_of_person = defaultdict(list)
    for fact in facts:
        held = _held_up_to(book, fact.row, book.period.last_day)
        held_of_person[book.person(fact.row)].extend(held)
    return [Unit(highest(held), None) for held in held_of_person.values()]


def persons_seen(book: Book, facts: list[Fact]) -> list[Unit]:
    """A person has the profile of the journey opened last among those of these sessions."""
    held_of_person = defaultdict(list)
    for fact in facts:
        journey = book.rows.journeys[fact.row.journey]
        held_of_person[book.person(journey)].append(fact.row)
    units = []
    for held in held_of_person.values():
        journeys = [book.rows.journeys[session.journey] for session in held]
        latest = max(journey.opened_on for journey in journeys)
        opened_last = [journey for journey in journeys if journey.opened_on == latest]
        units.append(Unit(highest(held), min(opened_last, key=lambda journey: journey.id)))
    return units


def sessions_held(book: Book, facts: list[Fact]) -> list[Unit]:
    return [Unit(fact.row.level, fact.row) for fact in facts]


def services_mobilised(book: Book, facts: list[Fact]) -> list[Unit]:
    return [Unit(fact.row.session.level, fact.row) for fact in facts]


def without_level(book: Book, facts: list[Fact]) -> list[Unit]:
    return [Unit(None, fact.row) for fact in facts]


class Population(NamedTuple):
    facts: Callable[[Book], list[Fact]]
    units: Callable[[Book, list[Fact]], list[Unit]]


POPULATIONS = {
    "contacts": Population(contacts, without_level),
    "journeys_opened": Population(openings, journeys_opened),
    "journeys_closed": Population(closings, journeys_closed),
    "journeys_open": Population(stock, journeys_open),
    "persons_started_or_ended": Population(openings_and_closings, persons_started_or_ended),
    "persons_seen": Population(sessions, persons_seen),
    "sessions": Population(sessions, sessions_held),
    "services": Population(services, services_mobilised),
    "referrals": Population(fiches(), without_level),
    "referrals_accepted": Population(fiches("accepted", "missed"), without_level),
    "referrals_received": Population(fiches("received"), without_level),
    "referrals_declined": Population(fiches("declined"), without_level),
    "referrals_unanswered": Population(fiches("sent", "opened", "escalated"), without_level),
    "referrals_withdrawn": Population(fiches("withdrawn"), without_level),
    "financing_plans": Population(plans_closed, without_level),
    "fundings": Population(fundings_answered(), without_level),
    "fundings_granted": Population(fundings_answered("granted"), without_level),
    "fundings_refused": Population(fundings_answered("refused"), without_level),
}
