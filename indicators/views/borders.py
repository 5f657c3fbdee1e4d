"""The same ground in other borders: what a dashboard may be read in, and where."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from indicators.exports.blocks import Block
from indicators.exports.borders import (
    AT_DATE,
    LABELS,
    ground_of,
    on_same_ground,
    regions_in,
    where_computed,
)
from indicators.exports.formats import FORMATS
from indicators.exports.wording import listed
from indicators.models import Edition, EditionCell
from indicators.queries import Names
from indicators.views.editions import FIRST, WORDS
from sprocep.periods import Period
from sprocep.tenancy import NATION

# Of constant borders: they are made for reckoning.
_CONSTANT = ("xlsx", "ods", "csv", "json")


@dataclass(frozen=True)
class Choice:
    """Borders that give the same Regions here, and where these are read; no place: it is open."""

    words: str
    places: list[tuple[str, str]]

    @property
    def is_open(self) -> bool:
        return not self.places


def made_on_demand(block: Block) -> list[tuple[str, str]]:
    """(format, word) of the files that nobody keeps: of a draft, or of constant borders."""
    is_compiled = block.edition.figures_seal != ""
    formats = FORMATS if block.is_edition else _CONSTANT
    return [(kind, word) for kind, word in WORDS.items() if is_compiled and kind in formats]


def choices(block: Block, word: str) -> list[Choice]:
    """All borders, those that come to the same together; those that nobody counted are left out.

    None where all come to the same.
    """
    period = block.period
    grouped: dict[tuple, list[str]] = {}
    for one in LABELS:
        grouped.setdefault(_held(block, one), []).append(one)
    if len(grouped) == 1:
        return []
    here = _held(block, word) if block.is_nation else ((block.territory, block.borders),)
    there = _there(period, {address for held in grouped for address in held})
    names = Names()
    found = []
    for held, words in grouped.items():
        label = listed([LABELS[one].removeprefix("limites ") for one in words])
        if held == here:
            found.append(Choice(label, []))
        elif block.is_nation:
            if there.issuperset(held):
                found.append(Choice(label, [("France", _address(period, NATION, words[0]))]))
        elif places := [
            (names.on(code, period.last_day), _address(period, code, words[0]))
            for code, borders in held
            if (code, borders) in there
        ]:
            found.append(Choice(label, places))
    return found


def _held(block: Block, word: str) -> tuple[tuple[str, str | None], ...]:
    """Territories of these borders on the ground of the block, and where their figures are."""
    period = block.period
    regions = regions_in(word, period)
    if block.is_nation:
        codes = sorted(regions)
    else:
        codes = on_same_ground(ground_of(block.territory, block.borders, period), word, period)
    return tuple((code, where_computed(regions[code], code, period)) for code in codes)


def _there(period: Period, asked: Iterable[tuple[str, str | None]]) -> set[tuple[str, str]]:
    """Which of these may be read now."""
    asked = set(asked)
    at_date = {code for code, borders in asked if borders == AT_DATE}
    editions = Edition.objects.filter(period=period.code, territory__in=at_date)
    found = {(code, AT_DATE) for code in editions.values_list("territory", flat=True)}
    constant = {code for code, borders in asked if borders not in (AT_DATE, None)}
    if constant:
        found |= set(_constant(constant, edition__period=period.code).values_list(*_PLACE))
    return found


_PLACE = ("territory", "borders")


def _constant(territories: Iterable[str], **only):
    return (
        EditionCell.objects.filter(
            edition__territory=NATION, territory__in=set(territories), **FIRST, **only
        )
        .exclude(borders=AT_DATE)
        .distinct()
    )


def _address(period: Period, code: str, word: str) -> str:
    address = reverse("indicators:dashboard", args=[period, code])
    return address if word == AT_DATE else f"{address}?{urlencode({'perimetre': word})}"


def in_constant_borders(territories: Iterable[str]) -> list[tuple[str, str]]:
    """(words, address) of what the nation's editions hold of these, newest period first."""
    held = sorted(_constant(territories).values_list("edition__period", *_PLACE), reverse=True)
    names, found = Names(), []
    for code, territory, borders in held:
        period = Period.parse(code)
        words = f"{names.on(territory, period.last_day)}, {period.label}, {LABELS[borders]}"
        found.append((words, _address(period, territory, borders)))
    return found
