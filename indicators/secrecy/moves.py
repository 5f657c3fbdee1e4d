"""What an attacker may still believe: other values that agree with all that is public.

A move is the difference between such values and the true ones: it gives nought in every relation
and takes no hidden value under what everybody knows of it. How far moves carry a value, both ways,
is the interval that an attacker can compute for it. A move is its own proof, and is checked as
such: nothing rests on what the solver says of itself.
"""

from collections.abc import Iterable

import highspy
import numpy as np

from indicators.secrecy.system import NOBODY, System

CLOSE = 1e-6
# No number of threads: it belongs to the process, and one thread is what both methods take.
_QUIET = {"output_flag": False, "log_to_console": False, "parallel": "off"}
# Many variables at once: within the best, no corner is wanted. One variable: from rest, few pivots.
_INTERIOR = {"solver": "ipm", "run_crossover": "off", "presolve": "on"}
_DUAL = {"solver": "simplex", "simplex_strategy": 1, "presolve": "off"}
WIDE = 40  # times the interval: how far an audit lets go what it does not look at
_NEARLY_NOTHING = 1e-3  # to move what is hidden already


class Reach:
    """How far moves carry each variable, for each reader: an outsider, or a category of operator,
    whose own cells do not move.

    `far`: what proves an interval. `is_own`: what a reader knows whatever is published.
    """

    def __init__(self, system: System, far: int):
        self.system, self.far = system, far
        self.owners = sorted(set(system.owner.tolist()) - {NOBODY})
        # The outsider comes last: a move that hides a count from a category hides it from the
        # outsider too.
        self.readers = [*reversed(self.owners), NOBODY]
        self.down = {reader: np.zeros(system.size) for reader in self.readers}
        self.up = {reader: np.zeros(system.size) for reader in self.readers}
        self.is_own = {reader: np.zeros(system.size, dtype=bool) for reader in self.readers}

    def width(self, reader: int, variables: np.ndarray) -> np.ndarray:
        return self.up[reader][variables] - self.down[reader][variables]

    def pending(self, members: np.ndarray, readers: Iterable[int]) -> np.ndarray:
        """What some of these readers may come close to. All that is hidden keeps its interval for
        an outsider, who must not see what is small; a category must not find what is."""
        s = self.system
        is_pending = np.zeros(s.size, dtype=bool)
        for reader in readers:
            at_stake = s.is_target if reader == NOBODY else s.is_primary & (s.owner != reader)
            at_stake = np.flatnonzero(members & at_stake & s.is_hidden & ~self.is_own[reader])
            is_pending[at_stake[self.width(reader, at_stake) < self.far - CLOSE]] = True
        return np.flatnonzero(is_pending)

    def see(self, variables: np.ndarray, move: np.ndarray) -> None:
        """This move proves something to every reader who owns nothing of what it moves."""
        moved = np.abs(move) > CLOSE
        variables, move = variables[moved], move[moved]
        owners = set(self.system.owner[variables].tolist()) - {NOBODY}
        for reader in self.readers:
            if reader not in owners:
                up, down = self.up[reader], self.down[reader]
                up[variables] = np.maximum(up[variables], move)
                down[variables] = np.minimum(down[variables], move)

    def see_loose_ones(self) -> None:
        """Where every relation of a variable has a number that stands in no other and may take the
        move, nothing else need move."""
        s = self.system
        columns, signs = s.columns, np.sign(s.coefficients)
        rows = s.row_of_entry
        entries = np.bincount(columns, minlength=s.size)
        has_room = (s.values - s.lowest)[columns] >= self.far
        for reader in self.readers:
            is_unknown = s.is_hidden & ((s.owner != reader) | (reader == NOBODY))
            takes = is_unknown[columns] & (entries[columns] == 1)
            is_held = np.zeros(len(columns), dtype=bool)
            for sign in (1, -1):
                loose_rows = rows[takes & ((signs == -sign) | has_room)]
                is_held |= (signs == sign) & ~np.isin(rows, loose_rows)
            held_entries = np.bincount(columns[is_held], minlength=s.size)
            loose = is_unknown & (held_entries == 0) & (entries > 1)
            for sign in (1, -1):
                moved_rows = rows[loose[columns] & (signs == -sign)]
                taking = takes & np.isin(rows, moved_rows) & ((signs == sign) | has_room)
                loose[columns[taking]] = True
            self.up[reader][loose] = self.far


