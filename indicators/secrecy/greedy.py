"""A first pattern: in every relation that gives a hidden count away, hide the cheapest further one;
then show again, the dearest first, each that others have made needless.

One relation at a time: what several of them together give away is found and repaired afterwards
(`indicators.secrecy.pattern`).
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from indicators.secrecy.system import FREE, NOBODY, System

# What a relation costs where nothing was hidden yet, in times what is hidden first: it wants a
# further count in its turn, and that one another.
OPENING = 3


def hide_greedily(system: System, cost: np.ndarray, room: int) -> None:
    """Marks variables of the system as hidden, so that those of a relation that holds a target may
    move by `room` together. `cost`: what it costs to hide each; on ties, the first of the
    system."""
    system.hide(np.array(_Greedy(system, cost, room).run(), dtype=np.int64))


class _Greedy:
    def __init__(self, system: System, cost: np.ndarray, room: int):
        self.enough, self.cost = room, cost.tolist()
        self.room = (system.values - system.lowest).tolist()
        self.is_free = (system.lowest == FREE).tolist()
        self.hidden = system.is_hidden.tolist()
        self.open = system.is_open.tolist()
        self.primary = system.is_primary.tolist()
        self.target = system.is_target.tolist()
        self.owner = system.owner.tolist()
        starts, columns = system.starts.tolist(), system.columns.tolist()
        coefficients = system.coefficients.tolist()
        self.rows = [
            list(zip(columns[a:b], coefficients[a:b], strict=True)) for a, b in pairwise(starts)
        ]
        self.rows_of: list[list[int]] = [[] for _ in self.cost]
        for r, row in enumerate(self.rows):
            for n, _ in row:
                self.rows_of[n].append(r)
        self.targets_in = [sum(self.target[n] for n, _ in row) for row in self.rows]

    def run(self) -> list[int]:
        added: list[int] = []
        due = [r for r, count in enumerate(self.targets_in) if count]
        while due:
            touched: set[int] = set()
            for r in due:
                while (n := self._missing_in(self.rows[r])) is not None:
                    self._mark(n, is_hidden=True)
                    added.append(n)
                    touched.update(self.rows_of[n])
            due = sorted(touched)
        return self._needed(added)

    def _needed(self, added: list[int]) -> list[int]:
        needed = []
        for n in sorted(added, key=lambda n: (-self.cost[n], n)):
            self._mark(n, is_hidden=False)
            if any(next(self._readers_of(self.rows[r]), None) is not None for r in self.rows_of[n]):
                self._mark(n, is_hidden=True)
                needed.append(n)
        return needed

    def _mark(self, n: int, *, is_hidden: bool) -> None:
        self.hidden[n] = self.target[n] = is_hidden
        for r in self.rows_of[n]:
            self.targets_in[r] += 1 if is_hidden else -1

    def _missing_in(self, row: list[tuple[int, int]]) -> int | None:
        found = (self._cheapest(row, reader) for reader in self._readers_of(row))
        return next((n for n in found if n is not None), None)

    def _readers_of(self, row: list[tuple[int, int]]) -> Iterator[int]:
        """Those to whom the relation gives something away."""
        hidden = [(n, c) for n, c in row if self.hidden[n]]
        owners = {self.owner[n] for n, _ in row}
        readers = [NOBODY, *sorted(owners - {NOBODY})] if len(owners) > 1 else [NOBODY]
        return (reader for reader in readers if self._is_given_away(hidden, reader))

    def _is_given_away(self, hidden: list[tuple[int, int]], reader: int) -> bool:
        """To a reader who knows what it owns: a target alone in its relation, or among so few that
        its interval is too narrow. What stands on both sides may grow on both."""
        unknown = [(n, c) for n, c in hidden if reader == NOBODY or self.owner[n] != reader]
        at_stake = self.target if reader == NOBODY else self.primary
        if not any(at_stake[n] for n, _ in unknown):
            return False
        if len(unknown) == 1:
            return True
        if any(self.is_free[n] for n, _ in unknown) or len({c for _, c in unknown}) == 2:
            return False
        return sum(self.room[n] for n, _ in unknown) < self.enough

    def _cheapest(self, row: list[tuple[int, int]], reader: int) -> int | None:
        """Where other relations hold hidden counts already, hiding opens no new one."""
        found = [
            (self.cost[n] * (1 + OPENING * sum(not self.targets_in[r] for r in self.rows_of[n])), n)
            for n, _ in row
            if self.open[n] and not self.hidden[n] and (reader == NOBODY or self.owner[n] != reader)
        ]
        return min(found)[1] if found else None
