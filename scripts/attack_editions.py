"""Attack published editions from their files alone: which secret counts can be worked out?

    python scripts/attack_editions.py FILE…

Reads the CSV files as they were exported, of any periods, territories, borders and numbers, knows
what anybody can read in docs/counting-rules.md, and bounds each hidden count by linear programming.
A count is found when one whole number is left, too narrow when fewer than k are. Needs numpy and
highspy; neither Django nor sprocep. Exit code 1 when a hidden count is found or too narrow.

Every relation belongs to a family, which `--without` sets aside. One that the published figures
themselves deny is not believed, and said. What is called wide was reached by two solutions.
"""

import argparse
import csv
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path

import highspy
import numpy as np

FAMILIES = {
    "labels": "one count printed under several indicators is one count",
    "levels": "levels add up",
    "operators": "categories of operators add up",
    "categories": "the categories of a breakdown add up",
    "departments": "départements add up to their Region",
    "nation": "Regions add up to the nation",
    "borders": "old and new borders: the same départements give the same figures, and add up",
    "months": "a month is the same in its quarter and in its year",
    "periods": "months, quarters and the year add up",
    "stock": "the journeys open at the end of the year are those at the end of its last quarter",
    "flow": "open before, plus entries, less exits, are open after",
    "persons": "persons: no part exceeds the whole, and the parts together cover it",
    "reasons": "a main reason is one of all reasons, and no more than the journeys",
    "undated": "entries without a date of request are entries",
    "thresholds": "a mean or a quantile is published from k units on, a ninth decile from 30",
    "means": "the mean of the whole is the mean of the means of its parts",
    "regional": "a count of a Region's own is a part of its population, a numerator of its base",
    "errata": "an erratum that changes nothing visible around a count leaves it as it was",
}
# What an outsider supposes and cannot read: dropped, one after the other, where contradicted.
GUESSES = ("errata", "thresholds")
COLUMNS = (
    "edition", "period", "region", "indicator", "population", "department", "operator", "level",
    "breakdown", "category", "value", "unit", "status", "completeness",
)  # fmt: skip
TOTAL = "total"
NATION = "FR"
DEPARTMENTS = 101
# Indicators whose total is the size of their population.
WHOLE = (
    "A1", "A2", "A3", "A4", "A5", "A6", "B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "C1.main",
    "C1.all", "D1", "E4", "F1", "I1",
)  # fmt: skip
MEASURES = ("E1.mean", "E1.median", "E2.q1", "E2.median", "E2.q3", "E3.median", "E3.d9")
NINTH_DECILE_UNITS = 30
PERSONS = ("persons_seen", "persons_started_or_ended")
# What keeps the category of the journey's opening, in force or not (docs/counting-rules.md).
CARRIED = ("journeys_closed", "journeys_open", "sessions", "services")
ENDED_CATEGORY = "opacif"
HEALTH_REASON = "M11"


# ── What the files say ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, order=True)
class Block:
    """An edition, or a territory in constant borders."""

    period: str
    territory: str
    borders: str
    number: int

    @classmethod
    def parse(cls, code: str) -> "Block":
        period, territory, last = code.split("/")
        if last.startswith("b"):
            return cls(period, territory, last[1:], 0)
        return cls(period, territory, "date", int(last))


@dataclass(slots=True)
class Row:
    indicator: str
    population: str
    department: str
    margin: str
    breakdown: str
    category: str
    value: float | None
    status: str
    units: int | None
    unit: str = ""

    @property
    def is_special(self) -> bool:
        """Health: a zero is as secret as a one, so a hidden count may be 0."""
        return self.breakdown == "boeth" or (
            self.breakdown == "reason" and self.category == HEALTH_REASON
        )


Blocks = dict[Block, list[Row]]


