"""Fiches de liaison sent and received, and those that the Region looks after."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from beneficiaries.models import Referral, ReferralPerson
from beneficiaries.queries.code_lists import code_lists
from regions.models import Commune, Membership
from regions.queries import name_of, region_scope
from sprocep import periods

# ── Fiches ───────────────────────────────────────────────────────────────────────────────────


def referrals_of(membership: Membership) -> QuerySet[Referral]:
    """Sent or received by the structure, newest first, with the names of both of today."""
    regions = region_scope(membership.region_id)
    mine = Q(structure=membership.structure_id, region__in=regions) | Q(
        receiver=membership.structure_id, receiver_region__in=regions
    )
    return named(Referral.objects.filter(mine)).order_by("-sent_on", "-pk")


def received(membership: Membership) -> QuerySet[Referral]:
    return referrals_of(membership).filter(receiver=membership.structure_id)


def to_answer(membership: Membership) -> QuerySet[Referral]:
    """Received and unanswered, or accepted and the person not come yet."""
    waiting = (*Referral.UNANSWERED, Referral.State.ACCEPTED)
    return received(membership).filter(state__in=waiting)


def referral(membership: Membership, public_id: UUID) -> QuerySet[Referral]:
    return referrals_of(membership).filter(public_id=public_id)


def referrals_between(membership: Membership, first: date, last: date) -> QuerySet[Referral]:
    """Sent or moved from one day to another, both of them; in the order of their sending."""
    moved = Q(sent_on__range=(first, last)) | Q(state_since__date__range=(first, last))
    found = referrals_of(membership).filter(moved).select_related("structure", "receiver")
    return found.order_by("sent_on", "pk")


def told_by(referral: Referral) -> dict:
    """What a fiche says of the person and of her demand, as the opening form asks it."""
    found = ReferralPerson.objects.filter(structure=referral.structure_id, referral=referral)
    fields = dict(found.values_list("fields", flat=True).first() or {})
    message = fields.pop("message", "")
    return as_asked(fields) | {
        "main_reason": referral.reason_id,
        "requested_on": referral.sent_on,
        "note": message,
    }


def as_asked(fields: dict[str, str]) -> dict:
    """Fields of a person that were handed over as plain text, as forms ask them."""
    told = {name: value for name, value in fields.items() if value}
    if born := told.get("birth_date"):
        told["birth_date"] = date.fromisoformat(born)
    if code := told.get("commune"):
        told["commune"] = Commune.objects.get(pk=code)
    return told


def escalations(regions: Iterable[str]) -> QuerySet[Referral]:
    """Unanswered for ten days, of the Regions of a coordination: the oldest first."""
    codes = list(regions)
    here = Q(region__in=codes) | Q(receiver_region__in=codes)
    found = Referral.objects.filter(here, state=Referral.State.ESCALATED)
    return named(found).order_by("sent_on", "pk")


def named(found: QuerySet[Referral]) -> QuerySet[Referral]:
    today = periods.today()
    return found.annotate(
        sender_name=name_of("structure", today, "structure_id"),
        receiver_name=name_of("structure", today, "receiver_id"),
    )


def rank_asked(referral: Referral) -> int:
    """Of the level that it asks, in force on the day it was sent."""
    return code_lists(referral.sent_on).rank(referral.level_id)
