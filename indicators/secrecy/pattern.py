"""Which further counts are hidden, so that nobody comes close to a hidden one.

Greedy, then audit and repair: block by block with the totals held, then whole groups where a total
is hidden too. Ends when every hidden count has moves that prove its interval, for an outsider; and
every small one, for each category of operator that knows its own cells.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from indicators.secrecy.greedy import hide_greedily
from indicators.secrecy.moves import CLOSE, Audit, Reach, Relations, Repair
from indicators.secrecy.system import NOBODY, System

ROUNDS = 30
FEW = 10  # proved by one more programme for many: below, each variable has one of its own
TOTALS_ARE_DEARER = 10
TINY = 0.2  # of the volume, hidden by the first pattern


class NoPattern(Exception):
    """No further hiding protects this variable: what is published already gives it away."""

    def __init__(self, key) -> None:
        super().__init__(str(key))
        self.key = key


@dataclass(frozen=True)
class Attack:
    """What an outsider finds; `smallest_interval` is None where nothing is hidden."""

    smallest_interval: int | None
    found: int
    too_narrow: int


def hide(system: System, k: int, without: Collection[str] = ()) -> Attack:
    """Hide what must be, in the system itself.

    Raises:
        NoPattern
    """
    work = _Work(system, k)
    if "secondary" not in without:
        hide_greedily(system, work.cost, k)
        if "repair" not in without:
            work.see_loose_ones()
            for group in sorted(set(system.group.tolist())):
                if work.is_tiny(group):
                    work.hide_wholesale(group)
                else:
                    work.secure_group(group)
    return work.attack()


class _Work:
    def __init__(self, system: System, k: int):
        self.system, self.far = system, k - 1
        dear = np.where(system.is_total, TOTALS_ARE_DEARER, 1)
        self.cost = (system.values + 10.0) * np.maximum(system.weight, 1) * dear
        self.reach = Reach(system)
        self.left = {reader: np.zeros(system.size, dtype=bool) for reader in self.reach.readers}
        self.random = np.random.default_rng(0)

    def pending(self, reader: int, members: np.ndarray) -> np.ndarray:
        s = self.system
        at_stake = s.is_target if reader == NOBODY else s.is_primary & (s.owner != reader)
        found = np.flatnonzero(members & at_stake & s.is_hidden & ~self.left[reader])
        return found[self.reach.width(reader, found) < self.far - CLOSE]

    def see_loose_ones(self) -> None:
        """Where every relation of a variable has a number that stands in no other and may take the
        move, nothing else need move."""
        s = self.system
        columns, signs = s.columns, np.sign(s.coefficients)
        rows = s.row_of_entry
        entries = np.bincount(columns, minlength=s.size)
        has_room = (s.values - s.lowest)[columns] >= self.far
        for reader in self.reach.readers:
            is_unknown = s.is_hidden & ((s.owner != reader) | (reader == NOBODY))
            takes = is_unknown[columns] & (entries[columns] == 1)
            is_held = np.zeros(len(columns), dtype=bool)
            for sign in (1, -1):
                loose_rows = rows[takes & ((signs == -sign) | has_room)]
                is_held |= (signs == sign) & ~np.isin(rows, loose_rows)
            held = np.bincount(columns[is_held], minlength=s.size)
            loose = is_unknown & (held == 0) & (entries > 1)
            for sign in (1, -1):
                moved_rows = rows[loose[columns] & (signs == -sign)]
                taking = takes & np.isin(rows, moved_rows) & ((signs == sign) | has_room)
                loose[columns[taking]] = True
            self.reach.up[reader][loose] = self.far

    def is_tiny(self, group: int) -> bool:
        """So much is hidden already that the rest is worth no programme; and nothing is out."""
        s = self.system
        members = (s.group == group) & (s.weight > 0)
        volume = np.where(members, s.values * s.weight, 0)
        is_all_ours = not (members & ~s.is_hidden & ~s.is_open & (s.values > 0)).any()
        return is_all_ours and volume[s.is_hidden].sum() > TINY * volume.sum()

    def hide_wholesale(self, group: int) -> None:
        """All that counts anybody, in the whole group. Then k - 1 more people like any who is
        counted agree with all that is public: no total holds anything."""
        s = self.system
        whole = s.group == group
        s.hide(np.flatnonzero(whole & s.is_open))
        self._leave_own(whole)
        for reader in self.reach.readers:
            self.reach.up[reader][whole & s.is_hidden & (s.owner != reader)] = self.far
            if reader == NOBODY:
                self.reach.up[reader][whole & s.is_hidden] = self.far

    def secure_group(self, group: int) -> None:
        s = self.system
        whole = s.group == group
        self._leave_own(whole)
        self._is_under_hidden_total = self._under_hidden_totals()
        for block in sorted(set(s.block[whole & s.is_target & ~s.is_total].tolist())):
            self._secure(s.block == block, is_last=False)
        while any(len(self.pending(reader, whole)) for reader in self.reach.readers):
            self._secure(whole, is_last=True)

    def _leave_own(self, members: np.ndarray) -> None:
        """A count behind which a category is alone is known to it, whatever is published."""
        s = self.system
        for reader in self.reach.readers[1:]:
            everything = members & (s.is_hidden | (s.values > 0)) & (s.owner != reader)
            moves = Relations(s, everything).position >= 0
            own = np.flatnonzero(members & s.is_primary & (s.owner != reader) & ~moves)
            self.left[reader][own] = True

    def _under_hidden_totals(self) -> np.ndarray:
        """What a block would hide too much for, because it holds a total that moves in truth."""
        s = self.system
        rows = s.row_of_entry[s.is_total[s.columns] & s.is_hidden[s.columns]]
        is_of_rows = np.zeros(len(s.starts), dtype=bool)
        is_of_rows[rows] = True
        found = np.zeros(s.size, dtype=bool)
        found[s.columns[is_of_rows[s.row_of_entry]]] = True
        return found & ~s.is_total

    def _secure(self, members: np.ndarray, *, is_last: bool) -> None:
        """For every reader; the outsider last, to whom all moves are moves, and again as long as
        repairs hide more."""
        self._audit(members & (self.system.owner == NOBODY), self.pending(NOBODY, members))
        for reader in (*self.reach.readers[1:], NOBODY):
            stuck: set[int] = set()
            while len(due := [n for n in self.pending(reader, members) if n not in stuck]):
                stuck |= self._secure_for(reader, members, np.array(due), is_last)

    def _secure_for(
        self, reader: int, members: np.ndarray, due: np.ndarray, is_last: bool
    ) -> set[int]:
        s = self.system
        may_move = members & (s.is_hidden | s.is_open)
        if reader != NOBODY:
            may_move &= s.owner != reader
        if len(due) > FEW:
            self._audit(may_move, due, reader)
        stuck: set[int] = set()
        repair = Repair(s, may_move, self.cost, self.far)
        for n in sorted(due.tolist(), key=lambda n: (s.values[n], n)):
            if self.reach.width(reader, n) >= self.far - CLOSE:
                continue
            move = repair.move(n, self.far + self.reach.down[reader][n])
            if move is None:
                stuck.add(n)
                continue
            moved = repair.relations.variables[np.abs(move) > CLOSE]
            new = moved[~s.is_hidden[moved]]
            if not is_last and self._is_under_hidden_total[new].any():
                stuck.add(n)
                continue
            s.hide(new)
            repair.now_hidden(new)
            self.reach.see(repair.relations.variables, move)
        if is_last and stuck:
            self._give_up(reader, members, sorted(stuck))
        return stuck

    def _audit(self, may_move: np.ndarray, due: np.ndarray, reader: int = NOBODY) -> None:
        """Moves of what is hidden, each wide for many: as long as one proves more than a few."""
        if len(due) <= FEW:
            return
        s = self.system
        audit = Audit(s, may_move, self.far)
        due = due[audit.relations.position[due] >= 0]
        for _ in range(ROUNDS):
            # What has little room below must go up; something must go down for it.
            chance = np.where((s.values - s.lowest)[due] < self.far, 0.8, 0.3)
            signs = np.where(self.random.random(len(due)) < chance, 1.0, -1.0)
            move = audit.widest(due, signs * (1 + self.random.random(len(due)) / 2))
            if move is None:
                return
            self.reach.see(audit.relations.variables, move)
            left = due[self.reach.width(reader, due) < self.far - CLOSE]
            if len(due) - len(left) < FEW:
                return
            due = left

    def _give_up(self, reader: int, members: np.ndarray, stuck: list[int]) -> None:
        """Nothing hides from a category what is its own under another name; nor from anybody a
        difference between numbers that are out."""
        s = self.system
        if reader == NOBODY:
            for n in stuck:
                if s.weight[n]:
                    raise NoPattern(s.keys[n])
                self.left[reader][n] = True
            return
        may_move = members & (s.is_hidden | (s.values > 0)) & (s.owner != reader)
        repair = Repair(s, may_move, self.cost, self.far)
        for n in stuck:
            if s.weight[n] and repair.move(n, self.far) is not None:
                raise NoPattern(s.keys[n])
            self.left[reader][n] = True

    def attack(self) -> Attack:
        s = self.system
        targets = np.flatnonzero(s.is_target & s.is_hidden & ~self.left[NOBODY])
        widths = self.reach.width(NOBODY, targets)
        return Attack(
            smallest_interval=round(float(widths.min())) if len(targets) else None,
            found=int((widths < CLOSE).sum()),
            too_narrow=int(((widths >= CLOSE) & (widths < self.far - CLOSE)).sum()),
        )
