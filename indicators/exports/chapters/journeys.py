"""How journeys run, how long they last, what they end in and leave."""

from indicators.exports.chapters import colors, financing
from indicators.exports.chapters.layout import TWIN, Breakdown, counted_since, section
from indicators.exports.figures import NOT_APPLICABLE, Entry, Figures, measure
from indicators.exports.labels import POPULATIONS
from indicators.exports.parts import Chapter, Chart, Column, Line, Material, Section, Table
from indicators.exports.wording import text
from sprocep.rendering import charts

_BREAKDOWNS = (
    Breakdown(
        "A5-outcome",
        "Comment finissent les parcours ?",
        "A5",
        "outcome",
        "Sorties selon l’issue",
        by_level=False,
    ),
    Breakdown(
        "I1-exit_situation",
        "Dans quelle situation en sort-on ?",
        "I1",
        "exit_situation",
        "Sorties selon la situation à la sortie",
        by_level=False,
    ),
    Breakdown(
        "E4-journey_type",
        "Quels niveaux un parcours traverse-t-il ?",
        "E4",
        "journey_type",
        "Sorties selon les niveaux parcourus",
        by_level=False,
    ),
)
_SHARED = Breakdown(
    "E5-structures",
    "Combien de structures y prennent part ?",
    "E5",
    "structures",
    "Sorties selon les structures traversées",
    by_level=False,
    is_drawn=False,
    on_paper=False,
    notes=(
        "Au moins deux : la personne vient d’une autre structure, par une fiche ou un document, ou "
        "une autre l’a reçue sur une fiche, au jour de la compilation.",
    ),
)
_LEVEL_CHANGES = Breakdown(
    "F2-level_change",
    "Comment change-t-on de niveau ?",
    "F2",
    "level_change",
    "Entretiens selon le changement de niveau",
    by_level=False,
    is_drawn=False,
    on_paper=False,
    notes=("D’un entretien au suivant du même parcours.",),
)
_LENGTHS = (
    ("E1.mean", "Moyenne", "Entretiens par parcours"),
    ("E1.median", "Médiane", "Entretiens par parcours"),
    ("E2.q1", "1er quartile", "Durée en jours"),
    ("E2.median", "Médiane", "Durée en jours"),
    ("E2.q3", "3e quartile", "Durée en jours"),
)
_DELAYS = (
    ("E3.median", "Médiane", "Délai en jours"),
    ("E3.d9", "9e décile", "Délai en jours"),
    ("E3.undated", "Sans date de demande", "Parcours"),
)
_COUNTED = ("E3.undated",)


def journeys(given: Material) -> Chapter:
    ends, after, kinds = (section(given, asked) for asked in _BREAKDOWNS)
    is_counted = financing.is_counted(given)
    left = (financing.left(given),) if is_counted else ()
    shared, changes = counted_since(given, _SHARED), counted_since(given, _LEVEL_CHANGES)
    paid = (financing.funders(given),) if is_counted else ()
    return Chapter(
        "parcours",
        "Parcours et sorties",
        "Comment se déroulent les parcours, où mènent-ils ?",
        # In this order the pages of the paper are filled.
        (_delays(given), _lengths(given), *left, *shared, kinds, *changes, ends, after, *paid),
    )


def _margins(given: Material, by_level: bool) -> list[tuple[str, str, dict[str, str]]]:
    """(label, colour, margin) of the whole, of each level, of each operator."""
    found = [("Ensemble", charts.PLAIN, {})]
    if by_level:
        found += [(label, colors.level(c), {"level": c}) for c, label in given.levels.items()]
    return found + [
        (label, colors.operator(code), {"operator": code})
        for code, label in given.labels["operator"].items()
        if given.now.get("A5", operator=code).status != NOT_APPLICABLE
    ]


def _measures(given: Material, columns, by_level: bool, compared: str) -> tuple[Line, ...]:
    """A line a margin: the measures asked for, then the one compared, elsewhere and earlier."""
    return tuple(
        Line(
            label,
            (
                *(_measure(given.now, code, margin) for code, *_ in columns),
                *(_measure(figures, compared, margin) for _, figures in given.compared),
            ),
            is_total=not margin,
        )
        for label, _, margin in _margins(given, by_level)
    )


def _compared(given: Material, group: str) -> tuple[Column, ...]:
    return tuple(Column(head, "tenth", group) for head, _ in given.compared)


def _measure(figures: Figures, code: str, margin: dict[str, str]) -> Entry:
    entry = figures.get(code, **margin)
    return entry if code in _COUNTED else measure(entry)


def _lengths(given: Material) -> Section:
    boxes = []
    for label, color, margin in _margins(given, by_level=True):
        low, middle, high = (_measure(given.now, f"E2.{q}", margin) for q in ("q1", "median", "q3"))
        written = f"médiane {text(middle)} j" if middle.is_published else text(middle)
        boxes.append(charts.Box(label, *map(_float, (low, middle, high)), written, color))
    chart = None
    if any(box.middle is not None for box in boxes):
        shape = charts.Boxes(
            boxes,
            title="Durée des parcours clos : de premier à troisième quartile, médiane au trait",
            subtitle=f"{given.where_and_when} · jours",
        )
        values = ", ".join(f"{box.label} {box.text}" for box in boxes)
        alt = f"Durée des parcours clos en jours, {given.where_and_when}. {values}. {TWIN}"
        chart = Chart("chart-E2-quartiles.svg", alt, shape)
    columns = tuple(Column(head, "tenth", group) for _, head, group in _LENGTHS)
    table = Table(
        "Entretiens et durée des parcours clos",
        "Parcours clos",
        columns + _compared(given, "Durée médiane, pour comparer"),
        _measures(given, _LENGTHS, by_level=True, compared="E2.median"),
    )
    note = (
        "Moyennes et quantiles sont recalculés sur les parcours : ils ne s’additionnent pas. Ceux "
        "des territoires semblables sont la médiane de leurs valeurs."
    )
    return Section(
        "E2-quartiles",
        "Combien de temps, combien d’entretiens ?",
        table,
        chart,
        (note,),
        indicator="E2.median",
        field=POPULATIONS["journeys_closed"],
    )


def _delays(given: Material) -> Section:
    marks = []
    for label, color, margin in _margins(given, by_level=False):
        entry = _measure(given.now, "E3.median", margin)
        marks.append(charts.Mark(label, _float(entry), text(entry), color=color))
    chart = None
    if any(mark.value is not None for mark in marks):
        shape = charts.Bars(
            marks,
            title="Délai entre la demande et le premier entretien, médiane",
            subtitle=f"{given.where_and_when} · jours",
        )
        values = ", ".join(f"{mark.label} {mark.text}" for mark in marks)
        alt = f"Délai médian du premier entretien, {given.where_and_when}. {values}. {TWIN}"
        chart = Chart("chart-E3-delay.svg", alt, shape)
    columns = tuple(
        Column(head, "whole" if code in _COUNTED else "tenth", group)
        for code, head, group in _DELAYS
    )
    table = Table(
        "Délai du premier entretien",
        "Entrées",
        columns + _compared(given, "Délai médian, pour comparer"),
        _measures(given, _DELAYS, by_level=False, compared="E3.median"),
    )
    note = "Les parcours sans date de demande sont laissés hors du calcul ; leur nombre est donné."
    return Section(
        "E3-delay",
        "Combien de temps attend-on ?",
        table,
        chart,
        (note,),
        indicator="E3.median",
        field=POPULATIONS["journeys_opened"],
    )


def _float(entry: Entry) -> float | None:
    return float(entry.value) if entry.is_published else None
