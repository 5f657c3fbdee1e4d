"""A relation between counts, and what the four kinds of relations share."""

from dataclasses import dataclass

import numpy as np

from .counts import ALL, Line, Reader, Sheet, base
from .public_rules import PERSONS


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


class Ties:
    """Relations as they are found among the counts of a reader."""

    def __init__(self, reader: Reader, threshold: int, departments: int) -> None:
        self.reader, self.counts = reader, reader.counts
        self.families, self.threshold = reader.families, threshold
        self.departments = departments
        self.found: list[Relation] = []

    def _sum(
        self, group: tuple, parts: list[int], whole: int, low: float = 0, high: float = 0
    ) -> None:
        self.found.append(total(group, parts, whole, low, high))

    def _is_persons(self, line: Line) -> bool:
        return base(line) in PERSONS or line[0] in self.counts.of_persons

    def _each_within(self, group: tuple, parts: list[int], whole: int) -> None:
        for part in parts:
            self._sum(group, [part], whole, low=-ANY)

    def _cover(self, group: tuple, parts: list[int], whole: int) -> None:
        """What the parts count twice is itself a count of persons."""
        self._each_within(group, parts, whole)
        if "persons" in self.families:
            twice = self.counts.add_unprinted("twice", whole)
            terms = [1.0] * len(parts) + [-1.0, -1.0]
            self.found.append(Relation(group, [*parts, whole, twice], terms))
        else:
            self._sum(group, parts, whole, high=ANY)

    def _entries(self, sheet: Sheet) -> dict[str, int]:
        return self._total_line(sheet, "journeys_opened", "A1")

    def _exits(self, sheet: Sheet) -> dict[str, int]:
        return self._total_line(sheet, "journeys_closed", "A5")

    def _stock(self, sheet: Sheet) -> dict[str, int]:
        return self._total_line(sheet, "journeys_open", "A4")

    def _total_line(self, sheet: Sheet, population: str, indicator: str) -> dict[str, int]:
        """By margin; the indicator is told apart where labels are not joined."""
        lines = self.counts.sheets[sheet]
        return lines.get((population, *ALL)) or lines.get((f"{population} {indicator}", *ALL), {})


def total(group: tuple, parts: list[int], whole: int, low: float = 0, high: float = 0) -> Relation:
    """low ≤ Σ parts − whole ≤ high."""
    return Relation(group, [*parts, whole], [1.0] * len(parts) + [-1.0], low, high)


def is_mixed(line: Line, margin: str) -> bool:
    """The profile comes from one journey of a person, the level from another perhaps: in a part
    where only one of the two is, the person is in another cell."""
    return line[1:] != ALL and margin.startswith("level=")
