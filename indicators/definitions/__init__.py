"""The national base of indicators, and what each is broken down by.

Populations, levels and cells: docs/counting-rules.md. Legal frame: arrêté du 16 juillet 2014, § 4
(« un socle d'indicateurs d'activité et de résultat commun à tous les réseaux »).
"""

from indicators.definitions.base import (
    ANSWERED,
    DOMINANT,
    EUROS_TO,
    INDICATORS,
    LEGAL_SOURCE,
    OUTCOMES_OF_FUNDINGS,
    OUTCOMES_OF_REFERRALS,
    PLANS,
    SENT,
    SHARED_OUT,
    TOTAL,
    Indicator,
    base_in_force,
    unit_of,
)
from indicators.definitions.breakdowns import (
    DOCUMENT,
    PAYERS,
    STRUCTURES,
    Breakdown,
    Codes,
    Conditions,
    changes_of_level,
    in_force,
)

__all__ = [
    "ANSWERED",
    "DOCUMENT",
    "DOMINANT",
    "EUROS_TO",
    "INDICATORS",
    "LEGAL_SOURCE",
    "OUTCOMES_OF_FUNDINGS",
    "OUTCOMES_OF_REFERRALS",
    "PAYERS",
    "PLANS",
    "SENT",
    "SHARED_OUT",
    "STRUCTURES",
    "TOTAL",
    "Breakdown",
    "Codes",
    "Conditions",
    "Indicator",
    "base_in_force",
    "changes_of_level",
    "in_force",
    "unit_of",
]
