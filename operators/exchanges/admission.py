"""Who is in and who waits: one function, of those who are registered, in their order.

The rule (ADR 42). Of `inside` persons who are in, a network has at most `share` percent of them,
or of `least` while they are fewer. Each arrival lets in as many as can be, in the order of
registration, network by network never out of order; nobody leaves for who comes later. Somebody who
withdraws is as if she had never registered.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Mix:
    """`share`: percent that one network has at most; `least`: of how many at least."""

    seats: int
    share: int
    least: int

    def most(self, inside: int) -> int:
        """Of one network, where so many are in: never less where more are."""
        return self.share * max(inside, self.least) // 100


def admitted(networks: Sequence[Hashable], mix: Mix) -> list[bool]:
    """Of each registered person, given by her network in the order of registration: is she in."""
    inside = [False] * len(networks)
    for arrived in range(1, len(networks) + 1):
        _let_in(networks[:arrived], mix, inside)
    return inside


def _let_in(networks: Sequence[Hashable], mix: Mix, inside: list[bool]) -> None:
    """As many of these as can be, beside those who are in."""
    present = Counter(networks)
    taken = Counter(n for n, is_in in zip(networks, inside, strict=False) if is_in)
    total = next(
        size
        for size in range(min(mix.seats, len(networks)), -1, -1)
        if sum(min(count, mix.most(size)) for count in present.values()) >= size
    )
    room = total - taken.total()
    for rank, network in enumerate(networks):
        if room > 0 and not inside[rank] and taken[network] < mix.most(total):
            inside[rank] = True
            taken[network] += 1
            room -= 1
