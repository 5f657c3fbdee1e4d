"""What a journey leaves to the person: her document, and who pays for her project.

Editions of before these were counted hold none.
"""

from indicators.definitions import PLANS, TOTAL
from indicators.exports.chapters.layout import (
    Breakdown,
    categories,
    crossing,
)
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

_OPERATOR = "Catégorie d'opérateur"
_DOCUMENTS = "Documents de synthèse"
_FUNDERS = Breakdown(
    "G2-funder",
    "Qui finance les projets ?",
    "G2.answered",
    "funder",
    "Demandes de financement répondues, selon le financeur",
    by_level=False,
    zeros_too=False,
)
_ANSWERS = {"G2.granted": "Accordées", "G2.refused": "Refusées"}
_MONEY = (
    f"Montants {TO_THE_STEP}, dont les sommes peuvent différer du total ; aucun n'est publié "
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
    crossed = [Column(label, group="Plans, par nombre de financeurs") for label in payers.values()]
    operators = _operators(given)
    return Section(
        slug="G1-document",
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
            "Documents dus et non remis, parcours ; plans de financement par nombre de financeurs",
            _OPERATOR,
            (*(Column(head, group=_DOCUMENTS) for head in ("Dus", "Non remis")), *crossed),
            tuple(
                Line(label, _crossed(given, margin), is_total=not margin)
                for label, margin in operators
            ),
        ),
        notes=(
            "Document dû à partir du niveau 2, remis au jour de la compilation. Reste : ce que "
            "les financeurs n'accordent pas. Montants : note du tableau suivant.",
        ),
        indicator="G1",
        field=f"{POPULATIONS['journeys_closed']} et {POPULATIONS[PLANS]}",
    )


def _left_by(given: Material, margin: dict[str, str]) -> tuple[Entry, ...]:
    handed, _, owing = _handed(given.now, margin)
    plans = (given.now.get(code, **margin) for code in ("G2.plans", "G2.costs", "G2.gap"))
    elsewhere = (_handed(figures, margin) for _, figures in given.compared)
    beside = (share(part, whole) for part, _, whole in elsewhere)
    return (handed, share(handed, owing), *plans, *beside)


def _crossed(given: Material, margin: dict[str, str]) -> tuple[Entry, ...]:
    by_payers = (
        given.now.get("G2.plans", breakdown="payers", category=code, **margin)
        for code in given.labels["payers"]
    )
    _, missing, owing = _handed(given.now, margin)
    return (owing, missing, *by_payers)


def _handed(figures: Figures, margin: dict[str, str]) -> tuple[Entry, Entry, Entry]:
    """Journeys whose document is handed over, those whose is not, both."""
    handed, owed = (
        figures.get("G1", breakdown="document", category=code, **margin)
        for code in ("handed", "owed")
    )
    return handed, owed, added((handed, owed), "journeys")


def _operators(given: Material) -> list[tuple[str, dict[str, str]]]:
    """(label, margin) of the whole, then of each category that there is."""
    return [("Ensemble", {})] + [
        (label, {"operator": code})
        for code, label in given.labels["operator"].items()
        if given.now.get("G1", operator=code).status != NOT_APPLICABLE
    ]


def funders(given: Material) -> Section:
    found = categories(given, _FUNDERS)
    columns = [Column("Répondues"), *(Column(head, group="Dont") for head in _ANSWERS.values())]
    columns += [Column("Part accordée", "share", " ")]
    columns += [Column(head, group="Montants, euros") for head in ("Demandé", "Accordé")]
    columns += [Column(head, "tenth", "Délai, jours") for head in ("Médiane", "9e décile")]
    heads = [(TOTAL, "Ensemble"), *((one.code, one.label) for one in found)]
    lines = tuple(
        Line(label, _of_funder(given.now, code), is_total=code == TOTAL) for code, label in heads
    )
    return Section(
        slug=_FUNDERS.slug,
        title=_FUNDERS.title,
        table=Table(_FUNDERS.subject, "Financeur", tuple(columns), lines),
        detail=crossing(given, _FUNDERS, found),
        notes=(
            "Une demande compte quand son financeur répond ; accordée, elle l'est en tout ou "
            f"partie. {_MONEY}",
        ),
        indicator="G2.answered",
        field=_FUNDERS.field,
    )


def _of_funder(figures: Figures, code: str) -> tuple[Entry, ...]:
    margin = {} if code == TOTAL else {"breakdown": "funder", "category": code}
    answered, granted, refused = (figures.get(one, **margin) for one in ("G2.answered", *_ANSWERS))
    amounts = (figures.get(one, **margin) for one in ("G2.asked", "G2.given"))
    delays = (measure(figures.get(one, **margin)) for one in ("G2.median", "G2.d9"))
    return (answered, granted, refused, share(granted, answered), *amounts, *delays)
