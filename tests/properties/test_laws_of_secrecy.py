"""Laws of secrecy on random islands: a higher threshold shows no more, equal input equal bytes."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators import secrecy
from indicators.computation import extent_of, grid
from indicators.definitions import TOTAL
from indicators.models import Edition, EditionCell
from indicators.worklist import nation
from regions.queries import national_regions
from sprocep import tenancy
from sprocep.periods import Period
from tests.databases import cloned_database

SEED = 20161125
ISLAND = Period.parse("2016-T1"), "94"
CHOICES = (
    ("2A", "2B"),
    ("mission_locale", "apec", "cap_emploi"),
    ("N1", "N2", "N3"),
    ("2016-01", "2016-02", "2016-03"),
    ("rural", "urban", "NR"),
)
UNITS = st.lists(st.tuples(*map(st.sampled_from, CHOICES)), min_size=1, max_size=60)
FEW = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def island(reference_data, django_db_blocker, worker_id) -> Iterator[None]:
    """A base of one Region whose figures a test makes up."""
    with django_db_blocker.unblock(), cloned_database(f"island_{worker_id}"):
        yield


def laid(units: Iterable[tuple], order: random.Random) -> None:
    """Figures of A1 and B8 of these journeys, each unit three times, in this order of rows."""
    period, territory = ISLAND
    counted = Counter(units)
    rows = []
    for line in grid.lines(extent_of(period, territory)):
        indicator, population, department, operator, level, breakdown, category, unit = line[:8]
        if indicator not in ("A1", "B8") or population != "journeys_opened":
            continue
        value = 3 * sum(
            count
            for (where, by, at, month, area), count in counted.items()
            if department in (TOTAL, where)
            and operator in (TOTAL, by)
            and level in (TOTAL, at)
            and category in (TOTAL, {"month": month, "residence_area": area}.get(breakdown))
        )
        rows.append(
            (period.code, territory, "date", indicator, population, department, operator, level,
             breakdown, category, value, unit, value, 5)
        )  # fmt: skip
    order.shuffle(rows)
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM indicators_figure")
        with cursor.copy(COPY) as copy:
            for row in rows:
                copy.write_row(row)


COPY = """COPY indicators_figure (period, territory, borders, indicator, population, department,
operator, level, breakdown, category, value, unit, units, contributors) FROM STDIN"""


ADDRESS = (
    "indicator", "population", "department", "operator", "level", "breakdown", "category",
)  # fmt: skip


def published_from(k: int) -> tuple[set[tuple], str]:
    """Addresses published with this threshold, and the seal of the edition."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM indicators_editioncell; DELETE FROM indicators_edition")
        cursor.execute("UPDATE indicators_secrecythreshold SET k = %s", [k])
    with tenancy.scope(regions=national_regions(), using="compiler"):
        secrecy.protect(ISLAND[0], set())
    with nation(read_only=True):
        shown = EditionCell.objects.filter(status="published").values_list(*ADDRESS)
        return set(shown), Edition.objects.get().figures_seal


@FEW
@given(units=UNITS)
def test_a_higher_threshold_publishes_no_more(island, units):
    laid(units, random.Random(SEED))
    shown = {k: published_from(k)[0] for k in (3, 5, 11, 20)}
    assert shown[3] >= shown[5] >= shown[11] >= shown[20]


@FEW
@given(units=UNITS, order=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_byte(island, units, order):
    laid(units, random.Random(SEED))
    first = published_from(11)
    laid(units, order)
    assert published_from(11) == first
