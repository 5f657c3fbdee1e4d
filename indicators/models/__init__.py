"""Rollups and raw figures, which only the compilation reads; editions, their cells and what happens
to them, which all pages and files read; the list of work to do."""

from indicators.models.acts import AttackReport, Contestation, EditionEvent, Recount
from indicators.models.calendar import CalendarEntry, ExpectedReturn, SecrecyThreshold
from indicators.models.definitions import Definition, Opinion, RegionalIndicator
from indicators.models.editions import Edition, EditionCell, EditionFile
from indicators.models.figures import CellKey, Figure, Rollup, RollupMark, ShownFigure
from indicators.models.quality import Anomaly, DeclaredCount, QualityRule
from indicators.models.work import Compilation, Work, national_only

__all__ = [
    "Anomaly",
    "AttackReport",
    "CalendarEntry",
    "CellKey",
    "Compilation",
    "Contestation",
    "DeclaredCount",
    "Definition",
    "Edition",
    "EditionCell",
    "EditionEvent",
    "EditionFile",
    "ExpectedReturn",
    "Figure",
    "Opinion",
    "QualityRule",
    "Recount",
    "RegionalIndicator",
    "Rollup",
    "RollupMark",
    "SecrecyThreshold",
    "ShownFigure",
    "Work",
    "national_only",
]
