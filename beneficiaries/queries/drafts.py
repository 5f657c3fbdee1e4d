"""Drafts of an adviser."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from beneficiaries.models import Draft
from regions.models import Membership

DRAFT_DAYS = 30


def drafts(membership: Membership) -> QuerySet[Draft]:
    """Of this adviser, the last typed first."""
    return Draft.objects.filter(
        structure=membership.structure_id, author=membership, kept_at__gte=_oldest()
    ).order_by("-kept_at")


def forgotten_drafts(structure: int) -> QuerySet[Draft]:
    """Of anybody of the structure, too old to be kept."""
    return Draft.objects.filter(structure=structure, kept_at__lt=_oldest())


def _oldest() -> datetime:
    return timezone.now() - timedelta(days=DRAFT_DAYS)
