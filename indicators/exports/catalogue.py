"""Indicators as a reader meets them: the words of the rows, and what the declarations count."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from indicators.definitions import INDICATORS, Indicator, unit_of
from indicators.exports.labels import POPULATIONS, UNITS
from indicators.models import Definition
from indicators.versions import definitions_on

BY_CODE = {indicator.code: indicator for indicator in INDICATORS}


@dataclass(frozen=True)
class Described:
    """An indicator in the version of a day. `populations`: (counted population, its unit)."""

    code: str
    version: int
    starts_on: date
    label: str
    statement: str
    legal_source: str
    owner: str
    populations: tuple[tuple[str, str], ...]
    breakdowns: tuple[str, ...]
    margins: tuple[str, ...]
    numerator: str = ""
    denominator: str = ""
    measures: dict[str, str] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        return self.populations[0][1]

    @property
    def counted(self) -> str:
        return " ; ".join(population for population, _ in self.populations)

    @property
    def family(self) -> str:
        """« E1 » of « E1.mean »."""
        return self.code.split(".")[0]


def national_base(day: date) -> list[Described]:
    """In the order of the base, each in the version of that day."""
    found = definitions_on(day).values()
    return [described(row, BY_CODE[row.code]) for row in found if row.code in BY_CODE]


def described(row: Definition, indicator: Indicator) -> Described:
    return Described(
        code=row.code,
        version=row.version,
        starts_on=row.starts_on,
        label=row.label,
        statement=row.statement,
        legal_source=row.legal_source,
        owner=row.owner,
        populations=tuple(
            (POPULATIONS[name], UNITS[unit_of(indicator, name)]) for name in indicator.populations
        ),
        breakdowns=tuple(breakdown.label for breakdown in indicator.breakdowns),
        margins=tuple(margins_of(indicator)),
        numerator=row.numerator,
        denominator=row.denominator,
    )


def margins_of(indicator: Indicator) -> Iterable[str]:
    if indicator.by_level:
        yield "niveau de service"
    if indicator.by_operator:
        yield "catégorie d'opérateur"
    if indicator.by_department:
        yield "département"
