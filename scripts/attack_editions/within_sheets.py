"""What ties the counts of one place and period."""

from collections import defaultdict
from collections.abc import Iterable

from .counts import ALL, Line, Sheet, base
from .public_rules import (
    ANSWERED,
    CARRIED,
    ENDED_CATEGORY,
    FUNDINGS,
    NINTH_DECILE_UNITS,
    PLANS,
    SHARED_OUT,
    TOTAL,
)
from .ties import ANY, Relation, Ties

Lines = dict[Line, dict[str, int]]  # of each, its variables by margin


class WithinSheets(Ties):
    def tie(self) -> None:
        for sheet in list(self.counts.sheets):
            self._within(sheet)

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
        by_base = _by_base(lines)
        self._outcomes(sheet, by_base)
        self._documents(sheet, by_base)
        self._units_behind(sheet, by_base)
        self._means_of_operators(sheet)

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
            if line[1:] == ALL:
                self._cover(group, operators, whole)
            else:
                self._sum(group, operators, whole, high=ANY)
        else:
            low = 0 if self._is_operator_sum_whole(line, margins) else -ANY
            self._sum(("operators", population, line[1], sheet.period), operators, whole, low)

    def _is_operator_sum_whole(self, line: Line, margins: Iterable[str]) -> bool:
        return f"operator={ENDED_CATEGORY}" in margins or base(line) not in CARRIED

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

    def _undated(self, sheet: Sheet, lines: dict) -> None:
        """Entries with a date of request are entries less those without: a count too."""
        if "undated" not in self.families:
            return
        entries, measures = self._entries(sheet), self.counts.measures.get(sheet, {})
        for margin, undated in lines.get(("undated", *ALL), {}).items():
            if margin not in entries:
                continue
            dated = self.counts.add_unprinted("dated", undated)
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

    def _outcomes(self, sheet: Sheet, by_base: Lines) -> None:
        for (population, *category), margins in by_base.items():
            for margin, whole in margins.items() if population in SHARED_OUT else ():
                parts = [by_base.get((outcome, *category), {}).get(margin)
                         for outcome in SHARED_OUT[population]]  # fmt: skip
                if None not in parts:
                    self._sum(("outcomes", sheet.period), parts, whole)

    def _documents(self, sheet: Sheet, by_base: Lines) -> None:
        for (population, _, category), margins in by_base.items():
            same = by_base.get((population, "journey_type", "N1"), {})
            if category == "not_owed":
                for margin, variable in margins.items():
                    if margin in same:
                        self._sum(("documents", sheet.period), [variable], same[margin])

    def _exits_behind(self, sheet: Sheet, margin: str) -> list[int]:
        """The variables whose sum is the exits of a margin: by level, sets with that highest."""
        exits = self._exits(sheet)
        if margin in exits:
            return [exits[margin]]
        level = margin.removeprefix("level=")
        return [
            margins[TOTAL]
            for (_, breakdown, levels), margins in self.counts.sheets[sheet].items()
            if breakdown == "journey_type" and levels.endswith(level) and TOTAL in margins
        ]

    def _units_behind(self, sheet: Sheet, by_base: Lines) -> None:
        for indicator, margin in self.counts.measures.get(sheet, {}):
            units, least = [], self.threshold
            if indicator[:2] in ("E1", "E2"):
                units = self._exits_behind(sheet, margin)
            elif indicator[:2] == "H2":
                units = _answers_behind(by_base, margin)
                least = NINTH_DECILE_UNITS if indicator == "H2.d9" else self.threshold
            elif indicator[:2] == "G2":
                units = _plans_behind(by_base, indicator, margin)
                least = NINTH_DECILE_UNITS if indicator == "G2.d9" else self.threshold
            if units:
                self.found.append(Relation(("thresholds",), units, [1.0] * len(units), least, ANY))

    def _means_of_operators(self, sheet: Sheet) -> None:
        means = self.counts.measures.get(sheet, {})
        for axis in ("operator", "level"):
            parts = [m for i, m in means if i == "E1.mean" and m.startswith(axis)]
            tied = [(means["E1.mean", m], self._exits_behind(sheet, m)) for m in parts]
            whole = self._exits_behind(sheet, TOTAL)
            if tied and ("E1.mean", TOTAL) in means and len(parts) == self._axis(sheet, axis):
                self._mean(sheet, tied, (means["E1.mean", TOTAL], whole))

    def _axis(self, sheet: Sheet, axis: str) -> int:
        """How many operators or levels there are, with exits or not."""
        entries = self._entries(sheet)
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


def _answers_behind(by_base: Lines, margin: str) -> list[int]:
    """Of a network, or of all: fiches that were accepted, received or declined."""
    category = margin.split("=") if margin != TOTAL else ALL
    parts = [by_base.get((outcome, *category), {}).get(TOTAL) for outcome in ANSWERED]
    return [] if None in parts else parts


def _plans_behind(by_base: Lines, indicator: str, margin: str) -> list[int]:
    """Plans that were closed, or requests of a funder that were answered."""
    if indicator in ("G2.costs", "G2.gap"):
        line = (PLANS, *ALL)
    else:
        line, margin = (FUNDINGS, *(ALL if margin == TOTAL else margin.split("="))), TOTAL
    found = by_base.get(line, {}).get(margin)
    return [] if found is None else [found]


def _by_base(lines: Lines) -> Lines:
    """Where labels are not joined the indicator stands in the population of a line."""
    return {(base(line), *line[1:]): margins for line, margins in lines.items()}
