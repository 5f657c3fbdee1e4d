"""What contains a composed count among all that is published: what a reader may subtract.

Found by what counts mean. A count is of the units of a population that meet some conditions: its
filters, the category, the level, the operator and the département of its address. A printed table
shares the units of a population out among its cells; those of its cells that may hold a unit of
the count contain it together. So « women » lie within the cells of sex and age that say « F », and
« all but the undated » within the entries less those without a date, whoever composed them.

For statistical secrecy, which protects all of it together: a count and what contains it leave a
difference that nobody publishes and that must not be small either.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

from indicators.definitions import INDICATORS, TOTAL, Conditions, Indicator
from indicators.regional.composition import PART, Composition, Measure
from indicators.regional.vocabulary import POPULATIONS

# Persons behind other units, each once a place: those seen behind sessions and services, those of
# journeys among those who started or ended.
_PERSONS_BEHIND = {
    "sessions": "A3",
    "services": "A3",
    "journeys_opened": "A2",
    "journeys_closed": "A2",
}


class Address(NamedTuple):
    territory: str
    borders: str
    indicator: str
    population: str
    department: str
    operator: str
    level: str
    breakdown: str
    category: str


@dataclass(frozen=True)
class Container:
    """The count is at most the sum of these cells, less `without`; equal when `is_equal`.

    `is_of_units`: the cells count what the count does; else the persons behind them are fewer.
    `is_rest`: the same, told by the whole and the other cells.
    """

    cells: tuple[Address, ...]
    without: tuple[Address, ...] = ()
    is_equal: bool = False
    is_of_units: bool = True
    is_rest: bool = False


@dataclass(frozen=True)
class Table:
    """One printed count: in whole, or by a breakdown; by level or by operator; by département in
    whole alone. `says`: what a category tells of its units."""

    indicator: str
    population: str
    filters: Conditions = field(default_factory=dict)
    breakdown: str = TOTAL
    says: Callable[[str], Conditions] = lambda category: {}
    by_level: bool = False
    by_operator: bool = False
    by_department: bool = False
    counts_persons: bool = False  # the distinct ones behind the units
    less: str = ""  # an indicator of the same cells that is taken away
    printed_under: str = ""  # another population than that of its units

    def conditions(self, address: Address) -> dict[str, frozenset[str]]:
        """Of the units of one cell."""
        found = dict(self.filters)
        told = dict(self.says(address.category)) if address.category != TOTAL else {}
        told |= {
            name: frozenset((getattr(address, name),))
            for name in ("level", "operator", "department")
            if getattr(address, name) != TOTAL
        }
        for name, codes in told.items():
            found[name] = found.get(name, codes) & codes
        return found

    def around(
        self, inner: "Table", address: Address, categories: Collection[str]
    ) -> Iterator[Container]:
        """The sets of cells of this table that contain a cell of another one, each once.

        Args:
            categories: those of the breakdown that are printed at this place.
        """
        conditions = inner.conditions(address)
        if self.counts_persons and not inner.counts_persons:
            return
        if not all(
            name in conditions and conditions[name] <= codes for name, codes in self.filters.items()
        ):
            return
        chosen = self._chosen(conditions, categories)
        for margin, department in self._places(conditions, inner):
            place = address._replace(
                indicator=self.indicator,
                population=self.printed_under or self.population,
                department=department,
                operator=TOTAL,
                level=TOTAL,
                breakdown=self.breakdown,
            )
            cells = tuple(
                place._replace(category=category, **({margin: code} if margin else {}))
                for category, code in product(chosen, sorted(conditions.get(margin, {TOTAL})))
            )
            if not cells:
                continue
            container = self._container(cells, inner, conditions, chosen, {margin, department})
            yield container
            if container.is_equal and self.breakdown != TOTAL and not self.counts_persons:
                yield self._rest(container, set(categories) - set(chosen))

    def _rest(self, container: Container, others: Collection[str]) -> Container:
        codes = sorted(others)
        wholes = {cell._replace(breakdown=TOTAL, category=TOTAL): None for cell in container.cells}
        left = [
            whole._replace(breakdown=self.breakdown, category=code)
            for whole in wholes
            for code in codes
        ]
        return Container(tuple(wholes), tuple(left), is_equal=True, is_rest=True)

    def _container(self, cells, inner: "Table", conditions, chosen, place: set[str]) -> Container:
        said = [self.says(category) for category in chosen]
        is_told = all(
            name in place
            or (name == "department" and codes <= place)
            or (name in self.filters and self.filters[name] <= codes)
            or all(name in one and one[name] <= codes for one in said)
            for name, codes in conditions.items()
        )
        is_of_units = self.counts_persons == inner.counts_persons
        return Container(
            cells=cells,
            without=tuple(cell._replace(indicator=self.less) for cell in cells if self.less),
            is_equal=is_told and is_of_units and (len(cells) == 1 or not self.counts_persons),
            is_of_units=is_of_units,
        )

    def _chosen(self, conditions: Conditions, categories: Collection[str]) -> list[str]:
        """Those that may hold a unit; none where the breakdown tells nothing apart."""
        if self.breakdown == TOTAL:
            return [TOTAL]
        chosen = [
            category
            for category in categories
            if all(
                conditions.get(name, codes) & codes for name, codes in self.says(category).items()
            )
        ]
        return [] if len(chosen) == len(categories) else chosen

    def _places(self, conditions: Conditions, inner: "Table") -> Iterator[tuple[str, str]]:
        """(margin, département) of the cells. Persons have another profile in each place: only
        what is counted in the very same one contains them."""
        margins = [""]
        margins += ["level"] if self.by_level and "level" in conditions else []
        margins += ["operator"] if self.by_operator and "operator" in conditions else []
        departments = [TOTAL]
        if self.by_department and self.breakdown == TOTAL:
            departments += sorted(conditions.get("department", ()))
        is_of_persons = POPULATIONS[inner.population].is_of_persons or inner.counts_persons
        for margin, department in product(margins, departments):
            is_there = (margin == "operator", department != TOTAL) == (
                "operator" in conditions,
                "department" in conditions,
            )
            if is_there or not is_of_persons:
                yield margin, department


def tables_of_base() -> list[Table]:
    """Counts of the national base, of what a Region may count."""
    found = []
    for indicator in INDICATORS:
        for population in indicator.populations:
            if population in POPULATIONS and indicator.is_count:
                found += _of_indicator(indicator, population)
    by_code = {indicator.code: indicator for indicator in INDICATORS}
    for population, code in _PERSONS_BEHIND.items():
        (printed,) = by_code[code].populations
        whole = _table(by_code[code], population)
        found.append(_with(whole, by_level=False, counts_persons=True, printed_under=printed))
    return found


def _of_indicator(indicator: Indicator, population: str) -> Iterator[Table]:
    if indicator.code == POPULATIONS[population].total:
        yield _table(indicator, population)
    if indicator.lacks:
        whole = POPULATIONS[population].total
        known = {_has(indicator.lacks): frozenset(("yes",))}
        yield _with(
            _table(indicator, population), indicator=whole, filters=known, less=indicator.code
        )
    for breakdown in indicator.breakdowns:
        if not indicator.sources:
            yield _with(
                _table(indicator, population),
                breakdown=breakdown.name,
                says=breakdown.conditions,
                by_department=False,
            )


def _table(indicator: Indicator, population: str) -> Table:
    return Table(
        indicator.code,
        population,
        by_level=indicator.by_level,
        by_operator=indicator.by_operator,
        by_department=indicator.by_department,
    )


def _with(table: Table, **other) -> Table:
    return Table(**{**table.__dict__, **other})


def tables_of(one: Composition) -> list[Table]:
    """Of each count that it publishes, in whole, then by its breakdown."""
    found = []
    for indicator in one.indicators:
        if indicator.code not in one.count_codes:
            continue
        whole = _with(
            _table(indicator, one.population),
            filters=_conditions(one, indicator.code),
            counts_persons=one.measure == Measure.PERSONS,
        )
        found.append(whole)
        found += [
            _with(whole, breakdown=breakdown.name, says=breakdown.conditions, by_department=False)
            for breakdown in indicator.breakdowns
        ]
    return found


def _conditions(one: Composition, code: str) -> dict[str, frozenset[str]]:
    """Of a numerator those of its base too; a mean leaves out the units of which nothing is
    known (a delay without a request date)."""
    found: dict[str, frozenset[str]] = {}
    chosen = one.filters + (one.part if code.endswith(f".{PART}") else ())
    for name, codes in chosen:
        found[name] = found.get(name, frozenset(codes)) & frozenset(codes)
    if one.subject:
        found[_has(one.subject)] = frozenset(("yes",))
    return found


def _has(subject: str) -> str:
    return f"has {subject}"


class Relations:
    """The containers of composed cells, in the base and among all that is composed with them."""

    def __init__(self, composed: Iterable[Composition]):
        self._own: dict[tuple[str, str], Table] = {}
        self._tables: dict[str, list[Table]] = {}
        for table in tables_of_base():
            self._tables.setdefault(table.population, []).append(table)
        for one in composed:
            for table in tables_of(one):
                self._own[table.indicator, table.breakdown] = table
                self._tables.setdefault(table.population, []).append(table)

    def around(
        self, address: Address, printed: Mapping[tuple[str, str], Collection[str]]
    ) -> Iterator[Container]:
        """Of one composed cell.

        Args:
            printed: the categories of each (indicator, breakdown) of its population there.
        """
        own = self._own[address.indicator, address.breakdown]
        for table in self._tables[address.population]:
            if table.indicator != address.indicator:
                categories = printed.get((table.indicator, table.breakdown), ())
                yield from table.around(own, address, categories)
