"""Structures, sites and networks, by their names of the day."""

from datetime import date

from django.db.models import OuterRef, Q, QuerySet, Subquery

from regions.models import (
    NetworkName,
    RegionName,
    Site,
    Structure,
    StructureName,
)
from regions.queries.territory import departments_of, in_force, region_name
from sprocep import tenancy
from sprocep.memory import remembered


def structure_name(structure_id: int, day: date) -> str:
    """Name of a structure on this day; the last it bore when it has none that day."""
    names = StructureName.objects.filter(structure_id=structure_id)
    on_the_day = names.filter(in_force(day)).first()
    return (on_the_day or names.latest("starts_on")).name


def every_structure() -> list[int]:
    """Of any network: those that receive people, operators or not."""
    return list(Structure.objects.values_list("pk", flat=True))


def structures_found(text: str, day: date) -> QuerySet[Structure]:
    """Structures whose name of the day or Siret holds the text, with `name`, by name."""
    found = Structure.objects.annotate(name=name_of("structure", day)).filter(name__isnull=False)
    for word in text.split():
        found = found.filter(Q(name__icontains=word) | Q(siret__startswith=word))
    return found.order_by("name", "siret")


def name_of(what: str, day: date, outer: str = "pk") -> Subquery:
    model = {"structure": StructureName, "network": NetworkName, "region": RegionName}[what]
    names = model.objects.filter(in_force(day), **{f"{what}_id": OuterRef(outer)})
    return Subquery(names.values("name")[:1])


@remembered
def site(pk: int) -> Site:
    """A place, with its commune."""
    return Site.objects.select_related("commune").get(pk=pk)


@remembered
def place_name(structure: int | None, network: str | None, region: str | None, day: date) -> str:
    """What the place of a membership is called on this day."""
    if structure:
        return structure_name(structure, day)
    place = region_name(region or tenancy.NATION, day)
    if network is None:
        return place
    names = NetworkName.objects.filter(in_force(day), network_id=network)
    return f"{names.values_list('name', flat=True).first() or network}, {place}"


def sites_found(text: str, region: str, day: date) -> QuerySet[Site]:
    """Sites in the départements of a Region whose structure's name or Siret holds the text."""
    found = Site.objects.filter(department__in=departments_of(region, day)).annotate(
        structure_name=name_of("structure", day, "structure_id")
    )
    for word in text.split():
        found = found.filter(
            Q(structure_name__icontains=word)
            | Q(name__icontains=word)
            | Q(structure__siret__startswith=word)
        )
    return found.select_related("structure", "commune").order_by("structure_name", "name", "id")


def network_names(day: date) -> dict[str, str]:
    """Name of each network on this day, by code, in the order of the reference list."""
    names = NetworkName.objects.filter(in_force(day)).order_by("network__position")
    return dict(names.values_list("network_id", "name"))
