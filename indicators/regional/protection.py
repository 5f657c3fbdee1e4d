"""Which composed cells are secret, given the national ones: rather too many than too few.

The national base is protected first, as one system; composed cells come after, and a cell is shown
only where it adds nothing that was hidden. A count is secret when

- few units stand behind it or behind what it leaves out (`statements`, the primary rule);
- a cell that contains it is not published, or leaves less than k beside it (`relations`);
- a cell of the same block is secret (its levels, its operators, its départements, its categories,
  two of these crossed), or the block that it details is: no margin is short of one cell alone.

A share, a mean or a median is shown where its counts are. A promoted indicator is shown for the
nation where it is for every Region. Quarters alone are counted: no sum over time gives one away.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from indicators.definitions import TOTAL
from indicators.regional.composition import Composition, by_code
from indicators.regional.relations import Container, containers

PUBLISHED, SECRET, NOT_APPLICABLE = "published", "secret", "not_applicable"
_NATION, _AT_DATE = "FR", "date"


class Figure(Protocol):
    """Of `indicators.secrecy.cells`: an address, then its value."""

    territory: str
    borders: str
    indicator: str
    population: str
    department: str
    operator: str
    level: str
    breakdown: str
    category: str


class Address(NamedTuple):
    territory: str
    borders: str
    indicator: str
    population: str
    department: str
    operator: str
    level: str
    breakdown: str
    category: str


def decide(
    figures: Sequence[Figure], statuses: list[str], composed: Iterable[Composition], k: int
) -> None:
    """Sets the statuses of all composed cells, in place; those of the base are decided already."""
    known = by_code(composed)
    if not known:
        return
    cells = _Cells(figures, statuses, known)
    for place in sorted(cells.places):
        for code in cells.widest_first(place):
            cells.hide_contained(place, code, k)
            cells.hide_blocks(place, code)
    cells.hide_sums_over_places()
    cells.hide_measures()


class _Cells:
    def __init__(
        self, figures: Sequence[Figure], statuses: list[str], known: Mapping[str, Composition]
    ):
        self._statuses, self._known = statuses, known
        self._rank: dict[Address, int] = {}
        self._value: dict[Address, int] = {}
        self._of: dict[tuple[tuple[str, str], str], list[Address]] = defaultdict(list)
        self._counts = {code for one in known.values() for code in one.count_codes}
        regions = {figure.territory for figure in figures if figure.indicator in known}
        for rank, figure in enumerate(figures):
            if figure.territory not in regions:
                continue
            address = Address(*figure[:9])
            self._rank[address], self._value[address] = rank, int(figure.value or 0)
            if address.indicator in known:
                self._of[(address.territory, address.borders), address.indicator].append(address)
        self._relations: dict[str, list[Container]] = defaultdict(list)
        for relation in containers(set(known.values())):
            self._relations[relation.code].append(relation)

    @property
    def places(self) -> set[tuple[str, str]]:
        return {place for place, _ in self._of}

    def widest_first(self, place: tuple[str, str]) -> list[str]:
        codes = {code for where, code in self._of if where == place} & self._counts
        return sorted(codes, key=lambda code: (-self._whole(place, code), code))

    def _whole(self, place: tuple[str, str], code: str) -> int:
        return max(self._value[address] for address in self._of[place, code])

    def _is(self, address: Address, *statuses: str) -> bool:
        return self._statuses[self._rank[address]] in statuses

    def _hide(self, address: Address) -> None:
        if self._is(address, PUBLISHED):
            self._statuses[self._rank[address]] = SECRET

    def hide_contained(self, place: tuple[str, str], code: str, k: int) -> None:
        for address in self._of[place, code]:
            for relation in self._relations[code]:
                around = self._around(address, relation)
                if not around:
                    continue
                left = sum(self._value[cell] for cell in around) - self._value[address]
                is_small = not relation.is_equal and 0 < left < k
                if is_small or not all(self._is(c, PUBLISHED, NOT_APPLICABLE) for c in around):
                    self._hide(address)

    def _around(self, address: Address, relation: Container) -> list[Address]:
        """The cells that contain this one, where they are counted at this address."""
        found = []
        for indicator, breakdown, category in relation.cells:
            cell = address._replace(indicator=indicator)
            if breakdown in ("level", "operator"):
                if address.level != TOTAL or address.operator != TOTAL:
                    return []
                cell = cell._replace(**{breakdown: category})
            elif relation.category == "*":
                if address.breakdown != breakdown:
                    return []
            elif breakdown != TOTAL:
                if address.breakdown != TOTAL:
                    return []
                cell = cell._replace(breakdown=breakdown, category=category)
            if cell not in self._rank:
                return []
            found.append(cell)
        return found

    def hide_blocks(self, place: tuple[str, str], code: str) -> None:
        blocks: dict[frozenset[str], list[Address]] = defaultdict(list)
        for address in self._of[place, code]:
            blocks[_cuts(address)].append(address)
        hidden: set[frozenset[str]] = set()
        for cuts in sorted(blocks, key=lambda cuts: (len(cuts), sorted(cuts))):
            is_cut_from_hidden = any(cuts - {cut} in hidden for cut in cuts)
            if is_cut_from_hidden or any(self._is(cell, SECRET) for cell in blocks[cuts]):
                hidden.add(cuts)
                for cell in blocks[cuts]:
                    self._hide(cell)

    def hide_sums_over_places(self) -> None:
        """Of a promoted indicator: the nation is the sum of its Regions, old Regions add up to new
        ones."""
        everywhere: dict[tuple[bool, Address], list[Address]] = defaultdict(list)
        nations = [place for place in self.places if place[0] == _NATION]
        promoted = {code for place, code in self._of if place in nations}
        for (place, code), cells in self._of.items():
            if code in promoted and place[0] != _NATION:
                for cell in cells:
                    key = cell._replace(territory="", borders="")
                    everywhere[place[1] == _AT_DATE, key].append(cell)
        for (is_at_date, key), cells in everywhere.items():
            if any(self._is(cell, SECRET) for cell in cells):
                nation = key._replace(territory=_NATION, borders=_AT_DATE)
                if is_at_date and nation in self._rank:
                    self._hide(nation)
                elif not is_at_date:
                    for cell in cells:
                        self._hide(cell)
        for place, code in self._of:
            if code in promoted & self._counts:
                self.hide_blocks(place, code)

    def hide_measures(self) -> None:
        for (_, code), cells in self._of.items():
            if code in self._counts:
                continue
            for cell in cells:
                behind = [cell._replace(indicator=count) for count in self._known[code].count_codes]
                if all(self._is(count, PUBLISHED) for count in behind):
                    if self._is(cell, SECRET):
                        self._statuses[self._rank[cell]] = PUBLISHED
                else:
                    self._hide(cell)


def _cuts(address: Address) -> frozenset[str]:
    return frozenset(
        name
        for name in ("department", "operator", "level", "breakdown")
        if getattr(address, name) != TOTAL
    )
