"""Workshops of two missions locales that have accounts, over the last months, one cancelled;
some of who came are followed there."""

import uuid
from datetime import date

from django.db.models import Q

from beneficiaries import actions
from beneficiaries.entries import Gathering
from beneficiaries.models import Journey, Workshop
from indicators.demonstration.accounts import holder
from indicators.demonstration.roads import FROM, TO
from indicators.worklist import nation
from regions.middleware import scope_of
from regions.models import Membership
from sprocep import periods

# Days ago, theme, title, minutes, heads, how many of them are followed.
_HELD = (
    (100, "T02", "Reprendre des études", 120, 11, 3),
    (73, "T04", "Mobiliser son compte personnel de formation", 90, 14, 4),
    (59, "T01", "Les métiers du soin", 120, 9, 2),
    (38, "T05", "Qui recrute près de chez vous", 60, 22, 5),
    (24, "T06", "De l’idée à l’entreprise", 150, 8, 0),
    (10, "T03", "La VAE, étape par étape", 120, 12, 3),
    (3, "T09", "Trouver un contrat en alternance", 90, 16, 4),
)
_CANCELLED = (17, "T07", "Se déplacer pour travailler", 60, 6, 0)


def play_workshops() -> None:
    """Once: days are counted from the first time."""
    with nation(read_only=True):
        members = [holder(word) for word in (FROM, TO)]
    for member in members:
        with scope_of(member, read_only=False):
            if Workshop.objects.filter(structure=member.structure_id).exists():
                continue
            for held in _HELD:
                _log(member, *held)
            cancelled = _log(member, *_CANCELLED)
            actions.cancel_workshop(
                by=member.user, membership=member, workshop=cancelled, reason="Salle fermée"
            )


def _log(
    member: Membership, ago: int, theme: str, title: str, minutes: int, heads: int, known: int
) -> Workshop:
    day = periods.days_after(periods.today(), -ago)
    gathering = Gathering(
        held_on=day,
        channel="PRE",
        theme=theme,
        title=title,
        minutes=minutes,
        site=member.site,
        animator=member,
        heads=heads,
        known=_followed(member, day, known),
    )
    return actions.log_workshop(by=member.user, membership=member, gathering=gathering)


def _followed(member: Membership, day: date, count: int) -> tuple[uuid.UUID, ...]:
    """The newest of the journeys that were open on a day."""
    is_open = Q(closed_on__isnull=True) | Q(closed_on__gt=day)
    held = Journey.objects.filter(is_open, structure=member.structure_id, opened_on__lte=day)
    return tuple(held.order_by("-opened_on", "pk").values_list("public_id", flat=True)[:count])
