"""What happened, in French, made from the figures; silent where they are hidden or too partial."""

from indicators.definitions import TOTAL
from indicators.exports.figures import Entry, share
from indicators.exports.parts import Material
from indicators.exports.wording import listed, lowered, text
from sprocep.templatetags import french

# Under this share of the expected returns, a comment would describe the returns, not the CEP.
LEAST_COMPLETENESS = 90


def sentence(given: Material) -> str:
    completeness = given.now.completeness
    if completeness is None:
        return "Aucune valeur n’est disponible pour cette période."
    if completeness < LEAST_COMPLETENESS:
        return (
            f"Chiffres incomplets ({french.share(completeness)} des remontées) : à lire avec "
            "prudence."
        )
    found = [_entries(given), _persons(given), _first_operator(given), _first_reason(given)]
    said = [part for part in found if part]
    return " ".join(said) or "Les valeurs de la période sont couvertes par le secret statistique."


def _entries(given: Material) -> str:
    entry = given.now.get("A1")
    if not entry.is_published:
        return ""
    compared = [
        moved
        for figures, earlier, name in (
            (given.before, given.period.before, _than_before(given)),
            (given.year_before, given.period.year_before, "qu’un an avant"),
        )
        if (moved := _moved(given.moved("A1", earlier, figures), name))
    ]
    head = f"{_when(given)}, {text(entry)} parcours se sont ouverts"
    return f"{head}, soit {listed(compared)}." if compared else f"{head}."


def _when(given: Material) -> str:
    period = given.period
    if period.months_long == 3:
        return f"Au {period.label}"
    return f"En {period.label.removeprefix('année ')}"


def _than_before(given: Material) -> str:
    names = {1: "que le mois précédent", 3: "qu’au trimestre précédent"}
    return names.get(given.period.months_long, "que l’année précédente")


def _moved(moved: Entry, than: str) -> str:
    if not moved.is_published:
        return ""
    if moved.value == 0:
        return f"autant {than}"
    word = "de plus" if moved.value > 0 else "de moins"
    return f"{french.share(abs(moved.value))} {word} {than}"


def _persons(given: Material) -> str:
    seen, closed = given.now.get("A3"), given.now.get("A5")
    said = []
    if seen.is_published:
        said.append(f"reçu {text(seen)} personnes en entretien")
    if closed.is_published:
        said.append(f"clos {text(closed)} parcours")
    return f"Les opérateurs ont {listed(said)}." if said else ""


def _biggest(given: Material, entries: dict[str, Entry]) -> tuple[str, Entry] | None:
    """The largest part, unless one is hidden: it could be larger."""
    shown = {code: e for code, e in entries.items() if e.status != "not_applicable"}
    if not shown or not all(entry.is_published for entry in shown.values()):
        return None
    code = max(shown, key=lambda c: shown[c].value)
    part = share(shown[code], given.now.get("A1"))
    return (code, part) if part.is_published else None


def _first_operator(given: Material) -> str:
    operators = given.labels["operator"]
    biggest = _biggest(given, {c: given.now.get("A1", operator=c) for c in operators})
    if biggest is None:
        return ""
    code, part = biggest
    return f"Première catégorie d’opérateur : {operators[code]}, {text(part)} des entrées."


def _first_reason(given: Material) -> str:
    reasons = given.labels["reason"]
    entries = {
        code: given.now.get("C1.main", breakdown="reason", category=code) for code in reasons
    }
    biggest = _biggest(given, entries)
    if biggest is None or biggest[0] == TOTAL:
        return ""
    code, part = biggest
    return f"Premier motif : « {lowered(reasons[code])} », {text(part)} des entrées."