def read(names: Iterable[Path]) -> Blocks:
    """Rows by block, each once: the files of Regions repeat the nation."""
    lines: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        with open(name, encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            if tuple(next(reader)[: len(COLUMNS)]) != COLUMNS:
                raise SystemExit(f"{name}: not the CSV of an edition")
            for line in reader:
                lines[tuple(line[:10])] = line
    blocks: Blocks = defaultdict(list)
    parsed: dict[str, Block] = {}
    for line in lines.values():
        code = line[0]
        block = parsed.get(code) or parsed.setdefault(code, Block.parse(code))
        blocks[block].append(_row(line))
    return blocks


def _row(line: list[str]) -> Row:
    """Raw figures carry a column more: the units behind the value."""
    _, _, _, indicator, population, department, operator, level, breakdown, category = line[:10]
    value, _, status, _ = line[10:14]
    if level != TOTAL:
        margin = f"level={level}"
    else:
        margin = TOTAL if operator == TOTAL else f"operator={operator}"
    return Row(
        indicator,
        population,
        department,
        sys.intern(margin),
        breakdown,
        category,
        float(value) if value else None,
        status,
        int(line[14]) if len(line) > len(COLUMNS) else None,
        line[11],
    )


def span(period: str) -> range:
    """Months from year 0: `2016` → 12 of them, `2016-T1` → 3, `2016-01` → 1."""
    year, _, part = period.partition("-")
    first = int(year) * 12
    if not part:
        return range(first, first + 12)
    if part.startswith("T"):
        return range(first + int(part[1]) * 3 - 3, first + int(part[1]) * 3)
    return range(first + int(part) - 1, first + int(part))


# ── One variable for what is one count ───────────────────────────────────────────────────────

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
    is_virtual: list[bool] = field(default_factory=list)
    is_special: list[bool] = field(default_factory=list)
    rows: list[list[Row]] = field(default_factory=list)  # that print it
    conflicts: list[str] = field(default_factory=list)
    regional: set[str] = field(default_factory=set)  # populations of lines, as in `Line`
    of_persons: set[str] = field(default_factory=set)  # of these, that count persons
    cells: int = 0

    def add(self, name: str, *, lower: float = 0, is_virtual: bool = False) -> int:
        self.names.append(name)
        self.values.append(np.nan)
        self.lower.append(lower)
        self.hidden_cells.append(0)
        self.is_virtual.append(is_virtual)
        self.is_special.append(False)
        self.rows.append([])
        return len(self.names) - 1

    def of(self, sheet: Sheet, line: Line, margin: str) -> int | None:
        return self.sheets.get(sheet, {}).get(line, {}).get(margin)


@dataclass
class Geography:
    """Which sheets each block fills, and the Regions whose départements it lists."""

    sheet_of: dict[Block, Sheet] = field(default_factory=dict)
    departments_of: dict[Sheet, list[Sheet]] = field(default_factory=dict)


class Reader:
    """Turns rows into variables: rows that print one count share one."""

    def __init__(self, families: set[str]) -> None:
        self.families = families
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
                counts.measures.setdefault(sheet, {})[row.indicator, row.margin] = row.value
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


# ── Relations ────────────────────────────────────────────────────────────────────────────────


@dataclass
class Relation:
    """low ≤ Σ coefficient × count ≤ high. A group is believed or doubted as a whole."""

    group: tuple
    variables: list[int]
    coefficients: list[float]
    low: float = 0
    high: float = 0

    @property
    def family(self) -> str:
        return self.group[0]


ANY = np.inf


class Relations:
    """All that ties the counts to each other, by family."""

    def __init__(self, reader: Reader, threshold: int, departments: int) -> None:
        self.reader, self.counts = reader, reader.counts
        self.families, self.threshold = reader.families, threshold
        self.departments = departments
        self.found: list[Relation] = []

    def all(self) -> list[Relation]:
        for sheet in list(self.counts.sheets):
            self._within(sheet)
        self._geography()
        self._time()
        if "errata" in self.families:
            self._errata()
        return [relation for relation in self.found if relation.family in self.families]

    def _sum(
        self, group: tuple, parts: list[int], whole: int, low: float = 0, high: float = 0
    ) -> None:
        """low ≤ Σ parts − whole ≤ high."""
        self.found.append(Relation(group, [*parts, whole], [1.0] * len(parts) + [-1.0], low, high))

    def _is_persons(self, line: Line) -> bool:
        return base(line) in PERSONS or line[0] in self.counts.of_persons

    def _is_operator_sum_whole(self, line: Line, margins: Iterable[str]) -> bool:
        return f"operator={ENDED_CATEGORY}" in margins or base(line) not in CARRIED

    # Within one place and period

    def _within(self, sheet: Sheet) -> None:
        lines = self.counts.sheets[sheet]
        for line, margins in lines.items():
            if TOTAL in margins:
                self._margins(sheet, line, margins)
        columns: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for (population, breakdown, _), margins in lines.items():
            if (
                breakdown
                and breakdown != "all_reasons"
                and population not in self.counts.of_persons
            ):
                for margin, variable in margins.items():
                    columns[population, breakdown, margin].append(variable)
        for (population, breakdown, margin), parts in columns.items():
            whole = lines.get((population, *ALL), {}).get(margin)
            if whole is not None:
                group = ("categories", population, breakdown, sheet.period)
                self._sum(group, parts, whole)
        self._reasons(sheet, lines)
        self._undated(sheet, lines)
        if "regional" in self.families:
            self._regional(sheet, lines)
        self._units_behind(sheet, lines)
        self._means_of_operators(sheet, lines)

    def _margins(self, sheet: Sheet, line: Line, margins: dict[str, int]) -> None:
        population, whole = line[0], margins[TOTAL]
        levels = [v for margin, v in margins.items() if margin.startswith("level=")]
        operators = [v for margin, v in margins.items() if margin.startswith("operator=")]
        if levels and line[0] not in self.counts.of_persons:
            self._sum(("levels", population, line[1], sheet.period), levels, whole)
        if not operators:
            return
        if self._is_persons(line):
            group = ("persons", "operators", population, sheet.period)
            self._cover(group, operators, whole, is_counted=line[1:] == ALL)
        else:
            low = 0 if self._is_operator_sum_whole(line, margins) else -ANY
            self._sum(("operators", population, line[1], sheet.period), operators, whole, low)

    def _cover(
        self, group: tuple, parts: list[int], whole: int, *, is_counted: bool, covers: bool = True
    ) -> None:
        """Persons: what the parts count twice is itself a count of persons where `is_counted`."""
        if is_counted:
            for part in parts:
                self._sum(group, [part], whole, low=-ANY)
        if not covers:
            return
        if is_counted and "persons" in self.families:
            twice = self.counts.add(f"twice {self.counts.names[whole]}", is_virtual=True)
            terms = [1.0] * len(parts) + [-1.0, -1.0]
            self.found.append(Relation(group, [*parts, whole, twice], terms))
        else:
            self._sum(group, parts, whole, high=ANY)

    def _reasons(self, sheet: Sheet, lines: dict) -> None:
        for (population, breakdown, reason), margins in list(lines.items()):
            if breakdown != "all_reasons":
                continue
            main = lines.get((population.replace("C1.all", "C1.main"), "reason", reason), {})
            whole = lines.get((population, *ALL), {})
            for margin, variable in margins.items():
                group = ("reasons", sheet.period)
                if margin in main:
                    self._sum(group, [main[margin]], variable, low=-ANY)
                if margin in whole:
                    self._sum(group, [variable], whole[margin], low=-ANY)

    def _entries(self, lines: dict) -> dict[str, int]:
        return lines.get(("journeys_opened", *ALL)) or lines.get(("journeys_opened A1", *ALL), {})

    def _undated(self, sheet: Sheet, lines: dict) -> None:
        """Entries with a date of request are entries less those without: a count too."""
        if "undated" not in self.families:
            return
        entries, measures = self._entries(lines), self.counts.measures.get(sheet, {})
        for margin, undated in lines.get(("undated", *ALL), {}).items():
            if margin not in entries:
                continue
            name = f"dated {self.counts.names[undated]}"
            dated = self.counts.add(name, is_virtual=True)
            if "thresholds" in self.families:
                if ("E3.median", margin) in measures:
                    self.counts.lower[dated] = self.threshold
                if ("E3.d9", margin) in measures:
                    self.counts.lower[dated] = NINTH_DECILE_UNITS
            self.found.append(
                Relation(
                    ("undated", sheet.period), [entries[margin], undated, dated], [1.0, -1.0, -1.0]
                )
            )

    def _regional(self, sheet: Sheet, lines: dict) -> None:
        """A part of what the base counts at the same address, or of its own denominator; what is
        left is a count too."""
        for (population, *category), margins in list(lines.items()):
            if population not in self.counts.regional:
                continue
            counted, _, indicator = population.partition(" ")
            wholes = [(counted, *category)]
            if indicator.endswith(".part"):
                wholes.append((population.removesuffix("part") + "base", *category))
            for whole in wholes:
                for margin, variable in margins.items():
                    if margin in lines.get(whole, {}):
                        self._beside(sheet, variable, lines[whole][margin])

    def _beside(self, sheet: Sheet, part: int, whole: int) -> None:
        rest = self.counts.add(f"beside {self.counts.names[part]}", is_virtual=True)
        group = ("regional", sheet.period, sheet.place)
        self.found.append(Relation(group, [whole, part, rest], [1.0, -1.0, -1.0]))

    def _exits(self, lines: dict, margin: str) -> list[int]:
        """The variables whose sum is the exits of a margin: by level, sets with that highest."""
        exits = lines.get(("journeys_closed", *ALL)) or lines.get(("journeys_closed A5", *ALL), {})
        if margin in exits:
            return [exits[margin]]
        level = margin.removeprefix("level=")
        return [
            margins[TOTAL]
            for (_, breakdown, levels), margins in lines.items()
            if breakdown == "journey_type" and levels.endswith(level) and TOTAL in margins
        ]

    def _units_behind(self, sheet: Sheet, lines: dict) -> None:
        for indicator, margin in self.counts.measures.get(sheet, {}):
            exits = self._exits(lines, margin) if indicator[:2] in ("E1", "E2") else []
            if exits:
                self.found.append(
                    Relation(("thresholds",), exits, [1.0] * len(exits), self.threshold, ANY)
                )

    def _means_of_operators(self, sheet: Sheet, lines: dict) -> None:
        means = self.counts.measures.get(sheet, {})
        for axis in ("operator", "level"):
            parts = [m for i, m in means if i == "E1.mean" and m.startswith(axis)]
            tied = [(means["E1.mean", m], self._exits(lines, m)) for m in parts]
            whole = self._exits(lines, TOTAL)
            if tied and ("E1.mean", TOTAL) in means and len(parts) == self._axis(lines, axis):
                self._mean(sheet, tied, (means["E1.mean", TOTAL], whole))

    def _axis(self, lines: dict, axis: str) -> int:
        """How many operators or levels there are, with exits or not."""
        entries = self._entries(lines)
        return sum(1 for margin in entries if margin.startswith(axis))

    def _mean(self, sheet: Sheet, parts: list[tuple[float, list[int]]], whole: tuple) -> None:
        """Means are rounded to a tenth: each may be 0.05 off, the sums lie between."""
        for sign in (1, -1):
            variables, coefficients = [], []
            for mean, counted in parts:
                variables += counted
                coefficients += [sign * mean - 0.05] * len(counted)
            variables += whole[1]
            coefficients += [-(sign * whole[0] + 0.05)] * len(whole[1])
            group = ("means", sheet.period)
            self.found.append(Relation(group, variables, coefficients, -ANY, 0))

    # Between places

    def _geography(self) -> None:
        for region, departments in self.reader.geography.departments_of.items():
            group = ("departments", region.period, region.place)
            self._parts(group, departments, region, covers=True)
        snapshots: dict[tuple, dict[Place, list[Sheet]]] = defaultdict(lambda: defaultdict(list))
        sheets = set(self.reader.geography.sheet_of.values())
        for period in {sheet.period for sheet in sheets}:
            here = [sheet for sheet in sheets if sheet.period == period]
            for moment in {sheet.number for sheet in here}:
                for block, sheet in self._current(period, moment).items():
                    apart = sheet.apart if block.territory != NATION else "date"
                    key = (period, moment, apart if sheet.apart else "")
                    if sheet not in snapshots[key][sheet.place]:
                        snapshots[key][sheet.place].append(sheet)
        for key, places in snapshots.items():
            self._tree(key, places)

    def _current(self, period: str, moment: int) -> dict[Block, Sheet]:
        """Of each territory the newest sheet at a moment."""
        newest: dict[tuple[str, str], Block] = {}
        for block, sheet in sorted(self.reader.geography.sheet_of.items(), key=lambda kv: kv[0]):
            if block.period == period and sheet.number <= moment:
                newest[block.territory, block.borders] = block
        return {block: self.reader.geography.sheet_of[block] for block in newest.values()}

    def _tree(self, key: tuple, places: dict[Place, list[Sheet]]) -> None:
        for place, sheets in places.items():
            for one, other in pairwise(sheets):
                self._same(("borders", *key, place), one, other)
            inner = [p for p in places if p != place and (place == EVERYWHERE or p < place)]
            largest = [p for p in inner if not any(p < q for q in inner)]
            if not largest:
                continue
            union = frozenset().union(*largest)
            size = self.departments if place == EVERYWHERE else len(place)
            family = "nation" if place == EVERYWHERE else "borders"
            is_apart = sum(map(len, largest)) == len(union)
            if is_apart:
                parts = [places[p][-1] for p in largest]
                self._parts((family, *key, place), parts, sheets[-1], covers=len(union) == size)

    def _parts(self, group: tuple, parts: list[Sheet], whole: Sheet, *, covers: bool) -> None:
        """The lines that all these sheets have add up, persons cover."""
        for line, margins in self.counts.sheets.get(whole, {}).items():
            if not parts:
                return
            for margin, variable in list(margins.items()):
                inner = [self.counts.of(part, line, margin) for part in parts]
                if all(v is None for v in inner):
                    continue
                whole_set = covers and None not in inner
                known = [v for v in inner if v is not None]
                if self._is_persons(line):
                    if is_mixed(line, margin):
                        continue
                    is_counted = line[1:] == ALL and not margin.startswith("level=")
                    self._cover_places(group, known, variable, is_counted, whole_set)
                else:
                    self._sum(group, known, variable, 0 if whole_set else -ANY)

    def _cover_places(self, group, parts, whole, is_counted, covers) -> None:
        # Off with either family: persons, or the one that knows these places.
        if group[0] in self.families:
            renamed = ("persons", *group)
            self._cover(renamed, parts, whole, is_counted=is_counted, covers=covers)

    def _same(self, group: tuple, one: Sheet, other: Sheet) -> None:
        for line, margins in self.counts.sheets.get(one, {}).items():
            for margin, variable in margins.items():
                twin = self.counts.of(other, line, margin)
                if twin is not None:
                    self._sum(group, [variable], twin)

    # Between periods

    def _time(self) -> None:
        numbers: dict[tuple, dict[str, list[Sheet]]] = defaultdict(lambda: defaultdict(list))
        for sheet in self.counts.sheets:
            numbers[sheet.place, sheet.apart][sheet.period].append(sheet)
        for (place, _), by_period in numbers.items():
            newest = {p: max(s, key=lambda sheet: sheet.number) for p, s in by_period.items()}
            for period, sheet in newest.items():
                self._longer(place, sheet, [newest[p] for p in tiling(period, newest)])
                self._months(place, sheet, newest)
                for other, before in newest.items():
                    if span(other)[-1] == span(period)[-1] and len(span(other)) < len(span(period)):
                        self._stock(place, before, sheet)
                    if span(other)[-1] + 1 == span(period)[0]:
                        self._flow(place, before, sheet)

    def _longer(self, place: Place, whole: Sheet, parts: list[Sheet]) -> None:
        if not parts:
            return
        group = ("periods", whole.period, place)
        for line, margins in self.counts.sheets[whole].items():
            for margin, variable in list(margins.items()):
                inner = [self.counts.of(part, line, margin) for part in parts]
                if None in inner or line[1] == "month" or base(line) == "journeys_open":
                    continue
                if self._is_persons(line) and is_mixed(line, margin):
                    continue
                if not self._is_persons(line):
                    self._sum(group, inner, variable)
                # Whose journeys were opened or closed: their level may rise after the period.
                elif base(line) == "persons_seen" or not margin.startswith("level="):
                    self._longer_persons(group, inner, variable, line, margin)

    def _longer_persons(self, group, parts, whole, line: Line, margin: str) -> None:
        if "persons" not in self.families:
            return
        self._sum(group, parts, whole, high=ANY)
        if line[1:] == ALL and not margin.startswith("level="):
            for part in parts:
                self._sum(group, [part], whole, low=-ANY)

    def _months(self, place: Place, sheet: Sheet, newest: dict[str, Sheet]) -> None:
        """The month of this period is that of any shorter one, and the month's own total."""
        lines = self.counts.sheets[sheet]
        for (population, breakdown, month), margins in lines.items():
            if breakdown != "month":
                continue
            for other in newest.values():
                twin = self.counts.of(other, (population, "month", month), TOTAL)
                if other.period == month:
                    twin = self._entries(self.counts.sheets[other]).get(TOTAL)
                if twin is not None and len(span(other.period)) < len(span(sheet.period)):
                    group = ("months", sheet.period, other.period, place)
                    self._sum(group, [margins[TOTAL]], twin)

    def _line_of(self, sheet: Sheet, population: str, indicator: str) -> dict[str, int]:
        lines = self.counts.sheets[sheet]
        return lines.get((population, *ALL)) or lines.get((f"{population} {indicator}", *ALL), {})

    def _stock(self, place: Place, shorter: Sheet, longer: Sheet) -> None:
        group = ("stock", longer.period, shorter.period, place)
        twins = self._line_of(shorter, "journeys_open", "A4")
        for margin, variable in self._line_of(longer, "journeys_open", "A4").items():
            if margin in twins:
                self._sum(group, [variable], twins[margin])

    def _flow(self, place: Place, before: Sheet, after: Sheet) -> None:
        group = ("flow", before.period, after.period, place)
        then = self._line_of(before, "journeys_open", "A4")
        entries = self._line_of(after, "journeys_opened", "A1")
        exits = self._line_of(after, "journeys_closed", "A5")
        for margin, now in self._line_of(after, "journeys_open", "A4").items():
            if all(margin in line for line in (then, entries, exits)):
                terms = [then[margin], entries[margin], exits[margin], now]
                self.found.append(Relation(group, terms, [1.0, 1.0, -1.0, -1.0]))

    # Between numbers of one edition

    def _errata(self) -> None:
        """A hidden count around which nothing visible moved is taken as unmoved."""
        numbers: dict[tuple, list[Sheet]] = defaultdict(list)
        for sheet in self.counts.sheets:
            numbers[sheet.period, sheet.place, sheet.apart].append(sheet)
        for sheets in numbers.values():
            for one, other in pairwise(sorted(sheets, key=lambda sheet: sheet.number)):
                moved = self._moved(one, other)
                group = ("errata", one.period, one.place, other.number)
                for line, margin, variable, twin in self._twins(one, other):
                    if not self._is_seen(variable, twin) and not moved & sums_of(line, margin):
                        self._sum(group, [variable], twin)

    def _twins(self, one: Sheet, other: Sheet) -> Iterator[tuple[Line, str, int, int]]:
        for line, margins in self.counts.sheets[one].items():
            for margin, variable in margins.items():
                twin = self.counts.of(other, line, margin)
                if twin is not None:
                    yield line, margin, variable, twin

    def _is_seen(self, *variables: int) -> bool:
        return not any(np.isnan(self.counts.values[variable]) for variable in variables)

    def _moved(self, one: Sheet, other: Sheet) -> set[tuple]:
        """Sums in which a visible count changed, or whose total is hidden."""
        values, found = self.counts.values, set()
        for line, margin, variable, twin in self._twins(one, other):
            is_seen = self._is_seen(variable, twin)
            if is_seen and values[variable] != values[twin]:
                found |= sums_of(line, margin)
            if not is_seen or values[variable] != values[twin]:
                found |= {("row", line)} if margin == TOTAL else set()
                found |= {("columns", line[0], margin)} if line[1:] == ALL else set()
        return found

    def small_differences(self) -> int:
        """Counts seen in two numbers that differ by 1 to k − 1: they show a few people."""
        numbers: dict[tuple, list[Sheet]] = defaultdict(list)
        for sheet in self.counts.sheets:
            numbers[sheet.period, sheet.place, sheet.apart].append(sheet)
        values = self.counts.values
        return sum(
            0 < abs(values[variable] - values[twin]) < self.threshold
            for sheets in numbers.values()
            for one, other in pairwise(sorted(sheets, key=lambda sheet: sheet.number))
            for _, _, variable, twin in self._twins(one, other)
            if self._is_seen(variable, twin)
        )


def sums_of(line: Line, margin: str) -> set[tuple]:
    """The sums that a count is a part of: the margins of its line, the categories of its column."""
    sums: set[tuple] = set() if margin == TOTAL else {("row", line)}
    if line[1:] != ALL:
        sums |= {("column", *line[:2], margin), ("columns", line[0], margin)}
    return sums


def is_mixed(line: Line, margin: str) -> bool:
    """The profile comes from one journey of a person, the level from another perhaps: in a part
    where only one of the two is, the person is in another cell."""
    return line[1:] != ALL and margin.startswith("level=")


def tiling(period: str, others: Iterable[str]) -> list[str]:
    """The fewest shorter periods that make up this one, or none."""
    whole, found, at = span(period), [], span(period)[0]
    shorter = sorted((p for p in others if len(span(p)) < len(whole)), key=lambda p: -len(span(p)))
    while at <= whole[-1]:
        next_one = next((p for p in shorter if span(p)[0] == at and span(p)[-1] <= whole[-1]), None)
        if next_one is None:
            return []
        found.append(next_one)
        at = span(next_one)[-1] + 1
    return found


# ── Arrays: the relations over what is not known ─────────────────────────────────────────────


class Contradiction(ValueError):
    """No counts at all satisfy what the files say."""


@dataclass
class System:
    """low ≤ A x ≤ high and lower ≤ x ≤ upper, over the unknown counts; `of` says which they are."""

    starts: np.ndarray
    columns: np.ndarray
    coefficients: np.ndarray
    low: np.ndarray
    high: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    of: np.ndarray

    @property
    def rows(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.low)), np.diff(self.starts))


