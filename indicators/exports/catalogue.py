"""Indicators as a reader meets them: the words of the rows, and what the declarations count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from indicators.definitions import INDICATORS, Indicator, unit_of
from indicators.exports.labels import POPULATIONS, UNITS
from indicators.models import Definition, RegionalIndicator
from indicators.regional.composition import Composition
from indicators.regional.standing import PUBLIC, promoted_on, rank_of, regional_on
from indicators.regional.vocabulary import FIELDS
from indicators.versions import definitions_on
from regions.queries import in_force, region_name

_SOURCE = "indicateur régional (« pourront être complétés par des indicateurs régionaux »)"
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
    is_regional: bool = False

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
    """In the order of the base, each in the version of that day, promoted ones after them."""
    found = definitions_on(day)
    base = [described(row, BY_CODE[code]) for code, row in found.items() if code in BY_CODE]
    taken = {row.promoted_as: row for row in promoted_on(day)}
    return base + [
        composed(taken[code], definition=row) for code, row in found.items() if code in taken
    ]


def standing(day: date, territory: str) -> list[Described]:
    """All that an edition of a territory counts: the base, then the Region's own."""
    return national_base(day) + [composed(row) for row in regional_on(day, territory)]


def of_all_regions(day: date) -> list[Described]:
    """Regional indicators that stand on a day, Region by Region."""
    rows = RegionalIndicator.objects.filter(in_force(day), state__in=PUBLIC)
    return [composed(row) for row in sorted(rows, key=lambda r: (r.region_id, rank_of(r.code)))]


def composed(row: RegionalIndicator, definition: Definition | None = None) -> Described:
    """As the Region says it, or as the nation does when it was promoted."""
    one = Composition.of(row)
    unit = UNITS[one.unit]
    return Described(
        code=definition.code if definition else row.code,
        version=definition.version if definition else row.version,
        starts_on=definition.starts_on if definition else row.starts_on,
        label=definition.label if definition else row.label,
        statement=definition.statement if definition else row.statement,
        legal_source=definition.legal_source if definition else _SOURCE,
        owner=definition.owner
        if definition
        else f"Région {region_name(row.region_id, row.starts_on)}",
        populations=((POPULATIONS[one.population], unit),),
        breakdowns=(FIELDS[one.breakdown].label,) if one.breakdown else (),
        margins=tuple(margins_of(one)),
        is_regional=definition is None,
    )


def labels() -> dict[str, str]:
    """What every code that may stand in a figure is called, whatever the day; the last version of
    a regional one gives it its name."""
    found = {code: indicator.label for code, indicator in BY_CODE.items()}
    for row in RegionalIndicator.objects.filter(state__in=PUBLIC).order_by("version"):
        one = Composition.of(row)
        for stands in (one, one.under(row.promoted_as)) if row.promoted_as else (one,):
            found |= {code: stands.label_of(code) for code in stands.codes}
    return found


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


def margins_of(indicator: Indicator | Composition) -> Iterable[str]:
    if indicator.by_level:
        yield "niveau de service"
    if indicator.by_operator:
        yield "catégorie d’opérateur"
    if indicator.by_department:
        yield "département"
