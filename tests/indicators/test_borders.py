"""Across the merger of 2016-01-01: what adds up adds up, what does not is counted again, and
« today » is what the rows say of today."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import pytest
from django.db import connections

from indicators.computation import Borders, borders_of
from indicators.definitions import INDICATORS
from indicators.exports.borders import ground_of, mergers, where_computed
from regions.queries import national_regions
from sprocep import memory, periods, tenancy
from sprocep.periods import Period
from tests import walks
from tests.databases import cloned_database, pointed_at
from tests.indicators.test_compilation import MERGER
from tests.indicators.test_figures_equal_oracle import compiled, differences, dump
from tests.oracle.counting import Cells, Key, count
from tests.oracle.rows import load

LAST, FIRST = Period.parse("2015-T4"), Period.parse("2016-T1")
COUNTS = {one.code for one in INDICATORS if one.is_count}
NEW_REGIONS = {
    "27": ("26", "43"),
    "28": ("23", "25"),
    "32": ("22", "31"),
    "44": ("21", "41", "42"),
    "75": ("54", "72", "74"),
    "76": ("73", "91"),
    "84": ("82", "83"),
}


def is_additive(key: Key) -> bool:
    """Counts of facts; persons are distinct, means and quantiles are no counts."""
    return key.indicator in COUNTS and not key.population.startswith("persons")


def as_compiler(period: Period, borders: Borders, territories: Iterable[str]) -> Cells:
    """Raw figures, as the role reads them that computes them."""
    with (
        tenancy.scope(regions=national_regions(), using="compiler", read_only=True),
        connections["compiler"].cursor() as cursor,
    ):
        cursor.execute(
            "SELECT territory, indicator, population, department, operator, level, breakdown, "
            "category, value FROM indicators_figure WHERE period = %s AND borders = %s "
            "AND territory = ANY (%s)",
            [period.code, borders.value, list(territories)],
        )
        return {Key(*row[:-1]): row[-1] for row in cursor.fetchall()}


@pytest.mark.parametrize(
    ("period", "of_old", "of_new"),
    walks.one_of(
        "borders that add up",
        [(LAST, Borders.DATE, Borders.OF_2016), (FIRST, Borders.OF_2015, Borders.DATE)],
    ),
    ids=str,
)
def test_old_regions_add_up_to_the_new_one(in_national, period, of_old, of_new):
    compiled(period, of_old)
    compiled(period, of_new)
    new = as_compiler(period, of_new, NEW_REGIONS)
    old = as_compiler(period, of_old, [code for codes in NEW_REGIONS.values() for code in codes])
    successor = {former: code for code, formers in NEW_REGIONS.items() for former in formers}
    summed: dict[Key, Decimal] = defaultdict(Decimal)
    for key, value in old.items():
        if is_additive(key):
            summed[key._replace(territory=successor[key.territory])] += value
    expected = {key: value for key, value in new.items() if is_additive(key)}
    assert {key.indicator for key in expected} == COUNTS - {"A2", "A3"}
    assert sum(1 for value in expected.values() if value) > 1_000
    assert dict(summed) == expected


@pytest.mark.parametrize(
    ("period", "borders"),
    walks.one_of("borders counted again", [(LAST, Borders.OF_2016), (FIRST, Borders.OF_2015)]),
    ids=str,
)
def test_what_does_not_add_up_is_counted_again_from_units(
    in_national, django_db_blocker, tmp_path, period, borders
):
    compiled(period, borders)
    territories = sorted(borders_of(period, borders))
    ours = as_compiler(period, borders, territories)
    dump(tmp_path / "dump")
    rows = load(tmp_path / "dump", with_beneficiaries=True)
    theirs = count(rows, period.code, borders=borders.value, only=territories)
    asked = {key for key in ours if not is_additive(key)}
    assert {key.indicator for key in asked} > {"A2", "A3", "E1.mean", "E2.median", "E3.d9"}
    assert sum(1 for key in asked if ours[key]) > 1_000
    assert differences({key: ours[key] for key in asked}, {key: theirs[key] for key in asked}) == []


@pytest.mark.owner
def test_today_is_what_the_rows_say_of_today(national, django_db_blocker, monkeypatch):
    """Bretagne and Pays de la Loire merge on 2030-01-01: nobody has counted them together before,
    and all others are where they were."""
    merger = date(2030, 1, 1)
    monkeypatch.setattr(periods, "today", lambda: merger)
    with (
        django_db_blocker.unblock(),
        pointed_at(national.untouched),
        cloned_database("merger_of_2030"),
    ):
        with connections["owner"].cursor() as cursor:
            for statement in filter(str.strip, MERGER.split(";\n")):
                cursor.execute(statement, {"on": merger})
        memory.forget()
        found = {
            (code, period): where_computed(
                ground_of(code, "today", Period.parse(period)), code, Period.parse(period)
            )
            for period in ("2015-T4", "2016-T1", "2030-T1")
            for code in ("75", "93", "52", "99")
        }
        [merged] = mergers(["99"])
    assert found == {
        ("75", "2015-T4"): "2016", ("75", "2016-T1"): "date", ("75", "2030-T1"): "date",
        ("93", "2015-T4"): "date", ("93", "2016-T1"): "date", ("93", "2030-T1"): "date",
        ("52", "2015-T4"): None, ("52", "2016-T1"): None, ("52", "2030-T1"): None,
        ("99", "2015-T4"): None, ("99", "2016-T1"): None, ("99", "2030-T1"): "date",
    }  # fmt: skip
    assert (merged.on, merged.predecessors, merged.successor) == (merger, ("52", "53"), "99")
