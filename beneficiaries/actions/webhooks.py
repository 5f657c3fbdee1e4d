"""Moves of fiches told to the software of the structures: written with the move, sent after it.

At least once, in the order of each fiche; given up after three days, which its direction reads."""

import base64
import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone
from django.utils.crypto import salted_hmac

from beneficiaries.actions.rules import record_row, writing
from beneficiaries.models import Referral, ReferralEvent, Webhook, WebhookEvent
from beneficiaries.queries import told_regions, webhook_events_waiting
from beneficiaries.queries import webhook as webhook_of
from regions.models import Membership, User
from regions.permissions import Permission
from regions.queries import national_regions
from sprocep import tenancy, webhooks
from sprocep.celery import app
from sprocep.errors import ActionRefused

FIRST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=3)
CLAIMED = timedelta(minutes=2)  # longer than any sending lasts
SECONDS_OF_A_ROUND = 25


# ── The address ──────────────────────────────────────────────────────────────────────────────


def set_webhook(*, by: User, membership: Membership, url: str) -> tuple[Webhook, str]:
    """Tell this address from now on, instead of another; and the secret of its signatures, which is
    said once.

    Raises:
        ActionRefused: an address to which nothing is sent.
    """
    _refuse_address(url)
    with writing(membership, Permission.MANAGE_TEAM):
        _end(membership)
        made = Webhook.objects.create(
            region_id=membership.region_id,
            structure_id=membership.structure_id,
            url=url,
            set_by=membership,
        )
        record_row(by, made, "set_webhook", "url")
    return made, secret_of(made)


def _refuse_address(url: str) -> None:
    try:
        webhooks.refuse_address(url)
    except webhooks.NotDelivered as refusal:
        raise ActionRefused(
            f"Rien ne peut y être envoyé : {refusal}. Donnez une adresse https joignable "
            "d’Internet, sans identifiant ni mot de passe."
        ) from refusal


def end_webhook(*, by: User, membership: Membership) -> None:
    """Tell nothing more; what waited is not sent. Twice changes nothing."""
    with writing(membership, Permission.MANAGE_TEAM):
        if ended := _end(membership):
            record_row(by, ended, "end_webhook")


def _end(membership: Membership) -> Webhook | None:
    """What waited for it is given up, which the page of the direction says."""
    held = webhook_of(membership)
    if held:
        held.ended_at = timezone.now()
        with tenancy.scope(regions=national_regions()):
            waiting = webhook_events_waiting().filter(webhook=held.pk)
            waiting.update(given_up_at=held.ended_at)
        held.save(update_fields=["ended_at"])
    return held


def secret_of(webhook: Webhook) -> str:
    """Found again from our key: nothing of the database signs."""
    drawn = salted_hmac("beneficiaries.webhook", str(webhook.drawn), algorithm="sha256")
    return base64.urlsafe_b64encode(drawn.digest()).decode().rstrip("=")


# ── Written with the move ────────────────────────────────────────────────────────────────────


def announce(referrals: Iterable[Referral]) -> None:
    """That these moved just now, to those of their structures that have an address; in the present
    transaction."""
    moved = list(referrals)
    parties = {one.structure_id for one in moved} | {one.receiver_id for one in moved}
    with tenancy.scope(regions=national_regions()):
        found = list(Webhook.objects.filter(ended_at__isnull=True, structure__in=parties))
        if not found:
            return
        steps = ReferralEvent.objects.filter(referral__in=[one.pk for one in moved])
        ranks = dict(steps.values_list("referral").annotate(Count("pk")))
        told = [
            _event(webhook, one, ranks[one.pk])
            for webhook in found
            for one in _concerned(webhook, moved)
        ]
        WebhookEvent.objects.bulk_create(told, batch_size=1000)
    transaction.on_commit(lambda: app.send_task("beneficiaries.tasks.send_webhooks"), robust=True)


