"""Dated changes of the territory: a name that changes, Regions that become one."""

import uuid
from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet

from regions import queries
from regions.actions.audit import record
from regions.models import (
    DepartmentRegion,
    Membership,
    Region,
    RegionName,
    RegionPhase,
    RegionSuccession,
    SproMembership,
    User,
)
from sprocep import memory, periods, tenancy
from sprocep.errors import ActionRefused, refusals
from sprocep.tenancy import NATION

QUARTERS_AHEAD = 12


def begins_a_quarter(day: date) -> None:
    """What changes how activity is counted begins with a quarter that has not begun.

    Raises:
        ActionRefused: any other day.
    """
    if day not in {p.starts for p in periods.coming_quarters(periods.today(), QUARTERS_AHEAD)}:
        raise ActionRefused(
            "Choisissez le premier jour d’un trimestre à venir: une période commencée ne change "
            "plus de règle."
        )


@transaction.atomic
def rename_region(*, by: User, region: Region, name: str, starts_on: date) -> RegionName:
    """Give a Region another name from a day on; borders, figures and rights stay.

    Raises:
        ActionRefused: a day that is not to come, a Region that is over then, or whose next name
            is known already.
    """
    if starts_on <= periods.today():
        raise ActionRefused("Choisissez un jour à venir: un nom ne change pas dans le passé.")
    region = Region.objects.select_for_update(of=("self",)).get(pk=region.pk)
    if region.ends_on and region.ends_on <= starts_on:
        raise ActionRefused("Cette Région n’existera plus à cette date.")
    if region.names.filter(starts_on__gt=periods.today()).exists():
        raise ActionRefused("Un nom à venir est déjà enregistré pour cette Région.")
    with refusals():
        region.names.filter(queries.in_force(starts_on)).update(ends_on=starts_on)
        named = RegionName.objects.create(
            region=region, name=name, starts_on=starts_on, ends_on=region.ends_on
        )
        record(by=by, territory=region.pk, action="rename_region", obj=region, fields="name")
    transaction.on_commit(memory.forget)
    return named


@transaction.atomic
def merge_regions(
    *, by: User, merging: Sequence[Region], code: str, name: str, chef_lieu: str, starts_on: date
) -> Region:
    """End Regions and begin the one that takes their place, with their départements, their SPRO
    and their people. Facts keep the Region of their own date; the successor reads them all.

    Raises:
        ActionRefused: fewer than two Regions, one that is over by then, a code already borne, a
            day that begins no coming quarter.
    """
    begins_a_quarter(starts_on)
    ending = Region.objects.select_for_update(of=("self",)).filter(
        pk__in=[region.pk for region in merging], ends_on__isnull=True
    )
    ending = list(ending.order_by("pk"))
    if len(ending) < 2 or len(ending) != len(merging):
        raise ActionRefused("Choisissez au moins deux Régions qui existeront encore à cette date.")
    if Region.objects.filter(pk=code).exists() or code == NATION:
        raise ActionRefused(f"Le code {code} a déjà désigné un territoire. Choisissez-en un autre.")
    with tenancy.scope(regions=[*queries.national_regions(), code]), refusals():
        born = Region.objects.create(
            code=code, zone=ending[0].zone, chef_lieu=chef_lieu, starts_on=starts_on
        )
        RegionName.objects.create(region=born, name=name, starts_on=starts_on)
        RegionPhase.objects.create(
            region=born, phase=RegionPhase.Phase.GENERAL, starts_on=starts_on
        )
        for region in ending:
            _hand_over(region, born, starts_on)
        record(by=by, territory=NATION, action="merge_regions", obj=born, fields="departments")
    transaction.on_commit(memory.forget)
    return born


def _hand_over(ended: Region, born: Region, on: date) -> None:
    RegionSuccession.objects.create(predecessor=ended, successor=born, on=on)
    Region.objects.filter(pk=ended.pk).update(ends_on=on)
    for rows in (ended.names, ended.phases):
        _cut(rows.all(), on)
    for row in _cut(DepartmentRegion.objects.filter(region=ended), on):
        DepartmentRegion.objects.create(
            department_id=row.department_id, region=born, starts_on=on, ends_on=row.ends_on
        )
    # A structure may have been a member of both: once is enough in the new one.
    for row in _cut(SproMembership.objects.filter(region=ended), on):
        SproMembership.objects.get_or_create(
            region=born,
            structure_id=row.structure_id,
            starts_on=on,
            defaults={"status": row.status, "ends_on": row.ends_on},
        )
    for held in _cut(Membership.objects.filter(region=ended), on):
        held.pk, held.public_id, held.region, held.starts_on = None, uuid.uuid4(), born, on
        held.save(force_insert=True)


def _cut(rows: QuerySet, on: date) -> list:
    """End on this day the rows that would go on; as they were, with their own end."""
    going_on = list(rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on), starts_on__lt=on))
    rows.model.objects.filter(pk__in=[row.pk for row in going_on]).update(ends_on=on)
    return going_on
