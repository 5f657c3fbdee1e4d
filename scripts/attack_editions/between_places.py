"""What ties the counts of a place to those of the places it is made of, in the same period."""

from collections import defaultdict
from itertools import pairwise

from .counts import ALL, EVERYWHERE, Place, Sheet
from .files import Block
from .public_rules import NATION
from .ties import ANY, Ties, is_mixed


class BetweenPlaces(Ties):
    def tie(self) -> None:
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
                    is_all = line[1:] == ALL and not margin.startswith("level=")
                    self._persons(group, known, variable, is_all=is_all, covers=whole_set)
                else:
                    self._sum(group, known, variable, 0 if whole_set else -ANY)

    def _persons(self, group, parts, whole, *, is_all: bool, covers: bool) -> None:
        # Off with either family: persons, or the one that knows these places.
        if group[0] not in self.families:
            return
        group = ("persons", *group)
        if is_all:
            self._each_within(group, parts, whole)
        if covers:
            self._sum(group, parts, whole, high=ANY)

    def _same(self, group: tuple, one: Sheet, other: Sheet) -> None:
        for line, margins in self.counts.sheets.get(one, {}).items():
            for margin, variable in margins.items():
                twin = self.counts.of(other, line, margin)
                if twin is not None:
                    self._sum(group, [variable], twin)
