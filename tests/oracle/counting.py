"""All cells of a period: restrict the facts first, then derive what is counted."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from tests.oracle.definitions import INDICATORS, Breakdown, Indicator, levels
from tests.oracle.facts import POPULATIONS, Book, Fact, Unit
from tests.oracle.rows import Rows
from tests.oracle.spans import (
    FRANCE,
    borders_day,
    codes_in_force,
    departments,
    parse_period,
    territories,
)

TOTAL = "total"


class Key(NamedTuple):
    territory: str
    indicator: str
    population: str
    department: str
    operator: str
    level: str
    breakdown: str
    category: str


Cells = dict[Key, Decimal | None]


def count(
    rows: Rows,
    period_code: str,
    *,
    borders: str = "date",
    only: list[str] | None = None,
    truth: dict[int, str] | None = None,
) -> Cells:
    """Every cell of the period: of its territories, or of those in `only` whatever they are."""
    period = parse_period(period_code)
    book = Book(rows, period, truth)
    day = borders_day(borders, period)
    cells: Cells = {}
    for population in POPULATIONS:
        facts = _by_department(POPULATIONS[population].facts(book))
        for territory in territories(rows, borders, period) if only is None else only:
            inside = departments(rows, territory, day)
            if not inside:
                raise ValueError(f"{territory} has no département on {day}")
            for department in [TOTAL] if territory == FRANCE else [TOTAL, *inside]:
                there = inside if department == TOTAL else [department]
                placed = [fact for code in there for fact in facts.get(code, [])]
                place = Key(territory, "", population, department, TOTAL, TOTAL, TOTAL, TOTAL)
                cells.update(_cells_of_place(book, placed, place))
    return cells


def _by_department(facts: list[Fact]) -> dict[str, list[Fact]]:
    there = defaultdict(list)
    for fact in facts:
        there[fact.department].append(fact)
    return dict(there)


def _cells_of_place(book: Book, placed: list[Fact], place: Key) -> Iterator:
    """A place is a territory, or one of its départements."""
    derive = POPULATIONS[place.population].units
    indicators = [one for one in INDICATORS if one.population == place.population]
    if place.department != TOTAL:
        indicators = [one for one in indicators if one.by_department]
    categories = codes_in_force(book.rows, "operators_operatorcategory", book.period.last_day)
    for operator in [TOTAL, *categories]:
        facts = [fact for fact in placed if operator in (TOTAL, fact.operator)]
        units = derive(book, facts)
        for indicator in indicators:
            if operator == TOTAL or indicator.by_operator:
                cell = place._replace(indicator=indicator.code, operator=operator)
                yield from _cells_by_level(book, indicator, units, cell)


def _cells_by_level(book: Book, indicator: Indicator, units: list[Unit], cell: Key) -> Iterator:
    """Level and operator never meet."""
    meets = indicator.by_level and cell.operator == TOTAL
    for level in [TOTAL, *levels(book)] if meets else [TOTAL]:
        of_level = [unit for unit in units if level in (TOTAL, unit.level)]
        yield from _cells_by_category(book, indicator, of_level, cell._replace(level=level))


def _cells_by_category(book: Book, indicator: Indicator, units: list[Unit], cell: Key) -> Iterator:
    yield cell, indicator.measure(book, units)
    if cell.department != TOTAL:
        return
    is_total = cell.operator == TOTAL and cell.level == TOTAL
    for breakdown in indicator.breakdowns:
        if breakdown.total_only and not is_total:
            continue
        of_category = _by_category(book, breakdown, units)
        for code in breakdown.codes(book):
            value = indicator.measure(book, of_category.get(code, []))
            yield cell._replace(breakdown=breakdown.name, category=code), value


def _by_category(book: Book, breakdown: Breakdown, units: list[Unit]) -> dict[str, list[Unit]]:
    of_category = defaultdict(list)
    for unit in units:
        for code in breakdown.of(book, unit):
            of_category[code].append(unit)
    return dict(of_category)
