"""Indicators that stand after the national base: those of the Region, and those it gave to all."""

from collections.abc import Callable
from datetime import date

from indicators.definitions import TOTAL
from indicators.exports.chapters.layout import alternative
from indicators.exports.figures import NOT_APPLICABLE, PERCENT, Entry, Figures, measure
from indicators.exports.labels import POPULATIONS, UNITS
from indicators.exports.parts import Chapter, Chart, Column, Line, Material, Section, Table
from indicators.exports.wording import text
from indicators.models import RegionalIndicator
from indicators.regional.composition import BASE, PART, Composition, Measure
from indicators.regional.standing import added_on
from indicators.regional.vocabulary import FIELDS
from sprocep.rendering import charts

_ENSEMBLE = "Ensemble"
_KINDS = {Measure.SHARE: "share", Measure.MEAN: "tenth", Measure.MEDIAN: "tenth"}
Get = Callable[..., Entry]


def regional(given: Material) -> Chapter:
    """Those that the block holds: an indicator published since was not counted then."""
    block = given.block
    rows = added_on(given.period.last_day, block.territory if block.is_edition else "")
    composed = [(row, Composition.of(row).under(code)) for code, row in rows]
    sections = tuple(
        _section(given, row, one)
        for row, one in composed
        if _getter(given.now, one)(one.code).status != NOT_APPLICABLE
    )
    if any(row.code == one.code for row, one in composed):
        return Chapter(
            "regionaux", "Indicateurs régionaux", "Que suit la Région en plus ?", sections
        )
    return Chapter("ajoutes", "Indicateurs ajoutés", "Que compte-t-on de plus partout ?", sections)


def _section(given: Material, row: RegionalIndicator, one: Composition) -> Section:
    is_regional = one.code == row.code
    mark = f"Indicateur régional {one.code}, version {row.version}, composé par la Région."
    if not is_regional:
        mark = f"Indicateur {one.code} du socle national, composé d’abord sous le code {row.code}."
    found = _categories(given, one)
    return Section(
        slug=one.code.replace(".", "-"),
        title=f"{one.label} (régional)" if is_regional else one.label,
        table=_table(given, row, one, found),
        chart=_chart(given, one, found),
        notes=(row.statement, mark),
        detail=_detail(given, one),
        field=POPULATIONS[one.population],
    )


def _getter(figures: Figures, one: Composition) -> Get:
    """Entry of a code of the composition, in the unit that a table prints."""

    def get(code: str, category: str = TOTAL, **margin: str) -> Entry:
        breakdown = TOTAL if category == TOTAL else one.breakdown
        entry = figures.get(code, one.population, breakdown=breakdown, category=category, **margin)
        if code in one.count_codes:
            return entry
        if one.measure == Measure.SHARE:
            return Entry(entry.value, entry.status, PERCENT, entry.address, entry.dashboard)
        return measure(entry)

    return get


def _categories(given: Material, one: Composition) -> list[tuple[str, str]]:
    """(code, label) of the breakdown, in the list's own order."""
    if not one.breakdown:
        return []
    get = _getter(given.now, one)
    return [
        (code, label)
        for code, label in given.labels[one.breakdown].items()
        if get(one.code, code).status != NOT_APPLICABLE or not one.is_count
    ]


def _unit(one: Composition) -> str:
    return "Part" if one.measure == Measure.SHARE else UNITS[one.unit].capitalize()


def _columns(one: Composition) -> list[tuple[str, Column]]:
    """(code, column) of what the composition publishes at each address."""
    value = Column(_unit(one), _KINDS.get(one.measure, "whole"))
    if one.is_count:
        return [(one.code, value)]
    found = [(one.code, value)]
    if one.measure == Measure.SHARE:
        found.append((f"{one.code}.{PART}", Column("Numérateur")))
    return [*found, (f"{one.code}.{BASE}", Column("Effectif"))]


def _table(
    given: Material, row: RegionalIndicator, one: Composition, found: list[tuple[str, str]]
) -> Table:
    columns = [(_getter(given.now, one), code, column) for code, column in _columns(one)]
    kind = _KINDS.get(one.measure, "whole")
    for period, figures in given.earlier:
        if _was_the_same(row, one, period.last_day, given.block.territory):
            columns.append((_getter(figures, one), one.code, Column(period.code, kind, "Avant")))
    lines = tuple(
        Line(label, tuple(get(of, code) for get, of, _ in columns), is_total=code == TOTAL)
        for code, label in [(TOTAL, _ENSEMBLE), *found]
    )
    head = FIELDS[one.breakdown].label.capitalize() if one.breakdown else _ENSEMBLE
    return Table(one.label, head, tuple(column for _, _, column in columns), lines)


def _was_the_same(row: RegionalIndicator, one: Composition, day: date, territory: str) -> bool:
    """Another version counts otherwise: nothing is compared through its first day."""
    return (one.code, row) in added_on(day, territory)


def _detail(given: Material, one: Composition) -> Table | None:
    """By level, by operator and by département, one a line."""
    margins: list[tuple[str, dict[str, str]]] = [(_ENSEMBLE, {})]
    if one.by_level:
        margins += [(label, {"level": code}) for code, label in given.levels.items()]
    if one.by_operator:
        operators = given.labels["operator"].items()
        margins += [(label, {"operator": code}) for code, label in operators]
    if one.by_department:
        departments = given.labels["department"].items()
        margins += [(f"{label} ({code})", {"department": code}) for code, label in departments]
    get, columns = _getter(given.now, one), _columns(one)
    lines = [
        Line(label, tuple(get(code, **margin) for code, _ in columns), is_total=not margin)
        for label, margin in margins
        if not margin.get("department")
        or get(one.count_codes[0], **margin).status != NOT_APPLICABLE
    ]
    if len(lines) == 1:
        return None
    caption = f"{one.label}, par niveau, catégorie d’opérateur et département"
    return Table(caption, "Lecture", tuple(column for _, column in columns), tuple(lines))


def _chart(given: Material, one: Composition, found: list[tuple[str, str]]) -> Chart | None:
    get = _getter(given.now, one)
    marks = []
    for code, label in found:
        entry = get(one.code, code)
        value = float(entry.value) if entry.is_published else None
        marks.append(charts.Mark(label, value, text(entry)))
    if not any(mark.value for mark in marks):
        return None
    subtitle = f"{given.where_and_when} · {_unit(one).lower()}"
    shape = charts.Bars(marks, title=one.label, subtitle=subtitle)
    name = f"chart-{one.code.replace('.', '-')}.svg"
    return Chart(name, alternative(one.label, given, marks), shape)
