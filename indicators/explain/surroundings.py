"""What stands around a cell: the returns that fed it, the same cell elsewhere in time, its whole
and its parts. All from rows that the reader sees anyway."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from operator import or_
from urllib.parse import quote

from django.db.models import Q
from django.utils.text import capfirst

from indicators import returns
from indicators.definitions import INDICATORS, TOTAL
from indicators.explain.address import NAMES, CellAddress
from indicators.exports.blocks import Block, comparisons
from indicators.exports.borders import AT_DATE, ground_of, mergers, on_same_ground, regions_in
from indicators.exports.figures import PUBLISHED
from indicators.exports.labels import Labels
from indicators.exports.wording import listed
from indicators.models import Definition, Edition, EditionCell, ExpectedReturn
from indicators.queries import Names
from indicators.regional.vocabulary import FIELDS
from operators.models import Operator
from regions.queries import in_force
from sprocep import periods
from sprocep.periods import quarter_of
from sprocep.tenancy import NATION

BREAKDOWNS = {name: field.label for name, field in FIELDS.items()} | {
    one.name: one.label for indicator in INDICATORS for one in indicator.breakdowns
}
_DIMENSIONS = {"level": "Par niveau", "operator": "Par catégorie d'opérateur"}


# ── Returns ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Returns:
    """Returns that fed a cell: `rows` of a Region, `places` (by Region) of the nation."""

    received: int
    expected: int
    rows: tuple[ExpectedReturn, ...] = ()
    places: tuple[dict, ...] = ()

    @property
    def has_several_regions(self) -> bool:
        return len({row.region_id for row in self.rows}) > 1


def regions_behind(block: Block) -> list[str]:
    """Regions of the date on the ground of a block: they owe the returns."""
    if block.is_nation:
        return sorted(regions_in(AT_DATE, block.period))
    ground = ground_of(block.territory, block.borders, block.period)
    return on_same_ground(ground, AT_DATE, block.period)


def returns_of(block: Block, address: CellAddress) -> Returns:
    """Those that completeness counts: of the operators of the cell's category, on the last day."""
    operators = Operator.objects.filter(in_force(block.period.last_day))
    if address.operator != TOTAL:
        operators = operators.filter(category_id=address.operator)
    owed = returns.returns(returns.deadlines(), periods.today()).filter(
        region_id__in=regions_behind(block),
        period__in={quarter_of(month.starts).code for month in block.period.months},
        structure_id__in=operators.values("structure_id"),
    )
    if block.is_nation:
        places = tuple(returns.by_place(owed).order_by("period", "region_id"))
        received, expected = (sum(p[name] for p in places) for name in ("received", "expected"))
        return Returns(received, expected, places=places)
    rows = tuple(returns.named(owed).order_by("state", "period", "structure_name", "pk"))
    received = sum(row.state == returns.RECEIVED for row in rows)
    return Returns(received, len(rows), rows=rows)


# ── In time ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Moment:
    """The same cell in another edition of the period, or in another period.

    `block` is None where nothing is sealed, `cell` where the edition does not hold it.
    """

    label: str
    block: Block | None = None
    cell: EditionCell | None = None
    causes: tuple[str, ...] = ()  # of a break between the moment before and this one


def over_editions(block: Block, address: CellAddress) -> tuple[Moment, ...]:
    """From the first sealed edition of the period to the last: what errata changed."""
    holder = NATION if not block.is_edition else block.territory
    sealed = Edition.objects.filter(
        period=block.edition.period, territory=holder, sealed_at__isnull=False
    ).order_by("number")
    blocks = [Block(edition, block.territory, block.borders) for edition in sealed]
    cells = _cells(blocks, address)
    return tuple(Moment(one.code, one, cells.get(one)) for one in blocks)


def over_periods(block: Block, address: CellAddress) -> tuple[Moment, ...]:
    """Eight periods of the same length at most, to the block's own, with their breaks."""
    series = comparisons(block).series
    cells = _cells([one for _, one in series if one], address)
    broken = _breaks(block.territory, address.indicator)
    found, before = [], None
    for period, one in series:
        causes = tuple(
            cause for on, cause in broken if before and before.last_day < on <= period.last_day
        )
        found.append(Moment(period.label, one, cells.get(one), causes))
        before = period
    return tuple(found)


