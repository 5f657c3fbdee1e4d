"""Sections that repeat: a breakdown as bars over its table, in shares, beside year and nation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indicators.definitions import TOTAL
from indicators.exports.figures import BY_CODE, NOT_APPLICABLE, Entry, Figures, share
from indicators.exports.labels import POPULATIONS, UNITS
from indicators.exports.parts import Chart, Column, Line, Material, Section, Table
from indicators.exports.wording import text, with_share
from sprocep.rendering import charts

BARS_AT_MOST = 8
TO_COMPARE = "Part, pour comparer"
UNSTATED = "Non renseigné"
TWIN = "Le tableau qui suit donne toutes les valeurs."
NOTHING_TO_DRAW = "Aucun graphique : aucune valeur publiée n’est à dessiner."


@dataclass(frozen=True)
class Breakdown:
    """One indicator by the categories of one national list."""

    slug: str
    title: str
    indicator: str
    breakdown: str
    subject: str
    population: str = ""
    is_ordered: bool = False
    by_level: bool = True
    seen_too: bool = False
    zeros_too: bool = True
    is_drawn: bool = True
    on_paper: bool = True
    notes: tuple[str, ...] = ()

    @property
    def counted(self) -> str:
        return self.population or BY_CODE[self.indicator].populations[0]

    @property
    def unit(self) -> str:
        return UNITS[BY_CODE[self.indicator].unit]

    @property
    def field(self) -> str:
        counted = POPULATIONS[self.counted]
        return f"{counted} et {POPULATIONS['persons_seen']}" if self.seen_too else counted


@dataclass(frozen=True)
class Category:
    code: str
    label: str
    entry: Entry
    part: Entry


def categories(given: Material, asked: Breakdown) -> list[Category]:
    """Biggest first, hidden ones after them in the list's own order, « non renseigné » last."""
    get = getter(given.now, asked)
    total = get(TOTAL)
    found = [
        Category(code, label, entry, share(entry, total))
        for code, label in given.labels[asked.breakdown].items()
        if (entry := get(code)).status != NOT_APPLICABLE and (asked.zeros_too or entry.value != 0)
    ]
    if asked.is_ordered:
        return found
    return sorted(
        found, key=lambda c: (c.label == UNSTATED, not c.entry.is_published, -(c.entry.value or 0))
    )


def getter(figures: Figures, asked: Breakdown, **margin: str) -> Callable[[str], Entry]:
    """Entry of a category of this breakdown; `total` gives the whole."""

    def get(category: str) -> Entry:
        breakdown = TOTAL if category == TOTAL else asked.breakdown
        return figures.get(
            asked.indicator, asked.counted, breakdown=breakdown, category=category, **margin
        )

    return get


def section(given: Material, asked: Breakdown) -> Section:
    found = categories(given, asked)
    chart = bars_chart(given, asked, found) if asked.is_drawn else None
    is_missed = asked.is_drawn and chart is None
    return Section(
        slug=asked.slug,
        title=asked.title,
        table=share_table(given, asked, found),
        chart=chart,
        notes=(*asked.notes, NOTHING_TO_DRAW) if is_missed else asked.notes,
        detail=crossing(given, asked, found),
        indicator=asked.indicator,
        field=asked.field,
        on_paper=asked.on_paper,
    )


def counted_since(given: Material, asked: Breakdown) -> tuple[Section, ...]:
    """None in the editions of before this was counted."""
    is_counted = getter(given.now, asked)(TOTAL).status != NOT_APPLICABLE
    return (section(given, asked),) if is_counted else ()


def bars_chart(given: Material, asked: Breakdown, found: Sequence[Category]) -> Chart | None:
    shown = [category for category in found if category.label != UNSTATED][:BARS_AT_MOST]
    if not any(category.entry.value for category in shown):
        return None
    unstated = [category for category in found if category.label == UNSTATED]
    marks = [
        charts.Mark(
            label=category.label,
            value=float(category.entry.value) if category.entry.is_published else None,
            text=with_share(category.entry, category.part),
        )
        for category in (*shown, *unstated)
    ]
    cut = len(found) - len(shown) - len(unstated)
    subtitle = f"{given.where_and_when} · {asked.unit}"
    if cut:
        subtitle += f" · les {BARS_AT_MOST} premières modalités sur {len(found)}"
    shape = charts.Bars(marks, title=asked.subject, subtitle=subtitle)
    return Chart(f"chart-{asked.slug}.svg", alternative(asked.subject, given, marks), shape)


def alternative(subject: str, given: Material, marks: Sequence[charts.Mark]) -> str:
    """Text twin of a chart: what it is, its three first values, where all of them stand."""
    values = ", ".join(f"{mark.label} {mark.text}" for mark in marks[:3])
    return f"{subject}, {given.where_and_when}. {values}. {TWIN}"


