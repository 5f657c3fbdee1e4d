"""Where: the départements of a Region, or the Regions of the nation."""

from collections.abc import Mapping
from dataclasses import replace

from django.utils.text import capfirst

from indicators.exports import similar
from indicators.exports.blocks import Block, regions_of_period, regions_on_grounds
from indicators.exports.borders import AT_DATE, LABELS, Ground, regions_in
from indicators.exports.chapters.layout import TWIN, alternative
from indicators.exports.figures import (
    CHANGE,
    NOT_APPLICABLE,
    NOTHING,
    SECRET,
    Entry,
    Figures,
    by_department,
    change,
    measure,
    per_inhabitants,
    share,
    totals_of,
)
from indicators.exports.labels import POPULATIONS
from indicators.exports.parts import Chapter, Chart, Column, Line, Map, Material, Section, Table
from indicators.exports.wording import text, with_share
from regions.outlines import ATTRIBUTION, department_outlines
from regions.queries import department_populations
from sprocep.rendering import charts, maps

_HEADS = {
    "A1": "Entrées",
    "A2": "Bénéficiaires",
    "A3": "Personnes reçues",
    "A4": "En cours",
    "A6": "Accueils",
}
_REGIONAL = {**_HEADS, "A5": "Sorties"}
PEERS_NAMED = "Territoires semblables"
_FIELD = "parcours, personnes et accueils de la période"
REGIONS_CHART = "chart-A1-region.svg"
_RATE = "Entrées pour 100\N{NARROW NO-BREAK SPACE}000 habitants"
Totals = dict[str, Figures]


def territories(given: Material) -> Chapter:
    if given.block.is_nation:
        blocks = regions_of_period(given.period, given.listed)
        figures = _totals(blocks)
        sections = (
            _regions(given, figures),
            _national_map(given, blocks, figures),
        )
    else:
        sections = (_departments(given), _map(given))
    found = tuple(section for section in sections if section)
    return Chapter("territoires", "Territoires", "Où ?", found)


def _departments(given: Material) -> Section | None:
    codes = [
        code
        for code in given.labels["department"]
        if given.now.get("A1", department=code).status != NOT_APPLICABLE
    ]
    if len(codes) < 2:
        return None

    def get(code: str, indicator: str) -> Entry:
        return given.now.get(indicator, department=code)

    labels = {code: f"{given.labels['department'][code]} ({code})" for code in codes}
    delay = {code: measure(given.now.get("E3.median", department=code)) for code in codes}
    columns = (*_columns(given, _HEADS), Column("Délai médian, jours", "tenth", " "))
    total = given.now.get("A1")
    ordered = _by_size({code: get(code, "A1") for code in codes})
    lines = [_whole_line(given, "Ensemble", given.now, total, is_total=True)]
    for code in ordered:
        first, *others = (get(code, indicator) for indicator in _HEADS)
        moved = [change(first, past.get("A1", department=code)) for _, past in given.earlier]
        row = (first, share(first, total), *moved, *others, delay[code])
        lines.append(Line(labels[code], row))
    lines += [
        _whole_line(given, name, figures, Entry(None, NOT_APPLICABLE, ""))
        for name, figures in (("France", given.nation), (PEERS_NAMED, given.peers))
        if figures
    ]
    table = Table("Comptages par département", "Département", columns, tuple(lines))
    return Section(
        slug="A1-department",
        title="Dans quels départements ?",
        table=table,
        chart=_bars(given, "Entrées par département", ordered, labels, get, total),
        notes=("Une personne reçue dans deux départements compte une fois dans l’ensemble.",),
        field=_FIELD,
    )


def _whole_line(
    given: Material, label: str, figures: Figures, total: Entry, *, is_total: bool = False
) -> Line:
    """What stands beside départements: the Region itself, the nation, similar Regions."""
    first, *others = (figures.get(indicator) for indicator in _HEADS)
    moved = [
        given.moved("A1", period, past) if is_total else Entry(None, NOT_APPLICABLE, CHANGE)
        for period, past in given.earlier
    ]
    delay = measure(figures.get("E3.median"))
    return Line(label, (first, share(first, total), *moved, *others, delay), is_total=is_total)


