"""What is not printed: a breakdown by level or by operator where so few people are expected that
most of it would be « s ».

Decided before anything is hidden, on what everybody knows: what the nation prints of the
population, and the inhabitants of the territory. That a cell is not printed says nothing of what
it counts. docs/counting-rules.md, ADR 49.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from indicators.computation import Borders, borders_of
from indicators.definitions import TOTAL, base_in_force
from indicators.secrecy.cells import Figure
from indicators.secrecy.published import Published
from regions.loading import DATA, rows_of
from sprocep.periods import Period
from sprocep.tenancy import NATION

# People that a printed detail may expect in each of its cells, on average.
EXPECTED = 40
# Of fewer in the whole nation, small groups are hidden whole: nothing is left out.
LEAST = 3_000
AXES = ("level", "operator")


class Detail(NamedTuple):
    """Cells of a breakdown that are printed or left out together: all its categories, by level or
    by operator."""

    territory: str
    borders: str
    indicator: str
    population: str
    breakdown: str
    axis: str


def left_out(period: Period, figures: Sequence[Figure], published: Published) -> set[int]:
    """Ids of the figures that have no cell. What was printed before is printed again, no more and
    no less: a territory of which an edition is out keeps its details. A year prints none that one
    of its quarters left out: the three others and the year would tell it."""
    base = {indicator.code for indicator in base_in_force(period)}
    details = [_detail(figure, base) for figure in figures]
    before = {
        _detail(Figure(*cell[2:11], *[None] * 8), base)
        for cell in published.cells
        if cell[0] == period.code
    }
    known = {cell[2:4] for cell in published.cells if cell[0] == period.code}
    not_in_a_part = _left_out_of_parts(period, published, base)
    nation, shares = _nation(period, figures, published), _shares(period)
    thin = set()
    for detail, size in Counter(details).items():
        if detail is None:
            continue
        if detail[:2] in known:
            is_printed = detail in before
        else:
            whole = nation.get((detail.indicator, detail.population), Decimal(0))
            is_expected = whole < LEAST or whole * shares[detail[:2]] >= EXPECTED * size
            is_printed = is_expected and detail not in not_in_a_part
        if not is_printed:
            thin.add(detail)
    return {figure.id for figure, detail in zip(figures, details, strict=True) if detail in thin}


def _left_out_of_parts(period: Period, published: Published, base: Collection[str]) -> set[Detail]:
    """What a shorter period that is out left out of a breakdown whose totals it prints."""
    codes = {cell[0] for cell in published.cells}
    parts = {code for code in codes if period in Period.parse(code).longer}
    printed, by_axis = defaultdict(set), defaultdict(set)
    for cell in published.cells:
        if cell[0] not in parts:
            continue
        figure = Figure(*cell[2:11], *[None] * 8)
        if detail := _detail(figure, base):
            printed[cell[0]].add(detail)
        elif figure.department == TOTAL:
            address = figure.territory, figure.borders, figure.indicator, figure.population
            by_axis[cell[0]] |= {Detail(*address, figure.breakdown, axis) for axis in AXES}
    return set().union(*(by_axis[part] - printed[part] for part in parts))


def _detail(figure: Figure, base: Collection[str]) -> Detail | None:
    """None of what is always printed."""
    axis = "operator" if figure.operator != TOTAL else "level" if figure.level != TOTAL else ""
    is_whole = figure.breakdown == TOTAL or figure.department != TOTAL
    if is_whole or not axis or figure.territory == NATION or figure.indicator not in base:
        return None
    return Detail(
        figure.territory, figure.borders, figure.indicator, figure.population, figure.breakdown,
        axis,
    )  # fmt: skip


def _nation(
    period: Period, figures: Sequence[Figure], published: Published
) -> dict[tuple[str, str], Decimal]:
    """By indicator and population: the whole of the nation, as it is printed now or was before."""
    whole = (TOTAL,) * 5  # department, operator, level, breakdown, category
    printed = {
        cell[4:6]: Decimal(cell[-1])
        for cell in sorted(published.cells, key=lambda cell: cell[:11])
        if cell[0] == period.code and cell[2] == NATION and cell[6:11] == whole
        and cell[-2] == "published"
    }  # fmt: skip
    return printed | {
        (figure.indicator, figure.population): Decimal(figure.value)
        for figure in figures
        if figure.territory == NATION and figure[4:9] == whole and figure.status == "published"
    }


def _shares(period: Period) -> dict[tuple[str, str], Decimal]:
    """Of the inhabitants of the nation, those of each territory."""
    inhabitants = _inhabitants()
    everybody = sum(inhabitants.values())
    return {
        (code, borders.value): Decimal(sum(inhabitants[d] for d in members)) / everybody
        for borders in Borders
        for code, members in borders_of(period, borders).items()
    }


@cache
def _inhabitants() -> dict[str, int]:
    """From a file that never changes: an edition is recoded alike for ever."""
    rows = rows_of(DATA / "department_profiles.csv")
    return {row["code"]: int(row["inhabitants"]) for row in rows}
