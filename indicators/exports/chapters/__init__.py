"""The chapters of a dashboard, in the order of the national base, then what is added to it."""

from indicators.exports.chapters.activity import activity
from indicators.exports.chapters.cooperation import cooperation
from indicators.exports.chapters.journeys import journeys
from indicators.exports.chapters.publics import publics, reasons, reception, services
from indicators.exports.chapters.regional import regional
from indicators.exports.chapters.territories import territories
from indicators.exports.parts import Chapter, Material

_CHAPTERS = (
    activity,
    reception,
    publics,
    reasons,
    services,
    journeys,
    cooperation,
    territories,
    regional,
)


def chapters(given: Material) -> list[Chapter]:
    """Those that have something to say: a Region of one département has no map of its own."""
    return [chapter for make in _CHAPTERS if (chapter := make(given)).sections]
