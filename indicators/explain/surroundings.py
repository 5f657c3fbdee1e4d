"""What stands around a cell: the returns that fed it, the same cell elsewhere in time, its whole
and its parts. All from rows that the reader sees anyway."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import dropwhile
from urllib.parse import quote

from django.utils.text import capfirst

from indicators import returns
from indicators.definitions import INDICATORS, TOTAL
from indicators.explain.address import CellAddress
from indicators.explain.opening import Opening, address_of
from indicators.exports import breaks
from indicators.exports.blocks import Block
from indicators.exports.borders import AT_DATE, ground_of, on_same_ground, regions_in
from indicators.exports.labels import Labels
from indicators.models import Definition, EditionCell, ExpectedReturn
from indicators.regional.vocabulary import FIELDS
from operators.models import Operator
from regions.queries import in_force
from sprocep import periods
from sprocep.periods import quarter_of
from sprocep.tenancy import NATION

BREAKDOWNS = {name: field.label for name, field in FIELDS.items()} | {
    one.name: one.label for indicator in INDICATORS for one in indicator.breakdowns
}
_DIMENSIONS = {"level": "Par niveau", "operator": "Par catégorie d’opérateur"}


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
    quarters = {quarter_of(month.starts).code for month in block.period.months}
    owed = returns.returns(quarters, periods.today()).filter(
        region_id__in=regions_behind(block),
        period__in=quarters,
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


def over_editions(opened: Opening) -> tuple[Moment, ...]:
    """From the first sealed edition of the period to the last: what errata changed."""
    block = opened.block
    holder = block.territory if block.is_edition else NATION
    blocks = [
        Block(edition, block.territory, block.borders)
        for edition in opened.shelf.of(block.period, holder, is_sealed=True)
    ]
    cells = opened.same
    return tuple(Moment(one.code, one, cells.get(one)) for one in blocks)


def over_periods(opened: Opening, versions: Iterable[Definition]) -> tuple[Moment, ...]:
    """Eight periods of the same length at most, to the block's own, with their breaks. What is
    sealed, and at the end what is read, a draft or not."""
    cells, broken = (
        opened.same,
        [
            *breaks.of_borders([opened.block.territory]),
            *(breaks.Break(row.starts_on, row.change) for row in versions if row.is_break),
        ],
    )
    found, before = [], None
    *former, last = opened.shelf.periods
    own = opened.sealed_in(last) if opened.block.edition.is_sealed else opened.block
    blocks = [*((period, opened.sealed_in(period)) for period in former), (last, own)]
    for period, one in dropwhile(lambda pair: pair[1] is None, blocks):
        causes = tuple(
            broke.cause
            for broke in broken
            if before and before.last_day < broke.on <= period.last_day
        )
        found.append(Moment(period.label, one, cells.get(one), causes))
        before = period
    return tuple(found)


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


def wholes(opened: Opening, labels: Labels) -> tuple[Neighbour, ...]:
    """What the cell is a part of: each of its filters taken away in turn."""
    found = [(address_of(cell), cell) for cell in opened.wholes]
    return tuple(
        Neighbour(words_of(one, labels) or "Ensemble", one.key, cell) for one, cell in found
    )


def parts(opened: Opening, labels: Labels) -> tuple[tuple[str, tuple[Neighbour, ...]], ...]:
    """What the cell is made of, as far as it is published: (by what, the parts)."""
    grouped: dict[str, list[Neighbour]] = {}
    for other in opened.parts:
        head, name = _dimension(address_of(other), opened.address)
        code = getattr(other, "category" if name == "breakdown" else name)
        label = labels.of(other.breakdown if name == "breakdown" else name, code)
        grouped.setdefault(head, []).append(Neighbour(label, address_of(other).key, other))
    return tuple((head, tuple(rows)) for head, rows in grouped.items())


def _dimension(part: CellAddress, whole: CellAddress) -> tuple[str, str]:
    if part.breakdown != whole.breakdown:
        return f"Par {BREAKDOWNS.get(part.breakdown, part.breakdown)}", "breakdown"
    if part.department != whole.department:
        return "Par département", "department"
    name = "operator" if part.operator != whole.operator else "level"
    return _DIMENSIONS[name], name


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
        ("Catégorie d’opérateur", "operator"),
        ("Niveau de service", "level"),
    ):
        code = getattr(address, name)
        if code != TOTAL:
            found.append((words, labels.of(name, code)))
    return found
