"""What waits at the desk of each adviser and of each reception that has an account: a draft, past
and coming appointments, fiches de liaison to answer, fiches that others refused."""

import uuid
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from beneficiaries import actions
from beneficiaries.entries import Identity, Orientation, Profile, Talk
from beneficiaries.models import Draft, Referral
from beneficiaries.queries import is_followed_by, journeys, last_held
from indicators.demonstration.accounts import accounts_of
from indicators.worklist import nation
from regions.middleware import scope_of
from regions.models import Membership
from sprocep import periods

# Days from today: of a session, and of the appointment that it gives.
_APPOINTMENTS = ((-9, -2), (-8, -1), (-6, 1), (-5, 5))
_DRAFT = {"channel": "PRE", "main_service": "S07", "minutes": "45"}
_TO_ANSWER = ("Camille", "Morgan")
_SENT_ON = (("Sam", "D07"), ("Alex", ""))


@dataclass(frozen=True)
class _Fiche:
    """Somebody sent on at level 2."""

    first_name: str
    sender: Membership
    receiver: Membership


def play_desks() -> None:
    """Once a desk: what is sent again with its key is what was stored."""
    today = periods.today()
    for adviser in accounts_of(Membership.Role.ADVISER):
        colleague = _of_another_structure(adviser)
        if colleague is None:
            continue
        with scope_of(adviser, read_only=False):
            _begin_a_draft(adviser)
            _give_appointments(adviser, today)
        for first_name in _TO_ANSWER:
            _send(_Fiche(first_name, colleague, adviser))
    for receptionist in accounts_of(Membership.Role.LEVEL1_RECEPTIONIST):
        if colleague := _of_another_structure(receptionist):
            _send_on(receptionist, colleague)


def _of_another_structure(member: Membership) -> Membership | None:
    """An adviser of the same Region, whom no account stands for where there is a choice."""
    with nation(read_only=True):
        advisers = Membership.objects.filter(
            role=Membership.Role.ADVISER, region=member.region_id, ends_on__isnull=True
        ).exclude(structure=member.structure_id)
        invented = advisers.exclude(user__email__startswith="conseil-")
        found = invented.order_by("pk").first() or advisers.order_by("pk").first()
        return (
            Membership.objects.select_related("user", "site__commune", "structure").get(pk=found.pk)
            if found
            else None
        )


def _begin_a_draft(adviser: Membership) -> None:
    if Draft.objects.filter(author=adviser).exists():
        return
    actions.keep_draft(membership=adviser, key=_key("draft", adviser), typed=urlencode(_DRAFT))


def _give_appointments(adviser: Membership, today: date) -> None:
    """To persons whom nobody has seen for two weeks."""
    followed = journeys(adviser.structure_id).filter(
        is_followed_by(adviser, today), closed_on__isnull=True
    )
    since = periods.days_after(today, -14)
    seen = followed.alias(last=last_held()).filter(last__lt=since).order_by("-last", "pk")
    for rank, (journey, (held, given)) in enumerate(
        zip(list(seen[:4]), _APPOINTMENTS, strict=False)
    ):
        actions.log_session(
            by=adviser.user,
            membership=adviser,
            journey=journey,
            talk=Talk(
                held_on=periods.days_after(today, held),
                channel="PRE",
                services=("S07",),
                minutes=45,
                next_on=periods.days_after(today, given),
            ),
            key=_key(f"appointment {rank}", adviser),
        )


def _send_on(receptionist: Membership, colleague: Membership) -> None:
    """Two fiches: one refused, which she sends elsewhere, one without an answer yet."""
    for first_name, refusal in _SENT_ON:
        fiche = _send(_Fiche(first_name, receptionist, colleague))
        if refusal and fiche.is_unanswered:
            with scope_of(colleague, read_only=False):
                actions.decline_referral(
                    by=colleague.user, membership=colleague, referral=fiche, reason=refusal
                )


def _send(fiche: _Fiche) -> Referral:
    sender, receiver = fiche.sender, fiche.receiver
    with scope_of(sender, read_only=False):
        return actions.send_referral(
            by=sender.user,
            membership=sender,
            orientation=Orientation(
                receiver=receiver.structure,
                department=receiver.site.department_id,
                level="N2",
                identity=Identity(
                    last_name="Essai",
                    first_name=fiche.first_name,
                    birth_date=date(1998, 3, 21),
                    phone="0612345678",
                    email="personne@sprocep.example",
                    commune=sender.site.commune,
                ),
                profile=Profile(main_reason="M02"),
            ),
            key=_key(fiche.first_name, sender),
        )


def _key(what: str, member: Membership) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"sprocep desk {what} {member.user.email}")
