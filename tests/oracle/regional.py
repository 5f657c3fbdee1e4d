"""Regional indicators, counted a second time: a composition is plain data, its units are tried one
by one. Written from `docs/counting-rules.md`, « Regional indicators ».
"""

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from tests.oracle.counting import TOTAL, Cells, Key
from tests.oracle.definitions import age_band, levels, mean, one_decimal, quantile
from tests.oracle.facts import POPULATIONS, Book, Fact, Mobilised, highest
from tests.oracle.rows import Contact, Journey, Rows, Session
from tests.oracle.spans import codes_in_force, departments, parse_period

TABLES = {
    "sex": "operators_sex",
    "age": "operators_ageband",
    "situation": "operators_situation",
    "education_level": "operators_educationlevel",
    "socio_professional_category": "operators_socioprofessionalcategory",
    "sector": "operators_sector",
    "contract_type": "operators_contracttype",
    "residence_area": "operators_residencearea",
    "reason": "operators_reason",
    "service": "operators_service",
    "channel": "operators_channel",
    "outcome": "operators_outcome",
    "exit_situation": "operators_situation",
    "theme": "operators_theme",
    "steering_result": "operators_steeringresult",
}


class Asked(NamedTuple):
    code: str
    population: str
    measure: str
    subject: str = ""
    filters: tuple = ()
    part: tuple = ()
    breakdown: str = ""
    by_level: bool = False
    by_operator: bool = False
    by_department: bool = False


class One(NamedTuple):
    """A unit with all that may be asked of it."""

    level: str | None
    operator: str | None
    row: object
    journey: Journey | None
    sessions: int = 0  # of a person, in the place


def count_asked(rows: Rows, period_code: str, territory: str, asked: Asked) -> Cells:
    """Every cell of this composition, in the borders of the date."""
    book = Book(rows, parse_period(period_code))
    inside = departments(rows, territory, book.period.last_day)
    facts = [f for f in POPULATIONS[asked.population].facts(book) if f.department in inside]
    cells: Cells = {}
    for department in [TOTAL, *inside] if asked.by_department else [TOTAL]:
        placed = [fact for fact in facts if department in (TOTAL, fact.department)]
        for address, units in _margins(book, asked, placed):
            key = Key(territory, "", asked.population, department, *address, TOTAL, TOTAL)
            cells.update(_measured(book, asked, key, units))
            if department == TOTAL and asked.breakdown:
                for code in _codes(book, asked.breakdown):
                    of_code = [u for u in units if value(book, u, asked.breakdown) == code]
                    cell = key._replace(breakdown=asked.breakdown, category=code)
                    cells.update(_measured(book, asked, cell, of_code))
    return cells


def _margins(book: Book, asked: Asked, facts: list[Fact]) -> Iterator[tuple]:
    """((operator, level), units): facts are restricted first, units derived from what is left."""
    whole = _units(book, asked, facts)
    yield (TOTAL, TOTAL), whole
    if asked.by_level:
        for level in levels(book):
            yield (TOTAL, level), [unit for unit in whole if unit.level == level]
    if asked.by_operator:
        for operator in codes_in_force(
            book.rows, "operators_operatorcategory", book.period.last_day
        ):
            own = [fact for fact in facts if fact.operator == operator]
            yield (operator, TOTAL), _units(book, asked, own)


def _units(book: Book, asked: Asked, facts: list[Fact]) -> list[One]:
    if asked.population == "persons_seen":
        return _persons(book, facts)
    derived = POPULATIONS[asked.population].units(book, facts)
    return [
        One(unit.level, fact.operator, unit.row, _journey(book, unit.row))
        for unit, fact in zip(derived, facts, strict=True)
    ]


def _journey(book: Book, row) -> Journey | None:
    match row:
        case Journey():
            return row
        case Session():
            return book.rows.journeys[row.journey]
        case Mobilised():
            return book.rows.journeys[row.session.journey]
        case _:
            return None


def _persons(book: Book, facts: list[Fact]) -> list[One]:
    held_of = defaultdict(list)
    for fact in facts:
        held_of[book.person(book.rows.journeys[fact.row.journey])].append(fact.row)
    found = []
    for held in held_of.values():
        journeys = [book.rows.journeys[session.journey] for session in held]
        last = max(journeys, key=lambda journey: (journey.opened_on, -journey.id))
        found.append(One(highest(held), None, last, last, len(held)))
    return found


def value(book: Book, unit: One, name: str) -> str | None:
    row = unit.row
    match name:
        case "level":
            return unit.level
        case "operator":
            return unit.operator
        case "channel":
            return row.session.channel if isinstance(row, Mobilised) else row.channel
        case "service" | "theme":
            return getattr(row, name)
        case "steering_result":
            return row.result
        case "network":
            return book.rows.network_of_structure[row.structure]
        case "age":
            return row.age_band if isinstance(row, Contact) else age_band(book, unit.journey.age)
        case "reason":
            return unit.journey.main_reason
        case _:
            return getattr(unit.journey, name)


def _codes(book: Book, name: str) -> list[str]:
    if name == "network":
        day = book.period.last_day
        return [n.code for n in book.rows["regions_network"] if n.starts_on <= day]
    return codes_in_force(book.rows, TABLES[name], book.period.last_day)


def _holds(book: Book, unit: One, filters: tuple) -> bool:
    return all(value(book, unit, name) in codes for name, codes in filters)


def taken(book: Book, unit: One, subject: str) -> int | None:
    journey = unit.journey
    match subject:
        case "delay":
            asked_on = journey.requested_on
            return None if asked_on is None else (journey.opened_on - asked_on).days
        case "days":
            return (journey.closed_on - journey.opened_on).days
        case "age":
            return (book.period.last_day - journey.opened_on).days
        case "minutes":
            return unit.row.minutes
        case "sessions" if unit.sessions:
            return unit.sessions
        case "sessions":
            held = book.rows.sessions_of_journey.get(journey.id, [])
            return sum(1 for session in held if session.held_on <= book.period.last_day)


def _measured(book: Book, asked: Asked, key: Key, units: list[One]) -> Iterator[tuple]:
    kept = [unit for unit in units if _holds(book, unit, asked.filters)]
    match asked.measure:
        case "count":
            yield key._replace(indicator=asked.code), len(kept)
        case "persons":
            persons = {book.person(unit.journey) for unit in kept}
            yield key._replace(indicator=asked.code), len(persons)
        case "share":
            part = [unit for unit in kept if _holds(book, unit, asked.part)]
            share = one_decimal(Fraction(100 * len(part), len(kept))) if kept else None
            yield key._replace(indicator=asked.code), share
            yield key._replace(indicator=f"{asked.code}.base"), len(kept)
            yield key._replace(indicator=f"{asked.code}.part"), len(part)
        case _:
            values = [taken(book, unit, asked.subject) for unit in kept]
            values = [one for one in values if one is not None]
            middle = quantile(values, Fraction(1, 2)) if asked.measure == "median" else mean(values)
            yield key._replace(indicator=asked.code), middle
            yield key._replace(indicator=f"{asked.code}.base"), len(values)
