"""No composed cell is found by subtraction, and none of the base is, by what a Region composes."""

import random
from typing import NamedTuple

import pytest

from indicators.regional import protection
from indicators.regional.composition import Composition
from scripts.attack_editions import Block, Blocks, Row, attack

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
    given = {"measure": "count"} | given
    return Composition(code=code, label="essai", population="journeys_opened", **given)


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
    others = cell("B8", 40, breakdown="residence_area", category="rural")
    cells = [cell("A1", 100), town, others, cell("R93.1", 60)]
    same = one(filters=(("residence_area", ("urban",)),))
    assert decided(cells, same)["93", "R93.1", "total", "total"] == "published"
    found = decided(cells, same, hidden=(town,))
    assert found["93", "R93.1", "total", "total"] == "secret"


SEXES, AGES = ("F", "M"), ("A1", "A2", "A3")
CROWD = {"F|A1": 7, "F|A2": 60, "F|A3": 50, "M|A1": 33, "M|A2": 40, "M|A3": 30}


def by_sex_and_by_age() -> tuple[list[Cell], tuple[Cell, ...], list[Composition]]:
    """A base in which « F|A1 » is small and « M|A1 » hidden with it; two composed margins of it."""
    base = [cell("A1", sum(CROWD.values())), cell("B1", sum(CROWD.values()))]
    base += [cell("B1", n, breakdown="sex_age", category=code) for code, n in CROWD.items()]
    hidden = tuple(c for c in base if c.category in ("F|A1", "M|A1"))
    cells, composed = base, []
    for code, name, codes, rank in (("R93.1", "sex", SEXES, 0), ("R93.2", "age", AGES, 1)):
        cells = [*cells, cell(code, sum(CROWD.values()))]
        for one_code in codes:
            units = sum(n for pair, n in CROWD.items() if pair.split("|")[rank] == one_code)
            cells.append(cell(code, units, breakdown=name, category=one_code))
        composed.append(one(code, filters=(), by_level=False, breakdown=name))
    return cells, hidden, composed


def exported(cells: list[Cell], statuses: dict) -> Blocks:
    rows = [
        Row(
            c.indicator, c.population, c.department, "total", c.breakdown, c.category,
            c.value if statuses[c.territory, c.indicator, c.level, c.category] == "published"
            else None,
            statuses[c.territory, c.indicator, c.level, c.category], None, "journeys",
        )
        for c in cells
    ]  # fmt: skip
    return {Block("2026-T1", "93", "date", 1): rows}


def test_margins_of_a_cell_of_the_base_say_no_more_than_the_base():
    cells, hidden, composed = by_sex_and_by_age()
    plain = {
        (c.territory, c.indicator, c.level, c.category): "secret" if c in hidden else "published"
        for c in cells
    }
    assert attack(exported(cells, plain)).found == 2  # with nothing tied to the base
    found = decided(cells, *composed, hidden=hidden)
    assert {found["93", "R93.1", "total", sex] for sex in SEXES} == {"secret"}
    # Those of an age are what is left of the whole, whoever says so.
    assert {found["93", "R93.2", "total", age] for age in AGES} == {"published"}
    assert found["93", "R93.1", "total", "total"] == "published"
    assert attack(exported(cells, found)).is_clean


def test_margins_of_what_the_base_shows_are_shown():
    cells, _, composed = by_sex_and_by_age()
    cells = [c._replace(status="published", value=c.value * 10) for c in cells]
    assert set(decided(cells, *composed).values()) == {"published"}


def test_a_filter_that_names_the_same_units_is_the_same_count():
    """Women are the sum of their ages, whatever composition names them."""
    cells, hidden, _ = by_sex_and_by_age()
    women = one("R93.3", filters=(("sex", ("F",)),), by_level=False)
    second = one("R93.4", filters=(("age", ("A2", "A3")),), by_level=False)
    cells += [cell("R93.3", 117), cell("R93.4", 180)]
    found = decided(cells, women, second, hidden=hidden)
    assert found["93", "R93.3", "total", "total"] == "secret"
    assert found["93", "R93.4", "total", "total"] == "published"


def test_a_delay_counts_the_entries_that_are_not_undated():
    mean = one("R93.1", filters=(), measure="mean", subject="delay", by_level=False)
    undated = cell("E3.undated", 40)
    cells = [cell("A1", 100), undated, cell("R93.1", 60), cell("R93.1.base", 60)]
    assert set(decided(cells, mean).values()) == {"published"}
    found = decided(cells, mean, hidden=(undated,))
    assert found["93", "R93.1.base", "total", "total"] == "secret"
    assert found["93", "R93.1", "total", "total"] == "secret"


def test_a_cell_of_one_is_hidden_with_the_same_cell_of_another():
    """« R93.1 by sex » hides its women with its few men; « R93.2, women » is that cell."""
    by_sex = one("R93.1", filters=(("age", ("A2",)),), by_level=False, breakdown="sex")
    women = one("R93.2", filters=(("age", ("A2",)), ("sex", ("F",))), by_level=False)
    cells = [cell("A1", 300), cell("R93.1", 50), cell("R93.2", 45)]
    cells += [cell("R93.1", n, breakdown="sex", category=s) for s, n in (("F", 45), ("M", 5))]
    found = decided(cells, by_sex, women)
    assert found["93", "R93.1", "total", "F"] == found["93", "R93.2", "total", "total"] == "secret"
    assert found["93", "R93.1", "total", "total"] == "published"


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
