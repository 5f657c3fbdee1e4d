"""Fiches de liaison: what becomes of them, between which networks, how fast they are answered."""

from collections.abc import Iterator

from indicators.exports.chapters.layout import (
    BARS_AT_MOST,
    NOTHING_TO_DRAW,
    TO_COMPARE,
    Breakdown,
    alternative,
    section,
)
from indicators.exports.figures import NOT_APPLICABLE, SECRET, Entry, Figures, measure, share
from indicators.exports.labels import POPULATIONS
from indicators.exports.parts import Chapter, Chart, Column, Line, Material, Section, Table
from indicators.exports.wording import lowered, with_share
from sprocep.rendering import charts

_SENT = "H1.sent"
_OUTCOMES = {
    "H1.received": "Personne reçue",
    "H1.accepted": "Acceptées, attendue",
    "H1.declined": "Refusées",
    "H1.silent": "Sans réponse",
    "H1.withdrawn": "Retirées",
}
_DELAYS = {"H2.median": "Médiane", "H2.d9": "9e décile"}
_DECLINED = Breakdown(
    "H1-decline_reason",
    "Pourquoi une fiche est-elle refusée ?",
    "H1.declined",
    "decline_reason",
    "Fiches refusées selon le motif",
    by_level=False,
    zeros_too=False,
)
_AS_OF = (
    "Issues au jour de la compilation : une réponse arrivée ensuite ne change pas cette édition."
)
_DELAY = (
    "Délai en jours, de l'envoi à l'acceptation ou au refus, des fiches répondues ; neuvième "
    "décile à partir de 30 réponses."
)


def cooperation(given: Material) -> Chapter:
    """Editions of before the fiches were counted hold none."""
    sections: tuple[Section, ...] = ()
    if given.now.get(_SENT).status != NOT_APPLICABLE:
        sections = (
            _outcomes(given),
            _networks(given, "from_network", "Qui oriente ?", "Réseau qui oriente"),
            _networks(given, "to_network", "Vers qui oriente-t-on ?", "Réseau qui reçoit"),
            section(given, _DECLINED),
            *_departments(given),
        )
    question = "Les structures se passent-elles le relais ?"
    return Chapter("cooperation", "Coopération", question, sections)


def _outcomes(given: Material) -> Section:
    total = given.now.get(_SENT)
    columns = [Column("Nombre"), Column("Part", "share")]
    columns += [Column(head, "share", TO_COMPARE) for head, _ in given.compared]
    lines, marks = [], []
    for code, label in {_SENT: "Envoyées", **_OUTCOMES}.items():
        entry = given.now.get(code)
        part = share(entry, total)
        beside = (share(figures.get(code), figures.get(_SENT)) for _, figures in given.compared)
        lines.append(Line(label, (entry, part, *beside), is_total=code == _SENT))
        if code != _SENT:
            value = float(entry.value) if entry.is_published else None
            marks.append(charts.Mark(label, value, with_share(entry, part)))
    chart = None
    if any(mark.value for mark in marks):
        subject = "Ce que deviennent les fiches de liaison envoyées"
        shape = charts.Bars(
            marks, title=subject, subtitle=f"{given.where_and_when} · fiches de liaison"
        )
        chart = Chart("chart-H1-outcome.svg", alternative(subject, given, marks), shape)
    return Section(
        slug="H1-outcome",
        title="Que deviennent les fiches de liaison ?",
        table=Table("Fiches de liaison selon leur issue", "Issue", tuple(columns), tuple(lines)),
        chart=chart,
        notes=(_AS_OF,) if chart else (_AS_OF, NOTHING_TO_DRAW),
        indicator=_SENT,
        field=POPULATIONS["referrals"],
    )


def _networks(given: Material, breakdown: str, title: str, head: str) -> Section:
    columns = (*_columns(), *(Column(text, "tenth", "Délai, jours") for text in _DELAYS.values()))
    lines = [
        Line(
            label,
            (*_counts(given.now, **margin), *_delays(given.now, **margin)),
            is_total=not margin,
        )
        for label, margin in _margins(given, breakdown)
    ]
    caption = f"Fiches de liaison, par {lowered(head)}"
    detail = None
    if len(lines) > 1 + BARS_AT_MOST:
        detail = Table(f"{caption}, tous les réseaux", head, columns, tuple(lines))
        caption += f", les {BARS_AT_MOST} premiers"
    return Section(
        slug=f"H1-{breakdown}",
        title=title,
        table=Table(caption, head, columns, tuple(lines[: 1 + BARS_AT_MOST])),
        detail=detail,
        notes=(
            "Une fiche compte dans la Région de la structure qui l'envoie ; un réseau qui n'en "
            "a aucune n'est pas listé.",
            _DELAY,
        ),
        indicator="H2.median",
        field=POPULATIONS["referrals"],
    )


def _margins(given: Material, breakdown: str) -> list[tuple[str, dict[str, str]]]:
    """(label, margin) of the whole and of the networks that have fiches, biggest first, hidden ones
    after them."""

    def sent(code: str) -> Entry:
        return given.now.get(_SENT, breakdown=breakdown, category=code)

    names = {
        code: name
        for code, name in given.labels[breakdown].items()
        if sent(code).value or sent(code).status == SECRET
    }
    ordered = sorted(names, key=lambda c: (not sent(c).is_published, -(sent(c).value or 0)))
    return [("Ensemble", {})] + [
        (names[code], {"breakdown": breakdown, "category": code}) for code in ordered
    ]


def _departments(given: Material) -> Iterator[Section]:
    names = given.labels["department"]
    codes = [c for c in names if given.now.get(_SENT, department=c).status != NOT_APPLICABLE]
    if len(codes) < 2:
        return
    lines = [Line("Ensemble", tuple(_counts(given.now)), is_total=True)]
    lines += [
        Line(f"{names[code]} ({code})", tuple(_counts(given.now, department=code)))
        for code in codes
    ]
    yield Section(
        slug="H1-department",
        title="Où sont-elles envoyées ?",
        table=Table(
            "Fiches de liaison par département", "Département", tuple(_columns()), tuple(lines)
        ),
        indicator=_SENT,
        field=POPULATIONS["referrals"],
    )


def _columns() -> list[Column]:
    return [Column("Envoyées"), *(Column(head, group="Dont") for head in _OUTCOMES.values())]


def _counts(figures: Figures, **margin: str) -> list[Entry]:
    return [figures.get(code, **margin) for code in (_SENT, *_OUTCOMES)]


def _delays(figures: Figures, **margin: str) -> list[Entry]:
    return [measure(figures.get(code, **margin)) for code in _DELAYS]