def _cells(blocks: list[Block], address: CellAddress) -> dict[Block, EditionCell]:
    if not blocks:
        return {}
    is_of_these = reduce(or_, (block.is_of_this for block in blocks))
    by_place = {(b.edition.pk, b.territory, b.borders): b for b in blocks}
    cells = EditionCell.objects.filter(is_of_these, **address.columns)
    return {by_place[cell.edition_id, cell.territory, cell.borders]: cell for cell in cells}


def _breaks(territory: str, code: str) -> list[tuple[date, str]]:
    names = Names()
    merged = [
        (
            merger.on,
            f"{listed([names.on(former, merger.on) for former in merger.predecessors])} "
            f"deviennent {names.on(merger.successor, merger.on)}",
        )
        for merger in mergers([territory])
    ]
    changed = Definition.objects.filter(code=code, is_break=True).order_by("starts_on")
    return merged + [(row.starts_on, row.change) for row in changed]


# ── Wholes and parts ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Neighbour:
    label: str
    key: str
    cell: EditionCell

    @property
    def href(self) -> str:
        """From the address of another explanation of the same dashboard."""
        return f"../{quote(self.key, safe=',=')}/"


def wholes(cell: EditionCell, block: Block, labels: Labels) -> tuple[Neighbour, ...]:
    """What the cell is a part of: each of its filters taken away in turn."""
    address = address_of(cell)
    wider = list(_wider(address))
    if not wider:
        return ()
    found = {
        address_of(other): other
        for other in block.cells.filter(reduce(or_, (Q(**one.columns) for one in wider)))
    }
    return tuple(
        Neighbour(words_of(one, labels) or "Ensemble", one.key, found[one])
        for one in wider
        if one in found
    )


def _wider(address: CellAddress) -> Iterator[CellAddress]:
    if address.breakdown != TOTAL:
        yield replace(address, breakdown=TOTAL, category=TOTAL)
    for name in ("department", "operator", "level"):
        if getattr(address, name) != TOTAL:
            yield replace(address, **{name: TOTAL})


def parts(
    cell: EditionCell, block: Block, labels: Labels
) -> tuple[tuple[str, tuple[Neighbour, ...]], ...]:
    """What the cell is made of, as far as it is published: (by what, the parts)."""
    address = address_of(cell)
    narrower = [~Q(**{name: TOTAL}) & _same(address, name) for name in _narrowed(address)]
    if not narrower:
        return ()
    grouped: dict[str, list[Neighbour]] = {}
    found = block.cells.filter(reduce(or_, narrower), status=PUBLISHED).order_by(*NAMES)
    for other in found:
        head, name = _dimension(address_of(other), address)
        code = getattr(other, "category" if name == "breakdown" else name)
        label = labels.of(other.breakdown if name == "breakdown" else name, code)
        grouped.setdefault(head, []).append(Neighbour(label, address_of(other).key, other))
    return tuple((head, tuple(rows)) for head, rows in grouped.items())


def _narrowed(address: CellAddress) -> list[str]:
    """Dimensions that still hold a total and that some cell may refine."""
    return [
        name
        for name in ("breakdown", "department", "operator", "level")
        if getattr(address, name) == TOTAL
    ]


def _same(address: CellAddress, but: str) -> Q:
    freed = {but, "category"} if but == "breakdown" else {but}
    return Q(**{name: code for name, code in address.columns.items() if name not in freed})


def _dimension(part: CellAddress, whole: CellAddress) -> tuple[str, str]:
    if part.breakdown != whole.breakdown:
        return f"Par {BREAKDOWNS.get(part.breakdown, part.breakdown)}", "breakdown"
    if part.department != whole.department:
        return "Par département", "department"
    name = "operator" if part.operator != whole.operator else "level"
    return _DIMENSIONS[name], name


def address_of(cell: EditionCell) -> CellAddress:
    return CellAddress(*(getattr(cell, name) for name in NAMES))


def words_of(address: CellAddress, labels: Labels) -> str:
    return " · ".join(label for _, label in filters_of(address, labels))


def filters_of(address: CellAddress, labels: Labels) -> list[tuple[str, str]]:
    """(what is filtered, on what); empty for the whole of a territory."""
    found = []
    if address.breakdown != TOTAL:
        words = BREAKDOWNS.get(address.breakdown, address.breakdown)
        label = labels.of(address.breakdown, address.category)
        found.append((capfirst(words), label))
    for words, name in (
        ("Département", "department"),
        ("Catégorie d'opérateur", "operator"),
        ("Niveau de service", "level"),
    ):
        code = getattr(address, name)
        if code != TOTAL:
            found.append((words, labels.of(name, code)))
    return found
