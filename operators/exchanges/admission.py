"""Who is in and who waits: one function, of those who registered and when some of them left.

The rule (ADR 42). Whoever enters does so while her network has at most `share` percent of those who
are in, or of `least` while they are fewer. Each arrival and each withdrawal lets in as many as can
be, in the order of registration, network by network never out of order. A seat once given is kept:
nobody is sent back, neither by who comes later nor by who leaves.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mix:
    """`share`: percent that one network has at most; `least`: of how many at least."""

    seats: int
    share: int
    least: int

    def most(self, inside: int) -> int:
        """Of one network, where so many are in: never less where more are."""
        return self.share * max(inside, self.least) // 100


@dataclass(frozen=True)
class Entry:
    """A registration: her network, when she came and when she left; instants that sort."""

    network: Hashable
    came: Any
    left: Any = None


def admitted(queue: Sequence[Entry], mix: Mix) -> list[bool]:
    """Of each registration, given in their order: is she in, now that all this has happened."""
    events = [(entry.came, rank, True) for rank, entry in enumerate(queue)]
    events += [(entry.left, rank, False) for rank, entry in enumerate(queue) if entry.left]
    here, inside = set(), set()
    for _, rank, is_arrival in sorted(events):
        if is_arrival:
            here.add(rank)
        else:
            here.discard(rank)
            inside.discard(rank)
        _let_in({rank: queue[rank].network for rank in sorted(here)}, mix, inside)
    return [rank in inside for rank in range(len(queue))]


def _let_in(here: dict[int, Hashable], mix: Mix, inside: set[int]) -> None:
    """As many of those who are here as can be, beside those who are in."""
    present = Counter(here.values())
    taken = Counter(here[rank] for rank in inside)

    def filled(size: int) -> int:
        """Who left may have left a network above its share: it keeps its seats, and waits."""
        most = mix.most(size)
        return sum(max(taken[one], min(count, most)) for one, count in present.items())

    sizes = range(min(mix.seats, len(here)), -1, -1)
    total = next(size for size in sizes if filled(size) >= size)
    for rank, network in here.items():
        if len(inside) < total and rank not in inside and taken[network] < mix.most(total):
            inside.add(rank)
            taken[network] += 1
