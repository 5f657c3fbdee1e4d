"""What waits for an adviser: read when the home page shows it, nowhere else."""

from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from beneficiaries import queries
from beneficiaries.forms.filters import ME, SILENT
from regions.models import Membership
from regions.permissions import ROLES, Permission
from sprocep import periods


def journeys_waiting(request: HttpRequest) -> dict:
    membership = getattr(request, "membership", None)
    if membership is None or Permission.READ_JOURNEYS not in ROLES[membership.role]:
        return {}
    return {"journeys_waiting": SimpleLazyObject(lambda: _silent(membership))}


def _silent(membership: Membership) -> list[dict]:
    """Journeys that I follow and where nothing happened for ninety days."""
    today = periods.today()
    mine = queries.journeys(membership.structure_id).filter(
        queries.is_silent(today), queries.is_followed_by(membership, today)
    )
    count = mine.count()
    if not count:
        return []
    query = urlencode({"state": SILENT, "referent": ME})
    return [
        {
            "label": (
                f"parcours sans entretien depuis {queries.SILENT_DAYS} jours : "
                "à poursuivre ou à clore"
            ),
            "url": f"{reverse('beneficiaries:journeys')}?{query}",
            "count": count,
        }
    ]