def system_of(counts: Counts, relations: list[Relation]) -> tuple[System, list[str]]:
    """The believed relations over the unknown counts, and the names of the doubted groups."""
    values = np.array(counts.values)
    sizes = np.array([len(relation.variables) for relation in relations], dtype=np.int64)
    columns = np.array([v for r in relations for v in r.variables], dtype=np.int64)
    coefficients = np.array([c for r in relations for c in r.coefficients])
    low = np.array([relation.low for relation in relations])
    high = np.array([relation.high for relation in relations])
    rows = np.repeat(np.arange(len(relations)), sizes)
    is_unknown = np.isnan(values)[columns]
    known = np.bincount(rows, np.where(is_unknown, 0, coefficients * values[columns]), len(low))
    left = np.bincount(rows, is_unknown, len(low))
    is_denied = (left == 0) & ((known < low - 1e-6) | (known > high + 1e-6))
    doubted = {relations[row].group for row in np.flatnonzero(is_denied)}
    is_believed = np.array([relation.group not in doubted for relation in relations], dtype=bool)
    keep = is_believed & (left > 0)
    used = is_unknown & keep[rows]
    of = np.flatnonzero(np.isnan(values))
    rank = np.full(len(values), -1)
    rank[of] = np.arange(len(of))
    system = System(
        np.concatenate([[0], np.cumsum(np.bincount(rows[used], minlength=len(low))[keep])]),
        rank[columns[used]],
        coefficients[used],
        (low - known)[keep],
        (high - known)[keep],
        np.array(counts.lower)[of],
        np.full(len(of), np.inf),
        of,
    )
    return system, sorted(" ".join(map(str, group)) for group in doubted)


