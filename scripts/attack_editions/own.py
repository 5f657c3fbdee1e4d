"""What a category knows without any file: counts of its own people alone."""

from .between_periods import tiling
from .counts import EVERYWHERE, Counts, Line, Place, Sheet
from .public_rules import TOTAL


class Own:
    """Told from the raw figures. A count is a category's own where none but its people stand
    behind the line, or where all that it counts is so in each part: of the period, or of the place.
    """

    def __init__(self, raw: Counts, category: str) -> None:
        self.raw, self.category = raw, category
        self._known: dict[tuple, bool] = {}
        self._parts: dict[Sheet, list[list[Sheet]]] = {}

    def is_own(self, sheet: Sheet, line: Line, margin: str) -> bool:
        key = sheet, line, margin
        if key not in self._known:
            self._known[key] = self._is_alone(sheet, line) or any(
                all(self._is_part_own(part, line, margin) for part in parts)
                for parts in self._in_parts(sheet)
            )
        return self._known[key]

    def _is_alone(self, sheet: Sheet, line: Line) -> bool:
        own, whole = (self.raw.of(sheet, line, margin) for margin in (self.category, TOTAL))
        return own is not None and self.raw.values[own] == self.raw.values[whole]

    def _is_part_own(self, part: Sheet, line: Line, margin: str) -> bool:
        count = self.raw.of(part, line, margin)
        if count is None:
            return False
        return self.raw.values[count] == 0 or self.is_own(part, line, margin)

    def _in_parts(self, sheet: Sheet) -> list[list[Sheet]]:
        if sheet not in self._parts:
            found = self._periods(sheet), self._places(sheet)
            self._parts[sheet] = [parts for parts in found if parts]
        return self._parts[sheet]

    def _periods(self, sheet: Sheet) -> list[Sheet]:
        there = {s.period: s for s in self.raw.sheets if _is_beside(s, sheet) and s.number == 1}
        return [there[period] for period in tiling(sheet.period, there)]

    def _places(self, sheet: Sheet) -> list[Sheet]:
        """The largest places inside, if they make it up, each as it was last given: an erratum
        gives anew what it changes and the constant borders, no Region that stayed the same."""
        newest: dict[Place, Sheet] = {}
        for s in sorted(self.raw.sheets, key=lambda s: s.number):
            is_of_it = (s.period, s.apart) == (sheet.period, sheet.apart)
            if is_of_it and s.number <= sheet.number and s.place < sheet.place:
                newest[s.place] = s
        inner = newest.values()
        largest = [s for s in inner if not any(s.place < other.place for other in inner)]
        is_whole = frozenset().union(*(s.place for s in largest)) == sheet.place
        return largest if is_whole and sheet.place != EVERYWHERE else []


def _is_beside(one: Sheet, other: Sheet) -> bool:
    return (one.place, one.apart) == (other.place, other.apart)
