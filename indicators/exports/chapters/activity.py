"""How many: the six key counts, their course, their levels, who delivers."""

from indicators.exports import breaks
from indicators.exports.chapters import colors
from indicators.exports.chapters.layout import TO_COMPARE, TWIN, alternative
from indicators.exports.figures import NOT_APPLICABLE, Entry, Figures, share
from indicators.exports.labels import POPULATIONS
from indicators.exports.parts import Chapter, Chart, Column, Line, Material, Section, Table
from indicators.exports.wording import listed, text, with_share
from sprocep.periods import Period
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
# One count of journeys and one of persons: four more lines each.
_LEVELS_COMPARED = ("A1", "A3")
NOT_ADDITIVE = (
    "Une personne suivie par deux catégories d’opérateurs compte une fois dans l’ensemble et une "
    "fois sous chacune : ces lignes ne s’additionnent pas."
)


def activity(given: Material) -> Chapter:
    sections = (_overview(given), _months(given), _levels(given), _operators(given))
    question = "Combien de personnes le CEP touche-t-il ?"
    return Chapter("montee", "Montée en charge", question, sections)


def _overview(given: Material) -> Section:
    columns = [Column(given.period.code)]
    for period, _ in given.earlier:
        columns += [Column(period.code), Column("Évolution", "change")]
    beside = [
        (head, figures)
        for head, figures in given.compared
        if figures in (given.nation, given.peers)
    ]
    columns += [Column(head) for head, _ in beside]
    lines = []
    for code, label in _COUNTS.items():
        entries = [given.now.get(code)]
        for period, figures in given.earlier:
            entries += [figures.get(code), given.moved(code, period, figures)]
        entries += [figures.get(code) for _, figures in beside]
        lines.append(Line(label, tuple(entries)))
    return Section(
        slug="A-periode",
        title="L’activité de la période",
        table=Table("Les six comptages de la période", "Comptage", tuple(columns), tuple(lines)),
        chart=_course(given),
        notes=(*_constant_borders(given), *_breaks(given), *_peers(given)),
        indicator="A1",
        field="parcours, personnes et accueils de la période",
    )


def _constant_borders(given: Material) -> tuple[str, ...]:
    """Why a period before a merger has figures at all."""
    constant = [period for block, period, _ in given.series if block and not block.is_edition]
    if not constant:
        return ()
    return (
        f"{', '.join(constant)} : la Région n’existait pas dans ces limites. Ses valeurs sont "
        "recalculées à partir des faits, dans ses limites d’aujourd’hui.",
    )


def _breaks(given: Material) -> tuple[str, ...]:
    since = given.breaks_since(given.period.year_before, *_COUNTS)
    return tuple(
        f"Rupture de série, {one.sentence}. Aucune évolution n’est calculée à travers elle."
        for one in since
    )


def _peers(given: Material) -> tuple[str, ...]:
    if not given.peer_names:
        return ()
    return (
        f"Territoires semblables, par leur taille et leur part rurale : "
        f"{listed(list(given.peer_names))}. Parcours, sorties et accueils sont leur somme ; "
        "bénéficiaires et personnes, la médiane de leurs valeurs.",
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
        breaks=breaks.on_chart(
            breaks.of_definitions(("A1", "A5")),
            [Period.parse(period) for _, period, _ in given.series],
        ),
    )
    alt = alternative("Entrées et sorties des périodes scellées", given, marks)
    return Chart("chart-A-periode.svg", alt, shape)


def _point(label: str, entry: Entry, series: str) -> charts.Mark:
    value = float(entry.value) if entry.is_published else None
    return charts.Mark(label, value, text(entry), series)


def _months(given: Material) -> Section:
    total = given.now.get("A1")
    lines, marks = [], []
    compared = [figures.get("A1") for _, figures in given.compared]
    wholes = (total, share(total, total), *(share(whole, whole) for whole in compared))
    lines.append(Line("Ensemble", wholes, is_total=True))
    for rank, (code, label) in enumerate(given.labels["month"].items()):
        entry = given.now.get("A1", breakdown="month", category=code)
        parts = [
            share(_month(given, head, figures, rank), whole)
            for (head, figures), whole in zip(given.compared, compared, strict=True)
        ]
        lines.append(Line(label, (entry, share(entry, total), *parts)))
        marks.append(_point(label, entry, "Entrées"))
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
    columns = [Column("Nombre"), Column("Part", "share")]
    columns += [Column(head, "share", TO_COMPARE) for head, _ in given.compared]
    table = Table("Entrées en CEP par mois, parcours", "Mois", tuple(columns), tuple(lines))
    return Section(
        "A1-month",
        "Mois par mois",
        table,
        chart,
        indicator="A1",
        field=POPULATIONS["journeys_opened"],
    )


