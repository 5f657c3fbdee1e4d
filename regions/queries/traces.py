"""What was done, and what was read."""

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet
from django.db.models.functions import TruncDate

from regions.models import AccessEvent, AuditEvent, Membership


def audit_events() -> QuerySet[AuditEvent]:
    return AuditEvent.objects.select_related("by")


def access_events() -> QuerySet[AccessEvent]:
    return AccessEvent.objects.select_related("by")


def files_of_journeys(membership: Membership) -> list[AuditEvent]:
    """The last ten files of names that left this structure, each with the name of who took it."""
    taken = AuditEvent.objects.filter(
        structure=membership.structure_id,
        territory=membership.region_id,
        action="export_journeys",
    ).order_by("-at", "-id")[:10]
    takers = Membership.objects.filter(public_id__in=[trace.object_id for trace in taken])
    names = {str(taker): name for taker, name in takers.values_list("public_id", "name")}
    for trace in taken:
        trace.taker = names[trace.object_id]
    return list(taken)


def readings(objects: Iterable[str], structure: int) -> list[tuple[date, str]]:
    """Who of a structure opened pages of these objects: each day and name once, the last first."""
    names = dict(Membership.objects.filter(structure=structure).values_list("user_id", "name"))
    opened = AccessEvent.objects.filter(structure=structure, object_id__in=list(objects))
    days = opened.annotate(day=TruncDate("at")).values_list("day", "by").distinct()
    return [(day, names[by]) for day, by in days.order_by("-day", "by")]


def audited_actions() -> list[str]:
    """The actions of which there is a trace."""
    return list(AuditEvent.objects.order_by("action").values_list("action", flat=True).distinct())
