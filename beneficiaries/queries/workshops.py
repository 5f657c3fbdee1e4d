"""Workshops of a structure, their months, and who may be picked as a participant."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Sum
from django.db.models.functions import JSONObject, TruncMonth

from beneficiaries.models import Beneficiary, Journey, Workshop, WorkshopParticipant
from regions.models import Membership
from regions.queries import region_scope
from sprocep import periods
from sprocep.periods import Period

MONTHS_SHOWN = 12


def workshops(membership: Membership) -> QuerySet[Workshop]:
    """Of the structure, in the Regions of this membership, with how many are known by name."""
    return (
        Workshop.objects.filter(
            structure=membership.structure_id, region__in=region_scope(membership.region_id)
        )
        .select_related("site", "animator")
        .annotate(known=Count("participants"))
    )


class Month(NamedTuple):
    period: Period
    workshops: int
    heads: int


def workshop_months(found: QuerySet[Workshop]) -> list[Month]:
    """The last months of these, the newest first; what is cancelled does not count."""
    rows = (
        Workshop.objects.filter(pk__in=found.values("pk"), cancelled_at__isnull=True)
        .annotate(month=TruncMonth("held_on"))
        .values_list("month")
        .annotate(workshops=Count("pk"), heads=Sum("heads"))
        .order_by("-month")[:MONTHS_SHOWN]
    )
    return [Month(periods.month_of(month), *counts) for month, *counts in rows]


def participants(workshop: Workshop) -> list[UUID]:
    """Public ids of the journeys of who came and is known."""
    rows = WorkshopParticipant.objects.filter(structure=workshop.structure_id, workshop=workshop)
    return list(rows.order_by("pk").values_list("journey__public_id", flat=True))


def picked(structure: int, ids: Iterable[UUID]) -> QuerySet[Journey]:
    """These journeys of the structure with their person, by name."""
    found = Journey.objects.filter(structure=structure, public_id__in=ids)
    return found.select_related("beneficiary").order_by("beneficiary__sort_key", "pk")


def followed(structure: int, persons: Iterable[Beneficiary]) -> list[Journey]:
    """The open journeys of these persons, in their order."""
    order = {person.pk: rank for rank, person in enumerate(persons)}
    found = Journey.objects.filter(
        structure=structure, beneficiary__in=order, closed_on__isnull=True
    ).select_related("beneficiary")
    return sorted(found, key=lambda journey: (order[journey.beneficiary_id], journey.pk))


class WorkshopLine(NamedTuple):
    """What a workshop says on the journey of who came."""

    public_id: str
    held_on: date
    theme: str
    title: str
    minutes: int
    site: str
    animator: str

    @classmethod
    def read(cls, row: dict) -> "WorkshopLine":
        return cls(**row | {"held_on": date.fromisoformat(row["held_on"])})


_LINE = JSONObject(
    public_id="public_id",
    held_on="held_on",
    theme="theme_id",
    title="title",
    minutes="minutes",
    site="site__name",
    animator="animator__name",
)


def lines_of(journey: Journey | OuterRef) -> QuerySet:
    """Lines of the workshops that she came to, the newest first: for a query of their own, or
    inside that of the journey."""
    came = Workshop.objects.filter(cancelled_at__isnull=True, participants__journey=journey)
    return came.order_by("-held_on", "-pk").values_list(_LINE, flat=True)


def workshop_lines(journey: Journey) -> list[WorkshopLine]:
    rows = lines_of(journey).filter(structure=journey.structure_id)
    return [WorkshopLine.read(row) for row in rows]
