"""Figures as texts: on charts, in sentences, in tables."""

from dataclasses import dataclass
from decimal import Decimal

from indicators.definitions import EUROS_TO
from indicators.exports.figures import CHANGE, MEASURE, PERCENT, Entry
from sprocep.templatetags import french

TO_THE_STEP = f"à {french.number(EUROS_TO)}{french.SPACE}€ près"
# (sign, status, what it means)
STATUSES = (
    ("s", "secret", "secret statistique : trop peu d’unités, ou valeur qui en révélerait une"),
    ("nd", "missing", "non disponible : aucune des remontées attendues n’est arrivée"),
    (
        "///",
        "not_applicable",
        "sans objet : pas d’opérateur, de niveau ou de parcours ici, ou trop peu pour ce détail",
    ),
    ("ns", "", "non significatif : part ou évolution sur une base inférieure à 50"),
)


@dataclass(frozen=True)
class Mark:
    """How final a figure is: `kind` gives its shape (draft, partial, whole), `words` say it."""

    kind: str
    words: str


def mark(completeness: Decimal | None, *, is_draft: bool = False) -> Mark:
    """« partiel · 82,0 % des remontées »: a figure that lacks returns never looks final."""
    if completeness is None:
        return Mark("partial", "partiel · remontées inconnues")
    if is_draft:
        return Mark("draft", f"provisoire · {french.share(completeness)} des remontées")
    if completeness < 100:
        return Mark("partial", f"partiel · {french.share(completeness)} des remontées")
    return Mark("whole", "complet · toutes les remontées")


def text(entry: Entry) -> str:
    """« 12 431 », « 8,4 % », « +3,2 % », or the short sign of the status."""
    if not entry.is_published:
        return french.SIGNS[entry.status][0]
    if entry.unit == CHANGE:
        return french.change(entry.value)
    if entry.unit == PERCENT:
        return french.share(entry.value)
    return french.number(entry.value, 1 if entry.unit == MEASURE else None)


def with_share(entry: Entry, part: Entry) -> str:
    """« 12 431 · 8,4 % », or the sign alone."""
    return f"{text(entry)} · {text(part)}" if part.is_published else text(entry)


def listed(texts: list[str]) -> str:
    """« a, b et c »."""
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} et {texts[-1]}"


def lowered(label: str) -> str:
    """A label inside a sentence: its first letter goes down, unless it begins an acronym."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
