"""What five persons live between two missions locales of a Region: a project of level 3, with its
steps, its plan and its document; fiches de liaison sent, accepted and not answered yet; an exit
whose person is asked what became of her."""

import uuid
from datetime import date
from decimal import Decimal

from beneficiaries import actions
from beneficiaries.entries import (
    Approval,
    Closing,
    Cost,
    Funding,
    Identity,
    Orientation,
    PlannedStep,
    Profile,
    Talk,
)
from beneficiaries.models import Journey
from indicators.demonstration.accounts import holder
from indicators.worklist import nation
from regions.middleware import scope_of
from regions.models import Membership
from sprocep import periods

FROM, TO = "conseil-93-1", "conseil-93-2"
_ADVISER, _HERSELF = "Sacha Moreau, mission locale", "Lina Essai"


def play_roads() -> None:
    """Once: what is sent again with its key is what was stored."""
    today = periods.today()
    with nation(read_only=True):
        sender, receiver = holder(FROM), holder(TO)
    with scope_of(sender, read_only=False):
        journey = _project(sender, today)
        _steps(sender, journey, today)
        _plan(sender, journey, today)
        _document(sender, journey, today)
        _ended(sender, today)
        accepted = _sent(sender, receiver, "Noé", "Elle arrive par le 12 et vient mieux le matin.")
        _sent(sender, receiver, "Inès", "")
    with scope_of(receiver, read_only=False):
        if accepted.is_unanswered:
            actions.accept_referral(by=receiver.user, membership=receiver, referral=accepted)
        _sent(receiver, sender, "Malo", "")


def _project(member: Membership, today: date) -> Journey:
    return actions.log_first_session(
        by=member.user,
        membership=member,
        person=_identity(member, "Lina"),
        profile=Profile(main_reason="M07", education_level="4", situation="DEN"),
        talk=Talk(held_on=today, channel="PRE", services=("S12", "S11"), minutes=60),
        key=_key("project"),
    ).journey


def _steps(member: Membership, journey: Journey, today: date) -> None:
    steps = (
        PlannedStep(
            what="Enquête auprès de deux aides-soignantes",
            actor=_HERSELF,
            done_on=today,
            result="Le métier lui convient ; horaires décalés acceptés.",
        ),
        PlannedStep(
            what="Dossier d’inscription au concours",
            actor=_HERSELF,
            due_on=periods.days_after(today, 21),
        ),
        PlannedStep(
            what="Activer son compte formation et vérifier ses droits",
            actor=_HERSELF,
            right="CPF",
            due_on=periods.days_after(today, 7),
        ),
        PlannedStep(
            what="Demande de financement à la Région",
            actor=_ADVISER,
            due_on=periods.days_after(today, 30),
        ),
    )
    for step in steps:
        actions.add_step(
            by=member.user, membership=member, journey=journey, step=step, key=_key(step.what)
        )


def _plan(member: Membership, journey: Journey, today: date) -> None:
    lines = {"by": member.user, "membership": member, "journey": journey}
    for kind, amount in (("CP", 4800), ("CT", 350)):
        actions.add_cost(**lines, cost=Cost(kind=kind, amount=Decimal(amount)), key=_key(kind))
    for right, state, asked, granted in (("CPF", "granted", 1500, 1500), ("AIF", "asked", 3300, 0)):
        funding = Funding(
            right=right,
            state=state,
            asked=Decimal(asked),
            granted=Decimal(granted),
            asked_on=today,
            decided_on=today if state == "granted" else None,
        )
        actions.add_funding(**lines, funding=funding, key=_key(right))


def _document(member: Membership, journey: Journey, today: date) -> None:
    document = actions.hand_over_document(
        by=member.user, membership=member, journey=journey, key=_key("document")
    )
    if not document.is_approved:
        approval = Approval(approved_on=today, channel="PRE")
        actions.approve_document(
            by=member.user, membership=member, document=document, approval=approval
        )


def _ended(member: Membership, today: date) -> None:
    """Six months ago, with her agreement to be asked: the beat asks."""
    ended = periods.months_after(today, -6)
    journey = actions.log_first_session(
        by=member.user,
        membership=member,
        person=_identity(member, "Yaël"),
        profile=Profile(main_reason="M02", situation="DEN"),
        talk=Talk(
            held_on=periods.days_after(ended, -30), channel="PRE", services=("S07",), minutes=60
        ),
        key=_key("ended"),
    ).journey
    if journey.is_open:
        closing = Closing(closed_on=ended, outcome="I01", exit_situation="APP", may_be_asked=True)
        actions.close_journey(by=member.user, membership=member, journey=journey, closing=closing)


def _sent(member: Membership, to: Membership, first_name: str, message: str):
    return actions.send_referral(
        by=member.user,
        membership=member,
        orientation=Orientation(
            receiver=to.structure,
            department=to.site.department_id,
            level="N2",
            identity=_identity(member, first_name),
            profile=Profile(main_reason="M02"),
            message=message,
        ),
        key=_key(first_name),
    )


def _identity(member: Membership, first_name: str) -> Identity:
    return Identity(
        last_name="Essai",
        first_name=first_name,
        birth_date=date(2003, 5, 14),
        phone="0612345678",
        email="personne@sprocep.example",
        commune=member.site.commune,
    )


def _key(what: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"sprocep demonstration {what}")
