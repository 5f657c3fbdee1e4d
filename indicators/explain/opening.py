"""A figure looked up with all that stands around it: one read of editions, one of cells."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import or_

from django.db.models import CharField, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from indicators.definitions import TOTAL
from indicators.explain.address import NAMES, CellAddress
from indicators.exports.blocks import Block, borders_of_figures, series_to
from indicators.exports.borders import AT_DATE
from indicators.exports.figures import PUBLISHED
from indicators.models import Edition, EditionCell, SecrecyThreshold
from regions.models import RegionName
from sprocep.periods import Period
from sprocep.tenancy import NATION

_SAME, _WHOLE, _PART = "same", "whole", "part"
# Every block in constant borders holds it: it says that there is one.
_ENTRIES = CellAddress("A1", "journeys_opened")


class Shelf:
    """The editions in sight of a territory and of the nation, over the periods of a series."""

    def __init__(self, period: Period, territory: str) -> None:
        self.territory, self.periods = territory, series_to(period)
        codes = [one.code for one in self.periods]
        found = Edition.objects.filter(period__in=codes, territory__in={territory, NATION})
        said = _said_on(period, territory)
        self.editions = list(found.annotate(**said).order_by("number"))

    def of(self, period: Period, territory: str, *, is_sealed: bool = False) -> list[Edition]:
        """By number."""
        return [
            edition
            for edition in self.editions
            if (edition.period, edition.territory) == (period.code, territory)
            and (edition.sealed_at or not is_sealed)
        ]

    def block(self, word: str, number: int | None = None) -> Block | None:
        """What `block_in` finds, whether or not it holds a cell."""
        period = self.periods[-1]
        borders = borders_of_figures(period, self.territory, word)
        found = self.of(period, self.territory if borders == AT_DATE else NATION)
        if borders == AT_DATE and number is not None:
            found = [edition for edition in found if edition.number == number]
        return Block(found[-1], self.territory, borders) if borders and found else None

    @property
    def name(self) -> str:
        return self.editions[0].place

    @property
    def threshold(self) -> SecrecyThreshold:
        """In force on the last day of the period."""
        return SecrecyThreshold(k=self.editions[0].k, starts_on=self.editions[0].k_since)


def _said_on(period: Period, territory: str) -> dict:
    """The name of the territory and the threshold of the day, on each edition: no read of their
    own."""
    names = RegionName.objects.filter(region=territory).values("name")
    begun = names.filter(starts_on__lte=period.last_day).order_by("-starts_on")
    rules = SecrecyThreshold.objects.filter(starts_on__lte=period.last_day).order_by("-starts_on")
    return {
        "place": Coalesce(
            Subquery(begun[:1]), Subquery(names.order_by("starts_on")[:1]), Value("France")
        ),
        "k": Subquery(rules.values("k")[:1]),
        "k_since": Subquery(rules.values("starts_on")[:1]),
    }


@dataclass(frozen=True)
class Opening:
    """A figure of a block. Whatever its status the same is read."""

    shelf: Shelf
    block: Block
    address: CellAddress

    @classmethod
    def of(cls, block: Block, address: CellAddress) -> "Opening":
        return cls(Shelf(block.period, block.territory), block, address)

    @property
    def cell(self) -> EditionCell | None:
        return self.same.get(self.block)

    @property
    def same(self) -> dict[Block, EditionCell]:
        """The same figure in this block and in others."""
        return {
            block: cell for block, cell in self._cells[_SAME] if address_of(cell) == self.address
        }

    @property
    def wholes(self) -> list[EditionCell]:
        """Each of its filters taken away in turn."""
        found = {address_of(cell): cell for _, cell in self._cells[_WHOLE]}
        return [found[one] for one in wider(self.address) if one in found]

    @property
    def parts(self) -> list[EditionCell]:
        """What it is made of, as far as it is published."""
        return [cell for _, cell in self._cells[_PART]]

    def sealed_in(self, period: Period) -> Block | None:
        """The territory in this period: its edition, else the nation's in constant borders."""
        territory = self.shelf.territory
        if own := self.shelf.of(period, territory, is_sealed=True):
            return Block(own[-1], territory)
        nation = self.shelf.of(period, NATION, is_sealed=True)[-1:]
        held = {block for block, _ in self._cells[_SAME] if block.edition in nation}
        return max(held, key=lambda block: block.borders, default=None)

    @cached_property
    def _cells(self) -> dict[str, list[tuple[Block, EditionCell]]]:
        editions = {edition.pk: edition for edition in self.shelf.editions}
        found = {_SAME: [], _WHOLE: [], _PART: []}
        first, *others = self._reads()
        for cell in first.union(*others, all=True).order_by(*NAMES):
            block = Block(editions[cell.edition_id], cell.territory, cell.borders)
            found[cell.role].append((block, cell))
        return found

    def _reads(self) -> Iterator[QuerySet[EditionCell]]:
        """Apart, so that each follows the key of cells."""
        territory = self.shelf.territory
        own = [e.pk for e in self.shelf.editions if e.territory == territory]
        cells = EditionCell.objects.filter(territory=territory).order_by()
        yield _as(_SAME, cells.filter(_is(self.address), edition__in=own, borders=AT_DATE))
        if territory != NATION:
            nations = [e.pk for e in self.shelf.editions if e.territory == NATION]
            constant = cells.filter(_is(self.address) | _is(_ENTRIES), edition__in=nations)
            yield _as(_SAME, constant.exclude(borders=AT_DATE))
        if whole := [_is(one) for one in wider(self.address)]:
            yield _as(_WHOLE, self.block.cells.filter(reduce(or_, whole)))
        if narrower := [_refined(self.address, name) for name in _narrowed(self.address)]:
            parts = self.block.cells.filter(reduce(or_, narrower), status=PUBLISHED)
            yield _as(_PART, parts)


def address_of(cell: EditionCell) -> CellAddress:
    return CellAddress(*(getattr(cell, name) for name in NAMES))


def wider(address: CellAddress) -> Iterator[CellAddress]:
    if address.breakdown != TOTAL:
        yield replace(address, breakdown=TOTAL, category=TOTAL)
    for name in ("department", "operator", "level"):
        if getattr(address, name) != TOTAL:
            yield replace(address, **{name: TOTAL})


def _narrowed(address: CellAddress) -> list[str]:
    """Dimensions that still hold a total and that some cell may refine."""
    return [
        name
        for name in ("breakdown", "department", "operator", "level")
        if getattr(address, name) == TOTAL
    ]


def _refined(address: CellAddress, name: str) -> Q:
    freed = {name, "category"} if name == "breakdown" else {name}
    same = {column: code for column, code in address.columns.items() if column not in freed}
    return ~Q(**{name: TOTAL}) & Q(**same)


def _is(address: CellAddress) -> Q:
    return Q(**address.columns)


def _as(role: str, cells: QuerySet[EditionCell]) -> QuerySet[EditionCell]:
    return cells.annotate(role=Value(role, CharField()))