def tighten(system: System, rounds: int = 200) -> None:
    """Bounds that follow from single relations, until no bound moves: whole numbers.

    Raises:
        Contradiction: a count with no number left.
    """
    rows, columns, coefficients = system.rows, system.columns, system.coefficients
    is_up = coefficients > 0
    for _ in range(rounds):
        lower, upper = system.lower.copy(), system.upper.copy()
        below = np.where(is_up, coefficients * lower[columns], coefficients * upper[columns])
        above = np.where(is_up, coefficients * upper[columns], coefficients * lower[columns])
        room = system.high[rows] - _rest(rows, below, len(system.low))
        need = system.low[rows] - _rest(rows, above, len(system.low))
        most = np.where(is_up, room, need) / coefficients
        least = np.where(is_up, need, room) / coefficients
        np.minimum.at(upper, columns, np.floor(most + 1e-6))
        np.maximum.at(lower, columns, np.ceil(least - 1e-6))
        if np.any(lower > upper):
            raise Contradiction(np.flatnonzero(lower > upper))
        if np.array_equal(lower, system.lower) and np.array_equal(upper, system.upper):
            return
        system.lower, system.upper = lower, upper


def _rest(rows: np.ndarray, terms: np.ndarray, count: int) -> np.ndarray:
    """Of each term, the sum of the others of its row; infinite where one of them is."""
    is_infinite = np.isinf(terms)
    finite = np.where(is_infinite, 0, terms)
    sums = np.bincount(rows, finite, count)[rows] - finite
    others = np.bincount(rows, is_infinite, count)[rows] - is_infinite
    sign = np.sign(terms[is_infinite][0]) if is_infinite.any() else 0
    return np.where(others > 0, sign * np.inf, sums)