class Relations:
    """The relations of what may move, the rest being held. What one relation alone then fixes does
    not move either."""

    def __init__(self, system: System, may_move: np.ndarray):
        kept = may_move[system.columns]
        rows, columns = system.row_of_entry[kept], system.columns[kept]
        coefficients = system.coefficients[kept]
        moves = may_move.copy()
        while True:
            alone = np.bincount(rows, minlength=len(system.starts))[rows] == 1
            if not alone.any():
                break
            moves[columns[alone]] = False
            kept = moves[columns]
            rows, columns, coefficients = rows[kept], columns[kept], coefficients[kept]
        self.variables = np.flatnonzero(moves)
        self.position = np.full(system.size, -1)
        self.position[self.variables] = np.arange(len(self.variables))
        self.count, rank = np.unique(rows, return_inverse=True)
        self.starts = np.concatenate([[0], np.cumsum(np.bincount(rank))]).astype(np.int32)
        self.columns = self.position[columns].astype(np.int32)
        self.coefficients = coefficients.astype(float)
        self.rank = rank
        self.room = (system.values - system.lowest)[self.variables].astype(float)

    def widths_at_most(self) -> np.ndarray:
        """Of each variable of the system: the interval that one relation alone leaves it. What
        stands all on one side only shares its room."""
        widths = np.zeros(len(self.position))
        widths[self.variables] = np.inf
        on_left, on_right = (
            np.bincount(self.rank, weights=sign * self.coefficients > 0, minlength=len(self.count))
            for sign in (1, -1)
        )
        room = np.bincount(
            self.rank, weights=self.room[self.columns], minlength=len(self.count)
        ).astype(float)  # of nothing, it counts in whole numbers
        room[(on_left > 0) & (on_right > 0)] = np.inf
        np.minimum.at(widths, self.variables[self.columns], room[self.rank])
        return widths

    def hold(self, move: np.ndarray) -> bool:
        sums = np.bincount(
            self.rank, weights=self.coefficients * move[self.columns], minlength=len(self.count)
        )
        return not len(sums) or float(np.abs(sums).max()) < CLOSE


def _solver(lp: highspy.HighsLp, options: dict) -> highspy.Highs:
    solver = highspy.Highs()
    for name, value in (_QUIET | options).items():
        solver.setOptionValue(name, value)
    solver.passModel(lp)
    return solver


def _program(relations: Relations, cost, lower, upper, copies: int) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    size, rows = len(relations.variables), len(relations.count)
    lp.num_col_, lp.num_row_ = copies * size, rows
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, lower, upper
    lp.row_lower_ = lp.row_upper_ = np.zeros(rows)
    matrix = lp.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    if copies == 1:
        matrix.start_, matrix.index_ = relations.starts, relations.columns
        matrix.value_ = relations.coefficients
    else:  # each variable twice: up, then down
        matrix.start_ = 2 * relations.starts
        matrix.index_ = np.stack([relations.columns, relations.columns + size], 1).ravel()
        matrix.value_ = np.stack([relations.coefficients, -relations.coefficients], 1).ravel()
    return lp


class Audit:
    """Moves of what is hidden, each as wide as may be for many variables at once."""

    def __init__(self, system: System, may_move: np.ndarray, far: int):
        self.relations = Relations(system, may_move & system.is_hidden)
        self.far = float(far)
        size = len(self.relations.variables)
        self.every = np.arange(size, dtype=np.int32)
        lp = _program(self.relations, np.zeros(size), np.zeros(size), np.zeros(size), 1)
        lp.sense_ = highspy.ObjSense.kMaximize
        self.solver = _solver(lp, _INTERIOR)

    def widest(self, targets: np.ndarray, weights: np.ndarray) -> np.ndarray | None:
        """`targets` go no further than asked: the others take up what many of them move together,
        as a total does for its parts."""
        size, places = len(self.every), self.relations.position[targets]
        cost, limit = np.zeros(size), np.full(size, WIDE * self.far)
        cost[places], limit[places] = weights, self.far
        lower = -np.minimum(self.relations.room, limit)
        self.solver.changeColsCost(size, self.every, cost)
        self.solver.changeColsBounds(size, self.every, lower, limit)
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        move = np.asarray(self.solver.getSolution().col_value)
        is_move = self.relations.hold(move) and bool((move >= lower - CLOSE).all())
        return move if is_move else None


class Repair:
    """The cheapest move that carries one variable far enough, if need be by what is open: all that
    it moves is to be hidden."""

    def __init__(self, system: System, may_move: np.ndarray, cost: np.ndarray, far: int):
        self.relations = Relations(system, may_move)
        v = self.relations.variables
        self.size = len(v)
        self.down = np.clip(system.values[v] - system.lowest[v], 0, far).astype(float)
        self.upper = np.concatenate([np.full(self.size, float(far)), self.down])
        costs = np.where(system.is_hidden[v], _NEARLY_NOTHING, cost[v])
        lp = _program(
            self.relations, np.tile(costs, 2), np.zeros(2 * self.size), self.upper, copies=2
        )
        self.solver = _solver(lp, _DUAL)

    def move(self, target: int, distance: float) -> np.ndarray | None:
        """Of `relations.variables`; None where nothing carries the target so far."""
        up = int(self.relations.position[target])
        if up < 0:
            return None
        down = up + self.size
        self.solver.changeColBounds(up, distance, distance)
        self.solver.changeColBounds(down, 0.0, 0.0)
        self.solver.clearSolver()  # from rest: few pivots, and the same whatever came before
        self.solver.run()
        is_found = self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        both = np.asarray(self.solver.getSolution().col_value)
        self.solver.changeColBounds(up, 0.0, self.upper[up])
        self.solver.changeColBounds(down, 0.0, self.upper[down])
        if not is_found:
            return None
        move = both[: self.size] - both[self.size :]
        is_move = self.relations.hold(move) and bool((move >= -self.down - CLOSE).all())
        return move if is_move else None

    def now_hidden(self, variables: np.ndarray) -> None:
        for n in self.relations.position[variables].tolist():
            self.solver.changeColCost(n, _NEARLY_NOTHING)
            self.solver.changeColCost(n + self.size, _NEARLY_NOTHING)
