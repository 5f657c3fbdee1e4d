"""Each cell has one key, and each key one cell."""

import pytest

from indicators.computation import extent_of, grid
from indicators.explain.address import CellAddress
from sprocep.periods import Period

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("territory", ["93", "FR"])
def test_every_cell_of_the_grid_has_a_key_of_its_own(territory):
    extent = extent_of(Period.parse("2016-T1"), territory)
    columns = ("indicator", "population", "department", "operator", "level", "breakdown")
    cells = [
        CellAddress(**dict(zip((*columns, "category"), line, strict=False)))
        for line in grid.lines(extent)
    ]
    keys = {cell.key for cell in cells}
    assert len(keys) == len(cells) > 1_000
    assert [CellAddress.parse(cell.key) for cell in cells] == cells
    assert max(map(len, keys)) < 80


@pytest.mark.parametrize(
    "key",
    [
        "",
        "a1",
        "A1,",
        "A1,d=total",
        "A1,p=journeys_opened",  # what goes without saying is not said
        "A1,d=13,d=13",
        "A1,o=apec,d=13",  # one order
        "A1,reason=M05,sex_age=F|A1",
        "A1;DROP",
        "A1,d='13'",
        "R93.1",  # of an indicator of a Region, the population is said
    ],
)
def test_what_is_no_key_is_refused(key):
    with pytest.raises(ValueError, match=r"^.*$"):
        CellAddress.parse(key)


def test_an_indicator_of_a_region_says_its_population():
    cell = CellAddress("R93.1", "sessions", level="N2")
    assert cell.key == "R93.1,p=sessions,l=N2"
    assert CellAddress.parse(cell.key) == cell
