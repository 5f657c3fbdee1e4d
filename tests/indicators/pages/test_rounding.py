"""What falls half-way is rounded away from nought, as a reader does by hand."""

from decimal import Decimal

import pytest

from indicators.exports.figures import PUBLISHED, Entry, change, middle, per_inhabitants, share


def count(value: int) -> Entry:
    return Entry(Decimal(value), PUBLISHED, "journeys")


@pytest.mark.parametrize(("part", "percent"), [(1, "0.1"), (5, "0.3"), (9, "0.5"), (10, "0.5")])
def test_a_share(part, percent):
    assert share(count(part), count(2000)).value == Decimal(percent)


@pytest.mark.parametrize(("now", "percent"), [(2005, "0.3"), (1995, "-0.3"), (2004, "0.2")])
def test_a_change(now, percent):
    assert change(count(now), count(2000)).value == Decimal(percent)


def test_a_median_and_a_rate():
    halves = [Entry(Decimal(value), PUBLISHED, "journeys") for value in ("10.2", "10.3")]
    assert middle(halves).value == Decimal("10.3")
    assert per_inhabitants(count(1), 1_600_000).value == Decimal("0.1")
    assert per_inhabitants(count(1), 400_000).value == Decimal("0.3")
