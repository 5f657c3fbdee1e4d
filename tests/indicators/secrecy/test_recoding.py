"""What is not printed: decided on the nation and the inhabitants, never on what is left out."""

from decimal import Decimal
from itertools import product

import pytest

from indicators.secrecy import recoding
from indicators.secrecy.cells import Figure
from indicators.secrecy.published import NOTHING, Published
from sprocep.periods import Period
from sprocep.tenancy import NATION

PERIOD = Period.parse("2016-T1")
CORSICA, PARIS = "94", "11"  # one inhabitant in two hundred, one in six
MARGINS = [
    ("total", "total"),
    *(("total", level) for level in ("N1", "N2", "N3")),
    *((operator, "total") for operator in ("apec", "cap_emploi", "opacif")),
]
CODES = [("total", "total"), *(("residence_area", code) for code in ("rural", "urban", "NR"))]
pytestmark = pytest.mark.django_db


def figures(nation: int, of_region: int = 7) -> list[Figure]:
    """Of B8, in the nation and two Regions."""
    addresses = product((NATION, PARIS, CORSICA), MARGINS, CODES)
    return [
        Figure(
            territory, "date", "B8", "journeys_opened", "total", *margin, *code,
            Decimal(nation if territory == NATION else of_region), 7, "published", False, 1,
            "journeys", False, rank,
        )
        for rank, (territory, margin, code) in enumerate(addresses)
    ]  # fmt: skip


def left_out(
    rows: list[Figure], published: Published = NOTHING, period: Period = PERIOD
) -> set[tuple[str, str]]:
    """Territories, and the axis of what they do not print."""
    out = recoding.left_out(period, rows, published)
    return {
        (f.territory, "operator" if f.operator != "total" else f.level) for f in rows if f.id in out
    }


def test_a_region_prints_the_details_for_which_it_is_large_enough():
    rows = figures(20_000)
    assert left_out(rows) == {(CORSICA, axis) for axis in ("operator", "N1", "N2", "N3")}
    out = recoding.left_out(PERIOD, rows, NOTHING)
    kept = {(f.territory, f.breakdown) for f in rows if f.id not in out}
    assert (CORSICA, "residence_area") in kept, "its whole stays"
    assert left_out(figures(1_000_000)) == set(), "who is large enough prints all"


def test_what_a_region_counts_decides_nothing():
    """Else that a cell is not printed would say something of it."""
    for counted in (0, 1, 10, 5_000):
        assert left_out(figures(20_000, counted)) == left_out(figures(20_000)) != set()


def test_a_handful_in_the_nation_leaves_nothing_out():
    assert left_out(figures(recoding.LEAST - 1)) == set()
    assert left_out(figures(recoding.LEAST)) != set()


def cells_of(rows: list[Figure], period: Period = PERIOD) -> Published:
    return Published(
        tuple((period.code, 1, *row[:9], row.status, row.value) for row in rows), frozenset({1})
    )


def test_a_further_edition_prints_what_the_first_one_did():
    everything, fewer = figures(1_000_000), figures(20_000)
    assert left_out(fewer, cells_of(everything)) == set(), "nothing is taken back"
    out = recoding.left_out(PERIOD, fewer, NOTHING)
    first = cells_of([row for row in fewer if row.id not in out])
    assert left_out(everything, first) == left_out(fewer), "and nothing comes late"


def test_a_region_that_comes_after_the_nation_is_judged_by_what_the_nation_printed():
    rows = figures(20_000)
    nation = cells_of([row for row in rows if row.territory == NATION])
    late = [row for row in rows if row.territory == CORSICA]
    assert left_out(late, nation) == left_out(rows)


def test_a_year_prints_what_each_of_its_quarters_does():
    """Of a detail that one quarter left out, the year and the three others would tell it."""
    year, second = Period.parse("2016"), Period.parse("2016-T2")
    everything, fewer = figures(1_000_000), figures(20_000)
    whole = cells_of(everything).cells + cells_of(everything, second).cells
    assert left_out(everything, Published(whole), year) == set()
    out = recoding.left_out(second, fewer, NOTHING)
    thin = [row for row in fewer if row.id not in out]
    thin = cells_of(everything).cells + cells_of(thin, second).cells
    assert left_out(everything, Published(thin), year) == left_out(fewer) != set()
    elsewhere = Period.parse("2015")
    assert left_out(everything, Published(thin), elsewhere) == set(), "no part of that year"
    totals = tuple(cell for cell in thin if cell[9] != "residence_area")
    assert left_out(everything, Published(totals), year) == set(), (
        "of what no quarter prints at all"
    )
