"""Regions, départements and communes, on a day; which Regions a membership may touch."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from regions.models import (
    Commune,
    Department,
    DepartmentRegion,
    Membership,
    Region,
    RegionName,
    RegionSuccession,
)
from sprocep import periods, tenancy
from sprocep.memory import remembered


@dataclass(frozen=True)
class NamedRegion:
    """A Region as it was named on a day."""

    code: str
    name: str
    zone: str


def in_force(day: date, prefix: str = "") -> Q:
    """Rows whose half-open span holds this day."""
    return Q(**{f"{prefix}starts_on__lte": day}) & (
        Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gt": day})
    )


def regions_on(day: date) -> list[NamedRegion]:
    """Regions that exist on this day, by code, with their name of this day."""
    rows = (
        RegionName.objects.filter(in_force(day), in_force(day, "region__"))
        .order_by("region_id")
        .values_list("region_id", "name", "region__zone")
    )
    return [NamedRegion(*row) for row in rows]


def region_name(code: str, day: date) -> str:
    """Name of a Region on this day; the last it bore when it is over, « France » for `FR`."""
    if code == tenancy.NATION:
        return "France"
    names = RegionName.objects.filter(region_id=code)
    on_the_day = names.filter(in_force(day)).first()
    return (on_the_day or names.latest("starts_on")).name


def territory_names(day: date) -> dict[str, str]:
    """Name of every Region that ever was and of the nation; the last it bore for those over."""
    names: dict[str, str] = {}
    for row in RegionName.objects.order_by("region_id", "starts_on"):
        if row.starts_on <= day or row.region_id not in names:
            names[row.region_id] = row.name
    return names | {tenancy.NATION: "France"}


def predecessors(code: str) -> list[str]:
    """All Regions that this one inherits from, over all mergers; not itself."""
    return [held for held in region_scope(code) if held != code]


def heirs(territory: str) -> list[str]:
    """The Region of today that a territory is or belongs to; none for the nation."""
    return list(_holding(territory, periods.today()))


@remembered
def _holding(territory: str, day: date) -> tuple[str, ...]:
    there = regions_on(day)
    return tuple(region.code for region in there if territory in region_scope(region.code))


def region_scope(code: str) -> list[str]:
    """What a member of this Region may touch: itself and all its predecessors."""
    return list(_held_by(code))


@remembered
def _held_by(code: str) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE held(code) AS (SELECT code FROM regions_region WHERE code = %s "
            "UNION SELECT predecessor_id FROM regions_regionsuccession JOIN held "
            "ON successor_id = held.code) SELECT code FROM held ORDER BY code",
            [code],
        )
        return tuple(held for (held,) in cursor.fetchall())


def national_regions() -> list[str]:
    """The national scope: every Region that ever was, and `FR`."""
    return [*Region.objects.order_by("code").values_list("code", flat=True), tenancy.NATION]


def regions_of(membership: Membership) -> list[str]:
    """Regions that a membership may touch: its own and predecessors, or all of them.

    The nation itself, and with it every draft, is for national roles alone.
    """
    if membership.region_id:
        return region_scope(membership.region_id)
    everywhere = national_regions()
    if membership.role in Membership.OF_NETWORKS:
        everywhere.remove(tenancy.NATION)
    return everywhere


def departments_of(region_code: str, day: date) -> list[Department]:
    """Départements of a Region on this day, by code."""
    return list(
        Department.objects.filter(
            in_force(day, "regions__"), regions__region_id=region_code
        ).order_by("code")
    )


@remembered
def department_names() -> dict[str, str]:
    """Name of each département, by code."""
    return dict(Department.objects.order_by("code").values_list("code", "name"))


def department_regions(day: date) -> dict[str, str]:
    """Region of each département on this day."""
    return dict(
        DepartmentRegion.objects.filter(in_force(day)).values_list("department_id", "region_id")
    )


@dataclass(frozen=True)
class DescribedRegion:
    """A Region of a day with the codes of its départements."""

    code: str
    name: str
    departments: list[str]


def regions_with_departments(day: date) -> list[DescribedRegion]:
    inside: dict[str, list[str]] = {}
    for department, region in sorted(department_regions(day).items()):
        inside.setdefault(region, []).append(department)
    return [DescribedRegion(r.code, r.name, inside.get(r.code, [])) for r in regions_on(day)]


def changes_to_come(day: date) -> list[tuple[date, str]]:
    """Names and mergers announced after this day: (when, sentence), the next one first."""
    names = territory_names(day)
    later = RegionName.objects.filter(starts_on__gt=day).select_related("region")
    found = [
        (row.starts_on, f"{names[row.region_id]} s’appelle {row.name}.")
        for row in later
        if row.region.starts_on != row.starts_on
    ]
    born: dict[tuple[date, str], list[str]] = {}
    for row in RegionSuccession.objects.filter(on__gt=day).order_by("predecessor_id"):
        born.setdefault((row.on, row.successor_id), []).append(names[row.predecessor_id])
    found += [
        (on, f"{names[code]} prend la suite de : {', '.join(merged)}.")
        for (on, code), merged in born.items()
    ]
    return sorted(found)


def department_populations() -> dict[str, int]:
    """Inhabitants of each département: the sum of its communes in the file of today."""
    summed = Commune.objects.values_list("department_id").annotate(inhabitants=Sum("population"))
    return dict(summed)


@remembered
def intercommunalities(department: str) -> dict[str, str]:
    """Commune → its intercommunalité (Siren), for those that reach into this département: their
    communes of others too; none for a commune that is of none."""
    reaching = Commune.objects.filter(department=department).exclude(epci="").values("epci")
    return dict(Commune.objects.filter(epci__in=reaching).values_list("code", "epci"))


_IN_FULL = {"ST": "SAINT", "STE": "SAINTE"}
_DISTRICT = re.compile(
    r"(?P<city>PARIS|LYON|MARSEILLE) \d{1,2} ?(?:ER|E|EME|ND)?(?: ARR(?:ONDISSEMENT)?)?"
)


def commune_key(name: str) -> str:
    """What communes are sorted and searched by: capitals, no accents, one space between words."""
    plain = unicodedata.normalize("NFKD", name.upper().replace("Œ", "OE").replace("Æ", "AE"))
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(letters.split())


def commune_searched(text: str) -> str:
    """The key of a commune as people type it: « st martin », « Paris 15 »."""
    key = " ".join(_IN_FULL.get(word, word) for word in commune_key(text).split())
    if within := _DISTRICT.fullmatch(key):
        return within["city"]
    return key


def communes_found(text: str) -> QuerySet[Commune]:
    """Communes whose name begins with the text, or that have this postcode."""
    if text.strip().isdigit():
        return Commune.objects.filter(postcodes__contains=text.strip()).order_by("sort_key", "code")
    return Commune.objects.filter(sort_key__startswith=commune_searched(text)).order_by(
        "sort_key", "code"
    )
