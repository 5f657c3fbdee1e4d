"""Workshops: logged once for all who came, corrected, cancelled with a reason."""

import uuid
from datetime import datetime

from django.utils import timezone

from beneficiaries.actions.drafts import drop_draft
from beneficiaries.actions.rules import (
    ChangedMeanwhile,
    place,
    record_row,
    refuse_day,
    refuse_stranger,
    refuse_unknown,
    sent_before,
    writing,
)
from beneficiaries.entries import Gathering
from beneficiaries.models import Journey, Workshop, WorkshopParticipant
from beneficiaries.queries import code_lists
from regions.models import Membership, User
from regions.permissions import Permission
from sprocep.errors import ActionRefused

_FIELDS = "held_on channel theme title minutes site animator heads participants"


def log_workshop(
    *, by: User, membership: Membership, gathering: Gathering, key: uuid.UUID | None = None
) -> Workshop:
    """One entry for all who came. It opens and moves no journey.

    Raises:
        ActionRefused: wrong date, place, code or animator; fewer heads than participants; a
            participant whose journey was not open that day.
    """
    with writing(membership, Permission.LOG_SESSIONS):
        if stored := _stored(membership, key, gathering):
            return stored
        workshop = Workshop(structure_id=membership.structure_id, idempotency_key=key)
        _write(membership, workshop, gathering)
        drop_draft(membership=membership, key=key)
        record_row(by, workshop, "log_workshop")
    return workshop


def correct_workshop(
    *,
    by: User,
    membership: Membership,
    workshop: Workshop,
    gathering: Gathering,
    seen_at: datetime | None = None,
) -> Workshop:
    """Correct a workshop and who came.

    Raises:
        ChangedMeanwhile: somebody corrected it since `seen_at`, its `updated_at` when it was read.
        ActionRefused: as `log_workshop`; a workshop that is cancelled.
    """
    with writing(membership, Permission.LOG_SESSIONS):
        held = _held(membership, workshop, seen_at)
        held.participants.all().delete()
        _write(membership, held, gathering)
        record_row(by, held, "correct_workshop", _FIELDS)
    return held


def cancel_workshop(
    *, by: User, membership: Membership, workshop: Workshop, reason: str
) -> Workshop:
    """It was not held, or was entered by mistake: it stays listed with why, and counts no more."""
    with writing(membership, Permission.LOG_SESSIONS):
        held = _held(membership, workshop)
        if held.is_cancelled:
            return held
        held.cancelled_at, held.cancelled_by = timezone.now(), membership
        held.cancel_reason = reason
        held.save()
        record_row(by, held, "cancel_workshop", "cancel_reason")
    return held


def _stored(membership: Membership, key: uuid.UUID | None, said: Gathering) -> Workshop | None:
    """What the same form stored already. Its text is not another's that comes after it."""
    workshop = sent_before(Workshop, membership, key)
    if workshop and not _says(workshop, said):
        raise ActionRefused(
            "Cet atelier est déjà enregistré, sans vos derniers changements. Ouvrez-le dans la "
            "liste et corrigez-le : votre texte reste sur cette page."
        )
    return workshop


def _says(workshop: Workshop, said: Gathering) -> bool:
    names = ("held_on", "minutes", "title", "heads", "animator")
    codes = (workshop.channel_id, workshop.theme_id)
    known = set(workshop.participants.values_list("journey__public_id", flat=True))
    return (
        all(getattr(workshop, name) == getattr(said, name) for name in names)
        and (codes, known) == ((said.channel, said.theme), set(said.known))
        and workshop.site == _site(said)
    )


def _site(said: Gathering):
    """Where it is held; when remote, the animator's."""
    is_remote = code_lists(said.held_on).is_remote(said.channel)
    return said.animator.site if is_remote else said.site


def _held(membership: Membership, workshop: Workshop, seen_at: datetime | None = None) -> Workshop:
    """The workshop as it is now, held until the end of the action."""
    held = Workshop.objects.select_for_update(of=("self",)).get(
        structure=membership.structure_id, pk=workshop.pk
    )
    if seen_at and held.updated_at != seen_at:
        raise ChangedMeanwhile(
            "Cet atelier a été modifié pendant que vous le corrigiez. Comparez avec ce qui est "
            "enregistré ci-dessous, puis enregistrez le vôtre s’il doit le remplacer."
        )
    return held


def _write(membership: Membership, workshop: Workshop, said: Gathering) -> None:
    refuse_day(said.held_on, "Cet atelier")
    refuse_unknown(code_lists(said.held_on), [("channel", said.channel), ("theme", said.theme)])
    refuse_stranger(membership, said.animator)
    where = place(membership, _site(said), said.held_on, said.animator.site.commune)
    journeys = _journeys(membership, said)
    values = {
        "region_id": where.region,
        "department_id": where.department,
        "site": where.site,
        "animator": said.animator,
        "held_on": said.held_on,
        "channel_id": said.channel,
        "theme_id": said.theme,
        "title": said.title,
        "minutes": said.minutes,
        "heads": said.heads,
    }
    for name, value in values.items():
        setattr(workshop, name, value)
    workshop.save()
    WorkshopParticipant.objects.bulk_create(
        WorkshopParticipant(
            region_id=where.region,
            structure_id=workshop.structure_id,
            workshop=workshop,
            journey=journey,
        )
        for journey in journeys
    )


def _journeys(membership: Membership, said: Gathering) -> list[Journey]:
    wanted = set(said.known)
    found = Journey.objects.filter(structure=membership.structure_id, public_id__in=wanted)
    if len(journeys := list(found)) < len(wanted):
        raise ActionRefused(
            "Un des participants n’est pas connu de votre structure. Cherchez-le à nouveau."
        )
    return journeys