def _totals(blocks: list[Block]) -> Totals:
    found = totals_of(blocks, breakdown="total", indicator__in=tuple(_REGIONAL))
    return {block.territory: figures for block, figures in found.items()}


def _regions(given: Material, figures: Totals) -> Section | None:
    """From the sealed editions of the Regions: their own figures, as each received them."""
    if not figures:
        return None

    def get(code: str, indicator: str) -> Entry:
        return figures[code].get(indicator)

    total = given.now.get("A1")
    past = _earlier(given)
    first, *others = (given.now.get(indicator) for indicator in _REGIONAL)
    moved = [given.moved("A1", period, figures) for period, figures in given.earlier]
    lines = [Line("France", (first, share(total, total), *moved, *others), is_total=True)]
    labels = {code: given.names[code] for code in figures}
    ordered = _by_size({code: get(code, "A1") for code in figures})
    for code in ordered:
        first, *others = (get(code, indicator) for indicator in _REGIONAL)
        moved = [change(first, held.get(code, NOTHING).get("A1")) for held in past]
        lines.append(Line(labels[code], (first, share(first, total), *moved, *others)))
    columns = _columns(given, _REGIONAL)
    return Section(
        slug="A1-region",
        title="Dans quelles Régions ?",
        table=Table("Comptages par Région", "Région", columns, tuple(lines)),
        chart=_bars(given, "Entrées par Région", ordered, labels, get, total),
        notes=(
            f"Régions dans les {LABELS[given.listed]}. Seules celles dont l’édition est scellée "
            "sont listées.",
        ),
        field=_FIELD,
    )


def _earlier(given: Material) -> list[Totals]:
    """Entries of the same Regions, on the same ground, in each of the earlier periods."""
    regions = regions_in(given.listed, given.period)
    blocks = [regions_on_grounds(regions, period) for period, _ in given.earlier]
    found = totals_of([one for some in blocks for one in some], breakdown="total", indicator="A1")
    return [{one.territory: found[one] for one in some} for some in blocks]


def _map(given: Material) -> Section | None:
    """Entries for 100,000 inhabitants, département by département; one alone makes no map."""
    codes = given.labels["department"]
    counts = _there({code: given.now.get("A1", department=code) for code in codes})
    if len(counts) < 2:
        return None
    ground = frozenset(counts)
    rates = _rates(counts, department_populations())
    table = _rate_table("département", counts, rates, _departments_named(given))
    beside = [("Ensemble", given.now, ground), *_whole_grounds(given)]
    wholes = tuple(
        Line(label, (entry := figures.get("A1"), per_inhabitants(entry, similar.inhabitants(held))))
        for label, figures, held in beside
    )
    return _map_section(given, rates, replace(table, lines=table.lines + wholes))


def _whole_grounds(given: Material) -> list[tuple[str, Figures, Ground]]:
    """What the rates of a Region are compared with: periods before, the nation, similar Regions."""
    regions = regions_in(given.block.borders, given.period)
    own = regions[given.block.territory]
    nation = frozenset().union(*regions_in(AT_DATE, given.period).values())
    alike = similar.nearest(given.block.territory, regions)
    found = [(f"Ensemble, {period.code}", figures, own) for period, figures in given.earlier]
    found.append(("France", given.nation, nation))
    found.append((PEERS_NAMED, given.peers, frozenset().union(*(regions[c] for c in alike))))
    return [one for one in found if one[1]]