def without_fixed(system: System) -> System:
    """Counts with one number left become constants; what ties nothing any more goes."""
    is_free = system.lower < system.upper
    rows = system.rows
    at = system.lower[system.columns]
    fixed = np.where(
        is_free[system.columns], 0, system.coefficients * np.where(np.isinf(at), 0, at)
    )
    constant = np.bincount(rows, fixed, len(system.low))
    used = is_free[system.columns]
    left = np.bincount(rows[used], minlength=len(system.low))
    keep = left > 0
    rank = np.cumsum(is_free) - 1
    return System(
        np.concatenate([[0], np.cumsum(left[keep])]),
        rank[system.columns[used]],
        system.coefficients[used],
        (system.low - constant)[keep],
        (system.high - constant)[keep],
        system.lower[is_free],
        system.upper[is_free],
        system.of[is_free],
    )


# ── Linear programs ──────────────────────────────────────────────────────────────────────────


class Program:
    """A linear program kept between solves: another objective starts from the last solution."""

    def __init__(self, lower, upper, low, high, starts, columns, coefficients, **options) -> None:
        self.model = highspy.Highs()
        for name, value in {
            "output_flag": False,
            "log_to_console": False,
            **options,
        }.items():
            self.model.setOptionValue(name, value)
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = len(lower), len(low)
        program.col_cost_ = np.zeros(len(lower))
        program.col_lower_, program.col_upper_ = lower, upper
        program.row_lower_, program.row_upper_ = low, high
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = starts
        program.a_matrix_.index_ = columns
        program.a_matrix_.value_ = coefficients
        self.model.passModel(program)
        self.model.changeObjectiveSense(highspy.ObjSense.kMaximize)
        self.size = len(lower)

    def maximise(self, costs: np.ndarray) -> np.ndarray | None:
        """A best solution; None where there is none at all."""
        self.model.changeColsCost(self.size, np.arange(self.size, dtype=np.int32), costs)
        self.model.run()
        status = self.model.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kUnknown):
            raise RuntimeError(f"HiGHS: {status}")
        return np.array(self.model.getSolution().col_value)


