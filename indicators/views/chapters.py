"""The chapters of a dashboard as HTML, kept from one reader to the next: what is sealed never
changes, and three thousand figures take longer to write than to read."""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from django.template.loader import render_to_string

from indicators.exports.blocks import Block, comparisons, regions_of_period
from indicators.exports.borders import AT_DATE
from indicators.exports.chapters.territories import REGIONS_CHART
from indicators.exports.files import drawing_sizes
from indicators.exports.report import Report, report
from sprocep import periods

KEPT = 64  # of 0.2 MB each


@dataclass(frozen=True)
class Written:
    """`report` is left without its chapters: `html` holds them."""

    report: Report
    html: str


@dataclass(frozen=True)
class _Sealed:
    """All that the text depends on. Labels may be corrected: nothing is kept over midnight."""

    editions: tuple[tuple[str, str], ...]
    charts: frozenset[str]
    day: date
    listed: str
    block: Block = field(compare=False)


def written(block: Block, charts: frozenset[str], listed: str = AT_DATE) -> Written:
    """The chapters of a block, with those of its charts that are drawn; the nation's list the
    Regions as the borders `listed` know them.

    Whoever asks has just read the editions themselves, in the own scope.
    """
    if listed != AT_DATE:
        charts -= {REGIONS_CHART}
    if not block.edition.is_sealed:
        return _write(block, charts, listed)
    return _kept(_Sealed(_editions(block, listed), charts, periods.today(), listed, block))


def _editions(block: Block, listed: str) -> tuple[tuple[str, str], ...]:
    compared = comparisons(block)
    blocks = [block, *compared.in_files, *(one for _, one in compared.series if one)]
    if block.is_nation:
        blocks += regions_of_period(block.period, listed)
    return tuple((one.code, one.edition.figures_seal) for one in blocks)


@lru_cache(maxsize=KEPT)
def _kept(wanted: _Sealed) -> Written:
    return _write(wanted.block, wanted.charts, wanted.listed)


def _write(block: Block, charts: frozenset[str], listed: str) -> Written:
    found = report(block, listed)
    context = {
        "report": found,
        "address": (block.edition.period, block.territory, block.edition.number),
        "chart_names": charts,
        "sizes": drawing_sizes(block.edition) if charts else {},
    }
    return Written(
        replace(found, chapters=()), render_to_string("indicators/_chapters.html", context)
    )
