"""Fiches de liaison: what becomes of them, between which networks, how fast they are answered."""

from collections.abc import Iterator

from indicators.definitions import TOTAL
from indicators.exports.chapters.layout import (
    BARS_AT_MOST,
    NOTHING_TO_DRAW,
    TO_COMPARE,
    alternative,
)
from indicators.exports.figures import NOT_APPLICABLE, SECRET, Entry, Figures, measure, share
from indicators.exports.labels import POPULATIONS
from indicators.exports.parts import Chapter, Chart, Column, Line, Material, Section, Table
from indicators.exports.wording import lowered, with_share
from sprocep.rendering import charts

_SENT, _DECLINED = "H1.sent", "H1.declined"
_OUTCOMES = {
    "H1.received": "Personne reçue",
    "H1.accepted": "Acceptées, personne non reçue",
    _DECLINED: "Refusées",
    "H1.silent": "Sans réponse",
    "H1.withdrawn": "Retirées",
}
_DELAYS = {"H2.median": "Médiane", "H2.d9": "9e décile"}
_AS_OF = (
    "Issues au jour de la compilation : une réponse arrivée ensuite ne change pas cette édition."
)
_DELAY = (
    "Délai en jours, de l’envoi à l’acceptation ou au refus, des fiches répondues ; neuvième "
    "décile à partir de 30 réponses."
)


def cooperation(given: Material) -> Chapter:
    """Editions of before the fiches were counted hold none."""
    is_counted = given.now.get(_SENT).status != NOT_APPLICABLE
    sections = (_outcomes(given), _networks(given)) if is_counted else ()
    question = "Les structures se passent-elles le relais ?"
    return Chapter("cooperation", "Coopération", question, sections)


def _outcomes(given: Material) -> Section:
    columns = [Column("Nombre"), Column("Part", "share")]
    columns += [Column(head, "share", TO_COMPARE) for head, _ in given.compared]
    lines = [_line(given, "Envoyées", _SENT, is_total=True)]
    for code, label in _OUTCOMES.items():
        lines.append(_line(given, label, code))
        if code == _DECLINED:
            lines += _reasons(given)
    chart = _outcomes_chart(given)
    return Section(
        slug="H1-outcome",
        title="Que deviennent les fiches de liaison ?",
        table=Table("Fiches de liaison selon leur issue", "Issue", tuple(columns), tuple(lines)),
        chart=chart,
        detail=_departments(given),
        notes=(_AS_OF,) if chart else (_AS_OF, NOTHING_TO_DRAW),
        indicator=_SENT,
        field=POPULATIONS["referrals"],
    )


def _line(given: Material, label: str, code: str, *, is_total: bool = False, **margin: str) -> Line:
    """A number and its share of the fiches sent, then the share elsewhere and earlier."""

    def part(figures: Figures) -> Entry:
        return share(figures.get(code, **margin), figures.get(_SENT))

    beside = (part(figures) for _, figures in given.compared)
    entries = (given.now.get(code, **margin), part(given.now), *beside)
    return Line(label, entries, is_total=is_total)


def _reasons(given: Material) -> Iterator[Line]:
    """Those that were given, in the order of the list."""
    for code, label in given.labels["decline_reason"].items():
        margin = {"breakdown": "decline_reason", "category": code}
        if _is_there(given.now.get(_DECLINED, **margin)):
            yield _line(given, f"Refusées : {lowered(label)}", _DECLINED, **margin)


def _outcomes_chart(given: Material) -> Chart | None:
    marks = []
    for code, label in _OUTCOMES.items():
        entry = given.now.get(code)
        value = float(entry.value) if entry.is_published else None
        part = share(entry, given.now.get(_SENT))
        marks.append(charts.Mark(label, value, with_share(entry, part)))
    if not any(mark.value for mark in marks):
        return None
    subject = "Ce que deviennent les fiches de liaison envoyées"
    shape = charts.Bars(
        marks, title=subject, subtitle=f"{given.where_and_when} · fiches de liaison"
    )
    return Chart("chart-H1-outcome.svg", alternative(subject, given, marks), shape)


