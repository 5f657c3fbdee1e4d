"""Which counts are wide, and which are not."""

from collections.abc import Callable, Iterator

import numpy as np

from .programs import EXACT, FAR, INTERIOR, SIMPLEX, Program, centre
from .systems import Contradiction, System

WIDE = 40  # widths


class Judge:
    """Widens what is seen of each count by solutions, and closes what cannot be widened.

    A ball is a part of the system around a count. Moved inside it alone, from a solution of the
    whole, a count shows how wide it is at least; with the relations outside it forgotten, how wide
    at most. Where the two do not decide, the ball grows, to the whole at last. Before each growth
    all that is left is moved together: quicker than one large ball each.
    """

    SIZES = ((60, 400), (4_000,))

    def __init__(
        self, system: System, targets: np.ndarray, is_virtual: np.ndarray, width: float
    ) -> None:
        self.system, self.width, self.is_virtual = system, width, is_virtual
        self.chance = np.random.default_rng(0)
        self.start = centre(system, 2 * width)
        self.least, self.most = self.start.copy(), self.start.copy()
        self.activity = np.bincount(
            system.rows, system.coefficients * self.start[system.columns], len(system.low)
        )
        self.open = targets & ~self.is_safe(np.arange(len(targets)))
        self.narrow: dict[int, tuple[int, int]] = {}
        self.programs = 0
        bounds = zip(system.starts[:-1].tolist(), system.starts[1:].tolist(), strict=True)
        columns, coefficients = system.columns.tolist(), system.coefficients.tolist()
        self.row = [list(zip(columns[a:b], coefficients[a:b], strict=True)) for a, b in bounds]
        self.rows_of: list[list[int]] = [[] for _ in system.lower]
        for rank in sorted(range(len(self.row)), key=lambda rank: len(self.row[rank])):
            for column, _ in self.row[rank]:
                self.rows_of[column].append(rank)

    def judge(self) -> None:
        for sizes in self.SIZES:
            self._widen_all()
            for target in self._still_open():
                self._decide_nearby(target, sizes)
        self._widen_all()
        self._decide_alone()

    def _still_open(self) -> Iterator[int]:
        """Those that are open when their turn comes: one solution closes several."""
        return (target for target in np.flatnonzero(self.open).tolist() if self.open[target])

    def _widen_all(self) -> None:
        """All that are open at once, each up or down by chance, as long as that closes many. An
        interior point moves thousands, where a corner of the simplex moves few. What is decided
        moves farther: it takes up what many of the others move together."""
        while self.open.any():
            before = np.count_nonzero(self.open)
            move = self._mover(np.where(self.open, 1.5, WIDE) * self.width)
            signs = self.chance.choice((-1.0, 1.0), len(self.open))
            move(np.where(self.open, signs, 0))
            move(np.where(self.open, -signs, 0))
            if before - np.count_nonzero(self.open) <= before / 20:
                return

    def _decide_alone(self) -> None:
        """The bounds of each in the whole."""
        move = self._mover(FAR)
        for target in self._still_open():
            costs = np.zeros(len(self.open))
            for sign in (1.0, -1.0):
                if self.open[target]:
                    costs[target] = sign
                    move(costs)
            if self.open[target]:
                self._close(target, self.least[target], self.most[target])

    def _mover(self, reach: float | np.ndarray) -> Callable[[np.ndarray], None]:
        """Moves the whole from the start within a reach, and sees where that ends."""
        everything, rows = np.arange(len(self.open)), np.arange(len(self.system.low))
        lower, upper, low, high = self._room(everything, rows, reach)
        matrix = self.system.starts, self.system.columns, self.system.coefficients
        program = Program(lower, upper, low, high, *matrix, **INTERIOR)
        self.programs += 1

        def move(costs: np.ndarray) -> None:
            moves = program.maximise(costs)
            change = self.system.coefficients * moves[self.system.columns]
            change = np.bincount(self.system.rows, change, len(low))
            # An interior point may stop short of an exact solution.
            if np.all((change > low - EXACT) & (change < high + EXACT)):
                self._see(everything, self.start + moves)

        return move

    def _decide_nearby(self, target: int, sizes: tuple[int, ...]) -> None:
        for size in sizes:
            ball = self._ball(target, size)
            # Smaller than asked for: nothing else is tied to it.
            if self._enclose(ball, target, is_whole=len(ball) < size):
                return
            self._widen_one(target, ball)
            if not self.open[target]:
                return

    def _ball(self, target: int, size: int) -> list[int]:
        """Counts around one, nearest first, by whole relations, short ones first."""
        inside, order, seen = {target}, [target], set()
        for column in order:
            if len(order) >= size:
                break
            for rank in self.rows_of[column]:
                if rank in seen:
                    continue
                seen.add(rank)
                for other, _ in self.row[rank]:
                    if other not in inside:
                        inside.add(other)
                        order.append(other)
        return order

    def _part(self, ball: list[int], *, is_closed: bool) -> tuple[list[int], dict[int, int]]:
        """Relations of a ball: all that touch it, or only those that lie wholly in it."""
        rank = {column: position for position, column in enumerate(ball)}
        rows = {row for column in ball for row in self.rows_of[column]}
        if is_closed:
            rows = {row for row in rows if all(column in rank for column, _ in self.row[row])}
        return sorted(rows), rank

    def _program(self, ball, rows, rank, lower, upper, low, high) -> Program:
        terms = [[(rank[c], v) for c, v in self.row[row] if c in rank] for row in rows]
        starts = np.concatenate([[0], np.cumsum([len(row) for row in terms])]).astype(np.int32)
        columns = np.array([c for row in terms for c, _ in row], dtype=np.int32)
        coefficients = np.array([v for row in terms for _, v in row], dtype=float)
        self.programs += 1
        return Program(lower, upper, low, high, starts, columns, coefficients, **SIMPLEX)

    def _room(
        self, ball: np.ndarray, rows: np.ndarray, reach: float | np.ndarray
    ) -> tuple[np.ndarray, ...]:
        """How far counts may move from the start, and what a move may change in the relations."""
        here = self.start[ball]
        lower = np.minimum(0, np.maximum(self.system.lower[ball] - here, -reach))
        upper = np.maximum(0, np.minimum(self.system.upper[ball] - here, reach))
        low, high = self.system.low[rows], self.system.high[rows]
        is_equal = low == high
        low = np.where(is_equal, 0, np.minimum(0, low - self.activity[rows]))
        high = np.where(is_equal, 0, np.maximum(0, high - self.activity[rows]))
        return lower, upper, low, high

    def _widen_one(self, target: int, ball: list[int]) -> None:
        """Moves inside the ball, all else held where the solution of the whole has it."""
        rows, rank = self._part(ball, is_closed=False)
        program = self._program(ball, rows, rank, *self._room(np.array(ball), np.array(rows), FAR))
        here = self.start[ball]
        for sign in (1.0, -1.0):
            costs = np.zeros(len(ball))
            costs[rank[target]] = sign
            self._see(ball, here + program.maximise(costs))
            if not self.open[target]:
                return

    def _see(self, ball: list[int] | np.ndarray, counts: np.ndarray) -> None:
        self.least[ball] = np.minimum(self.least[ball], counts)
        self.most[ball] = np.maximum(self.most[ball], counts)
        self.open[ball] &= ~self.is_safe(np.array(ball))

    def is_safe(self, ranks: np.ndarray) -> np.ndarray:
        """Wide in whole numbers reached; what is not printed may also be large, or nothing."""
        most, least = np.floor(self.most[ranks] + 1e-6), np.ceil(self.least[ranks] - 1e-6)
        is_not_small = (most > self.width) | (least < 1)
        return (most - least >= self.width) | (self.is_virtual[ranks] & is_not_small)

    def _enclose(self, ball: list[int], target: int, *, is_whole: bool) -> bool:
        """Bound the count by the relations in the ball alone; true when that decides."""
        rows, rank = self._part(ball, is_closed=True)
        lower, upper = self.system.lower[ball], np.minimum(self.system.upper[ball], FAR)
        program = self._program(
            ball, rows, rank, lower, upper, self.system.low[rows], self.system.high[rows]
        )
        costs = np.zeros(len(ball))
        ends = []
        for sign in (1.0, -1.0):
            costs[rank[target]] = sign
            found = program.maximise(costs)
            if found is None:
                raise Contradiction(np.array([target]))
            ends.append(float(found[rank[target]]))
            if is_whole:
                self._see(ball, found)
        is_narrow = np.floor(ends[0] + 1e-6) - np.ceil(ends[1] - 1e-6) < self.width
        if is_narrow or (is_whole and self.open[target]):
            self._close(target, ends[1], ends[0])
        return not self.open[target]

    def _close(self, target: int, least: float, most: float) -> None:
        self.narrow[target] = int(np.ceil(least - 1e-6)), int(np.floor(most + 1e-6))
        self.open[target] = False
