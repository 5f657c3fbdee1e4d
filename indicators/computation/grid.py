"""The cells that exist for a territory and period, dense: a zero is a cell.

Each line carries the address of a published figure, and the address (`source`) under which the
counting statements find its value.
"""

from collections.abc import Iterator, Sequence

from indicators.computation.territory import Extent
from indicators.definitions import TOTAL, Indicator, base_in_force, in_force, unit_of
from operators.models import OperatorCategory, ServiceLevel
from sprocep.memory import remembered
from sprocep.periods import Period

GRID = """
CREATE TEMP TABLE grid (
  indicator text, population text, department text, operator text, level text, breakdown text,
  category text, unit text, source text, source_category text, is_count boolean
) ON COMMIT DROP
"""

Line = tuple[str, str, str, str, str, str, str, str, str, str, bool]
Margin = tuple[str, str, str]  # département, operator, level


def margins(indicator: Indicator, operators: list[str], levels: list[str]) -> list[Margin]:
    """Total, by level, by operator: one-way, never crossed."""
    crossings = [(TOTAL, TOTAL, TOTAL)]
    if indicator.by_level:
        crossings += [(TOTAL, TOTAL, level) for level in levels]
    if indicator.by_operator:
        crossings += [(TOTAL, operator, TOTAL) for operator in operators]
    return crossings


@remembered
def operators_in_force(period: Period) -> list[str]:
    day = period.last_day
    rows = OperatorCategory.objects.filter(starts_on__lte=day).exclude(ends_on__lte=day)
    return list(rows.order_by("position").values_list("code", flat=True))


def lines(extent: Extent, composed: Sequence[Indicator] = ()) -> Iterator[Line]:
    period = extent.period
    operators = operators_in_force(period)
    levels = [code for code, _ in in_force(ServiceLevel, period.last_day)]
    for indicator in (*base_in_force(period), *composed):
        everywhere = margins(indicator, operators, levels)
        for population in indicator.populations:
            yield from _lines(indicator, population, extent, everywhere)


def _lines(
    indicator: Indicator, population: str, extent: Extent, everywhere: list[Margin]
) -> Iterator[Line]:
    unit = unit_of(indicator, population)
    source = indicator.measure or TOTAL

    def line(margin: Margin, breakdown: str, category: str, source: str, source_category: str):
        return (
            indicator.code, population, *margin, breakdown, category, unit, source,
            source_category, indicator.is_count,
        )  # fmt: skip

    for margin in everywhere:
        yield line(margin, TOTAL, TOTAL, source, TOTAL)
    if indicator.by_department and not extent.is_nation:
        for department in extent.departments:
            for _, operator, level in everywhere:
                yield line((department, operator, level), TOTAL, TOTAL, source, TOTAL)
    for breakdown in indicator.breakdowns:
        its_margins = everywhere[:1] if breakdown.name == "month" else everywhere
        its_source = indicator.sources.get(breakdown.name, breakdown.name)
        for code, _ in breakdown.codes(extent.period):
            for margin in its_margins:
                yield line(margin, breakdown.name, code, its_source, code)
