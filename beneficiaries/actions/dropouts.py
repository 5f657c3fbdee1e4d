"""The path of a décrocheur: its steps, and its end when it was noted by mistake."""

from django.utils import timezone

from beneficiaries.actions.rules import locked_journey, record_row, refuse_day, writing
from beneficiaries.entries import DropoutSteps
from beneficiaries.models import DropoutPath, Journey
from regions.models import Membership, User
from regions.permissions import Permission
from regions.queries import department_regions
from sprocep.errors import ActionRefused

_WORDS = {
    "reported_on": "Le repérage",
    "contacted_on": "Le contact",
    "relayed_on": "L’entrée dans un relais",
    "ended_on": "La sortie",
}


def note_dropout(
    *, by: User, membership: Membership, journey: Journey, steps: DropoutSteps
) -> DropoutPath:
    """She follows the path of décrocheurs, or went further on it. The trace names the path, and
    never the journey."""
    with writing(membership, Permission.LOG_SESSIONS):
        journey = locked_journey(membership, journey)
        values = {name: getattr(steps, name) for name in (*_WORDS, "ending")}
        for name, what in _WORDS.items():
            if values[name]:
                refuse_day(values[name], what)
        held = _path(journey) or DropoutPath(
            structure_id=journey.structure_id,
            department_id=journey.department_id,
            journey=journey,
        )
        changed = [name for name, value in values.items() if getattr(held, name) != value]
        for name, value in values.items():
            setattr(held, name, value)
        held.region_id = department_regions(steps.reported_on)[journey.department_id]
        held.noted_by, held.noted_at = membership, timezone.now()
        columns = ["region", *values, "noted_by", "noted_at"]
        held.save(update_fields=columns if held.pk else None)
        record_row(by, held, "note_dropout", " ".join(changed))
    return held


def drop_dropout(*, by: User, membership: Membership, journey: Journey) -> None:
    """It was noted by mistake: nothing says any more that she followed it."""
    with writing(membership, Permission.LOG_SESSIONS):
        held = _path(locked_journey(membership, journey))
        if held is None:
            raise ActionRefused("Ce parcours décrocheur est déjà retiré.")
        record_row(by, held, "drop_dropout")
        held.delete()


def _path(journey: Journey) -> DropoutPath | None:
    return DropoutPath.objects.filter(structure=journey.structure_id, journey=journey).first()
