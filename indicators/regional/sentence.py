"""What a composition counts, said in one French sentence."""

from datetime import date

from indicators.regional.composition import Composition, Filter, Measure
from indicators.regional.vocabulary import FIELDS

_NBSP = "\N{NO-BREAK SPACE}"


def sentence(composition: Composition, day: date) -> str:
    """« Part, parmi les parcours clos dans la période, de ceux dont l'issue est « emploi ». »"""
    words = composition.counted.words
    inside = _conditions(composition.filters, day)
    kept = f"{words} où {inside}" if inside else words
    match composition.measure:
        case Measure.SHARE:
            said = f"Part, parmi les {kept}, de ceux où {_conditions(composition.part, day)}"
            if composition.counted.is_of_persons:
                said = said.replace("de ceux où", "de celles où")
        case Measure.PERSONS:
            said = f"Nombre de personnes distinctes derrière les {kept}"
        case Measure.MEAN | Measure.MEDIAN:
            taken = "Moyenne" if composition.measure == Measure.MEAN else "Médiane"
            said = f"{taken}, parmi les {kept}, {_of(composition.taken.label)}"
        case _:
            said = f"Nombre de {kept}"
    return f"{said}{_readings(composition)}."


def _of(label: str) -> str:
    """« du délai », « de la durée », « de l'ancienneté »."""
    return f"du {label[3:]}" if label.startswith("le ") else f"de {label}"


def _conditions(filters: tuple[Filter, ...], day: date) -> str:
    return " et ".join(_condition(name, codes, day) for name, codes in filters)


def _condition(name: str, codes: tuple[str, ...], day: date) -> str:
    field = FIELDS[name]
    labels = dict(field.codes(day))
    quoted = [f"«{_NBSP}{labels.get(code, code)}{_NBSP}»" for code in codes]
    return f"{field.phrase} {' ou '.join(quoted)}"


def _readings(composition: Composition) -> str:
    found = ""
    if composition.breakdown:
        found += f", selon {_the(FIELDS[composition.breakdown].phrase)}"
    margins = [
        words
        for is_given, words in (
            (composition.by_level, "par niveau"),
            (composition.by_operator, "par catégorie d’opérateur"),
            (composition.by_department, "par département"),
        )
        if is_given
    ]
    if margins:
        *first, last = margins
        listed = f"{', '.join(first)} et {last}" if first else last
        found += f"{_NBSP}; donné aussi {listed}"
    return found


def _the(phrase: str) -> str:
    """« le sexe » of « le sexe est »."""
    return phrase.removesuffix(" est")
