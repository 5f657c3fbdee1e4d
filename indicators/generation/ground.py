"""The reference rows that the generation stands on, read once as owner."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Model

from operators.models import NOMENCLATURES, OperatorCategory, Service, ServiceLevel
from regions.models import Commune, Department, DepartmentRegion, Network, RegionName

OWNER = "owner"
# The convention of `Commune.is_rural`, on values: 35,000 model rows would cost half a second.
RURAL_BELOW = 2_000
LISTS: tuple[type[Model], ...] = (*NOMENCLATURES.values(), OperatorCategory, Network)


class GroundError(Exception):
    """Reference rows are missing; the message is French."""


@dataclass(frozen=True)
class Span:
    """The Region of a département from a day to the day before another."""

    region: str
    starts_on: date
    ends_on: date | None

    def holds(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)


@dataclass(frozen=True)
class Town:
    code: str
    name: str
    population: int
    area: str


@dataclass(frozen=True)
class Ground:
    departments: dict[str, str]  # code → name
    populations: dict[str, int]
    spans: dict[str, list[Span]]  # département → its Regions in time
    towns: dict[str, list[Town]]  # département → communes, the largest first
    region_names: dict[str, str]
    codes: dict[type[Model], frozenset[str]]
    ranks: dict[str, int]  # level → rank
    service_ranks: dict[str, int]  # service → rank of its level

    def region(self, department: str, day: date) -> str:
        return next(span.region for span in self.spans[department] if span.holds(day))

    def population(self, department: str) -> int:
        return self.populations[department]

    def departments_of(self, day: date) -> dict[str, list[str]]:
        """Région → its départements on a day, the most peopled first."""
        found: dict[str, list[str]] = {}
        for department in sorted(self.departments, key=lambda d: (-self.population(d), d)):
            found.setdefault(self.region(department, day), []).append(department)
        return dict(sorted(found.items()))

    def check(self, model: type[Model], codes) -> None:
        if unknown := sorted(set(codes) - self.codes[model]):
            raise GroundError(
                f"La liste « {model._meta.verbose_name} » ne connaît pas {', '.join(unknown)} : "
                "chargez d’abord les données de référence (manage.py load_reference)."
            )


def read_ground() -> Ground:
    departments = dict(_rows(Department, "code", "name"))
    towns: dict[str, list[Town]] = {code: [] for code in departments}
    columns = ("department_id", "code", "name", "population")
    for department, code, name, people in _rows(Commune, *columns, order=("-population", "code")):
        area = "rural" if people < RURAL_BELOW else "urban"
        towns[department].append(Town(code, name, people, area))
    spans: dict[str, list[Span]] = {code: [] for code in departments}
    for department, *span in _rows(
        DepartmentRegion, "department_id", "region_id", "starts_on", "ends_on"
    ):
        spans[department].append(Span(*span))
    if not all(spans.values()) or not all(towns.values()) or not departments:
        raise GroundError(
            "Les données de référence manquent : lancez d’abord manage.py load_reference."
        )
    for own in spans.values():
        own.sort(key=lambda span: span.starts_on)
    ranks = dict(_rows(ServiceLevel, "code", "rank"))
    return Ground(
        departments=departments,
        populations={d: sum(town.population for town in own) for d, own in towns.items()},
        spans=spans,
        towns=towns,
        region_names=dict(
            RegionName.objects.using(OWNER).order_by("starts_on").values_list("region_id", "name")
        ),
        codes={model: frozenset(code for (code,) in _rows(model, "code")) for model in LISTS},
        ranks=ranks,
        service_ranks={code: ranks[level] for code, level in _rows(Service, "code", "level_id")},
    )


def _rows(model: type[Model], *columns: str, order: tuple[str, ...] = ()) -> list[tuple]:
    return list(model.objects.using(OWNER).order_by(*(order or columns)).values_list(*columns))
