"""What ties the counts of a period to those of shorter periods, and of the one before."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from .counts import ALL, Line, Place, Sheet, base
from .files import span
from .public_rules import TOTAL
from .ties import ANY, Relation, Ties, is_mixed, total


class BetweenPeriods(Ties):
    """Of a period with errata, everywhere the number that agrees best with what is visible of the
    other: a year may be older than the erratum of its quarter, or younger."""

    def tie(self) -> None:
        numbers: dict[tuple, dict[str, list[Sheet]]] = defaultdict(lambda: defaultdict(list))
        for sheet in sorted(self.counts.sheets, key=lambda sheet: sheet.number):
            numbers[sheet.place, sheet.apart][sheet.period].append(sheet)
        versions: dict[tuple, dict[int, list[Relation]]] = defaultdict(lambda: defaultdict(list))
        for moment in {sheet.number for sheet in self.counts.sheets}:
            for (place, _), by_period in numbers.items():
                then = {period: _at(moment, sheets) for period, sheets in by_period.items()}
                for sheet in (sheet for sheets in by_period.values() for sheet in sheets):
                    for relation in self._of_sheet(place, sheet, then):
                        family, *others, _place, number = relation.group
                        versions[family, *others, number][moment].append(relation)
        for of_moments in versions.values():
            # Of those that are denied as little, the last.
            self.found += min(
                (self._denied(relations), -moment, relations)
                for moment, relations in of_moments.items()
            )[-1]

    def _of_sheet(self, place: Place, sheet: Sheet, then: dict[str, Sheet]) -> Iterator[Relation]:
        own = span(sheet.period)
        yield from self._longer(place, sheet, [then[p] for p in tiling(sheet.period, then)])
        yield from self._months(place, sheet, then.values())
        for other, before in then.items():
            if span(other)[-1] == own[-1] and len(span(other)) < len(own):
                yield from self._same_stock(place, before, sheet)
            if span(other)[-1] + 1 == own[0]:
                yield from self._flow(place, before, sheet)

    def _denied(self, relations: list[Relation]) -> int:
        values = self.counts.values
        sums = (
            (sum(c * values[v] for v, c in zip(r.variables, r.coefficients, strict=True)), r)
            for r in relations
        )
        return sum(found < r.low or found > r.high for found, r in sums)  # never of what is hidden

    def _longer(self, place: Place, whole: Sheet, parts: list[Sheet]) -> Iterator[Relation]:
        if not parts:
            return
        group = ("periods", whole.period, place, whole.number)
        for line, margins in self.counts.sheets[whole].items():
            for margin, variable in margins.items():
                inner = [self.counts.of(part, line, margin) for part in parts]
                if None in inner or line[1] == "month" or base(line) == "journeys_open":
                    continue
                if self._is_persons(line) and is_mixed(line, margin):
                    continue
                if not self._is_persons(line):
                    yield total(group, inner, variable)
                # Whose journeys were opened or closed: their level may rise after the period.
                elif base(line) == "persons_seen" or not margin.startswith("level="):
                    yield from self._of_persons(group, inner, variable, line, margin)

    def _of_persons(self, group, parts, whole, line: Line, margin: str) -> Iterator[Relation]:
        if "persons" not in self.families:
            return
        yield total(group, parts, whole, high=ANY)
        if line[1:] == ALL and not margin.startswith("level="):
            for part in parts:
                yield total(group, [part], whole, low=-ANY)

    def _months(self, place: Place, sheet: Sheet, others: Iterable[Sheet]) -> Iterator[Relation]:
        """The month of this period is that of any shorter one, and the month's own total."""
        lines = self.counts.sheets[sheet]
        for (population, breakdown, month), margins in lines.items():
            if breakdown != "month":
                continue
            for other in others:
                twin = self.counts.of(other, (population, "month", month), TOTAL)
                if other.period == month:
                    twin = self._entries(other).get(TOTAL)
                if twin is not None and len(span(other.period)) < len(span(sheet.period)):
                    group = ("months", sheet.period, other.period, place, sheet.number)
                    yield total(group, [margins[TOTAL]], twin)

    def _same_stock(self, place: Place, shorter: Sheet, longer: Sheet) -> list[Relation]:
        group = ("stock", longer.period, shorter.period, place, longer.number)
        twins = self._stock(shorter)
        stock = self._stock(longer).items()
        return [total(group, [v], twins[margin]) for margin, v in stock if margin in twins]

    def _flow(self, place: Place, before: Sheet, after: Sheet) -> list[Relation]:
        group = ("flow", before.period, after.period, place, after.number)
        then = self._stock(before)
        entries = self._entries(after)
        exits = self._exits(after)
        return [
            Relation(group, [then[m], entries[m], exits[m], now], [1.0, 1.0, -1.0, -1.0])
            for m, now in self._stock(after).items()
            if all(m in line for line in (then, entries, exits))
        ]


def _at(moment: int, sheets: list[Sheet]) -> Sheet:
    """What was the newest then; the first where there was none."""
    return [sheet for sheet in sheets if sheet.number <= moment or sheet is sheets[0]][-1]


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
