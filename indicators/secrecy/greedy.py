"""A first pattern: in every relation that gives a hidden count away, hide the cheapest further one.

One relation at a time: what several of them together give away is found and repaired afterwards
(`indicators.secrecy.pattern`).
"""

from itertools import pairwise

import numpy as np

from indicators.secrecy.system import FREE, NOBODY, System


def hide_greedily(system: System, cost: np.ndarray, room: int) -> None:
    """Marks variables of the system as hidden, until those of a relation that holds a target may
    move by `room` together. `cost`: what it costs to hide each; the cheapest goes first, the first
    of the system on ties."""
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
                    self.hidden[n] = self.target[n] = True
                    added.append(n)
                    for other in self.rows_of[n]:
                        self.targets_in[other] += 1
                    touched.update(self.rows_of[n])
            due = sorted(touched)
        return added

    def _missing_in(self, row: list[tuple[int, int]]) -> int | None:
        hidden = [(n, c) for n, c in row if self.hidden[n]]
        owners = {self.owner[n] for n, _ in row}
        readers = [NOBODY, *sorted(owners - {NOBODY})] if len(owners) > 1 else [NOBODY]
        for reader in readers:
            if self._is_given_away(hidden, reader):
                n = self._cheapest(row, reader)
                if n is not None:
                    return n
        return None

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
            (self.cost[n] * (1 + sum(not self.targets_in[r] for r in self.rows_of[n])), n)
            for n, _ in row
            if self.open[n] and not self.hidden[n] and (reader == NOBODY or self.owner[n] != reader)
        ]
        return min(found)[1] if found else None