SIMPLEX = {"presolve": "off", "solver": "simplex", "simplex_strategy": 4}
INTERIOR = {"solver": "ipm", "run_crossover": "off"}
EXACT = 1e-6
FAR = 1e6  # stands for an upper bound that nothing gives


def centre(system: System, cap: float) -> np.ndarray:
    """A solution with as many counts as can be `cap` above their least, inside and not at a corner.

    Raises:
        Contradiction: there is no solution.
    """
    size = len(system.lower)
    upper = np.minimum(system.upper, system.lower + FAR) - system.lower
    first = np.minimum(upper / 2, cap)
    at_least = np.bincount(
        system.rows, system.coefficients * system.lower[system.columns], len(system.low)
    )
    program = Program(
        np.zeros(2 * size),
        np.concatenate([first, upper - first]),
        system.low - at_least,
        system.high - at_least,
        system.starts * 2,
        np.stack([system.columns, system.columns + size], axis=1).ravel(),
        np.repeat(system.coefficients, 2),
        **INTERIOR,
    )
    found = program.maximise(np.concatenate([np.ones(size), np.zeros(size)]))
    if found is None:
        raise Contradiction(np.array([], dtype=int))
    return system.lower + found[:size] + found[size:]


# ── The judge ────────────────────────────────────────────────────────────────────────────────


