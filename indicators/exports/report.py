"""What the page of a Region and its PDF show, built once from the cells with a dozen queries.

A `Report` is plain data: chapters of sections, each with a table and, most, a chart of the same
figures. Nothing here is HTML.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import Q

from indicators.definitions import TOTAL
from indicators.exports import breaks
from indicators.exports.blocks import Block, Comparisons, comparisons
from indicators.exports.borders import AT_DATE, CONSTANT_LABELS, LABELS
from indicators.exports.chapters import chapters
from indicators.exports.figures import (
    NOTHING,
    Entry,
    Together,
    figures_of,
    figures_of_all,
    totals_of,
)
from indicators.exports.labels import UNITS, Labels, labels_on
from indicators.exports.parts import ROUNDING, Chapter, Chart, Material
from indicators.exports.sentence import sentence
from indicators.exports.wording import Mark, mark
from regions.queries import territory_names
from sprocep import periods
from sprocep.rendering import charts

KEY_INDICATORS = ("A1", "A2", "A3", "A4", "A5", "A6")
KEY_LABELS = {
    "A1": "Entrées en CEP",
    "A2": "Bénéficiaires",
    "A3": "Personnes reçues",
    "A4": "Parcours en cours",
    "A5": "Sorties",
    "A6": "Accueils de niveau 1",
}


@dataclass(frozen=True)
class KeyFigure:
    code: str
    label: str
    entry: Entry
    change_period: Entry
    change_year: Entry
    national: Entry | None
    series: tuple[tuple[str, Entry], ...]
    chart: Chart | None

    @property
    def unit(self) -> str:
        return UNITS.get(self.entry.unit, "")


@dataclass(frozen=True)
class Report:
    block: Block
    territory_name: str
    is_draft: bool
    completeness: Decimal | None
    sentence: str
    key_figures: tuple[KeyFigure, ...]
    chapters: tuple[Chapter, ...]
    comparisons: Comparisons
    labels: Labels = field(repr=False)
    compared: tuple[tuple[str, Decimal | None], ...] = ()
    listed: str = AT_DATE

    @property
    def edition(self):
        return self.block.edition

    @property
    def period(self) -> periods.Period:
        return self.block.period

    @property
    def code(self) -> str:
        return self.block.code

    @property
    def title(self) -> str:
        return f"Conseil en évolution professionnelle, {self.territory_name}, {self.period.label}"

    @property
    def borders_label(self) -> str:
        """Of the nation, whose own never move: those of the Regions that it lists."""
        if self.block.is_nation:
            return LABELS[self.listed]
        return CONSTANT_LABELS.get(self.block.borders, LABELS[AT_DATE])

    @property
    def seal(self) -> str:
        """Empty for constant borders, which are no edition."""
        return self.edition.figures_seal if self.block.is_edition else ""

    @property
    def dated_on(self) -> datetime:
        """Of the content, not of the printing: the same figures give the same bytes."""
        return self.edition.sealed_at or self.edition.compiled_at

    @property
    def notice(self) -> str:
        return settings.SECRECY_NOTICE

    @property
    def rounding(self) -> str:
        return ROUNDING

    @property
    def mark(self) -> Mark:
        return mark(self.completeness, is_draft=self.is_draft)

    @property
    def charts(self) -> list[Chart]:
        own = [figure.chart for figure in self.key_figures]
        own += [section.chart for chapter in self.chapters for section in chapter.sections]
        return [chart for chart in own if chart]


# What a table may hold of others: all wholes by category; by level, by operator or in a département
# the whole alone, but for documents.
_WHOLE = Q(breakdown=TOTAL)
_COMPARED = (
    Q(department=TOTAL, level=TOTAL, operator=TOTAL)
    | _WHOLE & Q(department=TOTAL)
    | _WHOLE & Q(indicator="A1", level=TOTAL, operator=TOTAL)
    | Q(indicator="G1", department=TOTAL, level=TOTAL)
)


def material(block: Block, compared: Comparisons, listed: str = AT_DATE) -> Material:
    beside = figures_of_all(compared.in_files, _COMPARED)
    lines = totals_of(
        [block for _, block in compared.series], breakdown="total", indicator__in=KEY_INDICATORS
    )
    names = territory_names(block.period.last_day)
    peers = [beside[peer] for peer in compared.peers]
    return Material(
        block=block,
        name=names[block.territory],
        labels=labels_on(block.period),
        now=figures_of(block),
        before=beside.get(compared.before, NOTHING),
        year_before=beside.get(compared.year_before, NOTHING),
        nation=beside.get(compared.nation, NOTHING),
        peers=Together(peers) if peers else NOTHING,
        peer_names=tuple(names[peer.territory] for peer in compared.peers),
        names=names,
        series=tuple(
            (block, period.code, lines.get(block, NOTHING)) for period, block in compared.series
        ),
        listed=listed,
    )


def report(block: Block, listed: str = AT_DATE) -> Report:
    """Build the report of an edition (`own_block(edition)`) or of constant borders.

    The nation's lists the Regions as these borders know them.
    """
    compared = comparisons(block)
    given = material(block, compared, listed)
    return Report(
        block=block,
        territory_name=given.name,
        is_draft=not block.edition.is_sealed,
        completeness=given.now.completeness,
        sentence=sentence(given),
        key_figures=tuple(_key_figure(given, code) for code in KEY_INDICATORS),
        chapters=tuple(chapters(given)),
        comparisons=compared,
        labels=given.labels,
        compared=tuple((head, figures.completeness) for head, figures in given.compared),
        listed=listed,
    )


def _key_figure(given: Material, code: str) -> KeyFigure:
    entry = given.now.get(code)
    series = tuple((period, figures.get(code)) for _, period, figures in given.series)
    values = [float(e.value) if e.is_published else None for _, e in series]
    chart = None
    if sum(value is not None for value in values) > 1:
        chart = Chart(
            f"line-{code}.svg",
            f"{KEY_LABELS[code]}, périodes scellées de {series[0][0]} à {series[-1][0]}",
            charts.Sparkline(values, _ranks_of_breaks(given, code)),
        )
    return KeyFigure(
        code=code,
        label=KEY_LABELS[code],
        entry=entry,
        change_period=given.moved(code, given.period.before, given.before),
        change_year=given.moved(code, given.period.year_before, given.year_before),
        national=given.nation.get(code) if given.nation else None,
        series=series,
        chart=chart,
    )


def _ranks_of_breaks(given: Material, code: str) -> frozenset[int]:
    shown = [periods.Period.parse(period) for _, period, _ in given.series]
    parted = breaks.first_after(breaks.of_definitions([code]), shown)
    return frozenset(shown.index(period) for period in parted)
