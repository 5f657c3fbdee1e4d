"""How many: the six key counts, their course, their levels, who delivers."""

from indicators.exports.chapters import colors
from indicators.exports.chapters.layout import TWIN, alternative
from indicators.exports.figures import NOT_APPLICABLE, Entry, change, share
from indicators.exports.parts import Chapter, Chart, Column, Line, Material, Section, Table
from indicators.exports.wording import text, with_share
from sprocep.rendering import charts

_COUNTS = {
    "A1": "Entrées en CEP (parcours ouverts)",
    "A2": "Bénéficiaires (CEP commencé ou terminé)",
    "A3": "Personnes reçues en entretien",
    "A4": "Parcours en cours au dernier jour",
    "A5": "Sorties (parcours clos)",
    "A6": "Accueils de niveau 1, anonymes",
}
_LEVELLED = {
    "A1": "Entrées",
    "A2": "Bénéficiaires",
    "A3": "Personnes reçues",
    "A4": "Parcours en cours",
}
NOT_ADDITIVE = (
    "Une personne suivie par deux catégories d'opérateurs compte une fois dans l'ensemble et une "
    "fois sous chacune : ces lignes ne s'additionnent pas."
)


def activity(given: Material) -> Chapter:
    sections = (_overview(given), _months(given), _levels(given), _operators(given))
    question = "Combien de personnes le CEP touche-t-il ?"
    return Chapter("montee", "Montée en charge", question, sections)


def _overview(given: Material) -> Section:
    columns = [Column(given.period.code)]
    compared = []
    for period, figures in (
        (given.period.before, given.before),
        (given.period.year_before, given.year_before),
    ):
        if figures:
            columns += [Column(period.code), Column("Évolution", "change")]
            compared.append(figures)
    if given.nation:
        columns.append(Column("France"))
    lines = []
    for code, label in _COUNTS.items():
        now = given.now.get(code)
        entries = [now]
        for figures in compared:
            entries += [figures.get(code), change(now, figures.get(code))]
        if given.nation:
            entries.append(given.nation.get(code))
        lines.append(Line(label, tuple(entries)))
    return Section(
        slug="A-periode",
        title="L'activité de la période",
        table=Table("Les six comptages de la période", "Comptage", tuple(columns), tuple(lines)),
        chart=_course(given),
        notes=_constant_borders(given),
    )


def _constant_borders(given: Material) -> tuple[str, ...]:
    """Why a period before a merger has figures at all."""
    constant = [period for block, period, _ in given.series if block and not block.is_edition]
    if not constant:
        return ()
    return (
        f"{', '.join(constant)} : la Région n'existait pas dans ces limites. Ses valeurs sont "
        "recalculées à partir des faits, dans ses limites d'aujourd'hui.",
    )


def _course(given: Material) -> Chart | None:
    marks = [
        _point(period, figures.get(code), label)
        for code, label in (("A1", "Entrées"), ("A5", "Sorties"))
        for _, period, figures in given.series
    ]
    if len({mark.label for mark in marks if mark.value is not None}) < 2:
        return None
    shape = charts.Lines(
        marks,
        series={"Entrées": colors.ENTRIES, "Sorties": colors.EXITS},
        title="Entrées et sorties, périodes scellées",
        subtitle=f"{given.name} · parcours par trimestre",
    )
    alt = alternative("Entrées et sorties des périodes scellées", given, marks)
    return Chart("chart-A-periode.svg", alt, shape)


def _point(label: str, entry: Entry, series: str) -> charts.Mark:
    value = float(entry.value) if entry.is_published else None
    return charts.Mark(label, value, text(entry), series)


def _months(given: Material) -> Section:
    total = given.now.get("A1")
    lines, marks = [], []
    for code, label in given.labels["month"].items():
        entry = given.now.get("A1", breakdown="month", category=code)
        lines.append(Line(label, (entry, share(entry, total))))
        marks.append(_point(label, entry, "Entrées"))
    lines.insert(0, Line("Ensemble", (total, share(total, total)), is_total=True))
    chart = None
    if any(mark.value is not None for mark in marks):
        shape = charts.Lines(
            marks,
            series={"Entrées": colors.ENTRIES},
            title="Entrées en CEP, mois par mois",
            subtitle=f"{given.where_and_when} · parcours",
            height=90,
        )
        alt = alternative("Entrées en CEP mois par mois", given, marks)
        chart = Chart("chart-A1-month.svg", alt, shape)
    columns = (Column("Nombre"), Column("Part", "share"))
    table = Table("Entrées en CEP par mois, parcours", "Mois", columns, tuple(lines))
    return Section("A1-month", "Mois par mois", table, chart)


