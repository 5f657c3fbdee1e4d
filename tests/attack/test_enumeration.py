"""Small tables whose completions can all be written down: the attacker's bounds are theirs."""

import random
from itertools import product

import pytest

from scripts.attack_editions import attack
from tests.attack.rows import blocks, cell

CODE, POPULATION = "2015-T1/93/1", "journeys_opened"
LEVELS, CATEGORIES = ("N1", "N2", "N3"), ("a", "b", "c")
THRESHOLD = 4
LARGEST = 6

Table = dict[tuple[int, int], int]  # level, category


def margins(table: Table) -> dict[tuple, int]:
    """Every count that is printed: cells, sums over levels, sums over categories, the whole."""
    shown = {(level, category): value for (level, category), value in table.items()}
    for category in range(3):
        shown["all", category] = sum(table[level, category] for level in range(3))
    for level in range(3):
        shown[level, "all"] = sum(table[level, category] for category in range(3))
    shown["all", "all"] = sum(table.values())
    return shown


def address(key: tuple) -> dict[str, str]:
    level, category = key
    return {
        "margin": "total" if level == "all" else f"level={LEVELS[level]}",
        "category": "total=total" if category == "all" else f"situation={CATEGORIES[category]}",
    }


def completions(shown: dict[tuple, int], hidden: set[tuple]) -> dict[tuple, set[int]]:
    """The values that each hidden count takes, over all tables that print what is shown."""
    at = {}
    inner = [(level, category) for level in range(3) for category in range(3)]
    choices = [
        range(1, shown["all", "all"] + 1) if key in hidden else (shown[key],) for key in inner
    ]
    rows = [
        [
            values
            for values in product(*choices[3 * level : 3 * level + 3])
            if (level, "all") in hidden or sum(values) == shown[level, "all"]
        ]
        for level in range(3)
    ]
    for three in product(*rows):
        found = margins({key: three[key[0]][key[1]] for key in inner})
        if all(found[key] == value for key, value in shown.items() if key not in hidden) and all(
            found[key] >= 1 for key in hidden
        ):
            for key in hidden:
                at.setdefault(key, set()).add(found[key])
    return at


@pytest.mark.parametrize("seed", range(40))
def test_bounds_are_those_of_all_completions(seed):
    chance = random.Random(seed)
    table = {key: chance.randint(0, LARGEST) for key in product(range(3), range(3))}
    shown = margins(table)
    hidden = {key for key, value in shown.items() if 0 < value < THRESHOLD}
    inner = sorted(key for key, value in table.items() if value >= THRESHOLD)
    hidden |= set(chance.sample(inner, min(len(inner), chance.randint(0, 3))))
    if len(hidden) > 6 and not hidden & {("all", "all")}:
        hidden = set(sorted(hidden, key=str)[:6])
    expected = completions(shown, hidden)
    report = attack(
        blocks(
            *(
                cell(CODE, "B3", POPULATION, None if key in hidden else value, **address(key))
                for key, value in shown.items()
            )
        ),
        threshold=THRESHOLD,
    )
    widths = [max(values) - min(values) for values in expected.values()]
    assert report.hidden == len(hidden)
    assert report.found == sum(width == 0 for width in widths)
    assert report.narrow == sum(0 < width < THRESHOLD - 1 for width in widths)
    bounds = sorted((min(v), max(v)) for v in expected.values() if max(v) - min(v) < THRESHOLD - 1)
    assert sorted((least, most) for _, least, most in report.worst) == bounds
