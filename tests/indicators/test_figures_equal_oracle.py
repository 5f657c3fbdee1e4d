"""Every raw figure, before secrecy, equals what the oracle counts on the rows alone."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connections

from indicators.computation import Borders, borders_of, compute_figures, extent_of
from sprocep.periods import Period
from sprocep.tenancy import NATION
from tests import walks
from tests.databases import pointed_at
from tests.oracle.counting import Cells, Key, count
from tests.oracle.rows import COPY, COPY_FOR_TRUTH, load, read_truth


def dump(folder: Path) -> None:
    """As owner: the rows as they are, whatever the product would show of them."""
    folder.mkdir(exist_ok=True)
    with connections["owner"].cursor() as cursor:
        for table, statement in (COPY | COPY_FOR_TRUTH).items():
            with (folder / f"{table}.csv").open("wb") as file, cursor.copy(statement) as copy:
                for chunk in copy:
                    file.write(chunk)


def compiled(period: Period, borders: Borders, only: str = "") -> Cells:
    """The figures of all territories in these borders, or of one, computed now."""
    territories = [only] if only else [*borders_of(period, borders)]
    if borders is Borders.DATE and not only:
        territories.append(NATION)
    for territory in territories:
        compute_figures(extent_of(period, territory, borders))
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT territory, indicator, population, department, operator, level, breakdown, "
            "category, value FROM indicators_figure WHERE period = %s AND borders = %s "
            "AND territory = ANY (%s)",
            [period.code, borders.value, territories],
        )
        rows = cursor.fetchall()
    cells = {Key(*row[:-1]): row[-1] for row in rows}
    assert len(cells) == len(rows), "a cell was written twice"
    return cells


def differences(compiled: Cells, counted: Cells) -> list[str]:
    """What a person needs to find the fault; empty when they are equal, cell by cell."""
    found = [f"only compiled: {key}" for key in sorted(compiled.keys() - counted.keys())]
    found += [f"only counted: {key}" for key in sorted(counted.keys() - compiled.keys())]
    for key in sorted(compiled.keys() & counted.keys()):
        ours, theirs = compiled[key], counted[key]
        if (ours is None) != (theirs is None) or (ours is not None and ours != Decimal(theirs)):
            found.append(f"{key}: compiled {ours}, counted {theirs}")
    return found


@pytest.fixture(scope="module")
def rows(national, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("dump")
    with django_db_blocker.unblock(), pointed_at(national.name):
        dump(folder)
    return load(folder, with_beneficiaries=True)


COUNTED = [
    ("2015-T4", Borders.DATE),
    ("2016-T1", Borders.DATE),
    ("2016-02", Borders.DATE),
    ("2015-T4", Borders.OF_2016),
    ("2016-T1", Borders.OF_2015),
]


@pytest.mark.parametrize(
    ("code", "borders"),
    walks.draw("periods counted by the oracle", COUNTED, 3, lambda case: [case[1]]),
)
def test_figures_equal_the_oracle(in_national, rows, code, borders):
    period = Period.parse(code)
    ours = compiled(period, borders)
    only = None if borders is Borders.DATE else sorted({key.territory for key in ours})
    counted = count(rows, code, borders=borders.value, only=only)
    assert len(ours) > 10_000
    assert sum(1 for value in ours.values() if value) > 1_000, "a base with nothing to count"
    assert differences(ours, counted) == []


def test_person_keys_find_the_true_persons(in_national, rows):
    """Counted by the keys, or by who the persons truly are: the same figures."""
    truth = read_truth(in_national.truth)
    by_keys = count(rows, "2015-T4", only=["93", NATION])
    by_truth = count(rows, "2015-T4", only=["93", NATION], truth=truth)
    assert differences(by_keys, by_truth) == []


def test_constant_borders_repeat_no_region_of_the_date(in_national):
    assert borders_of(Period.parse("2015-T4"), Borders.OF_2015) == {}
    assert borders_of(Period.parse("2016-T1"), Borders.OF_2016) == {}
    assert len(borders_of(Period.parse("2015-T4"), Borders.OF_2016)) == 7


def test_a_region_is_not_the_sum_of_its_operators(in_national):
    """Persons seen by two categories of operator count once in the Region (data model, 14)."""
    cells = compiled(Period.parse("2015-T4"), Borders.DATE)
    for territory in ("11", "93", NATION):
        total = Key(territory, "A3", "persons_seen", *["total"] * 5)
        parts = [
            value
            for cell, value in cells.items()
            if cell != total and cell._replace(operator="total") == total
        ]
        assert len(parts) > 1
        assert cells[total] < sum(parts), territory