def _levels(given: Material) -> Section:
    levels = given.levels
    columns = [Column("Ensemble")]
    columns += [Column(label, group="Nombre") for label in levels.values()]
    columns += [Column(label, "share", "Part") for label in levels.values()]
    lines, rows = [], []
    for code, label in _LEVELLED.items():
        total = given.now.get(code)
        counts = [given.now.get(code, level=level) for level in levels]
        parts = [share(count, total) for count in counts]
        lines.append(Line(label, (total, *counts, *parts)))
        if total.is_published and any(part.is_published for part in parts):
            rows.append((label, _segments(levels, parts)))
    return Section(
        slug="A-level",
        title="À quel niveau de service ?",
        table=Table("Comptages par niveau de service", "Comptage", tuple(columns), tuple(lines)),
        chart=_levels_chart(given, rows),
        notes=(
            "Niveau 1 : accueil individualisé. Niveau 2 : conseil personnalisé. Niveau 3 : "
            "accompagnement à la mise en œuvre du projet.",
        ),
    )


def _segments(levels: dict[str, str], parts: list[Entry]) -> list[charts.Mark]:
    return [
        charts.Mark("", float(part.value) if part.is_published else None, text(part), label)
        for label, part in zip(levels.values(), parts, strict=True)
    ]


def _levels_chart(given: Material, rows: list) -> Chart | None:
    if not any(mark.value for _, marks in rows for mark in marks):
        return None
    shape = charts.Shares(
        rows,
        series={label: colors.level(code) for code, label in given.levels.items()},
        title="Répartition par niveau de service",
        subtitle=f"{given.where_and_when} · part de chaque comptage",
    )
    first, marks = rows[0]
    values = ", ".join(f"{mark.series.lower()} {mark.text}" for mark in marks)
    alt = f"Répartition par niveau de service, {given.where_and_when}. {first} : {values}. {TWIN}"
    return Chart("chart-A-level.svg", alt, shape)


def _operators(given: Material) -> Section:
    total = given.now.get("A1")
    codes = [c for c in _COUNTS if c != "A6"]
    columns = [Column("Entrées"), Column("Part", "share")]
    columns += [
        Column(head) for head in ("Bénéficiaires", "Personnes reçues", "En cours", "Sorties")
    ]
    lines, marks = [], []
    everybody = [given.now.get(code) for code in codes]
    lines.append(Line("Ensemble", (total, share(total, total), *everybody[1:]), is_total=True))
    for operator, label in _by_size(given):
        counts = [given.now.get(code, operator=operator) for code in codes]
        part = share(counts[0], total)
        lines.append(Line(label, (counts[0], part, *counts[1:])))
        if counts[0].status != NOT_APPLICABLE:
            value = float(counts[0].value) if counts[0].is_published else None
            written = with_share(counts[0], part)
            marks.append(charts.Mark(label, value, written, color=colors.operator(operator)))
    chart = None
    if any(mark.value for mark in marks):
        shape = charts.Bars(
            marks,
            title="Entrées par catégorie d'opérateur",
            subtitle=f"{given.where_and_when} · parcours",
        )
        alt = alternative("Entrées par catégorie d'opérateur", given, marks)
        chart = Chart("chart-A-operator.svg", alt, shape)
    table = Table("Comptages par catégorie d'opérateur", "Opérateur", tuple(columns), tuple(lines))
    return Section("A-operator", "Qui délivre le conseil ?", table, chart, (NOT_ADDITIVE,))


def _by_size(given: Material) -> list[tuple[str, str]]:
    """Operators by entries, biggest first; hidden ones after, in their own order."""

    def rank(item: tuple[str, str]) -> tuple:
        entry = given.now.get("A1", operator=item[0])
        return entry.status == NOT_APPLICABLE, not entry.is_published, -(entry.value or 0)

    return sorted(given.labels["operator"].items(), key=rank)
