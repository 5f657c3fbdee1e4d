"""One variable for what is one count."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from .files import Block, Blocks, Row
from .public_rules import MEASURES, NATION, TOTAL, WHOLE

Place = frozenset[str]
EVERYWHERE: Place = frozenset({NATION})


@dataclass(frozen=True)
class Sheet:
    """All counts of a place in a period, at one number of the edition. `apart` keeps asunder what
    a family that is set aside would join."""

    period: str
    place: Place
    number: int
    apart: str = ""


Line = tuple[str, str, str]  # population, breakdown, category
ALL = ("", "")


def base(line: Line) -> str:
    """The population, without the indicator that tells labels apart."""
    return line[0].partition(" ")[0]


@dataclass
class Counts:
    """The variables, and what is known of each."""

    sheets: dict[Sheet, dict[Line, dict[str, int]]] = field(default_factory=dict)
    measures: dict[Sheet, dict[tuple[str, str], float]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    hidden_cells: list[int] = field(default_factory=list)
    is_virtual: list[bool] = field(default_factory=list)  # printed nowhere
    beside: dict[int, int] = field(default_factory=dict)  # of these, the printed one of its margin
    is_special: list[bool] = field(default_factory=list)
    rows: list[list[Row]] = field(default_factory=list)  # that print it
    conflicts: list[str] = field(default_factory=list)
    regional: set[str] = field(default_factory=set)  # populations of lines, as in `Line`
    of_persons: set[str] = field(default_factory=set)  # of these, that count persons
    cells: int = 0

    def add(self, name: str, *, is_virtual: bool = False) -> int:
        self.names.append(name)
        self.values.append(np.nan)
        self.lower.append(0)
        self.hidden_cells.append(0)
        self.is_virtual.append(is_virtual)
        self.is_special.append(False)
        self.rows.append([])
        return len(self.names) - 1

    def add_unprinted(self, word: str, printed: int) -> int:
        """A count of the same margin as a printed one."""
        added = self.add(f"{word} {self.names[printed]}", is_virtual=True)
        self.beside[added] = printed
        return added

    def of(self, sheet: Sheet, line: Line, margin: str) -> int | None:
        return self.sheets.get(sheet, {}).get(line, {}).get(margin)


@dataclass
class Geography:
    """Which sheets each block fills, and the Regions whose départements it lists."""

    sheet_of: dict[Block, Sheet] = field(default_factory=dict)
    departments_of: dict[Sheet, list[Sheet]] = field(default_factory=dict)


class Reader:
    """Turns rows into variables: rows that print one count share one. `composed`: the filters of
    counts of a Region's own, as their pages say them."""

    def __init__(
        self, families: set[str], composed: dict[str, dict[str, set[str]]] | None = None
    ) -> None:
        self.families, self.composed = families, composed or {}
        self.counts = Counts()
        self.geography = Geography()

    def take(self, blocks: Blocks) -> None:
        newest: dict[str, int] = defaultdict(lambda: 1)
        for block in blocks:
            newest[block.period] = max(newest[block.period], block.number)
        for block in sorted(blocks):
            rows = blocks[block]
            place = frozenset(row.department for row in rows) - {TOTAL}
            if block.territory == NATION:
                place = EVERYWHERE
            elif not place:
                place = frozenset({f"Region {block.territory}"})
            # Constant borders say no number: they go with the newest.
            self._take(block, rows, place, block.number or newest[block.period])

    def _take(self, block: Block, rows: list[Row], place: Place, number: int) -> None:
        apart = "" if "borders" in self.families else block.borders
        own = Sheet(block.period, place, number, apart)
        self.geography.sheet_of[block] = own
        inner = apart if "departments" in self.families else f"{apart} département"
        parts = {
            code: Sheet(block.period, frozenset({code}), number, inner)
            for code in place
            if len(place) > 1 or inner != apart
        }
        if place != EVERYWHERE:
            self.geography.departments_of[own] = list(parts.values())
        based = {
            row.indicator.removesuffix(".base") for row in rows if row.indicator[-5:] == ".base"
        }
        for row in rows:
            if row.indicator in based:  # a share, a mean, a median: no count
                continue
            self._take_row(
                block, row, own if row.department == TOTAL else parts.get(row.department, own)
            )

    def line(self, row: Row) -> Line:
        population, breakdown, category = row.population, row.breakdown, row.category
        if row.indicator == "E3.undated":
            population = "undated"
        elif row.indicator not in WHOLE:
            population = f"{row.population} {row.indicator}"
            self.counts.regional.add(population)
            if row.unit == "persons":
                self.counts.of_persons.add(population)
        elif "labels" not in self.families:
            population = f"{row.population} {row.indicator}"
        if breakdown == TOTAL:
            return (population, *ALL)
        if row.indicator == "C1.all":
            breakdown = "all_reasons"
        return population, breakdown, category

    def _take_row(self, block: Block, row: Row, sheet: Sheet) -> None:
        counts = self.counts
        if row.indicator in MEASURES:
            if row.value is not None:
                margin = f"{row.breakdown}={row.category}" if row.breakdown != TOTAL else row.margin
                counts.measures.setdefault(sheet, {})[row.indicator, margin] = row.value
            return
        counts.cells += 1
        margins = counts.sheets.setdefault(sheet, {}).setdefault(self.line(row), {})
        if row.margin not in margins:
            named = (block.period, block.territory, block.borders, row.indicator, row.population,
                     row.department, row.margin, row.breakdown, row.category)  # fmt: skip
            margins[row.margin] = counts.add(" ".join(named))
        variable = margins[row.margin]
        counts.is_special[variable] |= row.is_special
        counts.rows[variable].append(row)
        if row.status == "secret":
            counts.hidden_cells[variable] += 1
            counts.lower[variable] = max(counts.lower[variable], 0 if row.is_special else 1)
        elif row.status != "missing":
            self._know(variable, row.value or 0)

    def _know(self, variable: int, value: float) -> None:
        known = self.counts.values[variable]
        if not np.isnan(known) and known != value:
            self.counts.conflicts.append(self.counts.names[variable])
        self.counts.values[variable] = value
