"""What an attacker may still believe: other values that agree with all that is public.

A move is the difference between such values and the true ones: it gives nought in every relation
and takes no hidden value under what everybody knows of it. How far moves carry a value, both ways,
is the interval that an attacker can compute for it. A move is its own proof, and is checked as
such: nothing rests on what the solver says of itself.
"""

from collections.abc import Iterable
from typing import NamedTuple

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
        """Of each relation, what the move changes it by."""
        weights = self.coefficients * move[self.columns]
        return np.bincount(self.rank, weights=weights, minlength=len(self.count))

    def hold(self, move: np.ndarray) -> bool:
        return bool((np.abs(self.sums(move)) < CLOSE).all())


class Bounds(NamedTuple):
    """How far down and how far up each of several numbers may go."""

    lower: np.ndarray
    upper: np.ndarray


class Constraints:
    """The relations of what may move, as a linear programme takes them.

    A slack number is unpublished, stands in one relation alone and is no target: it takes what the
    others of that relation leave. It is no column of the programme; its room bounds the sum of the
    others instead. Where one column is left, that is a bound of the column. A relation that its
    columns cannot break is left out.

    Attributes:
        variables: of the system, those that are columns; `position` is the column of each, or -1.
        lower, upper: how far each column goes, at most `limit`.
        row_lower, row_upper: how far the columns of a relation may change its sum.
    """

    def __init__(self, system: System, may_move: np.ndarray, limit: float):
        self.relations = relations = Relations(system, may_move)
        self._set_slack_apart(system)
        of_rows = self._bounds_of_rows()
        of_columns = Bounds(-np.minimum(relations.room, limit), np.full(len(relations.room), limit))

        entries = np.flatnonzero(self.is_column[relations.columns])
        rows = relations.rank[entries]
        is_alone = np.bincount(rows, minlength=len(relations.count))[rows] == 1
        self._bound_columns(entries[is_alone], of_rows, of_columns)
        entries = entries[~is_alone]
        can_break = self._rows_that_can_break(entries, of_rows, of_columns)
        entries = entries[can_break[relations.rank[entries]]]

        self.variables = relations.variables[self.is_column]
        self.position = np.full(system.size, -1)
        self.position[self.variables] = np.arange(len(self.variables))
        self.lower = of_columns.lower[self.is_column]
        self.upper = of_columns.upper[self.is_column]
        kept_rows, rank = np.unique(relations.rank[entries], return_inverse=True)
        self.row_lower, self.row_upper = of_rows.lower[kept_rows], of_rows.upper[kept_rows]
        self.starts = np.concatenate([[0], np.cumsum(np.bincount(rank))]).astype(np.int32)
        column_of = np.cumsum(self.is_column) - 1
        self.columns = column_of[relations.columns[entries]].astype(np.int32)
        self.coefficients = relations.coefficients[entries]

    def _set_slack_apart(self, system: System) -> None:
        """Find the slack numbers, at most one in a relation."""
        relations = self.relations
        is_unasked = system.is_hidden & (system.weight == 0) & ~system.is_target
        stands_alone = np.bincount(relations.columns, minlength=len(relations.variables)) == 1
        entries = np.flatnonzero(
            (is_unasked[relations.variables] & stands_alone)[relations.columns]
        )
        self.slack_rows, first = np.unique(relations.rank[entries], return_index=True)
        self.slack = relations.columns[entries[first]]
        self.slack_signs = relations.coefficients[entries[first]]
        self.is_column = np.ones(len(relations.variables), dtype=bool)
        self.is_column[self.slack] = False

    def _bounds_of_rows(self) -> Bounds:
        """Return how far the columns of each relation may change its sum: not at all, unless there
        is slack, which goes down by its room and up without end."""
        lower, upper = np.zeros(len(self.relations.count)), np.zeros(len(self.relations.count))
        room, is_plus = self.relations.room[self.slack], self.slack_signs > 0
        lower[self.slack_rows] = np.where(is_plus, -np.inf, -room)
        upper[self.slack_rows] = np.where(is_plus, room, np.inf)
        return Bounds(lower, upper)

    def _bound_columns(self, entries: np.ndarray, of_rows: Bounds, of_columns: Bounds) -> None:
        """Narrow the bounds of columns, in place, by relations of one column each."""
        columns, rows, is_plus = self._entries(entries)
        least, most = of_rows.lower[rows], of_rows.upper[rows]
        np.maximum.at(of_columns.lower, columns, np.where(is_plus, least, -most))
        np.minimum.at(of_columns.upper, columns, np.where(is_plus, most, -least))

    def _rows_that_can_break(
        self, entries: np.ndarray, of_rows: Bounds, of_columns: Bounds
    ) -> np.ndarray:
        """Of each relation, whether its columns may change its sum by more than is allowed."""
        columns, rows, is_plus = self._entries(entries)
        least, most = of_columns.lower[columns], of_columns.upper[columns]
        highest, lowest = (
            np.bincount(rows, weights=goes, minlength=len(of_rows.lower))
            for goes in (np.where(is_plus, most, -least), np.where(is_plus, least, -most))
        )
        return (highest > of_rows.upper) | (lowest < of_rows.lower)

    def _entries(self, entries: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        relations = self.relations
        return (
            relations.columns[entries],
            relations.rank[entries],
            relations.coefficients[entries] > 0,
        )

    def whole_move(self, columns: np.ndarray) -> np.ndarray | None:
        """Give each slack number what the columns leave it.

        Returns:
            how far each of `relations.variables` moves; None where that is no move.
        """
        relations = self.relations
        move = np.zeros(len(relations.variables))
        move[self.is_column] = columns
        move[self.slack] = -self.slack_signs * relations.sums(move)[self.slack_rows]
        is_move = relations.hold(move) and bool((move >= -relations.room - CLOSE).all())
        return move if is_move else None


def _solver(lp: highspy.HighsLp, options: dict) -> highspy.Highs:
    solver = highspy.Highs()
    for name, value in (_QUIET | options).items():
        solver.setOptionValue(name, value)
    solver.passModel(lp)
    return solver


def _program(constraints: Constraints, cost, lower, upper, copies: int) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    size, rows = len(constraints.variables), len(constraints.row_lower)
    lp.num_col_, lp.num_row_ = copies * size, rows
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, lower, upper
    lp.row_lower_, lp.row_upper_ = constraints.row_lower, constraints.row_upper
    matrix = lp.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    if copies == 1:
        matrix.start_, matrix.index_ = constraints.starts, constraints.columns
        matrix.value_ = constraints.coefficients
    else:  # each variable twice: up, then down
        matrix.start_ = 2 * constraints.starts
        matrix.index_ = np.stack([constraints.columns, constraints.columns + size], 1).ravel()
        matrix.value_ = np.stack([constraints.coefficients, -constraints.coefficients], 1).ravel()
    return lp


class Audit:
    """Moves of what is hidden, each as wide as may be for many variables at once."""

    def __init__(self, system: System, may_move: np.ndarray, far: int):
        self.constraints = Constraints(system, may_move & system.is_hidden, WIDE * float(far))
        self.variables = self.constraints.relations.variables
        self.far = float(far)
        size = len(self.constraints.variables)
        self.every = np.arange(size, dtype=np.int32)
        lp = _program(self.constraints, np.zeros(size), np.zeros(size), np.zeros(size), 1)
        lp.sense_ = highspy.ObjSense.kMaximize
        self.solver = _solver(lp, _INTERIOR)

    def widest(self, targets: np.ndarray, weights: np.ndarray) -> np.ndarray | None:
        """`targets` go no further than asked: the others take up what many of them move together,
        as a total does for its parts."""
        size, places = len(self.every), self.constraints.position[targets]
        cost, limit = np.zeros(size), np.full(size, WIDE * self.far)
        cost[places], limit[places] = weights, self.far
        lower = np.maximum(self.constraints.lower, -limit)
        upper = np.minimum(self.constraints.upper, limit)
        self.solver.changeColsCost(size, self.every, cost)
        self.solver.changeColsBounds(size, self.every, lower, upper)
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return self.constraints.whole_move(np.asarray(self.solver.getSolution().col_value))


class Repair:
    """The cheapest move that carries one variable far enough, if need be by what is open: all that
    it moves is to be hidden."""

    def __init__(self, system: System, may_move: np.ndarray, cost: np.ndarray, far: int):
        self.constraints = Constraints(system, may_move, float(far))
        self.variables = self.constraints.relations.variables
        v = self.constraints.variables
        self.size = len(v)
        self.upper = np.concatenate([self.constraints.upper, -self.constraints.lower])
        costs = np.where(system.is_hidden[v], _NEARLY_NOTHING, cost[v])
        lp = _program(
            self.constraints, np.tile(costs, 2), np.zeros(2 * self.size), self.upper, copies=2
        )
        self.solver = _solver(lp, _DUAL)

    def move(self, target: int, distance: float) -> np.ndarray | None:
        """Carry the target so far.

        Returns:
            how far each of `variables` moves; None where nothing carries the target so far.
        """
        up = int(self.constraints.position[target])
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
        if not is_found:
            return None
        return self.constraints.whole_move(both[: self.size] - both[self.size :])

    def now_hidden(self, variables: np.ndarray) -> None:
        for n in self.constraints.position[variables].tolist():
            self.solver.changeColCost(n, _NEARLY_NOTHING)
            self.solver.changeColCost(n + self.size, _NEARLY_NOTHING)
