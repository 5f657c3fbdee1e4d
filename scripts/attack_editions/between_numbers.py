"""What ties the numbers of one edition: it and its errata."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from .counts import ALL, Line, Sheet
from .public_rules import TOTAL
from .ties import Ties


class BetweenNumbers(Ties):
    def tie(self) -> None:
        """A hidden count around which nothing visible moved is taken as unmoved."""
        if "errata" not in self.families:
            return
        for one, other in self._following():
            moved = self._moved(one, other)
            group = ("errata", one.period, one.place, other.number)
            for line, margin, variable, twin in self._twins(one, other):
                if not self._is_seen(variable, twin) and not moved & sums_of(line, margin):
                    self._sum(group, [variable], twin)

    def small_differences(self) -> int:
        """Counts seen in two numbers that differ by 1 to k − 1: they show a few people."""
        values = self.counts.values
        return sum(
            0 < abs(values[variable] - values[twin]) < self.threshold
            for one, other in self._following()
            for _, _, variable, twin in self._twins(one, other)
            if self._is_seen(variable, twin)
        )

    def _following(self) -> Iterator[tuple[Sheet, Sheet]]:
        """The sheets of an edition and of the next number of it."""
        numbers: dict[tuple, list[Sheet]] = defaultdict(list)
        for sheet in self.counts.sheets:
            numbers[sheet.period, sheet.place, sheet.apart].append(sheet)
        for sheets in numbers.values():
            yield from pairwise(sorted(sheets, key=lambda sheet: sheet.number))

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


def sums_of(line: Line, margin: str) -> set[tuple]:
    """The sums that a count is a part of: the margins of its line, the categories of its column."""
    sums: set[tuple] = set() if margin == TOTAL else {("row", line)}
    if line[1:] != ALL:
        sums |= {("column", *line[:2], margin), ("columns", line[0], margin)}
    return sums
