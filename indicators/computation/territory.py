"""Which départements make a territory in given borders, and which Regions hold their facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from regions.models import DepartmentRegion
from sprocep.periods import Period
from sprocep.tenancy import NATION


class Borders(StrEnum):
    """Borders in which a figure is read; `DATE` are those of the period's last day."""

    DATE = "date"
    OF_2015 = "2015"
    OF_2016 = "2016"


CONSTANT = {Borders.OF_2015: date(2015, 12, 31), Borders.OF_2016: date(2016, 1, 1)}


@dataclass(frozen=True)
class Extent:
    """A territory in given borders for a period.

    `regions` held its départements, so its facts carry them. `reach` adds what mergers tie to them:
    a fact of 2016 may belong to a journey opened in a neighbour that became the same Region.
    """

    period: Period
    territory: str
    borders: Borders
    departments: tuple[str, ...]
    regions: tuple[str, ...]
    reach: tuple[str, ...]

    @property
    def is_nation(self) -> bool:
        return self.territory == NATION

    @property
    def holder(self) -> str:
        """Whose edition shows its cells: constant borders go with the nation."""
        return self.territory if self.borders is Borders.DATE else NATION

    @property
    def scope(self) -> list[str]:
        return sorted({*self.reach, self.territory})


def _regions_on(day: date) -> dict[str, list[str]]:
    rows = DepartmentRegion.objects.filter(starts_on__lte=day).exclude(ends_on__lte=day)
    found: dict[str, list[str]] = {}
    for department, region in rows.order_by("department_id").values_list(
        "department_id", "region_id"
    ):
        found.setdefault(region, []).append(department)
    return found


def borders_of(period: Period, borders: Borders) -> dict[str, list[str]]:
    """Départements of each Region in these borders.

    Constant borders list only the Regions that do not exist at the date: the others are the same.
    """
    now = _regions_on(period.last_day)
    if borders is Borders.DATE:
        return now
    then = _regions_on(CONSTANT[borders])
    return {code: departments for code, departments in then.items() if code not in now}


def extent_of(period: Period, territory: str, borders: Borders = Borders.DATE) -> Extent:
    """The départements of a territory, and the Regions that hold its facts and their journeys.

    Raises:
        LookupError: no such territory in these borders at that date.
    """
    by_region = borders_of(period, borders)
    if territory == NATION:
        departments = sorted(d for members in by_region.values() for d in members)
    elif territory in by_region:
        departments = by_region[territory]
    else:
        raise LookupError(f"no territory {territory} in borders {borders} for {period}")
    regions = _regions_ever(departments)
    return Extent(period, territory, borders, tuple(departments), regions, _reach(regions))


def _regions_ever(departments: Iterable[str]) -> tuple[str, ...]:
    held = DepartmentRegion.objects.filter(department_id__in=departments)
    return tuple(sorted(set(held.values_list("region_id", flat=True))))


def _reach(regions: tuple[str, ...]) -> tuple[str, ...]:
    """Every Region tied to these by mergers, however many."""
    while True:
        members = DepartmentRegion.objects.filter(region_id__in=regions)
        wider = _regions_ever(members.values_list("department_id", flat=True))
        if wider == regions:
            return regions
        regions = wider
