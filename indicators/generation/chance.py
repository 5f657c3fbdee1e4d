"""Seeded chance, drawn by thousands: a draw one by one costs four times as much."""

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from random import Random
from typing import TypeVar

T = TypeVar("T")

# RFC 9562, version 4: where its version and its variant stand.
_UUID_FREE = ~((0xF << 76) | (0x3 << 62)) & ((1 << 128) - 1)
_UUID_FIXED = (0x4 << 76) | (0x2 << 62)


def source(seed: int, part: str) -> Random:
    """One source a part: what one part draws never shifts another."""
    return Random(f"{seed}/{part}")


def stream(
    chance: Random, values: Sequence[T], weights: Sequence[float] | None = None, batch: int = 2048
) -> Callable[[], T]:
    """A function that gives the next of endless weighted draws."""

    def draws() -> Iterator[T]:
        cumulated = list(accumulate(weights)) if weights else None
        while True:
            yield from chance.choices(values, cum_weights=cumulated, k=batch)

    return draws().__next__


def stream_of(chance: Random, weights: dict[T, float], batch: int = 2048) -> Callable[[], T]:
    return stream(chance, list(weights), list(weights.values()), batch)


def uuids(chance: Random) -> Callable[[], str]:
    bits = chance.getrandbits

    def one() -> str:
        return f"{bits(128) & _UUID_FREE | _UUID_FIXED:032x}"

    return one
