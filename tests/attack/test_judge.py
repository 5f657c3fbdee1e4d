"""The judge decides in small balls; one linear program over the whole, count by count, agrees."""

import random
from itertools import product

import numpy as np
import pytest

from scripts.attack_editions import FAR, SIMPLEX, Judge, Program, System, without_fixed

WIDTH = 10
SHAPE = (4, 6, 5)  # places, categories, margins: printed with all their sums


def cube(seed: int) -> System:
    """Hidden cells of a table of three dimensions and of its sums; the sums are its relations."""
    chance = random.Random(seed)
    inner = {key: chance.choice((1, 3, 8, 20, 90)) for key in product(*map(range, SHAPE))}
    values: dict[tuple, int] = {}
    for key, value in inner.items():
        for lost in product((False, True), repeat=3):
            summed = tuple("all" if one else k for one, k in zip(lost, key, strict=True))
            values[summed] = values.get(summed, 0) + value
    hidden = [k for k, v in values.items() if v < WIDTH or chance.random() < 0.35]
    rank = {key: position for position, key in enumerate(hidden)}
    rows, bounds = [], []
    for axis, size in enumerate(SHAPE):
        for whole in (key for key in values if key[axis] == "all"):
            parts = [(*whole[:axis], n, *whole[axis + 1 :]) for n in range(size)]
            terms = [(rank[p], 1.0) for p in parts if p in rank]
            seen = sum(values[p] for p in parts if p not in rank)
            if whole in rank:
                rows.append([*terms, (rank[whole], -1.0)])
                bounds.append(-seen)
            elif terms:
                rows.append(terms)
                bounds.append(values[whole] - seen)
    return without_fixed(
        System(
            np.concatenate([[0], np.cumsum([len(row) for row in rows])]),
            np.array([column for row in rows for column, _ in row]),
            np.array([value for row in rows for _, value in row]),
            np.array(bounds, dtype=float),
            np.array(bounds, dtype=float),
            np.ones(len(hidden)),
            np.full(len(hidden), np.inf),
            np.arange(len(hidden)),
        )
    )


def by_one_program(system: System) -> dict[int, tuple[int, int]]:
    program = Program(
        system.lower,
        np.minimum(system.upper, FAR),
        system.low,
        system.high,
        system.starts.astype(np.int32),
        system.columns.astype(np.int32),
        system.coefficients,
        **SIMPLEX,
    )
    narrow = {}
    for target in range(len(system.lower)):
        costs = np.zeros(len(system.lower))
        costs[target] = 1
        most = int(np.floor(program.maximise(costs)[target] + 1e-6))
        least = int(np.ceil(program.maximise(-costs)[target] - 1e-6))
        if most - least < WIDTH:
            narrow[target] = least, most
    return narrow


@pytest.mark.parametrize("sizes", [((4, 10), (30,)), ((4,),), ()], ids=["grown", "small", "alone"])
@pytest.mark.parametrize("seed", range(12))
def test_in_balls_as_in_one_program(seed, sizes, monkeypatch):
    """In balls that grow, and where none decides, each alone in the whole."""
    monkeypatch.setattr(Judge, "SIZES", sizes)
    system = cube(seed)
    size = len(system.lower)
    judge = Judge(system, np.ones(size, dtype=bool), np.zeros(size, dtype=bool), WIDTH)
    judge.judge()
    expected = by_one_program(system)
    assert judge.narrow.keys() == expected.keys()
    assert 0 < len(expected) < size, "proves nothing otherwise"
    for target, (least, most) in judge.narrow.items():
        # Relations of a ball alone may leave a little more room than all do.
        assert least <= expected[target][0] <= expected[target][1] <= most
    assert not judge.open.any()
