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
_DUAL = {
    "solver": "simplex",
    "simplex_strategy": 1,
    "presolve": "off",
    "simplex_scale_strategy": 0,
}
WIDE = 40  # times the interval: how far an audit lets go what it does not look at
_NEARLY_NOTHING = 0.1  # to move what is hidden already


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
        self.columns = self.position[columns]
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

    def sums(self, move: np.ndarray) -> np.ndarray:
        weights = self.coefficients * move[self.columns]
        return np.bincount(self.rank, weights=weights, minlength=len(self.count))

    def hold(self, move: np.ndarray) -> bool:
        return bool((np.abs(self.sums(move)) < CLOSE).all())


class Sums:
    """The relations of what may move, as a programme takes them.

    An unpublished number that stands in one relation alone takes what the others leave: it is no
    column, its room bounds their sum. A relation that so binds one column is a bound of it; one
    that its columns cannot break is left out. `lower` and `upper`: how far each column goes, no
    further than `limit`.
    """

    def __init__(self, system: System, may_move: np.ndarray, limit: float):
        self.all = r = Relations(system, may_move)
        self._take_out_slack(system)
        entries = np.flatnonzero(self.is_column[r.columns])
        row_lower, row_upper = self._bounds_of_rows()
        lower, upper = -np.minimum(r.room, limit), np.full(len(r.room), limit)
        is_alone = (np.bincount(r.rank[entries], minlength=len(r.count)) == 1)[r.rank[entries]]
        self._narrow(lower, upper, entries[is_alone], row_lower, row_upper)
        entries = entries[~is_alone]
        entries = entries[self._can_break(lower, upper, entries, row_lower, row_upper)]

        places = np.cumsum(self.is_column) - 1
        self.variables = r.variables[self.is_column]
        self.position = np.full(system.size, -1)
        self.position[self.variables] = np.arange(len(self.variables))
        self.lower, self.upper = lower[self.is_column], upper[self.is_column]
        rows, rank = np.unique(r.rank[entries], return_inverse=True)
        self.row_lower, self.row_upper = row_lower[rows], row_upper[rows]
        self.starts = np.concatenate([[0], np.cumsum(np.bincount(rank))]).astype(np.int32)
        self.columns = places[r.columns[entries]].astype(np.int32)
        self.coefficients = r.coefficients[entries]

    def _take_out_slack(self, system: System) -> None:
        """One of each relation at most."""
        r = self.all
        is_silent = system.is_hidden & (system.weight == 0) & ~system.is_target
        stands_alone = np.bincount(r.columns, minlength=len(r.variables)) == 1
        entries = np.flatnonzero((is_silent[r.variables] & stands_alone)[r.columns])
        self.slack_rows, first = np.unique(r.rank[entries], return_index=True)
        self.slack = r.columns[entries[first]]
        self.slack_signs = r.coefficients[entries[first]]
        self.is_column = np.ones(len(r.variables), dtype=bool)
        self.is_column[self.slack] = False

    def _bounds_of_rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Nought; what has a slack may go down as far as that has room, and up without end."""
        lower, upper = np.zeros(len(self.all.count)), np.zeros(len(self.all.count))
        room, is_plus = self.all.room[self.slack], self.slack_signs > 0
        lower[self.slack_rows] = np.where(is_plus, -np.inf, -room)
        upper[self.slack_rows] = np.where(is_plus, room, np.inf)
        return lower, upper

    def _narrow(self, lower, upper, entries, row_lower, row_upper) -> None:
        r = self.all
        columns, rows, is_plus = r.columns[entries], r.rank[entries], r.coefficients[entries] > 0
        np.maximum.at(lower, columns, np.where(is_plus, row_lower[rows], -row_upper[rows]))
        np.minimum.at(upper, columns, np.where(is_plus, row_upper[rows], -row_lower[rows]))

    def _can_break(self, lower, upper, entries, row_lower, row_upper) -> np.ndarray:
        r = self.all
        columns, rows, is_plus = r.columns[entries], r.rank[entries], r.coefficients[entries] > 0
        highest, lowest = (
            np.bincount(rows, weights=bounds, minlength=len(r.count))
            for bounds in (
                np.where(is_plus, upper[columns], -lower[columns]),
                np.where(is_plus, lower[columns], -upper[columns]),
            )
        )
        return ((highest > row_upper) | (lowest < row_lower))[rows]

    def whole_move(self, columns: np.ndarray) -> np.ndarray | None:
        """Of all variables, once slack has taken what the columns leave; None where it is no
        move."""
        r = self.all
        move = np.zeros(len(r.variables))
        move[self.is_column] = columns
        move[self.slack] = -self.slack_signs * r.sums(move)[self.slack_rows]
        return move if r.hold(move) and bool((move >= -r.room - CLOSE).all()) else None


def _solver(lp: highspy.HighsLp, options: dict) -> highspy.Highs:
    solver = highspy.Highs()
    for name, value in (_QUIET | options).items():
        solver.setOptionValue(name, value)
    solver.passModel(lp)
    return solver


def _program(sums: Sums, cost, lower, upper, copies: int) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    size, rows = len(sums.variables), len(sums.row_lower)
    lp.num_col_, lp.num_row_ = copies * size, rows
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, lower, upper
    lp.row_lower_, lp.row_upper_ = sums.row_lower, sums.row_upper
    matrix = lp.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    if copies == 1:
        matrix.start_, matrix.index_ = sums.starts, sums.columns
        matrix.value_ = sums.coefficients
    else:  # each variable twice: up, then down
        matrix.start_ = 2 * sums.starts
        matrix.index_ = np.stack([sums.columns, sums.columns + size], 1).ravel()
        matrix.value_ = np.stack([sums.coefficients, -sums.coefficients], 1).ravel()
    return lp


class Audit:
    """Moves of what is hidden, each as wide as may be for many variables at once."""

    def __init__(self, system: System, may_move: np.ndarray, far: int):
        self.sums = Sums(system, may_move & system.is_hidden, WIDE * float(far))
        self.variables = self.sums.all.variables
        self.far = float(far)
        size = len(self.sums.variables)
        self.every = np.arange(size, dtype=np.int32)
        lp = _program(self.sums, np.zeros(size), np.zeros(size), np.zeros(size), 1)
        lp.sense_ = highspy.ObjSense.kMaximize
        self.solver = _solver(lp, _INTERIOR)

    def widest(self, targets: np.ndarray, weights: np.ndarray) -> np.ndarray | None:
        """`targets` go no further than asked: the others take up what many of them move together,
        as a total does for its parts."""
        size, places = len(self.every), self.sums.position[targets]
        cost, limit = np.zeros(size), np.full(size, WIDE * self.far)
        cost[places], limit[places] = weights, self.far
        lower, upper = np.maximum(self.sums.lower, -limit), np.minimum(self.sums.upper, limit)
        self.solver.changeColsCost(size, self.every, cost)
        self.solver.changeColsBounds(size, self.every, lower, upper)
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return self.sums.whole_move(np.asarray(self.solver.getSolution().col_value))


class Repair:
    """The cheapest move that carries one variable far enough, if need be by what is open: all that
    it moves is to be hidden."""

    def __init__(self, system: System, may_move: np.ndarray, cost: np.ndarray, far: int):
        self.sums = Sums(system, may_move, float(far))
        self.variables = self.sums.all.variables
        v = self.sums.variables
        self.size = len(v)
        self.upper = np.concatenate([self.sums.upper, -self.sums.lower])
        costs = np.where(system.is_hidden[v], _NEARLY_NOTHING, cost[v])
        lp = _program(self.sums, np.tile(costs, 2), np.zeros(2 * self.size), self.upper, copies=2)
        self.solver = _solver(lp, _DUAL)

    def move(self, target: int, distance: float) -> np.ndarray | None:
        """Of `variables`; None where nothing carries the target so far."""
        up = int(self.sums.position[target])
        if up < 0 or self.upper[up] < distance - CLOSE:
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
        return self.sums.whole_move(both[: self.size] - both[self.size :]) if is_found else None

    def now_hidden(self, variables: np.ndarray) -> None:
        for n in self.sums.position[variables].tolist():
            self.solver.changeColCost(n, _NEARLY_NOTHING)
            self.solver.changeColCost(n + self.size, _NEARLY_NOTHING)
