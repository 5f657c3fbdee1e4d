"""Views of « Mes parcours »."""

from django.db.models import QuerySet

from beneficiaries.models import SavedView
from regions.models import Membership


def saved_views(membership: Membership) -> QuerySet[SavedView]:
    """Of this person alone, by name."""
    mine = SavedView.objects.filter(structure=membership.structure_id, owner=membership)
    return mine.order_by("name")
