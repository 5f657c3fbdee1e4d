"""Neighbours of a period: by hand."""

import pytest

from sprocep.periods import Period


@pytest.mark.parametrize(
    ("period", "before", "after", "year_before"),
    [
        ("2016-T1", "2015-T4", "2016-T2", "2015-T1"),
        ("2015-T4", "2015-T3", "2016-T1", "2014-T4"),
        ("2016-01", "2015-12", "2016-02", "2015-01"),
        ("2016-12", "2016-11", "2017-01", "2015-12"),
        ("2016", "2015", "2017", "2015"),
    ],
)
def test_what_comes_before_and_after(period, before, after, year_before):
    asked = Period.parse(period)
    found = asked.before, asked.after, asked.year_before
    assert tuple(neighbour.code for neighbour in found) == (before, after, year_before)