def _concerned(webhook: Webhook, moved: list[Referral]) -> list[Referral]:
    """Of which this structure is a party, in the Regions of this address."""
    mine = {(webhook.structure_id, region) for region in told_regions(webhook)}
    return [
        one
        for one in moved
        if (one.structure_id, one.region_id) in mine
        or (one.receiver_id, one.receiver_region_id) in mine
    ]


def _event(webhook: Webhook, referral: Referral, rank: int) -> WebhookEvent:
    return WebhookEvent(
        region_id=webhook.region_id,
        structure_id=webhook.structure_id,
        webhook=webhook,
        referral=referral,
        state=referral.state,
        at=referral.state_since,
        sequence=rank,
    )


# ── Sent after it ────────────────────────────────────────────────────────────────────────────


def send_webhooks() -> None:
    """What is due, for some seconds, one round at a time: whatever addresses do, one worker waits
    for them and no other. One that failed is left alone for the rest of the round."""
    with _one_round() as is_mine:
        failing: set[int] = set()
        until = time.monotonic() + SECONDS_OF_A_ROUND
        while is_mine and time.monotonic() < until and (event := _claim(failing)):
            if not _send(event):
                failing.add(event.webhook_id)


@contextmanager
def _one_round() -> Iterator[bool]:
    """Of the whole platform; given back by PostgreSQL when a worker dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('send_webhooks'))")
        (is_mine,) = cursor.fetchone()
        try:
            yield is_mine
        finally:
            if is_mine:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('send_webhooks'))")


def _claim(failing: set[int]) -> WebhookEvent | None:
    """The next one, after those of its fiche. Its transaction ends before anything is sent; where
    the worker dies meanwhile, it is due again."""
    with tenancy.scope(regions=national_regions()):
        waiting = webhook_events_waiting()
        before = WebhookEvent.objects.filter(
            webhook=OuterRef("webhook"),
            referral=OuterRef("referral"),
            sequence__lt=OuterRef("sequence"),
            sent_at__isnull=True,
            given_up_at__isnull=True,
        )
        due = waiting.filter(~Exists(before), due_at__lte=timezone.now())
        free = due.exclude(webhook__in=failing).select_related("webhook", "referral")
        event = free.order_by("due_at", "pk").first()
        if event:
            event.tries += 1
            event.due_at = timezone.now() + CLAIMED
            event.save(update_fields=["tries", "due_at"])
    return event


def _send(event: WebhookEvent) -> bool:
    """Whether it arrived. An address that does not answer rests whole; one that answers anything
    else but yes, for this fiche."""
    body, instant = body_of(event), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "sprocep",
        "Sprocep-Delivery": str(event.public_id),
        "Sprocep-Timestamp": str(instant),
        "Sprocep-Signature": webhooks.signature(secret_of(event.webhook), instant, body),
    }
    failure = None
    try:
        webhooks.deliver(event.webhook.url, body, headers)
    except webhooks.NotDelivered as exc:
        failure = exc
    with tenancy.scope(regions=national_regions()):
        _note(event, failure)
    return failure is None


def _note(event: WebhookEvent, failure: webhooks.NotDelivered | None) -> None:
    now = timezone.now()
    if failure is None:
        event.sent_at, event.cause = now, ""
    else:
        rest = min(FIRST_REST * 2 ** min(event.tries - 1, 10), LONGEST_REST)
        event.cause, event.due_at = str(failure)[:200], now + rest
        if now - event.made_at >= GIVEN_UP_AFTER:
            event.given_up_at = now
        if not isinstance(failure, webhooks.Answered):
            others = webhook_events_waiting().filter(webhook=event.webhook_id)
            others.filter(due_at__lt=event.due_at).update(due_at=event.due_at)
    event.save(update_fields=["cause", "due_at", "sent_at", "given_up_at"])


def body_of(event: WebhookEvent) -> bytes:
    """Of the person, nothing: whoever may read the fiche reads it by its address."""
    told = {
        "referral": str(event.referral.public_id),
        "number": event.referral.number,
        "state": event.state,
        "at": event.at.isoformat(),
        "sequence": event.sequence,
    }
    return json.dumps(told).encode()
