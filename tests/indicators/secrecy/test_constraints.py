"""Slack numbers are no columns of a programme, and its answers stay the same."""

from dataclasses import replace
from itertools import pairwise

import highspy
import numpy as np
import pytest

from indicators.secrecy.moves import Constraints, Repair
from indicators.secrecy.system import NOBODY, NOWHERE, System

FAR = 10
COUNTS, RELATIONS = 14, 12


def drawn(seed: int) -> System:
    """Draw hidden counts in relations of one to four, each with a slack number."""
    chance = np.random.default_rng(seed)
    size = COUNTS + RELATIONS
    rows = []
    for slack in range(COUNTS, size):
        counts = chance.choice(COUNTS, chance.integers(1, 5), replace=False)
        rows.append(([*counts.tolist(), slack], chance.choice([-1, 1], len(counts) + 1).tolist()))
    no, nothing = np.zeros(size, dtype=bool), np.zeros(size, dtype=np.int64)
    is_slack = np.arange(size) >= COUNTS
    return System(
        values=chance.choice([1, 3, 8, 20, 500], size),
        lowest=nothing.copy(),
        is_hidden=~no,
        is_open=no,
        is_missing=no,
        is_out=no,
        is_primary=~is_slack,
        is_target=~is_slack,
        owner=np.full(size, NOBODY),
        weight=np.where(is_slack, 0, 1),
        block=nothing,
        group=nothing,
        zone=np.full(size, NOWHERE),
        is_total=no,
        starts=np.cumsum([0, *(len(columns) for columns, _ in rows)]),
        columns=np.array([column for columns, _ in rows for column in columns]),
        coefficients=np.array([sign for _, signs in rows for sign in signs]),
        keys=list(range(size)),
    )


def is_movable(system: System, target: int) -> bool:
    """Ask a programme in which every number is a column: may the target rise by FAR?"""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = system.size, RELATIONS
    lp.col_cost_ = np.zeros(system.size)
    is_slack = np.arange(system.size) >= COUNTS
    lower = -np.where(is_slack, system.values, np.minimum(system.values, FAR)).astype(float)
    upper = np.where(is_slack, np.inf, FAR)
    lower[target] = FAR
    lp.col_lower_, lp.col_upper_ = lower, upper
    lp.row_lower_ = lp.row_upper_ = np.zeros(RELATIONS)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = system.starts, system.columns
    lp.a_matrix_.value_ = system.coefficients.astype(float)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(lp)
    solver.run()
    return solver.getModelStatus() == highspy.HighsModelStatus.kOptimal


@pytest.mark.parametrize("seed", range(40))
def test_a_count_moves_where_it_moves_with_every_number_as_a_column(seed):
    system = drawn(seed)
    repair = Repair(system, system.is_hidden, np.ones(system.size), FAR)
    assert len(repair.constraints.variables) == COUNTS
    for target in range(COUNTS):
        move = repair.move(target, FAR)
        assert (move is not None) == is_movable(system, target)
        if move is not None:
            assert move[repair.variables == target] == pytest.approx([FAR])
            assert (move >= -system.values - 1e-6).all()
            for start, end in pairwise(system.starts):
                change = move[system.columns[start:end]] @ system.coefficients[start:end]
                assert change == pytest.approx(0, abs=1e-6)


def test_some_of_these_counts_move_and_some_do_not():
    verdicts = {is_movable(drawn(seed), n) for seed in range(40) for n in range(COUNTS)}
    assert verdicts == {True, False}


def test_what_binds_one_column_is_a_bound_and_what_cannot_be_broken_is_left_out():
    system = replace(
        drawn(0),
        values=np.array([50, 50, 50, *[0] * (COUNTS - 3), 4, 500, 6, *[0] * (RELATIONS - 3)]),
        starts=np.array([0, 2, 5, 8]),
        columns=np.array([0, COUNTS, 0, 1, COUNTS + 1, 1, 2, COUNTS + 2]),
        coefficients=np.array([1, 1, 1, 1, 1, 1, 1, 1]),
    )
    constraints = Constraints(system, np.ones(system.size, dtype=bool), FAR)
    bounded, *_ = constraints.position[[0]]
    assert constraints.upper[bounded] == 4
    assert constraints.row_upper.tolist() == [6]