def _month(given: Material, head: str, figures: Figures, rank: int) -> Entry:
    """The month of the same rank in what is compared: of its own period."""
    earlier = {period.code: period for period, _ in given.earlier}
    period = earlier.get(head, given.period)
    return figures.get("A1", breakdown="month", category=period.months[rank].code)


def _levels(given: Material) -> Section:
    levels = given.levels
    columns = [Column("Ensemble")]
    columns += [Column(label, group="Nombre") for label in levels.values()]
    columns += [Column(label, "share", "Part") for label in levels.values()]
    lines, rows = [], []
    for code, label in _LEVELLED.items():
        total, *others = _by_level(given, given.now, code)
        parts = others[len(levels) :]
        lines.append(Line(label, (total, *others), is_total=bool(given.compared)))
        if code in _LEVELS_COMPARED:
            lines += [
                Line(f"{label}, {head}", tuple(_by_level(given, figures, code)))
                for head, figures in given.compared
            ]
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
        indicator="A1",
        field="parcours et personnes de la période",
    )


def _by_level(given: Material, figures: Figures, code: str) -> list[Entry]:
    """The whole, the number at each level, the share of each."""
    total = figures.get(code)
    counts = [figures.get(code, level=level) for level in given.levels]
    return [total, *counts, *(share(count, total) for count in counts)]


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
    columns += [Column(head, "share", TO_COMPARE) for head, _ in given.compared]
    columns += [
        Column(head, group=" ")
        for head in ("Bénéficiaires", "Personnes reçues", "En cours", "Sorties")
    ]
    columns.append(Column("Remontées reçues", "share", " "))
    lines, marks = [], []
    everybody = [given.now.get(code) for code in codes]
    whole = (total, share(total, total), *_parts(given), *everybody[1:], given.now.returns())
    lines.append(Line("Ensemble", whole, is_total=True))
    for operator, label in _by_size(given):
        counts = [given.now.get(code, operator=operator) for code in codes]
        part = share(counts[0], total)
        beside = _parts(given, operator=operator)
        returns = given.now.returns(operator)
        lines.append(Line(label, (counts[0], part, *beside, *counts[1:], returns)))
        if counts[0].status != NOT_APPLICABLE:
            value = float(counts[0].value) if counts[0].is_published else None
            written = with_share(counts[0], part)
            marks.append(charts.Mark(label, value, written, color=colors.operator(operator)))
    chart = None
    if any(mark.value for mark in marks):
        shape = charts.Bars(
            marks,
            title="Entrées par catégorie d’opérateur",
            subtitle=f"{given.where_and_when} · parcours",
        )
        alt = alternative("Entrées par catégorie d’opérateur", given, marks)
        chart = Chart("chart-A-operator.svg", alt, shape)
    table = Table("Comptages par catégorie d’opérateur", "Opérateur", tuple(columns), tuple(lines))
    return Section(
        "A-operator",
        "Qui délivre le conseil ?",
        table,
        chart,
        (NOT_ADDITIVE,),
        indicator="A1",
        field="parcours et personnes de la période",
    )


def _parts(given: Material, **margin: str) -> list[Entry]:
    """The share of a margin among the entries of all that is compared."""
    return [share(figures.get("A1", **margin), figures.get("A1")) for _, figures in given.compared]


def _by_size(given: Material) -> list[tuple[str, str]]:
    """Operators by entries, biggest first; hidden ones after, in their own order."""

    def rank(item: tuple[str, str]) -> tuple:
        entry = given.now.get("A1", operator=item[0])
        return entry.status == NOT_APPLICABLE, not entry.is_published, -(entry.value or 0)

    return sorted(given.labels["operator"].items(), key=rank)
