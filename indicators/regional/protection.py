"""Which composed cells are secret, given the national ones: rather too many than too few.

The national base is protected first, as one system; composed cells come after, and a cell is shown
only where it adds nothing that was hidden. A count is secret when

- few units stand behind it or behind what it leaves out (`statements`, the primary rule);
- cells that contain it together are not all published, or leave less than k beside it
  (`relations`: found by what counts mean, whoever composed them);
- a cell of the same block is secret (its levels, its operators, its départements, its categories,
  two of these crossed), or the block that it details is: no margin is short of one cell alone.

A share, a mean or a median is shown where its counts are. A promoted indicator is shown for the
nation where it is for every Region. Quarters alone are counted: no sum over time gives one away.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from indicators.definitions import TOTAL
from indicators.regional.composition import Composition, by_code
from indicators.regional.relations import Address, Container, Relations

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


def decide(
    figures: Sequence[Figure], statuses: list[str], composed: Iterable[Composition], k: int
) -> None:
    """Sets the statuses of all composed cells, in place; those of the base are decided already."""
    known = by_code(composed)
    if not known:
        return
    cells = _Cells(figures, statuses, known, k)
    for place in sorted(cells.places):
        cells.hide_in(place)
    while cells.hide_sums_over_places():
        for place in sorted(cells.places):
            cells.hide_in(place)
    cells.hide_measures()


class _Cells:
    def __init__(
        self,
        figures: Sequence[Figure],
        statuses: list[str],
        known: Mapping[str, Composition],
        k: int,
    ):
        self._statuses, self._known, self._k = statuses, known, k
        self._hidden = 0  # by us
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
        self._around = self._containers()

    def _containers(self) -> dict[Address, list[Container]]:
        """Of each composed count, those of which every cell is printed."""
        printed: dict[tuple, dict[tuple[str, str], set[str]]] = defaultdict(
            lambda: defaultdict(set)
        )
        for cell in self._rank:
            place = cell.territory, cell.borders, cell.population
            printed[place][cell.indicator, cell.breakdown].add(cell.category)
        here: dict[tuple[str, str], Relations] = {}
        found = {}
        for (place, code), cells in self._of.items():
            if code not in self._counts:
                continue
            if place not in here:
                here[place] = Relations(
                    {self._known[other] for where, other in self._of if where == place}
                )
            for cell in cells:
                around = here[place].around(cell, printed[(*place, cell.population)])
                found[cell] = [
                    container
                    for container in around
                    if all(one in self._rank for one in (*container.cells, *container.without))
                ]
        return found

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
        if self._is(address, PUBLISHED) and not self._is_told_by_the_base(address):
            self._statuses[self._rank[address]] = SECRET
            self._hidden += 1

    def hide_in(self, place: tuple[str, str]) -> None:
        """As long as what was hidden hides more."""
        codes, before = self.widest_first(place), -1
        while before != self._hidden:
            before = self._hidden
            for code in codes:
                self.hide_contained(place, code)
                self.hide_blocks(place, code)

    def hide_contained(self, place: tuple[str, str], code: str) -> None:
        for address in self._of[place, code]:
            around = (one for one in self._around[address] if not one.is_rest)
            if any(self._gives_away(address, container) for container in around):
                self._hide(address)

    def _are_shown(self, cells: Iterable[Address]) -> bool:
        return all(self._is(cell, PUBLISHED, NOT_APPLICABLE) for cell in cells)

    def _is_told_by_the_base(self, address: Address) -> bool:
        """Sums of published cells of the base give it: hiding it would hide nothing."""
        return any(
            one.is_equal and self._are_shown((*one.cells, *one.without))
            for one in self._around.get(address, ())
            if one.cells[0].indicator not in self._known
        )

    def _gives_away(self, address: Address, container: Container) -> bool:
        if not self._are_shown((*container.cells, *container.without)):
            return True
        left = sum(self._value[cell] for cell in container.cells)
        left -= sum(self._value[cell] for cell in container.without) + self._value[address]
        return container.is_of_units and 0 < left < self._k

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

    def hide_sums_over_places(self) -> bool:
        """Of a promoted indicator: the nation is the sum of its Regions, old Regions add up to new
        ones. True when that hid something."""
        before = self._hidden
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
        return self._hidden > before

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
