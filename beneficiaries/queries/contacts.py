"""Anonymous contacts of a structure."""

from datetime import date

from django.db.models import Count, QuerySet

from beneficiaries.contact_codes import contact_fingerprint
from beneficiaries.models import Contact


def contacts_of_the_day(structure: int, regions: list[str], day: date) -> QuerySet[Contact]:
    """Contacts held that day, the last typed first."""
    return (
        Contact.objects.filter(structure=structure, region__in=regions, held_on=day)
        .select_related("site", "commune")
        .order_by("-pk")
    )


def themes_of_the_day(structure: int, regions: list[str], day: date) -> QuerySet:
    """How many contacts of the day a theme, the most frequent first."""
    return (
        Contact.objects.filter(structure=structure, region__in=regions, held_on=day)
        .values("theme__label")
        .annotate(count=Count("pk"))
        .order_by("-count", "theme__label")
    )


def is_code_given(structure: int, code: str) -> bool:
    """Whether a contact of this structure, in scope, gave this code; those of others are hidden."""
    fingerprint = contact_fingerprint(code)
    return Contact.objects.filter(structure=structure, code_fingerprint=fingerprint).exists()
