"""Which compositions are counted where: read as app in the national scope, before the compilation,
which sees one Region at a time."""

from datetime import date

from indicators.models import Definition, RegionalIndicator
from indicators.regional.composition import Composition
from regions.queries import in_force
from sprocep.periods import Period

AT_DATE = "date"
_State = RegionalIndicator.State
PUBLIC = (_State.PUBLISHED, _State.WITHDRAWN, _State.PROMOTED)


def regional_on(day: date, region: str) -> list[RegionalIndicator]:
    """The versions of a Region's own indicators that are in force on a day, by rank."""
    rows = RegionalIndicator.objects.filter(in_force(day), region=region, state__in=PUBLIC)
    return sorted(rows, key=lambda row: (rank_of(row.code), row.version))


def rank_of(code: str) -> int:
    """7 of « R93.7 »."""
    return int(code.rpartition(".")[2])


def promoted_on(day: date) -> list[RegionalIndicator]:
    """Those that the DGEFP took into the national base and that have begun there."""
    begun = Definition.objects.filter(version=1, starts_on__lte=day).values("code")
    rows = RegionalIndicator.objects.filter(state=_State.PROMOTED, promoted_as__in=begun)
    return list(rows.order_by("promoted_as"))


def compositions(period: Period, territory: str, borders: str = AT_DATE) -> list[Composition]:
    """What is counted after the national base: promoted indicators everywhere, then those of the
    Region itself, in the borders of the date alone. In force on the last day of the period."""
    day = period.last_day
    found = [Composition.of(row).under(row.promoted_as) for row in promoted_on(day)]
    if borders == AT_DATE:
        found += [Composition.of(row) for row in regional_on(day, territory)]
    return found
