"""A workshop between networks in each Region that has accounts, announced for the fortnight; those
of its advisers who have an account are registered."""

from datetime import time

from indicators.demonstration.accounts import accounts_of
from operators.actions import announce_exchange, join_exchange
from operators.queries import exchanges_of
from regions.middleware import scope_of
from regions.models import Membership
from sprocep import periods

_IN_DAYS = 14


def play_exchanges() -> None:
    """Once a Region."""
    advisers = accounts_of(Membership.Role.ADVISER)
    for host in accounts_of(Membership.Role.REGIONAL_COORDINATOR):
        with scope_of(host, read_only=False):
            if exchanges_of(host.region_id).exists():
                continue
            announced = announce_exchange(
                by=host.user,
                region=host.region_id,
                title="Recevoir sans rendez-vous : ce que chaque réseau a essayé",
                held_on=periods.days_after(periods.today(), _IN_DAYS),
                starts_at=time(9, 30),
                ends_at=time(12),
                place="à distance, lien envoyé la veille",
                seats=12,
                share=50,
                least=2,
            )
        for adviser in advisers:
            if adviser.region_id == host.region_id:
                with scope_of(adviser, read_only=False):
                    join_exchange(by=adviser.user, membership=adviser, exchange=announced)
