"""One group of populations that no relation ties to another: hide until every interval is proved.

First what is hidden moves as it is, and proves most intervals. Then, reader by reader, each count
that stays narrow gets the cheapest move, if need be by what is open. Both steps are done in each
block, with the totals held and two blocks at a time, then in the whole group.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from functools import partial
from itertools import combinations, count

import numpy as np

from indicators.secrecy.moves import CLOSE, Audit, Reach, Relations, Repair
from indicators.secrecy.system import NOBODY, System

ROUNDS = 14
# Below so many that one more programme for many proves, each has a programme of its own.
FEW, FEW_OF_VARIABLES = 10, 1 / 400
TINY = 0.15  # of the volume, hidden by the first pattern


class NoPattern(Exception):
    """No further hiding protects this variable: what is published already gives it away."""

    def __init__(self, key) -> None:
        super().__init__(str(key))
        self.key = key


class Group:
    def __init__(
        self, system: System, reach: Reach, cost: np.ndarray, number: int, threads: Executor
    ):
        self.system, self.reach, self.cost, self.threads = system, reach, cost, threads
        self.members = system.group == number
        self.size = int(self.members.sum())

    def secure(self) -> None:
        """Wholesale where nothing less will do and nothing is out. Raises `NoPattern`."""
        try:
            self._secure()
        except NoPattern:
            if not self.is_all_ours:
                raise
            self.hide_wholesale()

    def _secure(self) -> None:
        self._leave_own()
        for owners in teams(self.reach.owners):
            readers = [reader for reader in self.reach.readers if reader not in owners]
            moves = self.members & np.isin(self.system.owner, [NOBODY, *owners])
            self._in_each_block(partial(self._audit, readers=readers), moves, readers)
            self._audit(moves, readers)
        while unsafe := [r for r in self.reach.readers if len(self._pending(r))]:
            for reader in unsafe:
                self._secure_from(reader)

    def _in_each_block(
        self, secure: Callable[[np.ndarray], None], moves: np.ndarray, readers: Iterable[int]
    ) -> None:
        """Several at a time: blocks meet in totals only, so that with the totals held no block
        changes anything for another."""
        s, due = self.system, self.reach.pending(moves, readers)
        blocks = sorted(set(s.block[due[~s.is_total[due]]].tolist()))
        list(self.threads.map(secure, [moves & (s.block == block) for block in blocks]))

    # ── Where little is left to publish ──────────────────────────────────────────────────────

    @property
    def is_all_ours(self) -> bool:
        """Nothing of the group is out."""
        return not (self.members & self.system.is_out).any()

    def is_tiny(self) -> bool:
        """So much of what came is hidden already that the rest is worth no programme. What nobody
        sent hides nothing: the Regions whose returns are in are read as ever."""
        s = self.system
        members = self.members & (s.weight > 0) & ~s.is_missing
        volume = np.where(members, s.values * s.weight, 0)
        return volume[s.is_hidden].sum() > TINY * volume.sum()

    def hide_wholesale(self) -> None:
        """All that counts anybody, in the whole group. If nothing is out, k - 1 more people like
        any who is counted then agree with all that is public: no total holds anything."""
        s = self.system
        s.hide(np.flatnonzero(self.members & s.is_open))
        if not self.is_all_ours:
            return
        self._leave_own()
        for reader in self.reach.readers:
            is_unknown = self.members & s.is_hidden & ((s.owner != reader) | (reader == NOBODY))
            self.reach.up[reader][is_unknown] = self.reach.far

    # ── What a category knows whatever is published ──────────────────────────────────────────

    def _leave_own(self) -> None:
        """A count behind which a category is alone, or nearly: the rest of it is its own."""
        s = self.system
        for reader in self.reach.owners:
            everything = self.members & (s.is_hidden | (s.values > 0)) & (s.owner != reader)
            own = self.members & s.is_primary & (s.owner != reader)
            own &= Relations(s, everything).widths_at_most() < self.reach.far
            self.reach.is_own[reader] |= own

    # ── Reader by reader ─────────────────────────────────────────────────────────────────────

    def _pending(self, *readers: int) -> np.ndarray:
        return self.reach.pending(self.members, readers)

    def _secure_from(self, reader: int) -> None:
        s = self.system
        moves = self.members & ((s.owner != reader) | (reader == NOBODY))
        spared = self._under_hidden_totals()

        def secure_block(block_moves: np.ndarray) -> None:
            self._audit(block_moves, [reader])
            narrow = self.reach.pending(block_moves, [reader])
            self._repair(block_moves, reader, narrow, spared)

        self._in_each_block(secure_block, moves, [reader])
        self._audit(moves, [reader])
        stuck = self._repair(moves, reader, self._pending(reader))
        self._give_up(moves, reader, stuck)

    def _audit(self, moves: np.ndarray, readers: Iterable[int]) -> None:
        """Moves of what is hidden, each wide for many: as long as one proves more than a few."""
        s, reach = self.system, self.reach
        due = reach.pending(moves, readers)
        if len(due) <= FEW:
            return
        audit = Audit(s, moves, reach.far)
        due = due[audit.constraints.position[due] >= 0]
        few = max(FEW, FEW_OF_VARIABLES * len(audit.variables))
        random = np.random.default_rng(due)  # the same whichever block comes first
        for _ in range(ROUNDS):
            if len(due) <= FEW:
                return
            # What has little room below must go up; something must go down for it.
            chance = np.where((s.values - s.lowest)[due] < reach.far, 0.85, 0.4)
            signs = np.where(random.random(len(due)) < chance, 1.0, -1.0)
            move = audit.widest(due, signs * (1 + random.random(len(due)) / 2))
            if move is None:
                return
            reach.see(audit.variables, move)
            left = np.intersect1d(due, reach.pending(moves, readers))
            if len(due) - len(left) < few:
                return
            due = left

    def _under_hidden_totals(self) -> np.ndarray:
        """What a block would hide too much for, because it holds a total that moves in truth."""
        s = self.system
        rows = s.row_of_entry[s.is_total[s.columns] & s.is_hidden[s.columns]]
        is_of_rows = np.zeros(len(s.starts), dtype=bool)
        is_of_rows[rows] = True
        is_under_hidden_total = np.zeros(s.size, dtype=bool)
        is_under_hidden_total[s.columns[is_of_rows[s.row_of_entry]]] = True
        return is_under_hidden_total & ~s.is_total

    def _repair(
        self, moves: np.ndarray, reader: int, due: np.ndarray, spared: np.ndarray | None = None
    ) -> list[int]:
        """Hide what the cheapest move of each needs, unless it is to be spared; those that nothing
        moves."""
        s, reach = self.system, self.reach
        repair = None
        stuck = []
        for n in sorted(due.tolist(), key=lambda n: (s.values[n], n)):
            if reach.width(reader, n) >= reach.far - CLOSE:
                continue
            repair = repair or Repair(s, moves & (s.is_hidden | s.is_open), self.cost, reach.far)
            move = repair.move(n, reach.far + reach.down[reader][n])
            if move is None:
                stuck.append(n)
                continue
            moved = repair.variables[np.abs(move) > CLOSE]
            new = moved[~s.is_hidden[moved]]
            if spared is None or not spared[new].any():
                s.hide(new)
                repair.now_hidden(new)
                reach.see(repair.variables, move)
        return stuck

    def _give_up(self, moves: np.ndarray, reader: int, stuck: list[int]) -> None:
        """Nothing hides from a category what is its own under another name; nor from anybody what
        is out, or a difference of it, when all that comes now is hidden and does not help."""
        s, reach = self.system, self.reach
        new = [n for n in stuck if s.weight[n] and not s.is_out[n]]
        if reader == NOBODY and new:
            raise NoPattern(s.keys[new[0]])
        if new and (moves & s.is_out & ~s.is_hidden & (s.values > 0)).any():
            # Would the reader know it too if nothing were out?
            everything = moves & (s.is_hidden | (s.values > 0))
            repair = Repair(s, everything, self.cost, reach.far)
            for n in new:
                if repair.move(n, reach.far) is not None:
                    raise NoPattern(s.keys[n])
        reach.is_own[reader][stuck] = True


def teams(owners: list[int]) -> Iterator[tuple[int, ...]]:
    """Few sets of owners, such that each owner is in one without any given other: what a team moves
    proves its interval to all who are not of it.

    >>> list(teams([1, 2, 3]))
    [(1,), (2,), (3,)]
    """
    for number in count(1):
        codes = list(combinations(range(number), number // 2))
        if len(codes) >= len(owners):
            break
    for team in range(number):
        members = tuple(o for o, code in zip(owners, codes, strict=False) if team in code)
        if members:
            yield members