def _networks(given: Material) -> Section:
    """Who receives stands in every format; who sends beside it in the larger table."""
    delays = [Column(head, "tenth", "Délai, jours") for head in _DELAYS.values()]
    lines = [
        Line(label, _of_network(given, "to_network", code), is_total=code == TOTAL)
        for code, label in _by_size(given, "to_network")[: 1 + BARS_AT_MOST]
    ]
    return Section(
        slug="H1-networks",
        title="Entre quels réseaux ?",
        table=Table(
            "Fiches de liaison selon le réseau qui reçoit",
            "Réseau qui reçoit",
            (*_columns(), *delays),
            tuple(lines),
        ),
        detail=_both_ways(given),
        notes=(
            f"Les {BARS_AT_MOST} premiers réseaux qui reçoivent ; une fiche compte dans la Région "
            "de la structure qui l’envoie. Tous les réseaux sont sur la page et dans le classeur.",
            _DELAY,
        ),
        indicator="H2.median",
        field=POPULATIONS["referrals"],
    )


def _both_ways(given: Material) -> Table:
    columns = [
        Column(column.head, column.kind, group)
        for group in ("Envoyées par ce réseau", "Adressées à ce réseau")
        for column in (*_columns(), *(Column(head, "tenth") for head in _DELAYS.values()))
    ]
    receiving = _by_size(given, "to_network")
    others = [one for one in _by_size(given, "from_network") if one not in receiving]
    lines = tuple(
        Line(
            label,
            _of_network(given, "from_network", code) + _of_network(given, "to_network", code),
            is_total=code == TOTAL,
        )
        for code, label in (*receiving, *others)
    )
    return Table("Fiches de liaison par réseau", "Réseau", tuple(columns), lines)


def _of_network(given: Material, breakdown: str, code: str) -> tuple[Entry, ...]:
    margin = {} if code == TOTAL else {"breakdown": breakdown, "category": code}
    delays = (measure(given.now.get(one, **margin)) for one in _DELAYS)
    return (*_counts(given.now, **margin), *delays)


def _by_size(given: Material, breakdown: str) -> list[tuple[str, str]]:
    """(code, label) of all, then of the networks that have fiches, biggest first, hidden ones after
    them."""

    def sent(code: str) -> Entry:
        return given.now.get(_SENT, breakdown=breakdown, category=code)

    names = {code: name for code, name in given.labels[breakdown].items() if _is_there(sent(code))}
    ordered = sorted(names, key=lambda c: (not sent(c).is_published, -(sent(c).value or 0)))
    return [(TOTAL, "Ensemble"), *((code, names[code]) for code in ordered)]


def _departments(given: Material) -> Table | None:
    names = given.labels["department"]
    sent = {code: given.now.get(_SENT, department=code) for code in names}
    sent = {code: entry for code, entry in sent.items() if entry.status != NOT_APPLICABLE}
    if len(sent) < 2:
        return None
    whole = given.now.get(_SENT)
    lines = [Line("Ensemble", (whole, share(whole, whole)), is_total=True)]
    lines += [
        Line(f"{names[code]} ({code})", (entry, share(entry, whole)))
        for code, entry in sent.items()
    ]
    columns = (Column("Envoyées"), Column("Part", "share"))
    return Table("Fiches de liaison par département", "Département", columns, tuple(lines))


def _is_there(entry: Entry) -> bool:
    """A hidden number is not nought."""
    return entry.status == SECRET or bool(entry.value)


def _columns() -> list[Column]:
    return [Column("Envoyées"), *(Column(head, group="Dont") for head in _OUTCOMES.values())]


def _counts(figures: Figures, **margin: str) -> tuple[Entry, ...]:
    return tuple(figures.get(code, **margin) for code in (_SENT, *_OUTCOMES))
