"""What the coordination of each Region that has accounts says of the places there: when they
receive, how they are reached and what is done from afar. Not all of them, as in real life."""

from datetime import time
from itertools import cycle

from indicators.demonstration.accounts import accounts_of
from operators.actions import set_hours, set_premises
from operators.models import Premises
from operators.queries import sites_receiving
from regions.middleware import scope_of
from regions.models import Membership, Site
from sprocep import periods

_MORNING, _DAY, _LATE = (time(9), time(12)), (time(9), time(17)), (time(10), time(19))
# By weekday; and what a place is like. Lists of different lengths: the pairs differ from place to
# place.
_HOURS = (
    dict.fromkeys(range(1, 6), _DAY),
    {1: _DAY, 2: _DAY, 4: _LATE},
    dict.fromkeys(range(1, 6), _MORNING),
    {},
)
_REMOTE = Premises.Remote
_TERMS = (
    {"is_neutral": True, "is_step_free": True, "remote": [_REMOTE.PHONE, _REMOTE.VIDEO]},
    {"is_step_free": True, "comforts": ["hearing_loop"]},
    {"is_neutral": True, "is_step_free": False, "remote": [_REMOTE.PHONE]},
    {"is_neutral": False, "is_step_free": True, "comforts": ["parking"]},
    {},
)


def play_receptions() -> None:
    """Once a Region."""
    for coordination in accounts_of(Membership.Role.REGIONAL_COORDINATOR):
        with scope_of(coordination, read_only=False):
            places = list(sites_receiving(coordination.region_id, periods.today()))
            if not Premises.objects.filter(site__in=places).exists():
                for rank, said in enumerate(zip(places, cycle(_HOURS), cycle(_TERMS))):
                    _say(coordination, rank, *said)


def _say(by: Membership, rank: int, place: Site, hours: dict, terms: dict) -> None:
    here = {"by": by.user, "region": by.region_id, "site": place}
    if hours:
        set_hours(**here, hours=hours)
    if terms:
        # Numbers kept for fiction (décision 2018-0881 de l'Arcep).
        phone = f"04 65 71 {rank // 100 % 100:02d} {rank % 100:02d}"
        set_premises(**here, phone=phone, mail=f"accueil-{rank}@exemple.fr", **terms)
