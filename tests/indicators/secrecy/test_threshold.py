"""What readers are told: nobody is counted among fewer than k, and no amount that one person
dominates is printed. Asked of protection as a whole, on the made-up figures of one Region."""

from collections.abc import Iterator

import pytest
from django.db import connections

from indicators import secrecy
from indicators.computation import extent_of, grid
from indicators.definitions import TOTAL
from indicators.models import EditionCell, SecrecyThreshold
from indicators.worklist import nation
from regions.queries import national_regions
from sprocep import tenancy
from sprocep.periods import Period
from tests.databases import cloned_database

PERIOD, REGION = Period.parse("2016-T1"), "94"
# All of them at one place: of every other there is nobody.
EVERYBODY = {"2A", "mission_locale", "N1", TOTAL}
COPY = """COPY indicators_figure (period, territory, borders, indicator, population, department,
operator, level, breakdown, category, value, unit, units, contributors, is_dominated) FROM STDIN"""
EMPTY = """DELETE FROM indicators_figure; DELETE FROM indicators_editioncell;
DELETE FROM indicators_edition"""


@pytest.fixture(scope="module")
def island(django_db_setup, django_db_blocker, worker_id) -> Iterator[None]:
    with django_db_blocker.unblock(), cloned_database(f"threshold_{worker_id}"):
        yield


def lay(people: int, amounts: dict[str, bool]) -> None:
    """Figures of this many people; amounts of theirs, and whether one person dominates each."""
    rows = []
    for line in grid.lines(extent_of(PERIOD, REGION)):
        indicator, _, department, operator, level, breakdown, _, unit = line[:8]
        if indicator in {"A1", "G2.plans", *amounts} and breakdown == TOTAL:
            units = people if {department, operator, level} <= EVERYBODY else 0
            value = 1000 * units if indicator in amounts else units
            is_dominated = amounts.get(indicator, False)
            address = (PERIOD.code, REGION, "date", *line[:7])
            rows.append((*address, value, unit, units, 5, is_dominated))
    with connections["owner"].cursor() as cursor:
        cursor.execute(EMPTY)
        with cursor.copy(COPY) as copy:
            for row in rows:
                copy.write_row(row)


def protected(indicator: str) -> str:
    """The status of its whole, once all is protected."""
    with tenancy.scope(regions=national_regions(), using="compiler"):
        secrecy.protect(PERIOD, set())
    with nation(read_only=True):
        whole = {"department": TOTAL, "operator": TOTAL, "level": TOTAL, "breakdown": TOTAL}
        (status,) = EditionCell.objects.filter(
            indicator=indicator, borders="date", **whole
        ).values_list("status", flat=True)[:1]
    return status


@pytest.mark.parametrize(
    ("people", "status"),
    [(0, "published"), (1, "secret"), (9, "secret"), (10, "secret"), (11, "published")],
)
def test_fewer_than_eleven_are_never_counted(island, people, status):
    with nation(read_only=True):
        assert SecrecyThreshold.objects.get().k == 11
    lay(people, {})
    assert protected("A1") == status


@pytest.mark.parametrize(("is_dominated", "status"), [(False, "published"), (True, "secret")])
def test_an_amount_that_one_person_dominates_is_not_printed(island, is_dominated, status):
    lay(40, {"G2.costs": is_dominated})
    assert protected("G2.costs") == status
