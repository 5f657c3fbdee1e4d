"""The address of a structure, and what it was told."""

from django.db.models import Count, Max, Min, Q, QuerySet

from beneficiaries.models import Webhook, WebhookEvent
from regions.models import Membership
from regions.queries import heirs, region_scope

_WAITS = Q(sent_at__isnull=True, given_up_at__isnull=True)


def webhook(membership: Membership) -> Webhook | None:
    """That of the structure of this membership, in its Region or in one that this was made of."""
    regions = region_scope(membership.region_id)
    mine = Webhook.objects.filter(structure=membership.structure_id, region__in=regions)
    return mine.filter(ended_at__isnull=True).order_by("-set_at").first()


def webhook_news(of: Webhook) -> dict:
    """How many moves wait since when, and how many were given up, the last when."""
    lost = Q(given_up_at__isnull=False)
    return WebhookEvent.objects.filter(structure=of.structure_id, webhook=of).aggregate(
        waiting=Count("pk", filter=_WAITS & Q(tries__gt=0)),
        since=Min("made_at", filter=_WAITS & Q(tries__gt=0)),
        next_at=Min("due_at", filter=_WAITS & Q(tries__gt=0)),
        cause=Max("cause", filter=_WAITS & Q(tries__gt=0)),
        lost=Count("pk", filter=lost),
        lost_at=Max("given_up_at", filter=lost),
        last_at=Max("sent_at"),
    )


def told_regions(of: Webhook) -> frozenset[str]:
    """Regions whose fiches are told there: its own, or what it became, and what these were."""
    return frozenset(held for heir in heirs(of.region_id) for held in region_scope(heir))


def webhook_events_waiting() -> QuerySet[WebhookEvent]:
    """In the national scope, where workers write; of an address that is no more, none."""
    return WebhookEvent.objects.filter(_WAITS, webhook__ended_at__isnull=True)
