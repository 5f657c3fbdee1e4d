"""Amounts and means: published on published counts, and never where one makes up nearly all."""

from decimal import Decimal

import pytest

from indicators.secrecy import measures
from indicators.secrecy.cells import Figure

K = 11


def figure(indicator: str, value: int, units: int, *, is_dominated: bool = False) -> Figure:
    return Figure(
        "94", "date", indicator, "financing_plans", "total", "total", "total", "total", "total",
        Decimal(value), units, "published", False, 1, "journeys", is_dominated, 1,
    )  # fmt: skip


@pytest.mark.parametrize(("is_dominated", "status"), [(False, "published"), (True, "secret")])
def test_an_amount_that_one_plan_dominates_is_secret(is_dominated, status):
    plans, costs = (
        figure("G2.plans", 40, 40),
        figure("G2.costs", 90_000, 40, is_dominated=is_dominated),
    )
    statuses = ["published", "published"]
    measures.decide([plans, costs], statuses, K, {"G2.costs": K})
    assert statuses == ["published", status]


def test_an_amount_is_secret_where_its_plans_are():
    statuses = ["secret", "published"]
    rows = [figure("G2.plans", 40, 40), figure("G2.costs", 90_000, 40)]
    measures.decide(rows, statuses, K, {"G2.costs": K})
    assert statuses == ["secret", "secret"]
