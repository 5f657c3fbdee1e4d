"""Seeded chance, drawn by hundreds: a draw one by one costs four times as much."""

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")

_BATCH = 256
# RFC 9562, version 4: where its version and its variant stand, for a whole batch.
_VERSION, _VARIANT = 0xF << 76, 0x3 << 62
_EACH = sum(1 << (128 * n) for n in range(_BATCH))
_UUIDS_FREE = ~((_VERSION | _VARIANT) * _EACH)
_UUIDS_FIXED = ((0x4 << 76) | (0x2 << 62)) * _EACH


def source(seed: int, part: str, number: int | None = None) -> Random:
    """One source a part, or a part of a slice: what one draws never shifts another."""
    return Random(f"{seed}/{part}" if number is None else f"{seed}/{part}/{number}")


class Lot(Generic[T]):
    """Values and their weights, summed once; each slice draws its own stream of them."""

    def __init__(self, values: Sequence[T], weights: Sequence[float] | None = None):
        self._values = values
        self._cumulated = list(accumulate(weights)) if weights else None

    @classmethod
    def of(cls, weights: dict[T, float]) -> "Lot[T]":
        return cls(list(weights), list(weights.values()))

    def stream(self, chance: Random) -> Callable[[], T]:
        """A function that gives the next of endless weighted draws."""

        def draws() -> Iterator[T]:
            while True:
                yield from chance.choices(self._values, cum_weights=self._cumulated, k=_BATCH)

        return draws().__next__


def uuids(chance: Random) -> Callable[[], str]:
    """A function that gives the next of endless random UUIDs, as 32 hexadecimal digits."""

    def draws() -> Iterator[str]:
        while True:
            bits = chance.getrandbits(128 * _BATCH) & _UUIDS_FREE | _UUIDS_FIXED
            digits = f"{bits:0{32 * _BATCH}x}"
            for start in range(0, 32 * _BATCH, 32):
                yield digits[start : start + 32]

    return draws().__next__
