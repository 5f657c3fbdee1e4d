"""Where: the départements of a Region, or the Regions of the nation."""

from indicators.exports.blocks import regions_of_period
from indicators.exports.chapters.layout import alternative
from indicators.exports.figures import NOT_APPLICABLE, Entry, Figures, measure, share, totals_of
from indicators.exports.parts import Chapter, Chart, Column, Line, Material, Section, Table
from indicators.exports.wording import with_share
from regions.queries import regions_on
from sprocep.rendering import charts

_HEADS = {
    "A1": "Entrées",
    "A2": "Bénéficiaires",
    "A3": "Personnes reçues",
    "A4": "En cours",
    "A6": "Accueils",
}
_REGIONAL = {**_HEADS, "A5": "Sorties"}


def territories(given: Material) -> Chapter:
    found = _regions(given) if given.block.is_nation else _departments(given)
    return Chapter("territoires", "Territoires", "Où ?", (found,) if found else ())


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
    columns = (
        *_columns(_HEADS),
        Column("Délai médian, jours", "tenth"),
    )
    total = given.now.get("A1")
    ordered = _by_size({code: get(code, "A1") for code in codes})
    whole = tuple(given.now.get(i) for i in _HEADS)
    first = (whole[0], share(total, total), *whole[1:], measure(given.now.get("E3.median")))
    lines = [Line("Ensemble", first, is_total=True)]
    for code in ordered:
        entries = [get(code, indicator) for indicator in _HEADS]
        row = (entries[0], share(entries[0], total), *entries[1:], delay[code])
        lines.append(Line(labels[code], row))
    table = Table("Comptages par département", "Département", columns, tuple(lines))
    return Section(
        slug="A1-department",
        title="Dans quels départements ?",
        table=table,
        chart=_bars(given, "Entrées par département", ordered, labels, get, total),
        notes=("Une personne reçue dans deux départements compte une fois dans l'ensemble.",),
    )


def _regions(given: Material) -> Section | None:
    """From the sealed editions of the Regions: their own figures, as each received them."""
    blocks = regions_of_period(given.period)
    if not blocks:
        return None
    names = {region.code: region.name for region in regions_on(given.period.last_day)}
    figures: dict[str, Figures] = {
        block.territory: found
        for block, found in totals_of(
            blocks, breakdown="total", indicator__in=tuple(_REGIONAL)
        ).items()
    }

    def get(code: str, indicator: str) -> Entry:
        return figures[code].get(indicator)

    total = given.now.get("A1")
    whole = [given.now.get(indicator) for indicator in _REGIONAL]
    lines = [Line("France", (whole[0], share(total, total), *whole[1:]), is_total=True)]
    labels = {code: names.get(code, code) for code in figures}
    ordered = _by_size({code: get(code, "A1") for code in figures})
    for code in ordered:
        entries = [get(code, indicator) for indicator in _REGIONAL]
        lines.append(Line(labels[code], (entries[0], share(entries[0], total), *entries[1:])))
    columns = _columns(_REGIONAL)
    return Section(
        slug="A1-region",
        title="Dans quelles Régions ?",
        table=Table("Comptages par Région", "Région", columns, tuple(lines)),
        chart=_bars(given, "Entrées par Région", ordered, labels, get, total),
        notes=("Seules les Régions dont l'édition est scellée sont listées.",),
    )


def _columns(heads: dict[str, str]) -> tuple[Column, ...]:
    first, *others = heads.values()
    return (Column(first), Column("Part", "share"), *(Column(head) for head in others))


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
    spec = charts.bars(marks, title=title, subtitle=f"{given.where_and_when} · parcours")
    slug = "chart-A1-region.svg" if given.block.is_nation else "chart-A1-department.svg"
    return Chart(slug, alternative(title, given, marks), spec)
