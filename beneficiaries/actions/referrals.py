"""Fiches de liaison: sent with consent, opened, answered, taken back."""

import uuid

from django.utils import timezone

from beneficiaries.actions.link_letters import write_links
from beneficiaries.actions.rules import (
    place,
    refuse_above_level1,
    refuse_unknown,
    sent_before,
    writing,
)
from beneficiaries.actions.webhooks import announce
from beneficiaries.entries import Identity, Orientation, Profile
from beneficiaries.models import Journey, Referral, ReferralPerson
from beneficiaries.queries import code_lists, rank_asked
from operators.queries import operator_of, reached
from regions import letters
from regions.actions import record
from regions.models import Membership, User
from regions.permissions import LinkHolder, Permission
from regions.queries import department_regions, region_scope
from sprocep import periods
from sprocep.errors import ActionRefused

_STATES = Referral.State

# What the receiver needs for the level that is asked, and nothing more: never the health data.
OF_EVERY_LEVEL = (
    "last_name", "first_name", "birth_name", "birth_date", "sex", "phone", "email", "commune",
    "situation",
)  # fmt: skip
OF_LEVEL_3 = ("education_level", "socio_professional_category", "sector", "contract_type")


def send_referral(
    *,
    by: User,
    membership: Membership,
    orientation: Orientation,
    journey: Journey | None = None,
    key: uuid.UUID | None = None,
) -> Referral:
    """Send somebody to another structure, with her consent of today.

    Raises:
        ActionRefused: no way to reach her, a receiver that may not deliver this level, a code that
            is not in force.
    """
    with writing(membership, Permission.SEND_REFERRALS):
        if stored := sent_before(Referral, membership, key):
            return stored
        today = periods.today()
        lists = code_lists(today)
        identity, profile = orientation.identity, orientation.profile
        codes = [
            ("level", orientation.level),
            ("reason", profile.main_reason),
            ("situation", profile.situation),
        ]
        refuse_unknown(lists, codes)
        rank = lists.rank(orientation.level)
        _refuse_unreachable(identity)
        _refuse_receiver(orientation, rank)
        where = place(membership, membership.site, today, identity.commune)
        referral = Referral.objects.create(
            region_id=where.region,
            structure_id=membership.structure_id,
            department_id=where.department,
            site=where.site,
            receiver=orientation.receiver,
            receiver_region_id=department_regions(today)[orientation.department],
            journey=journey,
            thread_number=journey.thread_number if journey else uuid.uuid4(),
            level_id=orientation.level,
            reason_id=profile.main_reason,
            sent_by=membership,
            sent_on=today,
            consented_on=today,
            idempotency_key=key,
        )
        ReferralPerson.objects.create(
            referral=referral,
            region_id=referral.region_id,
            structure_id=referral.structure_id,
            receiver_id=referral.receiver_id,
            receiver_region_id=referral.receiver_region_id,
            fields=_shared(identity, profile, rank) | {"message": orientation.message},
            other_choice=orientation.other_choice,
        )
        announce([referral])
        record_on(referral, by, membership, "send_referral")
        write_to_receiver(referral)
    return referral


def open_referral(
    *, by: User | None, membership: Membership | LinkHolder, referral: Referral
) -> None:
    """The receiver has read it: the sender sees since when. Later readings change nothing."""
    with writing(membership, Permission.ANSWER_REFERRALS):
        held = _held(membership, referral)
        if held.state == _STATES.SENT and held.receiver_id == membership.structure_id:
            _move(held, _STATES.OPENED)
            record_on(held, by, membership, "open_referral")


def accept_referral(
    *, by: User | None, membership: Membership | LinkHolder, referral: Referral
) -> Referral:
    """The structure will receive the person. Twice changes nothing."""
    with writing(membership, Permission.ANSWER_REFERRALS):
        held = _received(membership, referral)
        _refuse_above_level1(membership, held)
        if held.state in (_STATES.ACCEPTED, _STATES.RECEIVED):
            return held
        _refuse_answered(held)
        _move(held, _STATES.ACCEPTED)
        record_on(held, by, membership, "accept_referral")
        write_to_sender(held, "acceptée")
    return held


