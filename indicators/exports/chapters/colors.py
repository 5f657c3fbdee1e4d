"""One colour for one meaning, on every chart. Told apart without colour too: levels by lightness,
everything by the text on or beside its mark."""

from sprocep.rendering.charts import PLAIN

LEVELS = {"N1": "#b9cbe8", "N2": "#5d82bd", "N3": "#1c3a70"}
OPERATORS = {
    "public_employment_service": "#117733",
    "cap_emploi": "#999933",
    "mission_locale": "#cc6677",
    "apec": "#882255",
    "opacif": "#44aa99",
    "regional_operator": "#aa4499",
}
SEXES = {"F": "#6a3d8f", "H": "#dfa24f"}
ENTRIES, EXITS = PLAIN, "#c2703d"
# Lines of one territory each, told apart by the shapes of their points too.
TERRITORIES = (PLAIN, "#c2703d", "#117733", "#882255", "#999933", "#44aa99")
# Parts of a whole that have no colour of their own (yes, no, not stated).
PARTS = ("#1c3a70", "#8fa6cc", "#d9dee8")


def level(code: str) -> str:
    return LEVELS.get(code, PLAIN)


def operator(code: str) -> str:
    return OPERATORS.get(code, PLAIN)
