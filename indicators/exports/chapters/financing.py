"""What a journey leaves to the person: her document, and who pays for her project.

Editions of before these were counted hold none.
"""

from indicators.definitions import PLANS, TOTAL
from indicators.exports.chapters.layout import TO_COMPARE, Breakdown, categories
from indicators.exports.figures import (
    NOT_APPLICABLE,
    Entry,
    Figures,
    added,
    measure,
    share,
)
from indicators.exports.labels import POPULATIONS
from indicators.exports.parts import Column, Line, Material, Section, Table
from indicators.exports.wording import TO_THE_STEP

_OPERATOR = "Catégorie d’opérateur"
_DOCUMENTS, _REQUESTS = "Documents de synthèse", "Demandes"
_FUNDERS = Breakdown(
    "G2-funder",
    "Qui finance les projets ?",
    "G2.answered",
    "funder",
    "Demandes de financement répondues, selon le financeur",
    by_level=False,
    zeros_too=False,
)
_MONEY = (
    f"Montants {TO_THE_STEP}, dont les sommes peuvent différer du total ; aucun n’est publié "
    "quand une seule personne en fait plus de 85 %."
)


def is_counted(given: Material) -> bool:
    return given.now.get("G2.plans").status != NOT_APPLICABLE


def left(given: Material) -> Section:
    """The document is owed from level 2 on: shares are of the journeys that owe one."""
    payers = given.labels["payers"]
    columns = [Column("Remis", group=_DOCUMENTS), Column("Part", "share", _DOCUMENTS)]
    columns += [Column("Plans bouclés", group=" ")]
    columns += [Column(head, group="Montants, euros") for head in ("Coût", "Reste")]
    columns += [Column(head, "share", "Part remise, pour comparer") for head, _ in given.compared]
    operators = _operators(given)
    return Section(
        slug="G1-operators",
        title="La personne repart-elle avec son document, son projet financé ?",
        table=Table(
            "Documents de synthèse et plans de financement des parcours",
            _OPERATOR,
            tuple(columns),
            tuple(
                Line(label, _left_by(given, margin), is_total=not margin)
                for label, margin in operators
            ),
        ),
        detail=Table(
            "Plans de financement par nombre de financeurs",
            _OPERATOR,
            tuple(Column(label) for label in payers.values()),
            tuple(
                Line(label, _by_payers(given, margin), is_total=not margin)
                for label, margin in operators
            ),
        ),
        notes=(
            "Document dû à partir du niveau 2, remis au jour de la compilation. Reste : ce que "
            "les financeurs n’accordent pas. Montants : note du tableau suivant.",
        ),
        indicator="G1",
        field=f"{POPULATIONS['journeys_closed']} et {POPULATIONS[PLANS]}",
    )


def _left_by(given: Material, margin: dict[str, str]) -> tuple[Entry, ...]:
    handed, owing = _handed(given.now, margin)
    plans = (given.now.get(code, **margin) for code in ("G2.plans", "G2.costs", "G2.gap"))
    elsewhere = (_handed(figures, margin) for _, figures in given.compared)
    beside = (share(part, whole) for part, whole in elsewhere)
    return (handed, share(handed, owing), *plans, *beside)


def _by_payers(given: Material, margin: dict[str, str]) -> tuple[Entry, ...]:
    return tuple(
        given.now.get("G2.plans", breakdown="payers", category=code, **margin)
        for code in given.labels["payers"]
    )


def _handed(figures: Figures, margin: dict[str, str]) -> tuple[Entry, Entry]:
    """Journeys whose document is handed over, all that owe one."""
    handed, owed = (
        figures.get("G1", breakdown="document", category=code, **margin)
        for code in ("handed", "owed")
    )
    return handed, added((handed, owed), "journeys")


def _operators(given: Material) -> list[tuple[str, dict[str, str]]]:
    """(label, margin) of the whole, then of each category that there is."""
    return [("Ensemble", {})] + [
        (label, {"operator": code})
        for code, label in given.labels["operator"].items()
        if given.now.get("G1", operator=code).status != NOT_APPLICABLE
    ]


def funders(given: Material) -> Section:
    found = [(one.code, one.label) for one in categories(given, _FUNDERS)]
    columns = [Column(head, group=_REQUESTS) for head in ("Répondues", "Accordées")]
    columns += [Column("Part", "share", _REQUESTS)]
    columns += [Column(head, group="Montants, euros") for head in ("Demandé", "Accordé")]
    columns += [Column("Médiane", "tenth", "Délai, jours")]
    columns += [Column(head, "share", TO_COMPARE) for head, _ in given.compared]
    lines = tuple(
        Line(label, _of_funder(given, _margin(code)), is_total=code == TOTAL)
        for code, label in ((TOTAL, "Ensemble"), *found)
    )
    return Section(
        slug=_FUNDERS.slug,
        title=_FUNDERS.title,
        table=Table(_FUNDERS.subject, "Financeur", tuple(columns), lines),
        notes=(f"Comptées au jour de la réponse ; accordées en tout ou partie. {_MONEY}",),
        indicator="G2.answered",
        field=_FUNDERS.field,
    )


def _margin(funder: str) -> dict[str, str]:
    return {} if funder == TOTAL else {"breakdown": "funder", "category": funder}


def _of_funder(given: Material, margin: dict[str, str]) -> tuple[Entry, ...]:
    def granted(figures: Figures) -> Entry:
        return share(figures.get("G2.granted", **margin), figures.get("G2.answered", **margin))

    counts = (given.now.get(one, **margin) for one in ("G2.answered", "G2.granted"))
    amounts = (given.now.get(one, **margin) for one in ("G2.asked", "G2.given"))
    elsewhere = (granted(figures) for _, figures in given.compared)
    delay = measure(given.now.get("G2.median", **margin))
    return (*counts, granted(given.now), *amounts, delay, *elsewhere)
