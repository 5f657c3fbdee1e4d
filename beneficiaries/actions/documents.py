"""Documents de synthèse: handed over, approved, shared by a code, opened and taken up elsewhere."""

import json
import uuid
from datetime import timedelta

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.utils import timezone

from beneficiaries.actions.financing import carry_plan
from beneficiaries.actions.rules import (
    locked_journey,
    place,
    refuse_closed,
    refuse_day,
    refuse_unknown,
    sent_before,
    writing,
)
from beneficiaries.actions.steps import new_step
from beneficiaries.contact_codes import share_fingerprint
from beneficiaries.entries import Approval
from beneficiaries.models import Journey, ShareCode, Step, SynthesisDocument
from beneficiaries.queries import (
    CODE_DAYS,
    code_lists,
    documents,
    financing_plan,
    followed_by_thread,
    is_own,
    may_be_hers,
    reaches_level,
    read_back,
    synthesis,
)
from regions.actions import record
from regions.models import Membership, User
from regions.permissions import Permission
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.periods import full_date
from sprocep.tenancy import presenting

SCHEMA = "/static/schemas/synthesis-1.json"
# One sentence for all: it says neither whether a code exists nor what became of it.
UNKNOWN_CODE = (
    "Ce code n’ouvre aucun document. Relisez-le avec la personne ; s’il est juste, il a expiré, a "
    "été révoqué ou a servi ailleurs, et elle peut en demander un autre."
)


def hand_over_document(
    *, by: User, membership: Membership, journey: Journey, key: uuid.UUID | None = None
) -> SynthesisDocument:
    """Keep what the document says today as its next version.

    A version of today that says the same is that version: its button was pressed again.
    """
    with writing(membership, Permission.LOG_SESSIONS):
        if stored := sent_before(SynthesisDocument, membership, key):
            return stored
        journey = locked_journey(membership, journey)
        today = periods.today()
        where = place(membership, membership.site, today, journey.beneficiary.commune)
        former = documents(journey).first()
        said = synthesis(journey)
        if former and former.handed_on == today and _says(former, said):
            return former
        number = former.number + 1 if former else 1
        public_id = uuid.uuid4()
        document = SynthesisDocument.objects.create(
            public_id=public_id,
            region_id=where.region,
            structure_id=membership.structure_id,
            department_id=where.department,
            journey=journey,
            number=number,
            content={
                "$schema": SCHEMA,
                "version": 1,
                "id": public_id,
                "number": number,
                "handed_on": today,
                **said,
            },
            handed_on=today,
            handed_by=membership,
            idempotency_key=key,
        )
        _record(by, membership, document, "hand_over_document")
    return document


def _says(document: SynthesisDocument, said: dict) -> bool:
    stored = json.loads(json.dumps(said, cls=DjangoJSONEncoder))
    return all(document.content[name] == value for name, value in stored.items())


def approve_document(
    *, by: User, membership: Membership, document: SynthesisDocument, approval: Approval
) -> SynthesisDocument:
    """The person has read this version and approves it."""
    with writing(membership, Permission.LOG_SESSIONS):
        held = _held(membership, document)
        note_approval(held, approval, membership)
        _record(by, membership, held, "approve_document", "approved_on channel")
    return held


def note_approval(held: SynthesisDocument, approval: Approval, noted_by: Membership | None) -> None:
    """Of a version that is held; nobody notes what she approves herself."""
    if held.is_approved:
        raise ActionRefused(
            f"La personne a approuvé cette version le {full_date(held.approved_on)}."
        )
    refuse_day(approval.approved_on, "Cet accord")
    refuse_unknown(code_lists(approval.approved_on), [("channel", approval.channel)])
    held.approved_on, held.channel_id = approval.approved_on, approval.channel
    held.approval_noted_by = noted_by
    held.save(update_fields=["approved_on", "channel", "approval_noted_by"])


def share_document(
    *, by: User, membership: Membership, document: SynthesisDocument, code: str
) -> ShareCode:
    """`code` opens this version to one other structure; it is kept by the person alone.

    Raises:
        ActionRefused: a version that she has not approved.
    """
    with writing(membership, Permission.LOG_SESSIONS):
        held = _held(membership, document)
        given = make_share_code(held, code, membership)
        _record(by, membership, held, "share_document")
    return given


def make_share_code(held: SynthesisDocument, code: str, made_by: Membership | None) -> ShareCode:
    """Of a version that is held; nobody makes what she makes herself."""
    now = timezone.now()
    return ShareCode.objects.create(
        region_id=held.region_id,
        structure_id=held.structure_id,
        document=held,
        fingerprint=share_fingerprint(code),
        made_by=made_by,
        made_at=now,
        expires_at=now + timedelta(days=CODE_DAYS),
    )


def revoke_share_code(*, by: User, membership: Membership, code: ShareCode) -> ShareCode:
    """It opens nothing any more, also to who has opened it. Twice changes nothing."""
    with writing(membership, Permission.LOG_SESSIONS):
        held = ShareCode.objects.select_for_update(of=("self",)).filter(pk=code.pk).first()
        if held is None or not is_own(membership, held):
            raise ActionRefused("Ce code n’est pas de votre structure.")
        if end_share_code(held, membership):
            _record(by, membership, held.document, "revoke_share_code")
    return held


