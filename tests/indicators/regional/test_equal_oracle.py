"""200 regional indicators drawn at random equal what is counted apart, on the rows alone."""

import random
from datetime import date

import pytest
from django.db import connections

from indicators.computation import compute_figures, extent_of
from indicators.regional.composition import Composition, Measure, check_codes, measures_of
from indicators.regional.vocabulary import FIELDS, POPULATIONS
from sprocep.periods import Period
from tests.databases import pointed_at
from tests.indicators.test_figures_equal_oracle import differences, dump
from tests.oracle.counting import Cells, Key
from tests.oracle.regional import Asked, count_asked
from tests.oracle.rows import load

SEED = 20_161_125
# (period, territory): the merger on both sides, a quarter, a Region of one département.
PLACES = (("2015", "11"), ("2016", "75"), ("2016", "11"), ("2016-T1", "93"), ("2015", "04"))
EACH = 40


def drawn(chance: random.Random, code: str, day: date) -> Composition:
    """Any population, measure, filters, margins: all that the form lets one choose."""
    name = chance.choice(list(POPULATIONS))
    known = POPULATIONS[name]
    measure = chance.choice(measures_of(name))

    def filters(most: int) -> tuple:
        fields = chance.sample(columns, chance.randint(0, min(most, len(columns))))
        return tuple((field, some(field)) for field in fields)

    def some(field: str) -> tuple[str, ...]:
        codes = [code for code, _ in FIELDS[field].choices(day)]
        return tuple(chance.sample(codes, chance.randint(1, len(codes))))

    columns = list(known.columns)
    if known.apart:  # of an anonymous contact, one answer a composition
        kept = chance.choice(sorted(known.apart))
        columns = [name for name in columns if name not in known.apart - {kept}]
    part = ()
    while measure == Measure.SHARE and not part:
        part = filters(2)
    is_taken = measure in (Measure.MEAN, Measure.MEDIAN)
    made = Composition(
        code=code,
        label="tiré au hasard",
        population=name,
        measure=measure,
        subject=chance.choice(list(known.subjects)) if is_taken else "",
        filters=filters(3),
        part=part,
        breakdown=chance.choice(["", *(name for name in known.breakdowns if name in columns)]),
        by_level=bool(known.rank) and chance.random() < 0.5,
        by_operator=bool(known.operator) and chance.random() < 0.5,
        by_department=chance.random() < 0.5,
    )
    made.check()
    check_codes(made, day)
    return made


def asked(one: Composition) -> Asked:
    return Asked(**{name: getattr(one, name) for name in Asked._fields})


@pytest.fixture(scope="module")
def rows(national, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("regional")
    with django_db_blocker.unblock(), pointed_at(national.name):
        dump(folder)
    return load(folder)


def computed(period: Period, territory: str, compositions: list[Composition]) -> Cells:
    compute_figures(extent_of(period, territory), composed=compositions)
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT territory, indicator, population, department, operator, level, breakdown, "
            "category, value FROM indicators_figure WHERE period = %s AND territory = %s "
            "AND indicator LIKE 'R%%'",
            [period.code, territory],
        )
        found = cursor.fetchall()
    cells = {Key(*row[:-1]): row[-1] for row in found}
    assert len(cells) == len(found), "a cell was written twice"
    return cells


def compositions_of(code: str, territory: str) -> list[Composition]:
    chance = random.Random(f"{SEED} {code} {territory}")
    day = Period.parse(code).last_day
    return [drawn(chance, f"R{territory}.{n}", day) for n in range(1, EACH + 1)]


@pytest.mark.parametrize(("code", "territory"), PLACES)
def test_regional_indicators_equal_the_oracle(in_national, rows, code, territory):
    compositions = compositions_of(code, territory)
    ours = computed(Period.parse(code), territory, compositions)
    theirs: Cells = {}
    for one in compositions:
        theirs |= count_asked(rows, code, territory, asked(one))
    assert len(ours) > 2_000
    assert sum(1 for value in ours.values() if value) > 300, "a base with nothing to count"
    assert differences(ours, theirs) == []


def test_they_are_two_hundred_of_every_population_and_measure(in_national):
    every = [one for place in PLACES for one in compositions_of(*place)]
    assert len(every) == 200
    met = {(one.population, one.measure) for one in every}
    assert met == {(name, measure) for name in POPULATIONS for measure in measures_of(name)}
