"""What contains a composed count among all that is published: what a reader may subtract.

For statistical secrecy, which protects all of it together: a count and what contains it leave a
difference that nobody publishes and that must not be small either.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from indicators.definitions import INDICATORS, TOTAL
from indicators.regional.composition import PART, Composition, Filter, Measure

_BY_POPULATION = {
    # population: {breakdown: code} of the counts of the national base.
    population: {
        breakdown.name: indicator.code
        for indicator in INDICATORS
        if indicator.is_count and population in indicator.populations
        for breakdown in indicator.breakdowns
        if not indicator.sources and not indicator.measure
    }
    for population in {name for indicator in INDICATORS for name in indicator.populations}
}


_MARGINS = ("level", "operator")


@dataclass(frozen=True)
class Container:
    """At any address (territory, département, operator, level), the count `code` is at most the
    sum of these cells, `(indicator, breakdown, category)` of the same population and address; equal
    when `is_equal`.

    `category` is « * » where the relation holds for each category of the breakdown. The breakdowns
    `level` and `operator` of a cell stand for these margins, and the relation holds where the
    count's own level and operator are totals."""

    code: str
    breakdown: str
    category: str
    cells: tuple[tuple[str, str, str], ...]
    is_equal: bool = False


def containers(compositions: Iterable[Composition]) -> Iterator[Container]:
    """All relations of these compositions, of one Region or promoted, with the base and among
    themselves. Counts of persons behind other units have none but among themselves."""
    compositions = list(compositions)
    for one in compositions:
        if one.measure == Measure.SHARE:
            base, part = one.count_codes
            yield Container(part, TOTAL, TOTAL, ((base, TOTAL, TOTAL),))
        if one.measure == Measure.PERSONS:
            continue
        for code in one.count_codes:
            yield from _in_the_base(one, code)
    for one in compositions:
        for other in compositions:
            yield from _in_another(one, other)


def filters_of(one: Composition, code: str) -> tuple[Filter, ...]:
    """Of a count: those of a numerator hold with those of its base."""
    return one.filters + (one.part if code.endswith(f".{PART}") else ())


def _is_of_all_units(one: Composition) -> bool:
    """A mean leaves out the units of which nothing is known (a delay without a request date)."""
    return one.is_count or one.measure == Measure.SHARE


def _in_the_base(one: Composition, code: str) -> Iterator[Container]:
    known, filters = _BY_POPULATION[one.population], filters_of(one, code)
    yield Container(
        code,
        TOTAL,
        TOTAL,
        ((one.counted.total, TOTAL, TOTAL),),
        is_equal=not filters and _is_of_all_units(one),
    )
    for name, codes in filters:
        code_of = one.counted.total if name in _MARGINS else known.get(name)
        if code_of:
            cells = tuple((code_of, name, category) for category in codes)
            is_equal = len(filters) == 1 and _is_of_all_units(one)
            yield Container(code, TOTAL, TOTAL, cells, is_equal)
    if one.breakdown in known:
        yield Container(code, one.breakdown, "*", ((known[one.breakdown], one.breakdown, "*"),))


def _in_another(one: Composition, other: Composition) -> Iterator[Container]:
    if one.population != other.population or one.count_unit != other.count_unit:
        return
    for inner in one.count_codes:
        for outer in other.count_codes:
            is_measured = _is_of_all_units(other) or one.subject == other.subject
            if (
                inner != outer
                and is_measured
                and _is_narrower(filters_of(one, inner), filters_of(other, outer))
            ):
                yield Container(inner, TOTAL, TOTAL, ((outer, TOTAL, TOTAL),))


def _is_narrower(inner: tuple[Filter, ...], outer: tuple[Filter, ...]) -> bool:
    """Every filter of the outer one holds for what the inner one keeps."""
    kept: dict[str, set[str]] = {}
    for name, codes in inner:
        kept[name] = kept[name] & set(codes) if name in kept else set(codes)
    return all(name in kept and kept[name] <= set(codes) for name, codes in outer)
