"""The relations as arrays, over what is not known."""

from dataclasses import dataclass

import numpy as np

from .counts import Counts
from .ties import Relation


class Contradiction(ValueError):
    """No counts at all satisfy what the files say."""


@dataclass
class System:
    """low ≤ A x ≤ high and lower ≤ x ≤ upper, over the unknown counts; `of` says which they are."""

    starts: np.ndarray
    columns: np.ndarray
    coefficients: np.ndarray
    low: np.ndarray
    high: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    of: np.ndarray

    @property
    def rows(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.low)), np.diff(self.starts))


def system_of(counts: Counts, relations: list[Relation]) -> tuple[System, list[str]]:
    """The believed relations over the unknown counts, and the names of the doubted groups."""
    values = np.array(counts.values)
    sizes = np.array([len(relation.variables) for relation in relations], dtype=np.int64)
    columns = np.array([v for r in relations for v in r.variables], dtype=np.int64)
    coefficients = np.array([c for r in relations for c in r.coefficients])
    low = np.array([relation.low for relation in relations])
    high = np.array([relation.high for relation in relations])
    rows = np.repeat(np.arange(len(relations)), sizes)
    is_unknown = np.isnan(values)[columns]
    known = np.bincount(rows, np.where(is_unknown, 0, coefficients * values[columns]), len(low))
    left = np.bincount(rows, is_unknown, len(low))
    is_denied = (left == 0) & ((known < low - 1e-6) | (known > high + 1e-6))
    doubted = {relations[row].group for row in np.flatnonzero(is_denied)}
    is_believed = np.array([relation.group not in doubted for relation in relations], dtype=bool)
    keep = is_believed & (left > 0)
    used = is_unknown & keep[rows]
    of = np.flatnonzero(np.isnan(values))
    rank = np.full(len(values), -1)
    rank[of] = np.arange(len(of))
    system = System(
        np.concatenate([[0], np.cumsum(np.bincount(rows[used], minlength=len(low))[keep])]),
        rank[columns[used]],
        coefficients[used],
        (low - known)[keep],
        (high - known)[keep],
        np.array(counts.lower)[of],
        np.full(len(of), np.inf),
        of,
    )
    return system, sorted(map(_named, doubted))


def _named(group: tuple) -> str:
    """The same words in every run: a set has no order of its own."""
    return " ".join(
        "+".join(sorted(part)) if isinstance(part, frozenset) else str(part) for part in group
    )


def tighten(system: System, rounds: int = 200) -> None:
    """Bounds that follow from single relations, until no bound moves: whole numbers.

    Raises:
        Contradiction: a count with no number left.
    """
    rows, columns, coefficients = system.rows, system.columns, system.coefficients
    is_up = coefficients > 0
    for _ in range(rounds):
        lower, upper = system.lower.copy(), system.upper.copy()
        below = np.where(is_up, coefficients * lower[columns], coefficients * upper[columns])
        above = np.where(is_up, coefficients * upper[columns], coefficients * lower[columns])
        room = system.high[rows] - _rest(rows, below, len(system.low))
        need = system.low[rows] - _rest(rows, above, len(system.low))
        most = np.where(is_up, room, need) / coefficients
        least = np.where(is_up, need, room) / coefficients
        np.minimum.at(upper, columns, np.floor(most + 1e-6))
        np.maximum.at(lower, columns, np.ceil(least - 1e-6))
        if np.any(lower > upper):
            raise Contradiction(np.flatnonzero(lower > upper))
        if np.array_equal(lower, system.lower) and np.array_equal(upper, system.upper):
            return
        system.lower, system.upper = lower, upper


def _rest(rows: np.ndarray, terms: np.ndarray, count: int) -> np.ndarray:
    """Of each term, the sum of the others of its row; infinite where one of them is."""
    is_infinite = np.isinf(terms)
    finite = np.where(is_infinite, 0, terms)
    sums = np.bincount(rows, finite, count)[rows] - finite
    others = np.bincount(rows, is_infinite, count)[rows] - is_infinite
    sign = np.sign(terms[is_infinite][0]) if is_infinite.any() else 0
    return np.where(others > 0, sign * np.inf, sums)


def without_fixed(system: System) -> System:
    """Counts with one number left become constants; what ties nothing any more goes."""
    is_free = system.lower < system.upper
    rows = system.rows
    at = system.lower[system.columns]
    fixed = np.where(
        is_free[system.columns], 0, system.coefficients * np.where(np.isinf(at), 0, at)
    )
    constant = np.bincount(rows, fixed, len(system.low))
    used = is_free[system.columns]
    left = np.bincount(rows[used], minlength=len(system.low))
    keep = left > 0
    rank = np.cumsum(is_free) - 1
    return System(
        np.concatenate([[0], np.cumsum(left[keep])]),
        rank[system.columns[used]],
        system.coefficients[used],
        (system.low - constant)[keep],
        (system.high - constant)[keep],
        system.lower[is_free],
        system.upper[is_free],
        system.of[is_free],
    )
