"""Rollups and raw figures, which only the compilation reads; editions and their cells, which all
pages and files read; the list of work to do."""

from indicators.models.calendar import CalendarEntry, ExpectedReturn, SecrecyThreshold
from indicators.models.editions import Edition, EditionCell, EditionFile
from indicators.models.figures import CellKey, Figure, Rollup, RollupMark
from indicators.models.work import Compilation, Work, national_only

__all__ = [
    "CalendarEntry",
    "CellKey",
    "Compilation",
    "Edition",
    "EditionCell",
    "EditionFile",
    "ExpectedReturn",
    "Figure",
    "Rollup",
    "RollupMark",
    "SecrecyThreshold",
    "Work",
    "national_only",
]
