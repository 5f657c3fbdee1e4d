"""The address of a structure, and what it was told."""

from datetime import timedelta

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from beneficiaries.models import Webhook, WebhookEvent
from regions.models import Membership
from regions.queries import heirs, region_scope

SAID_FOR = timedelta(days=30)
_WAITS = Q(sent_at__isnull=True, given_up_at__isnull=True)


def webhook(membership: Membership) -> Webhook | None:
    """That of the structure of this membership, in its Region or in one that this was made of."""
    regions = region_scope(membership.region_id)
    mine = Webhook.objects.filter(structure=membership.structure_id, region__in=regions)
    return mine.filter(ended_at__isnull=True).order_by("-set_at").first()


def webhook_news(of: Webhook) -> dict:
    """How many moves wait since one failed, since when and why; how many were given up lately, of
    this address or of those before, and the instant of the first of these moves."""
    mine = WebhookEvent.objects.filter(structure=of.structure_id)
    here = mine.filter(webhook=of)
    waiting = here.filter(_WAITS)
    failed = waiting.filter(tries__gt=0).exclude(cause="")
    last = failed.order_by("-due_at").first()
    lost = mine.filter(given_up_at__gte=timezone.now() - SAID_FOR).aggregate(
        lost=Count("pk"), lost_since=Min("at")
    )
    return lost | {
        "last_at": here.aggregate(at=Max("sent_at"))["at"],
        "waiting": waiting.count() if last else 0,
        "since": waiting.aggregate(at=Min("made_at"))["at"],
        "next_at": last and last.due_at,
        "cause": last and last.cause,
    }


def told_regions(of: Webhook) -> frozenset[str]:
    """Regions whose fiches are told there: its own, or what it became, and what these were."""
    return frozenset(held for heir in heirs(of.region_id) for held in region_scope(heir))


def webhook_events_waiting() -> QuerySet[WebhookEvent]:
    """In the national scope, where workers write; of an address that is no more, none."""
    return WebhookEvent.objects.filter(_WAITS, webhook__ended_at__isnull=True)
