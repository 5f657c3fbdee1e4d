"""Which figures stand together in a file: an edition, and the sealed ones it is compared with.

All reads need a scope that sees the edition; sealed editions are seen from any.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import dropwhile

from django.db.models import Q, QuerySet

from indicators.definitions import TOTAL
from indicators.exports.borders import (
    AT_DATE,
    Ground,
    ground_of,
    regions_in,
    where_computed,
)
from indicators.exports.similar import nearest
from indicators.models import Edition, EditionCell
from sprocep.periods import Period
from sprocep.tenancy import NATION

SERIES_LENGTH = 8


@dataclass(frozen=True)
class Block:
    """The cells of one territory in one border set. In constant borders it is no edition: its
    cells hang on the nation's edition of the period."""

    edition: Edition
    territory: str
    borders: str = AT_DATE

    @property
    def is_edition(self) -> bool:
        return self.borders == AT_DATE

    @property
    def has_kept_files(self) -> bool:
        """Those of an edition are kept once it is sealed: a draft may still change."""
        return self.is_edition and self.edition.is_sealed

    @property
    def code(self) -> str:
        if self.is_edition:
            return self.edition.code
        return f"{self.edition.period}/{self.territory}/b{self.borders}"

    @property
    def period(self) -> Period:
        return Period.parse(self.edition.period)

    @property
    def is_nation(self) -> bool:
        return self.territory == NATION

    @property
    def cells(self) -> QuerySet[EditionCell]:
        return EditionCell.objects.filter(self.is_of_this)

    @property
    def is_of_this(self) -> Q:
        return Q(edition_id=self.edition.pk, territory=self.territory, borders=self.borders)


@dataclass(frozen=True)
class Comparisons:
    """Sealed blocks beside the own one; `series` runs to the period itself, oldest first, with
    None for a period that is not sealed, so that time keeps its distances. `peers` are the similar
    Regions, all of them or none."""

    before: Block | None
    year_before: Block | None
    nation: Block | None
    peers: tuple[Block, ...]
    series: tuple[tuple[Period, Block | None], ...]

    @property
    def in_files(self) -> list[Block]:
        found = (self.before, self.year_before, self.nation, *self.peers)
        return list(dict.fromkeys(block for block in found if block))


def own_block(edition: Edition) -> Block:
    return Block(edition, edition.territory)


def comparisons(block: Block) -> Comparisons:
    """The period before, the year before, the nation, similar Regions and eight periods, where they
    are sealed.

    Where the Region did not exist, its figures in constant borders stand in.
    """
    period = block.period
    asked = series_to(period)
    wanted = {p.code for p in (*asked, period.year_before)}
    peers = _peers(block)
    sealed = newest_sealed({block.territory, NATION, *peers}, period__in=wanted)
    blocks = {
        code: Block(sealed[code, block.territory], block.territory)
        for code in wanted
        if (code, block.territory) in sealed
    }
    missing = [e for (code, place), e in sealed.items() if place == NATION and code not in blocks]
    blocks |= {found.edition.period: found for found in _constant_blocks(missing, block.territory)}
    nation = sealed.get((period.code, NATION))
    of_period = {place: e for (code, place), e in sealed.items() if code == period.code}
    beside = _on_grounds(peers, period, of_period)
    return Comparisons(
        before=blocks.get(period.before.code),
        year_before=blocks.get(period.year_before.code),
        nation=None if block.is_nation or nation is None else Block(nation, NATION),
        peers=tuple(beside) if len(beside) == len(peers) else (),
        series=_from_first_sealed([(p, blocks.get(p.code)) for p in asked]),
    )


def series_to(period: Period) -> list[Period]:
    """As many periods of this length as a series shows at most, oldest first."""
    asked = [period]
    while len(asked) < SERIES_LENGTH:
        asked.append(asked[-1].before)
    return asked[::-1]


def _peers(block: Block) -> dict[str, Ground]:
    """Similar Regions among those of the same borders, with their ground."""
    if block.is_nation:
        return {}
    regions = regions_in(block.borders, block.period)
    return {code: regions[code] for code in nearest(block.territory, regions)}


def _from_first_sealed(series: list[tuple[Period, Block | None]]) -> tuple:
    return tuple(dropwhile(lambda pair: pair[1] is None, series))


def newest_sealed(territories: Iterable[str], **only) -> dict[tuple[str, str], Edition]:
    """By period and territory; `only` restricts, as filters of `Edition`."""
    found = Edition.objects.filter(sealed_at__isnull=False, territory__in=territories, **only)
    return {(e.period, e.territory): e for e in found.order_by("number")}


def _constant_blocks(nations: list[Edition], territory: str) -> list[Block]:
    if not nations or territory == NATION:
        return []
    by_id = {edition.pk: edition for edition in nations}
    held = (
        EditionCell.objects.filter(
            edition_id__in=by_id, territory=territory, breakdown=TOTAL, operator=TOTAL, level=TOTAL
        )
        .exclude(borders=AT_DATE)
        .values_list("edition_id", "borders")
        .distinct()
        .order_by("borders")
    )
    return [Block(by_id[edition_id], territory, borders) for edition_id, borders in held]


def constant_block(period: Period, territory: str, borders: str) -> Block | None:
    """The territory in constant borders, from the nation's newest edition of the period."""
    nation = edition_of(period, NATION)
    if nation is None:
        return None
    block = Block(nation, territory, borders)
    return block if block.cells.exists() else None


def block_in(period: Period, territory: str, word: str, number: int | None = None) -> Block | None:
    """The territory as these borders know it; None where nobody counted it so.

    The nation is the same in all borders. Of the date, the edition of this number, else the newest.
    """
    borders = borders_of_figures(period, territory, word)
    if borders == AT_DATE:
        edition = edition_of(period, territory, number)
        return edition and own_block(edition)
    return borders and constant_block(period, territory, borders)


def borders_of_figures(period: Period, territory: str, word: str) -> str | None:
    """Where the figures are that a territory has in these borders, if any are."""
    if territory == NATION or word == AT_DATE:
        return AT_DATE
    ground = ground_of(territory, word, period)
    return where_computed(ground, territory, period) if ground else None


def edition_of(period: Period, territory: str, number: int | None = None) -> Edition | None:
    """The edition of this number, else the newest in sight: PostgreSQL hides a draft from all but
    the nation."""
    found = Edition.objects.filter(period=period.code, territory=territory)
    if number is not None:
        found = found.filter(number=number)
    return found.order_by("-number").first()


def regions_of_period(period: Period, word: str = AT_DATE) -> list[Block]:
    """All sealed Regions of a period in these borders, by code: what the nation's page compares."""
    return regions_on_grounds(regions_in(word, period), period)


def regions_on_grounds(regions: dict[str, Ground], period: Period) -> list[Block]:
    """These Regions in a period, by code, where they are sealed."""
    found = Edition.objects.filter(period=period.code, sealed_at__isnull=False)
    return _on_grounds(regions, period, {e.territory: e for e in found.order_by("number")})


def _on_grounds(
    regions: dict[str, Ground], period: Period, sealed: dict[str, Edition]
) -> list[Block]:
    blocks = []
    for code, ground in sorted(regions.items()):
        borders = where_computed(ground, code, period)
        holder = code if borders == AT_DATE else NATION
        if borders and holder in sealed:
            blocks.append(Block(sealed[holder], code, borders))
    return blocks
