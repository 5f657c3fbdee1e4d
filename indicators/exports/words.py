"""A cell in words: « A1 · Entrées en CEP · Hommes · Niveau 2 »."""

from indicators.definitions import INDICATORS, TOTAL
from indicators.exports.labels import POPULATIONS, Labels
from indicators.models import EditionCell

_INDICATORS = {indicator.code: indicator for indicator in INDICATORS}
_WHOLE = "Ensemble"


def cell_words(cell: EditionCell, labels: Labels) -> str:
    indicator = _INDICATORS.get(cell.indicator)
    parts = [cell.indicator, indicator.label if indicator else ""]
    if indicator and len(indicator.populations) > 1:
        parts.append(POPULATIONS[cell.population])
    return " · ".join(part for part in (*parts, margin_words(cell, labels)) if part)


def margin_words(cell: EditionCell, labels: Labels) -> str:
    """Without the indicator; « ensemble » for its total."""
    parts = [
        labels.of(name, code)
        for name, code in (
            (cell.breakdown, cell.category),
            ("department", cell.department),
            ("operator", cell.operator),
            ("level", cell.level),
        )
        if code != TOTAL
    ]
    return " · ".join(parts) or "ensemble"


def table_words(cell: EditionCell) -> str:
    """What cuts its table: « Ensemble », « Âge », with the population where there are several."""
    indicator = _INDICATORS.get(cell.indicator)
    if indicator is None:
        return _WHOLE
    cut = {one.name: one.label for one in indicator.breakdowns}.get(cell.breakdown, _WHOLE)
    return f"{cut}, {POPULATIONS[cell.population]}" if len(indicator.populations) > 1 else cut
