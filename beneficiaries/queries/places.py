"""Sites, advisers and communes that the screens of a structure offer."""

from datetime import date

from django.db.models import QuerySet

from beneficiaries.models import Session
from regions.models import Commune, Membership, Site
from regions.queries import in_force
from sprocep.memory import remembered

# Below, a commune with a day and a public could tell who came (data model 3).
LARGE_COMMUNE = 10_000


@remembered
def sites(structure: int, region: str, day: date) -> list[Site]:
    """Places where the structure receives, in this Region on this day."""
    found = Site.objects.filter(
        in_force(day, "department__regions__"),
        structure=structure,
        department__regions__region=region,
    )
    return list(found.order_by("name", "pk"))


def advisers(structure: int, region: str, day: date) -> QuerySet[Membership]:
    """Who may follow a journey there: advisers and managers of the structure on this day."""
    return Membership.objects.filter(
        in_force(day),
        structure=structure,
        region=region,
        unconfirmed_since__isnull=True,
        role__in=(Membership.Role.ADVISER, Membership.Role.STRUCTURE_MANAGER),
    ).order_by("name", "pk")


def last_channel(adviser: Membership) -> str | None:
    """Code of the channel of the session that this adviser logged last."""
    return (
        Session.objects.filter(
            structure=adviser.structure_id, region=adviser.region_id, adviser=adviser
        )
        .order_by("-held_on", "-pk")
        .values_list("channel_id", flat=True)
        .first()
    )


@remembered
def large_communes(department: str) -> list[Commune]:
    """Communes of a département that may be named beside an anonymous contact."""
    found = Commune.objects.filter(department=department, population__gt=LARGE_COMMUNE)
    return list(found.order_by("sort_key"))
