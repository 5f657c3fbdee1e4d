"""The person's own access: given and ended by her structure, entered by a code and by digits sent
to her; what she does through it, by the same rules as her adviser."""

import secrets
from datetime import datetime

from django.db.models import F, Model, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from beneficiaries.actions.documents import end_share_code, make_share_code, note_approval
from beneficiaries.actions.referrals import take_back
from beneficiaries.actions.rules import locked_journey, writing
from beneficiaries.contact_codes import access_fingerprint, factor_fingerprint
from beneficiaries.entries import Approval
from beneficiaries.models import (
    ONLINE,
    Journey,
    PersonAccess,
    Referral,
    ShareCode,
    SynthesisDocument,
)
from beneficiaries.queries import (
    BY_SMS,
    FACTOR_LIFE,
    FACTOR_TRIES,
    documents_of,
    journey_of,
    living_access,
    opened_by,
    referrals_about,
    share_codes_of,
    shown_access,
    wanted_address,
    way_to,
)
from regions.actions import record
from regions.models import Membership, User
from regions.permissions import Permission
from sprocep import mail, periods, sms
from sprocep.errors import ActionRefused, refusals
from sprocep.tenancy import presenting

SUBJECT = "Votre code pour lire votre parcours"
UNREACHABLE = (
    "La fiche de la personne n’a rien où lui envoyer les six chiffres qui complètent son code : "
    "ajoutez {} par « Corriger la fiche », puis recommencez."
)
SHORT_TEXT = "{digits} : vos six chiffres pour lire votre parcours. Ne les donnez à personne."
NOT_YOURS = "Cet élément n’est pas de votre parcours."


# ── By her structure ─────────────────────────────────────────────────────────────────────────


def give_access(*, by: User, membership: Membership, journey: Journey, code: str) -> PersonAccess:
    """`code` opens this journey to its person, and the former one opens nothing any more.

    Raises:
        ActionRefused: nothing on her file to send the second factor to.
    """
    with writing(membership, Permission.LOG_SESSIONS):
        held = locked_journey(membership, journey)
        if not way_to(held.beneficiary):
            raise ActionRefused(UNREACHABLE.format(wanted_address()))
        _end(membership, held)
        given = PersonAccess.objects.create(
            region_id=held.region_id,
            structure_id=held.structure_id,
            journey=held,
            fingerprint=access_fingerprint(code),
            given_by=membership,
        )
        _record(by, membership, held, "give_access")
    return given


def end_access(*, by: User, membership: Membership, journey: Journey) -> None:
    """What was opened by it is closed at its next request. Twice changes nothing."""
    with writing(membership, Permission.LOG_SESSIONS):
        held = locked_journey(membership, journey)
        if _end(membership, held):
            _record(by, membership, held, "end_access")


def _end(membership: Membership, held: Journey) -> bool:
    """Whether one lived."""
    return bool(living_access(held).update(ended_at=timezone.now(), ended_by=membership))


# ── Entered ──────────────────────────────────────────────────────────────────────────────────


def send_factor(*, fingerprint: bytes) -> None:
    """Six digits to the address on her file, or to her mobile where it has none; none where the
    code opens nothing, nor as long as the former ones wait: a mailbox is not flooded from here, and
    five tries stay five.

    Raises:
        OSError: nothing left, nothing is kept, and it may be tried again.
    """
    digits = f"{secrets.randbelow(10**6):06}"
    with opened_by(fingerprint) as access:
        if access is None or not (way := way_to(journey_of(access).beneficiary)):
            return
        free = shown_access(fingerprint).exclude(factor_sent_at__gt=_too_old())
        if free.update(
            factor=factor_fingerprint(fingerprint, digits),
            factor_sent_at=timezone.now(),
            tries=0,
        ):
            _send_digits(*way, digits)


def _send_digits(way: str, address: str, digits: str) -> None:
    if way == BY_SMS:
        sms.send_sms(address, SHORT_TEXT.format(digits=digits))
    else:
        text = render_to_string("mail/factor.txt", {"digits": digits})
        mail.mail(address, SUBJECT, text).send()


def _too_old() -> datetime:
    return timezone.now() - FACTOR_LIFE


def try_factor(*, fingerprint: bytes, digits: str) -> PersonAccess | None:
    """Whose digits these are. None, after the same statements, for a code that opens nothing, and
    for digits that are wrong, too old or tried too often; the try is counted first."""
    with presenting(fingerprint):
        waiting = shown_access(fingerprint).filter(
            factor_sent_at__gt=_too_old(), tries__lte=FACTOR_TRIES
        )
        waiting.update(tries=F("tries") + 1)
        return waiting.filter(factor=factor_fingerprint(fingerprint, digits)).first()


def enter_journey(*, by: PersonAccess) -> None:
    """The digits that she was sent open once."""
    with opened_by(bytes(by.fingerprint)), refusals():
        shown_access(bytes(by.fingerprint)).update(factor=None, factor_sent_at=None)
        _record_by_person(by, journey_of(by), "enter_journey")


# ── By the person ────────────────────────────────────────────────────────────────────────────


def approve_own_document(*, by: PersonAccess, document: SynthesisDocument) -> SynthesisDocument:
    with refusals():
        held = _held(documents_of(by), document)
        note_approval(held, Approval(approved_on=periods.today(), channel=ONLINE), noted_by=None)
        _record_by_person(by, held, "approve_own_document", "approved_on channel")
    return held


def share_own_document(*, by: PersonAccess, document: SynthesisDocument, code: str) -> ShareCode:
    """`code` opens this version to one other structure; she alone keeps it."""
    with refusals():
        held = _held(documents_of(by), document)
        given = make_share_code(held, code, made_by=None)
        _record_by_person(by, held, "share_own_document")
    return given


def revoke_own_code(*, by: PersonAccess, code: ShareCode) -> ShareCode:
    """Also one that her adviser gave for her. Twice changes nothing."""
    with refusals():
        held = _held(share_codes_of(by), code)
        if end_share_code(held, revoked_by=None):
            _record_by_person(by, held.document, "revoke_own_code")
    return held


def withdraw_own_consent(*, by: PersonAccess, referral: Referral) -> Referral:
    """She takes her consent back: who she is leaves the fiche at once, for both sides."""
    with refusals():
        held = _held(referrals_about(by), referral)
        if take_back(held):
            _record_by_person(by, held, "withdraw_own_consent")
    return held


def _held(rows: QuerySet, wanted: Model) -> Model:
    """Of her journey, as it is now, held until the end of the action."""
    found = rows.select_for_update(of=("self",)).filter(pk=wanted.pk).first()
    if found is None:
        raise ActionRefused(NOT_YOURS)
    return found


def _record(by: User, membership: Membership, journey: Journey, action: str) -> None:
    record(
        by=by,
        territory=membership.region_id,
        action=action,
        obj=journey,
        structure_id=membership.structure_id,
    )


def _record_by_person(by: PersonAccess, obj: Model, action: str, fields: str = "") -> None:
    """No account did it: the name of the action says who."""
    record(
        by=None,
        territory=by.region_id,
        action=action,
        obj=obj,
        structure_id=by.structure_id,
        fields=fields,
    )