def decline_referral(
    *, by: User | None, membership: Membership | LinkHolder, referral: Referral, reason: str
) -> Referral:
    """The structure will not, for a reason that goes back to the sender."""
    with writing(membership, Permission.ANSWER_REFERRALS):
        held = _received(membership, referral)
        _refuse_answered(held)
        refuse_unknown(code_lists(periods.today()), [("decline_reason", reason)])
        held.decline_reason_id = reason
        _move(held, _STATES.DECLINED, "decline_reason")
        record_on(held, by, membership, "decline_referral")
        write_to_sender(held, "refusée")
    return held


def withdraw_referral(*, by: User, membership: Membership, referral: Referral) -> Referral:
    """The person takes her consent back: who she is leaves the fiche at once, for both sides."""
    with writing(membership, Permission.SEND_REFERRALS):
        held = _held(membership, referral)
        if held.structure_id != membership.structure_id:
            raise ActionRefused(
                "Seule la structure qui a envoyé cette fiche la retire. Refusez-la si la personne "
                "ne souhaite plus venir."
            )
        if take_back(held):
            record_on(held, by, membership, "withdraw_referral")
    return held


def take_back(held: Referral) -> bool:
    """Whether the fiche, which is held, still said who the person is."""
    if held.state in (_STATES.RECEIVED, _STATES.DECLINED):
        raise ActionRefused(
            "Cette fiche a déjà sa réponse : il n’y a plus rien à retirer. Si la personne a "
            "été reçue, c’est à la structure qui la suit qu’elle s’adresse."
        )
    if held.state == _STATES.WITHDRAWN:
        return False
    ReferralPerson.objects.filter(structure=held.structure_id, referral=held).delete()
    _move(held, _STATES.WITHDRAWN)
    write_to_receiver(held, "withdrawn")
    return True


def receive_person(membership: Membership, referral: Referral, journey: Journey) -> None:
    """Her first session here answers the fiche; one step of the action that logs it."""
    held = _received(membership, referral)
    _refuse_above_level1(membership, held)
    if held.state == _STATES.RECEIVED:
        raise ActionRefused(
            "Cette fiche a déjà ouvert un parcours. Ajoutez-y l’entretien depuis « Mes parcours »."
        )
    if not held.is_agreed:
        _refuse_answered(held)
        _move(held, _STATES.ACCEPTED)
    held.opened_journey = journey
    _move(held, _STATES.RECEIVED, "opened_journey")


def receive_by_link(*, by: User | None, membership: LinkHolder, referral: Referral) -> Referral:
    """Without a journey here: a structure without account says that the person came."""
    with writing(membership, Permission.ANSWER_REFERRALS):
        held = _received(membership, referral)
        if held.state == _STATES.RECEIVED:
            return held
        _refuse_before_agreed(held)
        held.received_by_link = True
        _move(held, _STATES.RECEIVED, "received_by_link")
        record_on(held, by, membership, "receive_by_link")
    return held


def note_absence(
    *, by: User | None, membership: Membership | LinkHolder, referral: Referral
) -> Referral:
    """The person did not come: the sender is told, and may see with her what kept her away. She may
    still be received later. Twice changes nothing."""
    with writing(membership, Permission.ANSWER_REFERRALS):
        held = _received(membership, referral)
        if held.state == _STATES.MISSED:
            return held
        if held.state == _STATES.RECEIVED:
            raise ActionRefused("Cette personne a été reçue : la fiche le dit déjà.")
        _refuse_before_agreed(held)
        _move(held, _STATES.MISSED)
        record_on(held, by, membership, "note_absence")
        write_to_sender(held, "la personne n’est pas venue", "referral_missed")
    return held


# ── Checks ───────────────────────────────────────────────────────────────────────────────────


def _held(membership: Membership | LinkHolder, referral: Referral) -> Referral:
    """The fiche as it is now, held until the end of the action."""
    found = Referral.objects.select_for_update(of=("self",)).filter(pk=referral.pk).first()
    if found is None or membership.structure_id not in (found.structure_id, found.receiver_id):
        raise ActionRefused("Cette fiche n’est pas adressée à votre structure.")
    return found


