"""Figures of a block by their address, and what is derived from them for reading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce
from operator import or_
from statistics import median
from urllib.parse import quote

from django.db.models import Q
from django.urls import reverse

from indicators.definitions import INDICATORS, TOTAL
from indicators.explain.address import CellAddress
from indicators.exports.blocks import Block
from indicators.models import Edition, EditionCell

BY_CODE = {indicator.code: indicator for indicator in INDICATORS}
# Below this a share or a change is chance more than a fact.
LEAST_BASE = 50
PUBLISHED = EditionCell.Status.PUBLISHED.value
SECRET = EditionCell.Status.SECRET.value
MISSING = EditionCell.Status.MISSING.value
NOT_APPLICABLE = EditionCell.Status.NOT_APPLICABLE.value
NOT_SIGNIFICANT = "not_significant"
PERCENT = "%"
CHANGE = "change"
# Means and quantiles, always with their decimal.
MEASURE = "measure"


@dataclass(frozen=True, slots=True)
class Entry:
    """A value to print, or the status that says why there is none (template filter `cell`)."""

    value: Decimal | None
    status: str
    unit: str
    # Of a figure as it stands in an edition: its address, under the dashboard that explains it.
    address: "Address | None" = field(default=None, compare=False)
    dashboard: str = field(default="", compare=False)

    @property
    def href(self) -> str:
        """From the dashboard's page, or from any where it is named; none for what is derived, or
        does not exist."""
        if self.address is None or self.status == NOT_APPLICABLE:
            return ""
        path, _, query = self.dashboard.partition("?")
        key = quote(CellAddress(*self.address).key, safe=",=")
        return f"{path}expliquer/{key}/{'?' if query else ''}{query}"

    @property
    def is_published(self) -> bool:
        return self.status == PUBLISHED


def unknown(unit: str = "") -> Entry:
    return Entry(None, MISSING, unit)


def share(part: Entry, whole: Entry) -> Entry:
    """Percent of a whole; unknown as soon as either is."""
    for entry in (part, whole):
        if not entry.is_published:
            return Entry(None, entry.status, PERCENT)
    if not whole.value or whole.value < LEAST_BASE:
        return Entry(None, NOT_SIGNIFICANT, PERCENT)
    return Entry(_tenth(part.value * 100 / whole.value), PUBLISHED, PERCENT)


def change(now: Entry, before: Entry) -> Entry:
    """Change in percent from `before` to `now`."""
    for entry in (now, before):
        if not entry.is_published:
            return Entry(None, entry.status, CHANGE)
    if not before.value or before.value < LEAST_BASE:
        return Entry(None, NOT_SIGNIFICANT, CHANGE)
    return Entry(_tenth((now.value - before.value) * 100 / before.value), PUBLISHED, CHANGE)


def added(entries: Iterable[Entry], unit: str = "") -> Entry:
    """The sum of counts. With one hidden or missing there is none: its sign stands there; what does
    not exist adds nothing."""
    there = [entry for entry in entries if entry.status != NOT_APPLICABLE]
    for status in (MISSING, SECRET):
        if any(entry.status == status for entry in there):
            return Entry(None, status, unit)
    if not there:
        return Entry(None, NOT_APPLICABLE, unit)
    return Entry(sum((entry.value for entry in there), Decimal(0)), PUBLISHED, there[0].unit)


def middle(entries: Iterable[Entry], unit: str = "") -> Entry:
    """The median of what does not add up, under the same rule."""
    there = [entry for entry in entries if entry.status != NOT_APPLICABLE]
    for status in (MISSING, SECRET, NOT_SIGNIFICANT):
        if any(entry.status == status for entry in there):
            return Entry(None, status, unit)
    if not there:
        return Entry(None, NOT_APPLICABLE, unit)
    return Entry(_tenth(median(entry.value for entry in there)), PUBLISHED, there[0].unit)


def per_inhabitants(entry: Entry, inhabitants: int) -> Entry:
    """A count for 100,000 inhabitants."""
    if not entry.is_published:
        return replace(entry, unit=MEASURE)
    return Entry(_tenth(entry.value * 100_000 / inhabitants), PUBLISHED, MEASURE)


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def measure(entry: Entry) -> Entry:
    """A mean or a quantile: « 9,0 » stands under « 10,5 »."""
    return replace(entry, unit=MEASURE)


Address = tuple[str, str, str, str, str, str, str]


class Figures:
    """Entries of one block; what the block does not hold is « sans objet » there.

    `received`: percent of the expected returns that came, by category of operator.
    """

    def __init__(
        self, entries: dict[Address, Entry] | None, received: dict[str, Decimal] | None = None
    ):
        self._entries = entries
        self._received = received or {}

    @property
    def completeness(self) -> Decimal | None:
        return self._received.get(TOTAL)

    def returns(self, operator: str = TOTAL) -> Entry:
        """Share of the returns behind the figures of an operator, or of all."""
        if self.get("A1", operator=operator).status == NOT_APPLICABLE:
            return Entry(None, NOT_APPLICABLE, PERCENT)
        return Entry(self._received.get(operator), PUBLISHED, PERCENT)

    def __bool__(self) -> bool:
        return bool(self._entries)

    def get(
        self,
        indicator: str,
        population: str = "",
        *,
        breakdown: str = TOTAL,
        category: str = TOTAL,
        department: str = TOTAL,
        operator: str = TOTAL,
        level: str = TOTAL,
    ) -> Entry:
        if not self._entries:
            return unknown()
        population = population or BY_CODE[indicator].populations[0]
        address = (indicator, population, breakdown, category, department, operator, level)
        return self._entries.get(address) or Entry(None, NOT_APPLICABLE, "")


NOTHING = Figures(None)


class Together(Figures):
    """Several territories as one: counts add up, persons, means and quantiles give their median."""

    def __init__(self, parts: Sequence[Figures]):
        known = [part.completeness for part in parts if part.completeness is not None]
        super().__init__({}, {TOTAL: min(known)} if known else None)
        self._parts = parts

    def __bool__(self) -> bool:
        return True

    def get(self, indicator: str, population: str = "", **address: str) -> Entry:
        entries = [part.get(indicator, population, **address) for part in self._parts]
        return added(entries) if is_additive(indicator, population) else middle(entries)


def is_additive(indicator: str, population: str = "") -> bool:
    """Counts of facts; persons are distinct in each territory."""
    declared = BY_CODE[indicator]
    counted = population or declared.populations[0]
    return declared.is_count and not counted.startswith("persons")


_COLUMNS = (
    "indicator", "population", "breakdown", "category", "department", "operator", "level",
    "value", "status", "unit", "completeness",
)  # fmt: skip


_OPERATOR = _COLUMNS.index("operator")


def figures_of(block: Block) -> Figures:
    """All figures of a block, with links of its own page."""
    return _index(block.cells.values_list(*_COLUMNS), _asked(block))


def totals_of(blocks: Iterable[Block | None], **only) -> dict[Block, Figures]:
    """Figures of several blocks at once: all categories, without level, operator, département.

    `only` restricts further, as filters of `EditionCell`.
    """
    return figures_of_all(blocks, department=TOTAL, operator=TOTAL, level=TOTAL, **only)


def figures_of_all(blocks: Iterable[Block | None], *conditions: Q, **only) -> dict[Block, Figures]:
    """Figures of several blocks at once, those that fulfil the conditions."""
    wanted = list(dict.fromkeys(block for block in blocks if block))
    if not wanted:
        return {}
    cells = EditionCell.objects.filter(
        reduce(or_, (block.is_of_this for block in wanted)), *conditions, **only
    ).values_list("edition_id", "territory", "borders", *_COLUMNS)
    by_block: dict[tuple, list] = {}
    for edition_id, territory, borders, *cell in cells:
        by_block.setdefault((edition_id, territory, borders), []).append(cell)
    return {
        block: _index(
            by_block.get((block.edition.pk, block.territory, block.borders), ()), _page(block)
        )
        for block in wanted
    }


def _page(block: Block) -> str:
    """The dashboard of a block, from any page."""
    address = reverse("indicators:dashboard", args=[block.edition.period, block.territory])
    return f"{address}{_asked(block)}"


def _asked(block: Block) -> str:
    """What the address of a block says beyond its period and territory."""
    if not block.is_edition:
        return f"?perimetre={block.borders}"
    is_former = block.edition.state == Edition.State.SUPERSEDED
    return f"?edition={block.edition.number}" if is_former else ""


def by_department(blocks: Iterable[Block], indicator: str) -> dict[str, Entry]:
    """Whole of an indicator in each département of several blocks, by code."""
    blocks = list(blocks)
    if not blocks:
        return {}
    cells = EditionCell.objects.filter(
        reduce(or_, (block.is_of_this for block in blocks)),
        indicator=indicator,
        population=BY_CODE[indicator].populations[0],
        breakdown=TOTAL,
        operator=TOTAL,
        level=TOTAL,
    ).exclude(department=TOTAL)
    rows = cells.values_list("department", "value", "status", "unit").order_by("department")
    return {code: Entry(*row) for code, *row in rows}


def _index(cells: Iterable, dashboard: str) -> Figures:
    entries, received = {}, {}
    for *address, value, status, unit, completeness in cells:
        place = tuple(address)
        entries[place] = Entry(value, status, unit, place, dashboard)
        received.setdefault(address[_OPERATOR], completeness)
    return Figures(entries, received)
