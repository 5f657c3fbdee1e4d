"""No composed cell is found by subtraction, and none of the base is, by what a Region composes."""

import random
from typing import NamedTuple

import pytest

from indicators.regional import protection
from indicators.regional.composition import Composition

K = 11
LEVELS = ("N1", "N2", "N3")


class Cell(NamedTuple):
    territory: str
    borders: str
    indicator: str
    population: str
    department: str
    operator: str
    level: str
    breakdown: str
    category: str
    value: int
    status: str


def cell(indicator: str, value: int, territory: str = "93", **at: str) -> Cell:
    at = {"department": "total", "operator": "total", "level": "total"} | at
    at = {"breakdown": "total", "category": "total"} | at
    status = "secret" if 0 < value < K else "published"
    return Cell(
        territory, "date", indicator, "journeys_opened", at["department"], at["operator"],
        at["level"], at["breakdown"], at["category"], value, status,
    )  # fmt: skip


def by_level(indicator: str, *values: int, **at: str) -> list[Cell]:
    cells = [cell(indicator, sum(values), **at)]
    return cells + [cell(indicator, v, level=n, **at) for n, v in zip(LEVELS, values, strict=True)]


def one(code: str = "R93.1", **other) -> Composition:
    given = {"filters": (("sex", ("F",)), ("age", ("A1",))), "by_level": True} | other
    return Composition(
        code=code, label="essai", population="journeys_opened", measure="count", **given
    )


def decided(cells: list[Cell], *composed: Composition, hidden: tuple = ()) -> dict:
    statuses = ["secret" if c in hidden else c.status for c in cells]
    protection.decide(cells, statuses, composed, K)
    return {
        (c.territory, c.indicator, c.level, c.category): status
        for c, status in zip(cells, statuses, strict=True)
    }


def test_what_adds_nothing_small_is_published():
    cells = [*by_level("A1", 100, 90, 80), *by_level("R93.1", 40, 30, 20)]
    assert set(decided(cells, one()).values()) == {"published"}


def test_one_small_level_hides_all_levels_and_not_the_whole():
    cells = [*by_level("A1", 100, 90, 80), *by_level("R93.1", 40, 30, 5)]
    found = decided(cells, one())
    assert [found["93", "R93.1", level, "total"] for level in LEVELS] == ["secret"] * 3
    assert found["93", "R93.1", "total", "total"] == "published"
    assert {found["93", "A1", level, "total"] for level in LEVELS} == {"published"}


def test_all_but_a_few_of_a_national_cell_is_hidden():
    cells = [*by_level("A1", 100, 90, 80), *by_level("R93.1", 40, 30, 75)]
    found = decided(cells, one())
    assert found["93", "R93.1", "N3", "total"] == "secret"


def test_nothing_bounds_a_national_cell_that_is_hidden():
    hidden = cell("A1", 70, level="N2")
    cells = [cell("A1", 200), cell("A1", 130, level="N1"), hidden, *by_level("R93.1", 40, 50, 0)]
    found = decided(cells, one(), hidden=(hidden,))
    assert found["93", "R93.1", "N2", "total"] == found["93", "R93.1", "N1", "total"] == "secret"
    assert decided(cells, one())["93", "R93.1", "N2", "total"] == "published"


def test_the_same_count_under_two_names_is_hidden_under_both():
    """One filter and nothing else: the sum of cells of the base."""
    town = cell("B8", 60, breakdown="residence_area", category="urban")
    cells = [cell("A1", 100), town, cell("R93.1", 60)]
    same = one(filters=(("residence_area", ("urban",)),))
    assert decided(cells, same)["93", "R93.1", "total", "total"] == "published"
    found = decided(cells, same, hidden=(town,))
    assert found["93", "R93.1", "total", "total"] == "secret"


def test_two_regional_ones_that_differ_by_a_few():
    cells = [cell("A1", 100), cell("R93.1", 50), cell("R93.2", 47)]
    wide = one("R93.1", filters=(("sex", ("F",)),))
    found = decided(cells, wide, one("R93.2"))
    assert found["93", "R93.1", "total", "total"] == "published"
    assert found["93", "R93.2", "total", "total"] == "secret"


def test_a_share_is_shown_with_its_counts_and_hidden_with_either():
    share = Composition(
        code="R93.1", label="x", population="journeys_opened", measure="share",
        part=(("sex", ("F",)), ("age", ("A1",))),
    )  # fmt: skip
    cells = [cell("A1", 100), cell("R93.1", 40), cell("R93.1.base", 100), cell("R93.1.part", 40)]
    assert set(decided(cells, share).values()) == {"published"}
    few = [cell("A1", 100), cell("R93.1", 95), cell("R93.1.base", 100), cell("R93.1.part", 95)]
    found = decided(few, share)
    assert found["93", "R93.1.base", "total", "total"] == "published"
    assert found["93", "R93.1.part", "total", "total"] == "secret"
    assert found["93", "R93.1", "total", "total"] == "secret"


def test_a_promoted_one_is_shown_for_the_nation_where_every_region_shows_it():
    regions = [cell("J1", value, territory=t) for t, value in (("11", 40), ("93", 5), ("75", 30))]
    cells = [*regions, cell("J1", 75, territory="FR")]
    cells += [cell("A1", 500, territory=t) for t in ("11", "93", "75", "FR")]
    found = decided(cells, one("J1"))
    assert found["FR", "J1", "total", "total"] == "secret"
    assert found["11", "J1", "total", "total"] == "published"


@pytest.mark.parametrize("seed", range(40))
def test_no_hidden_cell_is_left_alone_in_a_sum(seed):
    """Two cuts crossed: in every row and column that is published whole, none or two are hidden."""
    chance = random.Random(seed)
    categories = ("DEI", "DEN", "JDE")
    inner = {(c, n): chance.choice([0, 3, 15, 40]) for c in categories for n in LEVELS}
    cells = [cell("R93.1", sum(inner.values()))]
    cells += [cell("R93.1", sum(inner[c, n] for c in categories), level=n) for n in LEVELS]
    for c in categories:
        at = {"breakdown": "situation", "category": c}
        cells += by_level("R93.1", *(inner[c, n] for n in LEVELS), **at)
    found = decided(cells, one(breakdown="situation"))
    shown = {
        (level, category): status == "published"
        for (_, _, level, category), status in found.items()
    }
    sums = [[("total", "total"), *((n, "total") for n in LEVELS)]]
    sums.append([("total", "total"), *(("total", c) for c in categories)])
    sums += [[("total", c), *((n, c) for n in LEVELS)] for c in categories]
    sums += [[(n, "total"), *((n, c) for c in categories)] for n in LEVELS]
    for cells_of_sum in sums:
        assert sum(not shown[one_cell] for one_cell in cells_of_sum) != 1, (seed, cells_of_sum)