def end_share_code(held: ShareCode, revoked_by: Membership | None) -> bool:
    """Whether it was not revoked yet; nobody revokes what she revokes herself."""
    if held.revoked_at is not None:
        return False
    held.revoked_at, held.revoked_by = timezone.now(), revoked_by
    held.save(update_fields=["revoked_at", "revoked_by"])
    return True


def open_shared_document(*, by: User, membership: Membership, code: str) -> SynthesisDocument:
    """The version that the person's code opens; the first structure to show it is its reader.

    Raises:
        ActionRefused: unknown, expired, revoked, of another structure: in the same words.
    """
    fingerprint = share_fingerprint(code)
    with writing(membership, Permission.LOG_SESSIONS), presenting(fingerprint):
        held = (
            ShareCode.objects.select_for_update(of=("self",))
            .filter(fingerprint=fingerprint)
            .first()
        )
        # A structure sees its own codes, dead or alive, and has no use for them.
        if held is None or is_own(membership, held):
            raise ActionRefused(UNKNOWN_CODE)
        if held.reader_id is None:
            held.reader_id, held.reader_region_id = membership.structure_id, membership.region_id
            held.opened_at = timezone.now()
            held.save(update_fields=["reader", "reader_region", "opened_at"])
        document = held.document
        _record(by, membership, document, "open_shared_document")
    return document


def hold_shared_document(membership: Membership, document: SynthesisDocument) -> None:
    """Its code lives, and is held: who takes the document up at once with another comes second, and
    finds the journey that the first one opened."""
    _hold_code(membership, document)
    followed = followed_by_thread(membership, document.content["thread_number"])
    if followed and followed.is_open:
        raise ActionRefused(
            f"Votre structure suit déjà cette personne depuis le {full_date(followed.opened_on)}. "
            "Ajoutez l’entretien à ce parcours."
        )


def take_up_document(
    *, by: User, membership: Membership, document: SynthesisDocument, journey: Journey
) -> int:
    """What she shares goes on in a journey that is open here; how many lines came. Again, and only
    what did not come yet does: new steps, or the plan of a journey that reached level 3 since.

    Raises:
        ActionRefused: a code that lives no more, a closed journey, one of another structure, or of
            somebody else.
    """
    with writing(membership, Permission.LOG_SESSIONS):
        _hold_code(membership, document)
        journey = locked_journey(membership, journey)
        refuse_closed(journey)
        if not may_be_hers(membership, document, journey):
            raise ActionRefused(
                "Ce document n’est pas au nom de la personne de ce parcours. Ouvrez-le depuis le "
                "sien ; si elle a changé de nom, corrigez d’abord sa fiche."
            )
        lines = carry_document(membership, document, journey)
        if lines:
            _record(by, membership, journey, "take_up_document")
    return lines


def carry_document(membership: Membership, document: SynthesisDocument, journey: Journey) -> int:
    """Steps that did not come yet; the plan where the journey may have one and has none. One step
    of the action that takes the document up."""
    content = read_back(document.content)
    keys = {step["id"]: uuid.uuid5(journey.public_id, str(step["id"])) for step in content["steps"]}
    here = Step.objects.filter(structure=journey.structure_id, idempotency_key__in=keys.values())
    came = set(here.values_list("idempotency_key", flat=True))
    names = ("what", "actor", "due_on", "done_on", "result")
    steps = Step.objects.bulk_create(
        new_step(
            journey,
            membership,
            idempotency_key=keys[step["id"]],
            right_id=step.get("right"),  # told by no version of before
            is_from_elsewhere=step["done_on"] is not None,
            **{name: step[name] for name in names},
        )
        for step in content["steps"]
        if keys[step["id"]] not in came
    )
    lines = len(steps)
    if content["plan"] and reaches_level(journey) and not financing_plan(journey):
        lines += carry_plan(membership, journey, **content["plan"])
    return lines


def _hold_code(membership: Membership, document: SynthesisDocument) -> None:
    codes = ShareCode.objects.select_for_update(of=("self",)).filter(
        document=document, reader=membership.structure_id
    )
    if codes.order_by("pk").first() is None:
        raise ActionRefused("La personne ne partage plus ce document avec votre structure.")


def _held(membership: Membership, document: SynthesisDocument) -> SynthesisDocument:
    """The version as it is now, held until the end of the action."""
    held = (
        SynthesisDocument.objects.select_for_update(of=("self",))
        .filter(structure=membership.structure_id, pk=document.pk)
        .first()
    )
    if held is None or not is_own(membership, held):
        raise ActionRefused("Ce document n’est pas de votre structure.")
    return held


def _record(by: User, membership: Membership, obj: Model, action: str, fields: str = "") -> None:
    record(
        by=by,
        territory=membership.region_id,
        action=action,
        obj=obj,
        structure_id=membership.structure_id,
        fields=fields,
    )
