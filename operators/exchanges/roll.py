"""The roll of a workshop: who is registered, in order, and who of them is in."""

from collections import defaultdict
from collections.abc import Iterable

from operators.exchanges.admission import Entry, Mix, admitted
from operators.models import Exchange, Registration
from regions.queries import name_of
from sprocep import periods


def mix_of(exchange: Exchange) -> Mix:
    return Mix(exchange.seats, exchange.share, exchange.least)


def rolls(exchanges: Iterable[Exchange]) -> dict[int, list[Registration]]:
    """Exchange → those registered there, each with `is_in`, `structure_name` and `network`; not
    those who withdrew."""
    wanted = {one.pk: one for one in exchanges}
    found = (
        Registration.objects.filter(
            region__in={one.region_id for one in wanted.values()},
            exchange__in=wanted,
        )
        .select_related("structure")
        .annotate(structure_name=name_of("structure", periods.today(), "structure_id"))
        .order_by("pk")
    )
    held = defaultdict(list)
    for one in found:
        held[one.exchange_id].append(one)
    for exchange, registered in held.items():
        queue = [
            Entry(one.structure.network_id, one.registered_at, one.withdrawn_at)
            for one in registered
        ]
        inside = admitted(queue, mix_of(wanted[exchange]))
        for one, is_in in zip(registered, inside, strict=True):
            one.is_in = is_in
    return {
        exchange: [one for one in registered if one.withdrawn_at is None]
        for exchange, registered in held.items()
    }


def roll(exchange: Exchange) -> list[Registration]:
    return rolls([exchange]).get(exchange.pk, [])
