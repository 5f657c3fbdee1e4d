"""Which compositions are counted where: read as app in the national scope, before the compilation,
which sees one Region at a time."""

from datetime import date

from django.db.models import Q

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
    return list(RegionalIndicator.objects.filter(_promoted(day)).order_by("promoted_as"))


def _promoted(day: date) -> Q:
    begun = Definition.objects.filter(version=1, starts_on__lte=day).values("code")
    return Q(state=_State.PROMOTED, promoted_as__in=begun)


def added_on(day: date, region: str) -> list[tuple[str, RegionalIndicator]]:
    """(code, row) of all that stands after the base in the edition of a territory: promoted ones
    under their national code, then the Region's own. One query."""
    rows = RegionalIndicator.objects.filter(
        _promoted(day) | (in_force(day) & Q(region=region, state__in=PUBLIC))
    )
    promoted, own = [], []
    for row in rows:
        stands = row.starts_on <= day and (row.ends_on is None or row.ends_on > day)
        if stands and row.region_id == region:
            own.append((row.code, row))
        else:
            promoted.append((row.promoted_as, row))
    return sorted(promoted, key=lambda p: p[0]) + sorted(own, key=lambda p: rank_of(p[0]))


def compositions(period: Period, territory: str, borders: str = AT_DATE) -> list[Composition]:
    """What is counted after the national base: promoted indicators everywhere, then those of the
    Region itself, in the borders of the date alone. In force on the last day of the period."""
    if not _is_counted(period):
        return []
    region = territory if borders == AT_DATE else ""
    return [Composition.of(row).under(code) for code, row in added_on(period.last_day, region)]


def all_compositions(period: Period, using: str) -> list[Composition]:
    """Those of every Region, and promoted ones: what is protected together."""
    if not _is_counted(period):
        return []
    day, rows = period.last_day, RegionalIndicator.objects.using(using)
    own = rows.filter(in_force(day), state__in=PUBLIC)
    begun = Definition.objects.using(using).filter(version=1, starts_on__lte=day)
    taken = rows.filter(state=_State.PROMOTED, promoted_as__in=begun.values_list("code", flat=True))
    return [Composition.of(row) for row in own] + [
        Composition.of(row).under(row.promoted_as) for row in taken
    ]


def _is_counted(period: Period) -> bool:
    """Quarters alone: months and years beside them would give a hidden one away by difference."""
    return period.months_long == 3
