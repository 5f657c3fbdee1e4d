"""Quantiles, means, delays, durations and types, counted by hand in the comments."""

from decimal import Decimal
from fractions import Fraction

from tests.oracle.counting import count
from tests.oracle.definitions import mean, one_decimal, quantile
from tests.oracle.hand import Country, figure, figures

Q1 = "2016-T1"


def test_quantiles_on_a_straight_line_and_one_decimal_away_from_zero():
    assert quantile([], Fraction(1, 2)) is None
    assert quantile([7], Fraction(9, 10)) == 7
    assert quantile([4, 1], Fraction(1, 2)) == Decimal("2.5")
    # 1 2 3 4: a quarter is at 0.75 → 1.75 → 1.8; three quarters at 2.25 → 3.25 → 3.3.
    assert quantile([4, 3, 2, 1], Fraction(1, 4)) == Decimal("1.8")
    assert quantile([4, 3, 2, 1], Fraction(3, 4)) == Decimal("3.3")
    # 0 10 20 30: nine tenths is at 2.7 → 27.
    assert quantile([0, 10, 20, 30], Fraction(9, 10)) == 27
    assert mean([1, 2, 2]) == Decimal("1.7")
    assert [one_decimal(Fraction(n, 20)) for n in (-1, 1, 3)] == [
        Decimal("-0.1"), Decimal("0.1"), Decimal("0.2"),
    ]  # fmt: skip


def test_delays_leave_out_the_journeys_without_a_request_and_say_how_many():
    country = Country()
    # Delays 0, 10, 20 and 35 days (33: 0, 10; 87: 20, 35); one journey without a request in 87.
    requests = (
        ("33", "2016-02-10"), ("33", "2016-01-31"), ("87", "2016-01-21"), ("87", "2016-01-06"),
        ("87", None),
    )  # fmt: skip
    for beneficiary, (department, requested) in enumerate(requests, start=1):
        country.journey(beneficiary, department, "2016-02-10", requested=requested)
    cells = count(country.rows, Q1)
    # Median of 0 10 20 35: 15. Nine tenths at 2.7: 20 + 0.7 × 15 = 30.5.
    assert figures(cells, "75", "E3.median", by="department") == {
        "total": 15, "33": 5, "87": Decimal("27.5"),
    }  # fmt: skip
    assert figure(cells, "75", "E3.d9") == Decimal("30.5")
    assert figures(cells, "75", "E3.undated", by="department") == {"total": 1, "87": 1}
    # No journey: no median, and zero left out.
    assert figure(cells, "75", "E3.median", operator="apec") is None
    assert figure(cells, "75", "E3.undated", operator="apec") == 0


def test_durations_session_counts_and_types_of_the_exits():
    country = Country()
    # Days 0, 10, 20, 31 (January has 31 days); sessions 1, 2, 2, 3.
    exits = (
        ("2016-02-01", ("N1",)),
        ("2016-02-11", ("N3", "N1")),
        ("2016-02-21", ("N3", "N3")),
        ("2016-03-03", ("N2", "N1", "N3")),
    )
    for beneficiary, (closed, levels) in enumerate(exits, start=1):
        journey = country.journey(beneficiary, "13", "2016-02-01", closed)
        for level in levels:
            country.session(journey, "13", "2016-02-01", level)
    cells = count(country.rows, Q1)
    # February 2016 has 29 days: 2016-03-03 is day 31. Quartiles of 0 10 20 31: at 0.75, 7.5; at
    # 1.5, 15; at 2.25, 22.75 → 22.8.
    assert figure(cells, "93", "E2.q1") == Decimal("7.5")
    assert figure(cells, "93", "E2.median") == 15
    assert figure(cells, "93", "E2.q3") == Decimal("22.8")
    # Highest levels: N1, N3, N3, N3. Median of N3's 10 20 31 is 20; none of N2.
    assert figures(cells, "93", "E2.median", by="level") == {"total": 15, "N3": 20}
    assert figure(cells, "93", "E2.median", level="N1") == 0
    assert figure(cells, "93", "E2.median", level="N2") is None
    assert (figure(cells, "93", "E1.mean"), figure(cells, "93", "E1.median")) == (2, 2)
    # N3's: 2, 2, 3 sessions: mean 7/3.
    assert figure(cells, "93", "E1.mean", level="N3") == Decimal("2.3")
    assert figures(cells, "93", "E4", by="category", breakdown="journey_type") == {
        "N1": 1, "N1_N3": 1, "N3": 1, "N1_N2_N3": 1,
    }  # fmt: skip
