"""A crowd of invented people, counted under every label; and what a reader may compute of a
pattern, bound by bound, from relations written here again."""

import random
from collections import Counter
from datetime import date
from itertools import product

import highspy
import numpy as np

from indicators.secrecy.relations import TOTAL, Key, Label

K = 11
PLACES = [frozenset("ab"), frozenset("c"), frozenset("d"), frozenset("cd"), frozenset("abcd")]
LEVELS, OPERATORS, CATEGORIES = ("N1", "N2"), ("apec", "opacif", "regional"), ("x", "y", "z")
DEPARTMENTS = ("ab", "c", "d")
MARGINS = [(TOTAL, TOTAL), *((TOTAL, x) for x in LEVELS), *((x, TOTAL) for x in OPERATORS)]
WHEN, THEN = (date(2015, 1, 1), date(2015, 4, 1)), (date(2015, 4, 1), date(2015, 7, 1))
BOTH = WHEN[0], THEN[1]


def crowd(seed: int, size: int, when: tuple[date, date] = WHEN) -> list[Label]:
    """Labels of all counts of `size` people; the small ones are secret."""
    chance = random.Random(seed)
    people = [
        (
            chance.choices(DEPARTMENTS, (6, 3, 1))[0],
            chance.choices(OPERATORS, (6, 3, 1))[0],
            chance.choices(LEVELS, (4, 1))[0],
            chance.choices(CATEGORIES, (12, 4, 1))[0],
        )
        for _ in range(size)
    ]
    counts: Counter = Counter()
    for where, operator, level, category in people:
        for (place, members), margin, (source, code) in product(
            enumerate(PLACES), MARGINS, ((TOTAL, TOTAL), ("situation", category))
        ):
            if set(where) <= members and margin in (
                (TOTAL, TOTAL),
                (TOTAL, level),
                (operator, TOTAL),
            ):
                counts[source, code, place, *margin] += 1
    sources = [(TOTAL, TOTAL), *(("situation", code) for code in CATEGORIES)]
    return [
        label_of(
            Key("journeys_opened", source, code, place, *margin, *when),
            counts[source, code, place, *margin],
        )
        for (source, code), place, margin in product(sources, range(len(PLACES)), MARGINS)
    ]


def label_of(key: Key, value: int) -> Label:
    return Label(key, value, value, "secret" if 1 <= value < K else "published", False, False)


def widths(labels: list[Label], hidden: set[Key], knows: str = "") -> dict[Key, float]:
    """Of each hidden count, by linear programming: how wide is what this reader must believe."""
    value = {label.key: label.value for label in labels}
    unknown = [key for key in value if key in hidden and key.operator != knows]
    rank = {key: n for n, key in enumerate(unknown)}
    rows = [row for row in _sums(value) if any(key in rank for key, _ in row)]
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(unknown), len(rows)
    lp.col_cost_ = np.zeros(len(unknown))
    lp.col_lower_, lp.col_upper_ = np.ones(len(unknown)), np.full(len(unknown), 1e6)
    known = [-sum(c * value[key] for key, c in row if key not in rank) for row in rows]
    lp.row_lower_ = lp.row_upper_ = np.array(known, dtype=float)
    entries = [[(rank[key], c) for key, c in row if key in rank] for row in rows]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.cumsum([0, *map(len, entries)])
    lp.a_matrix_.index_ = np.array([n for row in entries for n, _ in row])
    lp.a_matrix_.value_ = np.array([c for row in entries for _, c in row], dtype=float)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(lp)
    found = {}
    for key, n in rank.items():
        ends = []
        for sense in (1.0, -1.0):
            solver.changeColCost(n, sense)
            solver.run()
            assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
            ends.append(solver.getSolution().col_value[n])
            solver.changeColCost(n, 0.0)
        found[key] = ends[1] - ends[0]
    return found


def _sums(value: dict[Key, int]):
    parts = {3: (1, 2), 4: (0, 3)}  # place: those that make it
    for key in value:
        if key.is_whole:
            yield [(key, 1), *((key._replace(level=x), -1) for x in LEVELS)]
            yield [(key, 1), *((key._replace(operator=x), -1) for x in OPERATORS)]
        if key.source == TOTAL:
            of = (key._replace(source="situation", category=x) for x in CATEGORIES)
            yield [(key, 1), *((part, -1) for part in of)]
        if parts.get(key.place):
            yield [(key, 1), *((key._replace(place=p), -1) for p in parts[key.place])]
        if (key.starts, key.ends) == BOTH:
            yield [(key, 1), *((key._replace(starts=a, ends=b), -1) for a, b in (WHEN, THEN))]