def _national_map(given: Material, blocks: list[Block], figures: Totals) -> Section | None:
    """All départements, from the sealed editions of the Regions; on paper a table by Region."""
    counts = _there(by_department(blocks, "A1"))
    if not counts:
        return None
    inhabitants = department_populations()
    rates = _rates(counts, inhabitants)
    in_regions = {
        region: sum(inhabitants[department] for department in ground)
        for region, ground in regions_in(given.listed, given.period).items()
    }
    regional = {code: found.get("A1") for code, found in figures.items()}
    return _map_section(
        given,
        rates,
        _rate_table("Région", regional, _rates(regional, in_regions), given.names),
        _rate_table("département", counts, rates, _departments_named(given)),
    )


def _there(entries: dict[str, Entry]) -> dict[str, Entry]:
    return {code: entry for code, entry in entries.items() if entry.status != NOT_APPLICABLE}


def _rates(counts: dict[str, Entry], inhabitants: Mapping[str, int]) -> dict[str, Entry]:
    return {code: per_inhabitants(count, inhabitants[code]) for code, count in counts.items()}


def _departments_named(given: Material) -> dict[str, str]:
    return {code: f"{label} ({code})" for code, label in given.labels["department"].items()}


def _rate_table(
    of: str, counts: dict[str, Entry], rates: dict[str, Entry], names: dict[str, str]
) -> Table:
    lines = tuple(Line(names[code], (counts[code], rates[code])) for code in _by_size(rates))
    columns = (Column("Entrées"), Column("Pour 100\N{NARROW NO-BREAK SPACE}000 habitants", "tenth"))
    return Table(f"{_RATE}, par {of}", capfirst(of), columns, lines)


def _map_section(
    given: Material, rates: dict[str, Entry], table: Table, detail: Table | None = None
) -> Section:
    notes = ("Population des communes en 2026, la même pour toutes les périodes.", ATTRIBUTION)
    if detail:
        notes = ("La page et le classeur donnent la valeur de chaque département.", *notes)
    return Section(
        slug="A1-map",
        title="Où le conseil est-il le plus sollicité ?",
        table=table,
        chart=_drawn(given, _RATE, rates),
        notes=notes,
        detail=detail,
        field=POPULATIONS["journeys_opened"],
    )


def _drawn(given: Material, title: str, rates: dict[str, Entry]) -> Map | None:
    outlines = department_outlines()
    if not any(rate.is_published and code in outlines for code, rate in rates.items()):
        return None
    areas = tuple(
        maps.Area(
            code=code,
            text=text(rate),
            value=float(rate.value) if rate.is_published else None,
            outline=outlines.get(code),
            is_secret=rate.status == SECRET,
        )
        for code, rate in sorted(rates.items())
    )
    labels = given.labels["department"]
    first = ", ".join(f"{labels[code]} {text(rates[code])}" for code in _by_size(rates)[:3])
    alt = f"Carte : {title.lower()}, {given.where_and_when}. Les plus hauts : {first}. {TWIN}"
    return Map("map-A1-department.svg", alt, title, given.where_and_when, areas)


def _columns(given: Material, heads: dict[str, str]) -> tuple[Column, ...]:
    first, *others = heads.values()
    return (
        Column(first),
        Column("Part", "share"),
        *(Column(f"depuis {period.code}", "change", "Évolution") for period, _ in given.earlier),
        *(Column(head, group=" ") for head in others),
    )


def _by_size(entries: dict[str, Entry]) -> list[str]:
    return sorted(entries, key=lambda c: (not entries[c].is_published, -(entries[c].value or 0)))


def _bars(given: Material, title: str, codes, labels, get, total: Entry) -> Chart | None:
    marks = []
    for code in codes:
        entry = get(code, "A1")
        value = float(entry.value) if entry.is_published else None
        marks.append(charts.Mark(labels[code], value, with_share(entry, share(entry, total))))
    if not any(mark.value for mark in marks):
        return None
    shape = charts.Bars(marks, title=title, subtitle=f"{given.where_and_when} · parcours")
    slug = REGIONS_CHART if given.block.is_nation else "chart-A1-department.svg"
    return Chart(slug, alternative(title, given, marks), shape)