class Judge:
    """Widens what is seen of each count by solutions, and closes what cannot be widened.

    A ball is a part of the system around a count. Moved inside it alone, from a solution of the
    whole, a count shows how wide it is at least; with the relations outside it forgotten, how wide
    at most. Where the two do not decide, the ball grows, to the whole at last.
    """

    SIZES = (60, 400, 4_000)

    def __init__(
        self, system: System, targets: np.ndarray, is_virtual: np.ndarray, width: float
    ) -> None:
        self.system, self.width, self.is_virtual = system, width, is_virtual
        self.chance = np.random.default_rng(0)
        self.start = centre(system, 2 * width)
        self.least, self.most = self.start.copy(), self.start.copy()
        self.activity = np.bincount(
            system.rows, system.coefficients * self.start[system.columns], len(system.low)
        )
        self.open = targets & ~self.is_safe(np.arange(len(targets)))
        self.narrow: dict[int, tuple[int, int]] = {}
        self.programs = 0
        bounds = zip(system.starts[:-1].tolist(), system.starts[1:].tolist(), strict=True)
        columns, coefficients = system.columns.tolist(), system.coefficients.tolist()
        self.row = [list(zip(columns[a:b], coefficients[a:b], strict=True)) for a, b in bounds]
        self.rows_of: list[list[int]] = [[] for _ in system.lower]
        for rank in sorted(range(len(self.row)), key=lambda rank: len(self.row[rank])):
            for column, _ in self.row[rank]:
                self.rows_of[column].append(rank)

    def judge(self) -> None:
        self._widen_all()
        for target in np.flatnonzero(self.open).tolist():
            if self.open[target]:
                self._decide(target)

    def _widen_all(self) -> None:
        """All that are open at once, each up or down by chance, as long as that closes many. An
        interior point moves thousands, where a corner of the simplex moves few."""
        everything = np.arange(len(self.open))
        rows = np.arange(len(self.system.low))
        lower, upper, low, high = self._room(everything, rows, 1.5 * self.width)
        program = Program(
            lower,
            upper,
            low,
            high,
            self.system.starts,
            self.system.columns,
            self.system.coefficients,
            **INTERIOR,
        )
        while self.open.any():
            before = np.count_nonzero(self.open)
            signs = self.chance.choice((-1.0, 1.0), len(self.open))
            for costs in (np.where(self.open, signs, 0), np.where(self.open, -signs, 0)):
                moves = program.maximise(costs)
                moved = self.system.coefficients * moves[self.system.columns]
                change = np.bincount(self.system.rows, moved, len(low))
                if np.all((change > low - EXACT) & (change < high + EXACT)):
                    self._see(everything, self.start + moves)
            if before - np.count_nonzero(self.open) <= before / 20:
                return

    def _decide(self, target: int) -> None:
        for size in (*self.SIZES, len(self.open) + 1):
            ball = self._ball(target, size)
            # Smaller than asked for: nothing else is tied to it.
            if self._enclose(ball, target, is_whole=len(ball) < size):
                return
            self._widen_one(target, ball)
            if not self.open[target]:
                return
        raise AssertionError("a whole component decides")

    def _ball(self, target: int, size: int) -> list[int]:
        """Counts around one, nearest first, by whole relations, short ones first."""
        inside, order, seen = {target}, [target], set()
        for column in order:
            if len(order) >= size:
                break
            for rank in self.rows_of[column]:
                if rank in seen:
                    continue
                seen.add(rank)
                for other, _ in self.row[rank]:
                    if other not in inside:
                        inside.add(other)
                        order.append(other)
        return order

    def _part(self, ball: list[int], *, is_closed: bool) -> tuple[list[int], dict[int, int]]:
        """Relations of a ball: all that touch it, or only those that lie wholly in it."""
        rank = {column: position for position, column in enumerate(ball)}
        rows = {row for column in ball for row in self.rows_of[column]}
        if is_closed:
            rows = {row for row in rows if all(column in rank for column, _ in self.row[row])}
        return sorted(rows), rank

    def _program(self, ball, rows, rank, lower, upper, low, high) -> Program:
        terms = [[(rank[c], v) for c, v in self.row[row] if c in rank] for row in rows]
        starts = np.concatenate([[0], np.cumsum([len(row) for row in terms])]).astype(np.int32)
        columns = np.array([c for row in terms for c, _ in row], dtype=np.int32)
        coefficients = np.array([v for row in terms for _, v in row], dtype=float)
        self.programs += 1
        return Program(lower, upper, low, high, starts, columns, coefficients, **SIMPLEX)

    def _room(self, ball: np.ndarray, rows: np.ndarray, reach: float) -> tuple[np.ndarray, ...]:
        """How far counts may move from the start, and what a move may change in the relations."""
        here = self.start[ball]
        lower = np.minimum(0, np.maximum(self.system.lower[ball] - here, -reach))
        upper = np.maximum(0, np.minimum(self.system.upper[ball] - here, reach))
        low, high = self.system.low[rows], self.system.high[rows]
        is_equal = low == high
        low = np.where(is_equal, 0, np.minimum(0, low - self.activity[rows]))
        high = np.where(is_equal, 0, np.maximum(0, high - self.activity[rows]))
        return lower, upper, low, high

    def _widen_one(self, target: int, ball: list[int]) -> None:
        """Moves inside the ball, all else held where the solution of the whole has it."""
        rows, rank = self._part(ball, is_closed=False)
        program = self._program(ball, rows, rank, *self._room(np.array(ball), np.array(rows), FAR))
        here = self.start[ball]
        for sign in (1.0, -1.0):
            costs = np.zeros(len(ball))
            costs[rank[target]] = sign
            self._see(ball, here + program.maximise(costs))
            if not self.open[target]:
                return

    def _see(self, ball: list[int] | np.ndarray, counts: np.ndarray) -> None:
        self.least[ball] = np.minimum(self.least[ball], counts)
        self.most[ball] = np.maximum(self.most[ball], counts)
        self.open[ball] &= ~self.is_safe(np.array(ball))

    def is_safe(self, ranks: np.ndarray) -> np.ndarray:
        """Wide in whole numbers reached; what is not printed may also be large, or nothing."""
        most, least = np.floor(self.most[ranks] + 1e-6), np.ceil(self.least[ranks] - 1e-6)
        is_not_small = (most > self.width) | (least < 1)
        return (most - least >= self.width) | (self.is_virtual[ranks] & is_not_small)

    def _enclose(self, ball: list[int], target: int, *, is_whole: bool) -> bool:
        """Bound the count by the relations in the ball alone; true when that decides."""
        rows, rank = self._part(ball, is_closed=True)
        lower, upper = self.system.lower[ball], np.minimum(self.system.upper[ball], FAR)
        program = self._program(
            ball, rows, rank, lower, upper, self.system.low[rows], self.system.high[rows]
        )
        costs = np.zeros(len(ball))
        ends = []
        for sign in (1.0, -1.0):
            costs[rank[target]] = sign
            found = program.maximise(costs)
            if found is None:
                raise Contradiction(np.array([target]))
            ends.append(float(found[rank[target]]))
            if is_whole:
                self._see(ball, found)
        most, least = int(np.floor(ends[0] + 1e-6)), int(np.ceil(ends[1] - 1e-6))
        if most - least < self.width or (is_whole and self.open[target]):
            self.narrow[target] = (least, most)
            self.open[target] = False
        return not self.open[target]


# ── The attack ───────────────────────────────────────────────────────────────────────────────


@dataclass
class Report:
    """What an attack came to. `smallest` is of what is not wide; None where all is wide."""

    threshold: int
    cells: int = 0
    hidden: int = 0
    found: int = 0
    narrow: int = 0
    smallest: int | None = None
    unprinted: int = 0
    small_differences: int = 0
    primaries: int | None = None
    hidden_volume: float | None = None
    doubted: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    worst: list[tuple[str, int, int]] = field(default_factory=list)
    seconds: float = 0

    @property
    def is_clean(self) -> bool:
        return not (self.found or self.narrow or self.unprinted)