def _received(membership: Membership | LinkHolder, referral: Referral) -> Referral:
    found = _held(membership, referral)
    if found.receiver_id != membership.structure_id:
        raise ActionRefused("Seule la structure à qui cette fiche est adressée y répond.")
    return found


def _refuse_above_level1(membership: Membership | LinkHolder, referral: Referral) -> None:
    refuse_above_level1(membership, rank_asked(referral))


def _refuse_answered(referral: Referral) -> None:
    if not referral.is_unanswered:
        raise ActionRefused(
            f"Cette fiche a déjà sa réponse : {referral.get_state_display()}. Rechargez la page "
            "pour la voir."
        )


def _refuse_before_agreed(referral: Referral) -> None:
    if referral.is_unanswered:
        raise ActionRefused("Acceptez d’abord cette fiche, puis dites si la personne est venue.")
    if not referral.is_agreed:
        _refuse_answered(referral)


def _refuse_unreachable(identity: Identity) -> None:
    if not (identity.phone or identity.email):
        raise ActionRefused(
            "Donnez un téléphone ou une adresse électronique : sans cela, la structure ne pourra "
            "pas joindre la personne."
        )


def _refuse_receiver(orientation: Orientation, rank: int) -> None:
    operator = operator_of(orientation.receiver.pk, periods.today())
    if operator is None or operator.max_rank < rank:
        raise ActionRefused(
            f"Cette structure n’est pas habilitée au niveau {rank}. Choisissez-en une autre dans "
            "la liste."
        )
    region = department_regions(periods.today())[orientation.department]
    if not reached([orientation.receiver.pk], region_scope(region)):
        raise ActionRefused(
            "Cette structure n’a dans cette Région ni compte ni adresse qui reçoive : la fiche ne "
            "lui parviendrait pas. Choisissez-en une autre, ou demandez à la Région de lui donner "
            "une adresse."
        )


# ── What is shared, moved, traced and written ────────────────────────────────────────────────


def _shared(identity: Identity, profile: Profile, rank: int) -> dict[str, str]:
    """Of what is known, the fields that this level asks for, as plain text."""
    known = {
        name: getattr(identity, name, None) or getattr(profile, name, "") for name in _names(rank)
    }
    if identity.birth_date:
        known["birth_date"] = identity.birth_date.isoformat()
    if identity.commune:
        known["commune"] = identity.commune.pk
    return {name: value or "" for name, value in known.items()}


def _names(rank: int) -> tuple[str, ...]:
    return OF_EVERY_LEVEL + (OF_LEVEL_3 if rank > 2 else ())


def _move(referral: Referral, state: str, *columns: str) -> None:
    referral.state, referral.state_since = state, timezone.now()
    referral.save(update_fields=["state", "state_since", *columns])
    announce([referral])


def record_on(
    referral: Referral, who: User | None, membership: Membership | LinkHolder, action: str
) -> None:
    """Of who came by a link, the structure is known, and nobody by name."""
    record(
        by=who,
        territory=membership.region_id,
        action=action,
        obj=referral,
        structure_id=membership.structure_id,
        fields="by_link" if isinstance(membership, LinkHolder) else "",
    )


def write_to_receiver(referral: Referral, template: str = "sent") -> None:
    write_links([referral])
    letters.write(
        key=f"referral_{template} {referral.public_id}",
        to=letters.managers(referral.receiver_id, referral.receiver_region_id),
        subject=f"sprocep : fiche de liaison {referral.number}",
        template=f"referral_{template}",
        context={"referral": referral},
    )


def write_to_sender(
    referral: Referral,
    answer: str,
    template: str = "referral_answered",
    *,
    letter: int | None = None,
    **context,
) -> None:
    """To who sent it; once she left, or holds another role, to the direction of her structure. Once
    of the fiche, or of each `letter` that it is about."""
    letters.write(
        key=f"{template} {referral.public_id}" + (f" {letter}" if letter else ""),
        to=letters.author(referral.sent_by_id)
        or letters.managers(referral.structure_id, referral.region_id),
        subject=f"sprocep : fiche de liaison {referral.number}, {answer}",
        template=template,
        context={"referral": referral, "answer": answer, **context},
    )
