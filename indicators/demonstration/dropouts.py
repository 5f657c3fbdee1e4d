"""The platform of a Region: two of its missions locales belong to it, and follow young people who
left school on the path of décrocheurs, each a step further."""

from beneficiaries import actions
from beneficiaries.entries import DropoutSteps
from beneficiaries.models import DropoutPath, Journey
from beneficiaries.queries import may_be_dropout
from indicators.demonstration.accounts import holder
from indicators.demonstration.roads import FROM, TO
from indicators.worklist import nation
from operators.actions import join_platform
from operators.models import PlatformMember
from regions.middleware import scope_of
from regions.models import Membership
from sprocep import periods

COORDINATION = "coordination-93"
# Days after the journey opened on which each is found, reached, followed by a relay, and out.
_PATHS = ((0,), (0, 6), (2, 9), (0, 4, 18), (1, 8, 20), (0, 5, 15, 40))
_STEPS = ("reported_on", "contacted_on", "relayed_on", "ended_on")


def play_dropouts() -> None:
    """Once: who is on the path stays where she is."""
    with nation(read_only=True):
        coordinator, *members = (holder(word) for word in (COORDINATION, FROM, TO))
    with scope_of(coordinator, read_only=False):
        for member in members:
            if not PlatformMember.objects.filter(structure=member.structure_id).exists():
                join_platform(
                    by=coordinator.user,
                    region=coordinator.region_id,
                    structure=member.structure,
                    day=periods.today(),
                )
    for member in members:
        with scope_of(member, read_only=False):
            if not DropoutPath.objects.filter(structure=member.structure_id).exists():
                _note(member)


def _note(member: Membership) -> None:
    latest = periods.days_after(periods.today(), -max(max(path) for path in _PATHS))
    # Far from both ends of the ages of the path: a birthday in between changes nothing.
    opened = Journey.objects.filter(
        structure=member.structure_id, closed_on=None, opened_on__lte=latest, age__range=(17, 24)
    ).order_by("-opened_on", "pk")
    young = (journey for journey in opened if may_be_dropout(journey))
    for days, journey in zip(_PATHS, young, strict=False):
        on = [periods.days_after(journey.opened_on, since) for since in days]
        steps = DropoutSteps(
            **dict(zip(_STEPS, on, strict=False)),
            ending=DropoutPath.Ending.TRAINING if len(on) == len(_STEPS) else "",
        )
        actions.note_dropout(by=member.user, membership=member, journey=journey, steps=steps)
