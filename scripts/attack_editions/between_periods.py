"""What ties the counts of a period to those of shorter periods, and of the one before."""

from collections import defaultdict
from collections.abc import Iterable

from .counts import ALL, Line, Place, Sheet, base
from .files import span
from .public_rules import TOTAL
from .ties import ANY, Relation, Ties, is_mixed


class BetweenPeriods(Ties):
    def tie(self) -> None:
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
                        self._same_stock(place, before, sheet)
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
                    twin = self._entries(other).get(TOTAL)
                if twin is not None and len(span(other.period)) < len(span(sheet.period)):
                    group = ("months", sheet.period, other.period, place)
                    self._sum(group, [margins[TOTAL]], twin)

    def _same_stock(self, place: Place, shorter: Sheet, longer: Sheet) -> None:
        group = ("stock", longer.period, shorter.period, place)
        twins = self._stock(shorter)
        for margin, variable in self._stock(longer).items():
            if margin in twins:
                self._sum(group, [variable], twins[margin])

    def _flow(self, place: Place, before: Sheet, after: Sheet) -> None:
        group = ("flow", before.period, after.period, place)
        then = self._stock(before)
        entries = self._entries(after)
        exits = self._exits(after)
        for margin, now in self._stock(after).items():
            if all(margin in line for line in (then, entries, exits)):
                terms = [then[margin], entries[margin], exits[margin], now]
                self.found.append(Relation(group, terms, [1.0, 1.0, -1.0, -1.0]))


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
