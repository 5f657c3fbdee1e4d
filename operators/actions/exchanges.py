"""Workshops between networks: announced by a Region, joined by advisers of its structures."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from operators.models import Exchange, Registration
from regions.actions import record
from regions.models import Membership, User
from sprocep import periods
from sprocep.errors import ActionRefused, refusals


@transaction.atomic
def announce_exchange(*, by: User, region: str, **said) -> Exchange:
    """From today on, or a day to come; `said` holds its columns.

    Raises:
        ActionRefused: a day that is over, a rule by which nobody could enter.
    """
    if said["held_on"] < periods.today():
        raise ActionRefused("Ce jour est passé : choisissez aujourd’hui ou un jour à venir.")
    with refusals():
        announced = Exchange.objects.create(region_id=region, **said)
        _record(by, announced, "announce_exchange", "held_on seats share least")
    return announced


@transaction.atomic
def cancel_exchange(*, by: User, exchange: Exchange) -> Exchange:
    """Those who were in read it on their screen; nobody registers any more.

    Raises:
        ActionRefused: cancelled already, or over.
    """
    held = _locked(exchange)
    if held.held_on < periods.today():
        raise ActionRefused("Cet atelier a eu lieu : il ne s’annule plus.")
    if held.cancelled_on:
        raise ActionRefused("Cet atelier est déjà annulé. Rechargez la page.")
    held.cancelled_on = periods.today()
    with refusals():
        held.save(update_fields=["cancelled_on"])
        _record(by, held, "cancel_exchange", "cancelled_on")
    return held


@transaction.atomic
def join_exchange(*, by: User, membership: Membership, exchange: Exchange) -> Registration:
    """She takes her place in the order of registration: in, or waiting. One at a time: an arrival
    that was let in before is never overtaken.

    Raises:
        ActionRefused: registered already; the workshop is over or cancelled.
    """
    _locked(exchange)
    with refusals():
        joined = Registration.objects.create(
            region_id=exchange.region_id,
            exchange=exchange,
            structure_id=membership.structure_id,
            member=membership,
            user=by,
            name=membership.name,
        )
        _record_registration(by, joined, "join_exchange", "registered_at")
    return joined


@transaction.atomic
def leave_exchange(*, by: User, registration: Registration) -> Registration:
    """Her seat goes to who waits, where the mix allows; nobody else loses hers.

    Raises:
        ActionRefused: left already, or was marked present or absent; over or cancelled.
    """
    _locked(registration.exchange)
    held = Registration.objects.select_for_update(of=("self",)).get(pk=registration.pk)
    if held.withdrawn_at:
        raise ActionRefused("Votre désistement est déjà enregistré. Rechargez la page.")
    if held.attended is not None:
        raise ActionRefused("Votre présence est déjà notée : il est trop tard pour vous désister.")
    held.withdrawn_at = timezone.now()
    with refusals():
        held.save(update_fields=["withdrawn_at"])
        _record_registration(by, held, "leave_exchange", "withdrawn_at")
    return held


@transaction.atomic
def note_attendance(
    *, by: User, exchange: Exchange, inside: Collection[Registration], present: Collection[int]
) -> int:
    """Of those who were in: who came. Noted again, the last stands.

    Returns:
        how many came.
    """
    _locked(exchange)
    there = {one.pk for one in inside}
    came = there & set(present)
    with refusals():
        for attended, keys in ((True, came), (False, there - came)):
            rows = Registration.objects.filter(pk__in=keys, withdrawn_at=None)
            rows.update(attended=attended)
        _record(by, exchange, "note_attendance", "attended")
    return len(came)


def _locked(exchange: Exchange) -> Exchange:
    return Exchange.objects.select_for_update(of=("self",)).get(pk=exchange.pk)


def _record(by: User, exchange: Exchange, action: str, fields: str) -> None:
    record(by=by, territory=exchange.region_id, action=action, obj=exchange, fields=fields)


def _record_registration(by: User, one: Registration, action: str, fields: str) -> None:
    record(
        by=by,
        territory=one.region_id,
        action=action,
        obj=one,
        structure_id=one.structure_id,
        fields=fields,
    )