def attack(
    blocks: Blocks,
    *,
    threshold: int = 11,
    without: Iterable[str] = (),
    departments: int = DEPARTMENTS,
    truth: Blocks | None = None,
    knows: str = "",
) -> Report:
    """Bound every hidden count of these blocks.

    With `truth`, raw figures with their units, the hidden cells that are small are told from the
    others, and `knows` (« operator=apec ») makes the attacker a category that knows its own: then
    only what is small is asked for, as for the others it knows nothing more than they do.
    """
    began = time.perf_counter()
    families, doubted = set(FAMILIES) - set(without), []
    for guess in (*GUESSES, ""):
        try:
            report = _attack(blocks, threshold, families, departments, truth, knows)
            break
        except Contradiction:
            if not guess:
                raise
            families, doubted = families - {guess}, [*doubted, guess]
    report.doubted += doubted
    report.seconds = time.perf_counter() - began
    return report


def _attack(blocks, threshold, families, departments, truth, knows) -> Report:
    reader = Reader(families)
    reader.take(blocks)
    counts = reader.counts
    report = Report(threshold, counts.cells, sum(counts.hidden_cells), conflicts=counts.conflicts)
    targets = _targets(reader, truth, knows, report)
    relations = Relations(reader, threshold, departments)
    system, report.doubted = system_of(counts, relations.all())
    report.small_differences = relations.small_differences()
    asked = np.zeros(len(counts.names), dtype=bool)
    asked[: len(targets)] = targets
    for variable in np.flatnonzero(asked & ~np.isnan(counts.values)):
        _note(report, counts, variable, int(counts.values[variable]), int(counts.values[variable]))
    asked |= np.array(counts.is_virtual)
    if len(system.of):
        _bound(system, counts, asked, report)
    report.worst.sort(key=lambda found: (found[2] - found[1], found[0]))
    return report


def _targets(reader: Reader, truth: Blocks | None, knows: str, report: Report) -> np.ndarray:
    """Which counts are asked for: all hidden; of an insider, those that are small."""
    counts = reader.counts
    hidden = np.array(counts.hidden_cells) > 0
    if truth is None:
        return hidden
    raw = Reader(reader.families)
    raw.take(truth)
    is_small = np.zeros(len(hidden), dtype=bool)
    volume = np.zeros(len(hidden))
    for sheet, lines in counts.sheets.items():
        for line, margins in lines.items():
            own = raw.counts.of(sheet, line, knows)
            whole = raw.counts.of(sheet, line, TOTAL)
            # Behind such a line stand none but its own people.
            is_own = own is not None and raw.counts.values[own] == raw.counts.values[whole]
            for margin, variable in margins.items():
                known = raw.counts.of(sheet, line, margin)
                if known is None:
                    continue
                value, units = raw.counts.values[known], raw.counts.rows[known][-1].units
                units = value if units is None else units
                least = 0 if counts.is_special[variable] else 1
                is_small[variable] = least <= units < report.threshold and not is_own
                volume[variable] = value
                if margin == knows and hidden[variable]:
                    counts.values[variable] = value
                    hidden[variable] = False
    weights = np.array(counts.hidden_cells)
    report.primaries = int(weights[is_small & (weights > 0)].sum())
    report.hidden_volume = float(volume[weights > 0].sum() / max(1, volume.sum()))
    return hidden & is_small if knows else hidden


def _bound(system: System, counts: Counts, asked: np.ndarray, report: Report) -> None:
    width = report.threshold - 1
    tighten(system)
    of, is_virtual = system.of, np.array(counts.is_virtual)
    is_close = system.upper - system.lower < width
    for rank in np.flatnonzero(is_close & asked[of]):
        _note(report, counts, of[rank], int(system.lower[rank]), int(system.upper[rank]))
    free = without_fixed(system)
    targets = asked[free.of] & (free.upper - free.lower >= width)
    if not targets.any():
        return
    judge = Judge(free, targets, is_virtual[free.of], width)
    judge.judge()
    for rank, (least, most) in judge.narrow.items():
        _note(report, counts, free.of[rank], least, most)


def _note(report: Report, counts: Counts, variable: int, least: int, most: int) -> None:
    if counts.is_virtual[variable]:
        if least >= 1 and most < report.threshold:
            report.unprinted += 1
            report.worst.append((counts.names[variable], least, most))
        return
    cells = counts.hidden_cells[variable]
    if least == most:
        report.found += cells
    else:
        report.narrow += cells
    width = most - least
    report.smallest = width if report.smallest is None else min(report.smallest, width)
    report.worst.append((counts.names[variable], least, most))


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="+", type=Path, help="CSV files of editions")
    parser.add_argument("--k", type=int, default=11, help="threshold (11)")
    parser.add_argument("--without", nargs="*", default=[], choices=FAMILIES, metavar="FAMILY")
    parser.add_argument("--truth", type=Path, nargs="*", help="raw figures, with units")
    parser.add_argument("--knows", default="", help="operator=apec: its own cells, from the truth")
    parser.add_argument("--departments", type=int, default=DEPARTMENTS)
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    options = parser.parse_args(words)
    report = attack(
        read(options.files),
        threshold=options.k,
        without=options.without,
        departments=options.departments,
        truth=read(options.truth) if options.truth else None,
        knows=options.knows,
    )
    print(json.dumps(asdict(report)) if options.json else told(report))
    return int(not report.is_clean)


def told(report: Report) -> str:
    smallest = f"{report.smallest}" if report.smallest is not None else f"≥ {report.threshold - 1}"
    lines = [
        f"cells                 {report.cells:,}",
        f"hidden                {report.hidden:,}",
        f"found exactly         {report.found:,}",
        f"interval < {report.threshold - 1:<11}{report.narrow:,}",
        f"smallest interval     {smallest}",
        f"unprinted small       {report.unprinted:,}",
        f"small differences     {report.small_differences:,}",
        f"seconds               {report.seconds:.1f}",
    ]
    if report.primaries is not None:
        lines += [f"small and hidden      {report.primaries:,}"]
        lines += [f"volume hidden         {report.hidden_volume:.2%}"]
    lines += [f"not believed          {name}" for name in report.doubted[:20]]
    lines += [f"two values            {name}" for name in report.conflicts[:20]]
    lines += [f"{least:>6} to {most:<6} {name}" for name, least, most in report.worst[:20]]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