def share_table(given: Material, asked: Breakdown, found: Sequence[Category]) -> Table:
    columns = [Column("Nombre"), Column("Part", "share")]
    rows: list[Callable[[str], Entry]] = [getter(given.now, asked), _shares(given.now, asked)]
    for head, figures in given.compared:
        columns.append(Column(head, "share", TO_COMPARE))
        rows.append(_shares(figures, asked))
    if asked.by_level:
        for code, label in given.levels.items():
            columns.append(Column(label, group="Dont"))
            rows.append(getter(given.now, asked, level=code))
    if asked.seen_too:
        columns.append(Column("Personnes reçues", group=" "))
        rows.append(_seen(given.now, asked))
    heads = [(TOTAL, "Ensemble"), *((category.code, category.label) for category in found)]
    lines = tuple(
        Line(label, tuple(get(code) for get in rows), is_total=code == TOTAL)
        for code, label in heads
    )
    head = head_of(asked.breakdown)
    return Table(f"{asked.subject}, {asked.unit}", head, tuple(columns), lines)


def _shares(figures: Figures, asked: Breakdown) -> Callable[[str], Entry]:
    get = getter(figures, asked)
    return lambda category: share(get(category), get(TOTAL))


def _seen(figures: Figures, asked: Breakdown) -> Callable[[str], Entry]:
    def get(category: str) -> Entry:
        breakdown = TOTAL if category == TOTAL else asked.breakdown
        return figures.get(asked.indicator, "persons_seen", breakdown=breakdown, category=category)

    return get


def crossing(given: Material, asked: Breakdown, found: Sequence[Category]) -> Table | None:
    """By level and by operator, where the indicator is broken down so."""
    indicator = BY_CODE[asked.indicator]
    columns, rows = [Column("Ensemble")], [getter(given.now, asked)]
    if indicator.by_level:
        for code, label in given.levels.items():
            columns.append(Column(label, group="Par niveau"))
            rows.append(getter(given.now, asked, level=code))
    if indicator.by_operator:
        for code, label in given.labels["operator"].items():
            columns.append(Column(label, group="Par catégorie d’opérateur"))
            rows.append(getter(given.now, asked, operator=code))
    if len(columns) == 1:
        return None
    heads = [(TOTAL, "Ensemble"), *((category.code, category.label) for category in found)]
    lines = tuple(
        Line(label, tuple(get(code) for get in rows), is_total=code == TOTAL)
        for code, label in heads
    )
    caption = f"{asked.subject}, par niveau et par opérateur, {asked.unit}"
    return Table(caption, head_of(asked.breakdown), tuple(columns), lines)


_HEADS = {
    "theme": "Thème",
    "steering_result": "Résultat",
    "network": "Réseau",
    "channel": "Canal",
    "education_level": "Niveau de formation",
    "situation": "Situation",
    "exit_situation": "Situation",
    "socio_professional_category": "Catégorie",
    "sector": "Secteur",
    "contract_type": "Contrat",
    "residence_area": "Commune",
    "boeth": "Bénéficiaire de l’obligation d’emploi",
    "reason": "Motif",
    "service": "Service",
    "outcome": "Issue",
    "journey_type": "Niveaux parcourus",
    "sex_age": "Sexe et âge",
    "funder": "Financeur",
    "arrival": "Venue",
    "structures": "Structures",
    "level_change": "Changement de niveau",
}


def head_of(breakdown: str) -> str:
    return _HEADS[breakdown]


def stacked_shares(given: Material, asked: Breakdown, colors: Sequence[str]) -> Chart | None:
    """The period, a year before and the nation as bars of 100, for short lists."""
    labels = given.labels[asked.breakdown]
    rows = []
    for name, figures in (
        (given.name, given.now),
        ("Un an avant", given.year_before),
        ("France", given.nation),
        ("Territoires semblables", given.peers),
    ):
        get = getter(figures, asked)
        if not figures or not get(TOTAL).is_published:
            continue
        marks = []
        for code, label in labels.items():
            part = share(get(code), get(TOTAL))
            value = float(part.value) if part.is_published else None
            marks.append(charts.Mark("", value, text(part), label))
        rows.append((name, marks))
    if not rows or not any(mark.value for mark in rows[0][1]):
        return None
    shape = charts.Shares(
        rows,
        series=dict(zip(labels.values(), colors, strict=False)),
        title=asked.subject,
        subtitle=f"{given.where_and_when} · part des {asked.unit}",
    )
    alt = ", ".join(f"{mark.series} {mark.text}" for mark in rows[0][1])
    name = f"chart-{asked.slug}.svg"
    return Chart(name, f"{asked.subject}, {given.where_and_when}. {alt}. {TWIN}", shape)
