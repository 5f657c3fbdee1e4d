"""Steps of a person's plan: added, changed, done, taken back."""

import uuid
from datetime import datetime

from django.utils import timezone

from beneficiaries.actions.rules import (
    ChangedMeanwhile,
    locked_journey,
    record_row,
    refuse_closed,
    refuse_day,
    refuse_unknown,
    sent_before,
    writing,
)
from beneficiaries.entries import PlannedStep
from beneficiaries.models import Journey, Step
from beneficiaries.queries import code_lists
from regions.models import Membership, User
from regions.permissions import Permission
from sprocep import periods
from sprocep.errors import ActionRefused

_FIELDS = ("what", "actor", "due_on", "done_on", "result")


def add_step(
    *,
    by: User,
    membership: Membership,
    journey: Journey,
    step: PlannedStep,
    key: uuid.UUID | None = None,
) -> Step:
    """A step to do, or done already, of an open journey."""
    with writing(membership, Permission.LOG_SESSIONS):
        if stored := sent_before(Step, membership, key):
            return stored
        journey = locked_journey(membership, journey)
        refuse_closed(journey)
        row = new_step(journey, membership, **_values(step), idempotency_key=key)
        row.save(force_insert=True)
        record_row(by, row, "add_step")
    return row


def change_step(
    *,
    by: User,
    membership: Membership,
    line: Step,
    step: PlannedStep,
    seen_at: datetime | None = None,
) -> Step:
    """What it is, when it is done, what came of it.

    Raises:
        ChangedMeanwhile: somebody changed it since `seen_at`.
    """
    with writing(membership, Permission.LOG_SESSIONS):
        held = _held(membership, line)
        if seen_at and held.changed_at != seen_at:
            raise ChangedMeanwhile(
                "Une autre personne a changé cette étape pendant ce temps. Comparez avec ce qui "
                "est enregistré ci-dessous, puis enregistrez à nouveau."
            )
        values = _values(step)
        changed = [name for name, value in values.items() if getattr(held, name) != value]
        _change(held, membership, values)
        record_row(by, held, "change_step", " ".join(changed))
    return held


def withdraw_step(*, by: User, membership: Membership, line: Step) -> None:
    """It is no longer of the plan; documents that were handed over keep it."""
    with writing(membership, Permission.LOG_SESSIONS):
        held = _held(membership, line)
        _change(held, membership, {"is_withdrawn": True})
        record_row(by, held, "withdraw_step")


def new_step(journey: Journey, membership: Membership, **values) -> Step:
    return Step(
        region_id=journey.region_id,
        structure_id=journey.structure_id,
        journey=journey,
        changed_by=membership,
        **values,
    )


def _values(step: PlannedStep) -> dict:
    if step.done_on:
        refuse_day(step.done_on, "Cette étape")
    if step.right:
        lists = code_lists(step.done_on or periods.today())
        refuse_unknown(lists, [("individual_right", step.right)])
    return {name: getattr(step, name) for name in _FIELDS} | {"right_id": step.right or None}


def _held(membership: Membership, line: Step) -> Step:
    """The step as it is now, held until the end of the action."""
    held = (
        Step.objects.select_for_update(of=("self",))
        .filter(structure=membership.structure_id, pk=line.pk, is_withdrawn=False)
        .first()
    )
    if held is None:
        raise ActionRefused("Cette étape n’est plus dans un parcours de votre structure.")
    refuse_closed(locked_journey(membership, held.journey))
    return held


def _change(row: Step, membership: Membership, values: dict) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.changed_by, row.changed_at = membership, timezone.now()
    row.save(update_fields=[*values, "changed_by", "changed_at"])
