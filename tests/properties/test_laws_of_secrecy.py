"""Laws of secrecy on random islands: a higher threshold shows no more, equal input equal bytes."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators import secrecy
from indicators.computation import compute_figures, extent_of, grid
from indicators.definitions import TOTAL
from indicators.models import Edition, EditionCell, ShownFigure
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
def island(django_db_setup, django_db_blocker, worker_id) -> Iterator[None]:
    """A base of one Region whose figures a test makes up."""
    with django_db_blocker.unblock(), cloned_database(f"island_{worker_id}"):
        yield


def laid(units: Iterable[tuple], order: random.Random, each: int = 3) -> None:
    """Figures of A1 and B8 of these journeys, each unit so many times, in this order of rows."""
    period, territory = ISLAND
    counted = Counter(units)
    rows = []
    for line in grid.lines(extent_of(period, territory)):
        indicator, population, department, operator, level, breakdown, category, unit = line[:8]
        if indicator not in ("A1", "B8") or population != "journeys_opened":
            continue
        value = each * sum(
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


def crowd() -> list[tuple]:
    """Enough for most cells to be shown, in which one more is one among many."""
    chance = random.Random(SEED)
    return [tuple(map(chance.choice, CHOICES)) for _ in range(400)]


def values() -> dict[tuple, int | None]:
    with nation(read_only=True):
        rows = EditionCell.objects.values_list(*ADDRESS, "status", "value")
        return {row[:-2]: int(row[-1]) if row[-2] == "published" else None for row in rows}


def compiled_again(before: list[tuple], after: list[tuple], state: str) -> tuple[dict, dict]:
    """What the edition shows of the first figures, then of the others, in this state between."""
    laid(before, random.Random(SEED))
    published_from(11)
    shown = values()
    Edition.objects.using("owner").update(state=state)
    compute_figures(extent_of(*ISLAND))
    laid(after, random.Random(SEED))
    with tenancy.scope(regions=national_regions(), using="compiler"):
        secrecy.protect(ISLAND[0], set())
    assert ShownFigure.objects.using("owner").count() == 0
    return shown, values()


def moved_by_few(shown: dict, again: dict) -> int:
    changes = [
        abs(value - again[cell])
        for cell, value in shown.items()
        if value is not None and again[cell] is not None
    ]
    assert len(changes) > 20
    return sum(0 < change < 11 for change in changes)


def test_one_more_who_comes_after_a_region_has_read_is_not_seen(island):
    """A draft that was read is out: what changes by few is hidden, as in an erratum."""
    one_more = ("2A", "apec", "N2", "2016-02", "rural")
    before, after = crowd(), [*crowd(), one_more]
    assert moved_by_few(*compiled_again(before, after, "draft")) > 10
    shown, again = compiled_again(before, after, "under_review")
    assert moved_by_few(shown, again) == 0
    hidden = {cell for cell, value in shown.items() if value is None}
    assert hidden <= {cell for cell, value in again.items() if value is None}


def test_what_changes_by_many_is_shown_after_it_was_read(island):
    many = [("2A", "mission_locale", "N2", "2016-02", "rural")] * 40
    shown, again = compiled_again(crowd(), [*crowd(), *many], "under_review")
    whole = ("A1", "journeys_opened", *["total"] * 5)
    assert again[whole] == shown[whole] + 120


def test_read_drafts_bind_the_next_one_after_another(island):
    """Each is held against the one before: three compilations show nobody who came between."""
    one_more = ("2A", "apec", "N2", "2016-02", "rural")
    compiled_again(crowd(), [*crowd(), one_more], "under_review")
    second = values()
    compute_figures(extent_of(*ISLAND))
    laid([*crowd(), one_more, one_more], random.Random(SEED))
    with tenancy.scope(regions=national_regions(), using="compiler"):
        secrecy.protect(ISLAND[0], set())
    assert moved_by_few(second, values()) == 0


def test_ten_are_secret_and_eleven_are_not(island):
    one = ("2A", "mission_locale", "N1", "2016-01", "rural")
    whole = ("A1", "journeys_opened", *[TOTAL] * 5)
    for count, is_shown in ((10, False), (11, True)):
        laid([one] * count, random.Random(SEED), each=1)
        assert (whole in published_from(11)[0]) == is_shown, count
