"""Linear programs over a system."""

import highspy
import numpy as np

from .systems import Contradiction, System

SIMPLEX = {"presolve": "off", "solver": "simplex", "simplex_strategy": 4}
INTERIOR = {"solver": "ipm", "run_crossover": "off"}
EXACT = 1e-6
FAR = 1e6  # stands for an upper bound that nothing gives


class Program:
    """A linear program kept between solves: another objective starts from the last solution."""

    def __init__(self, lower, upper, low, high, starts, columns, coefficients, **options) -> None:
        self.model = highspy.Highs()
        for name, value in {
            "output_flag": False,
            "log_to_console": False,
            **options,
        }.items():
            self.model.setOptionValue(name, value)
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = len(lower), len(low)
        program.col_cost_ = np.zeros(len(lower))
        program.col_lower_, program.col_upper_ = lower, upper
        program.row_lower_, program.row_upper_ = low, high
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = starts
        program.a_matrix_.index_ = columns
        program.a_matrix_.value_ = coefficients
        self.model.passModel(program)
        self.model.changeObjectiveSense(highspy.ObjSense.kMaximize)
        self.size = len(lower)

    def maximise(self, costs: np.ndarray) -> np.ndarray | None:
        """A best solution; None where there is none at all."""
        self.model.changeColsCost(self.size, np.arange(self.size, dtype=np.int32), costs)
        self.model.run()
        status = self.model.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kUnknown):
            raise RuntimeError(f"HiGHS: {status}")
        return np.array(self.model.getSolution().col_value)


def centre(system: System, cap: float) -> np.ndarray:
    """A solution with as many counts as can be `cap` above their least, inside and not at a corner.

    Raises:
        Contradiction: there is no solution.
    """
    size = len(system.lower)
    upper = np.minimum(system.upper, system.lower + FAR) - system.lower
    first = np.minimum(upper / 2, cap)
    at_least = np.bincount(
        system.rows, system.coefficients * system.lower[system.columns], len(system.low)
    )
    program = Program(
        np.zeros(2 * size),
        np.concatenate([first, upper - first]),
        system.low - at_least,
        system.high - at_least,
        system.starts * 2,
        np.stack([system.columns, system.columns + size], axis=1).ravel(),
        np.repeat(system.coefficients, 2),
        **INTERIOR,
    )
    found = program.maximise(np.concatenate([np.ones(size), np.zeros(size)]))
    if found is None:
        raise Contradiction(np.array([], dtype=int))
    return system.lower + found[:size] + found[size:]
