"""Previews asked for by the thousand, beside the published files: they tell nothing more.

Questions are drawn like those of the review: filters around what is hidden, alone, together with
what is published, crossed. Exact answers are handed to the attacker as figures of known filters;
« at most » is the smallest published sum that contains the units, which it knows as well.
"""

import random
from collections import defaultdict

import pytest

from indicators.regional.composition import Composition
from indicators.regional.relations import Address
from indicators.regional.sizes import Size, sizes
from scripts.attack_editions import TOTAL, Block, Report, Row, attack, read
from tests.attack.conftest import CORRECTED, REGION, Published

FEW = 300
OPENED = "journeys_opened"
EDITION = Block(CORRECTED.code, REGION, "date", 1)
# Breakdowns of entries in the base, and the fields of the vocabulary that they tell.
FIELDS = {
    "sex_age": ("sex", "age"),
    "situation": ("situation",),
    "education_level": ("education_level",),
    "residence_area": ("residence_area",),
    "reason": ("reason",),
}


@pytest.fixture(scope="module")
def rows(country: Published) -> list[Row]:
    return read(country.files)[EDITION]


@pytest.fixture(scope="module")
def truth(country: Published) -> dict[Address, int]:
    return public_cells(read([country.truth])[EDITION])


def address_of(row: Row) -> Address:
    at = {"level": TOTAL, "operator": TOTAL}
    axis, _, code = row.margin.partition("=")
    at |= {axis: code} if code else {}
    return Address(
        REGION, "date", row.indicator, row.population, row.department, at["operator"], at["level"],
        row.breakdown, row.category,
    )  # fmt: skip


def public_cells(rows: list[Row]) -> dict[Address, int | None]:
    return {address_of(row): None if row.value is None else int(row.value) for row in rows}


def codes_of(rows: list[Row]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for rank, field in enumerate(FIELDS.get(row.breakdown, ())):
            found[field].add(row.category.split("|")[rank])
    return {field: sorted(codes) for field, codes in found.items()}


def questions(rows: list[Row], count: int, seed: int = 0) -> list[Composition]:
    chance, codes = random.Random(seed), codes_of(rows)
    found = []
    for number in range(count):
        chosen = chance.sample(sorted(codes), chance.choice([1, 1, 2, 3]))
        filters = tuple(
            (field, tuple(chance.sample(codes[field], chance.randint(1, len(codes[field])))))
            for field in chosen
        )
        found.append(
            Composition(
                code=f"R{REGION}.{number + 1}",
                label="question",
                population=OPENED,
                measure="count",
                filters=filters,
                by_level=True,
                by_operator=True,
            )
        )
    return found


def answers(asked: list[Composition], public: dict[Address, int]) -> dict[Address, Size]:
    levels = sorted({cell.level for cell in public})
    found = {}
    for one in asked:
        found |= sizes(one, [_whole(one)._replace(level=level) for level in levels], public)
    return found


def attacked(rows: list[Row], asked: list[Composition], told: dict[Address, int]) -> Report:
    """The edition, and beside it these counts of known filters."""
    more = [
        Row(
            a.indicator, OPENED, TOTAL, f"level={a.level}" if a.level != TOTAL else TOTAL,
            TOTAL, TOTAL, value, "published", None,
        )
        for a, value in told.items()
    ]  # fmt: skip
    filters = {one.code: {name: set(codes) for name, codes in one.filters} for one in asked}
    return attack({EDITION: [*rows, *more]}, composed=filters)


def in_truth(asked: list[Composition], truth: dict[Address, int]) -> dict[Address, int]:
    """What figures would answer, where one breakdown tells the units apart."""
    found = {}
    for one in asked:
        for address, size in sizes(one, [_whole(one)], truth).items():
            if size.is_exact:
                found[address] = size.most
    return found


def _whole(one: Composition) -> Address:
    return Address(REGION, "date", one.code, OPENED, *([TOTAL] * 5))


@pytest.mark.parametrize("count", [FEW, pytest.param(5_000, marks=pytest.mark.prove)])
def test_no_number_of_previews_tells_what_is_hidden(rows, truth, count):
    asked = questions(rows, count)
    said = answers(asked, public_cells(rows))
    exact = {address: size.most for address, size in said.items() if size.is_exact}
    assert len(exact) > count / 20
    assert len(said) - len(exact) > count / 2
    report = attacked(rows, asked, exact)
    assert report.hidden > 50
    assert (report.found, report.narrow, report.unprinted) == (0, 0, 0), report.worst[:5]


def test_answers_of_figures_would_tell_it(rows, truth):
    """The same questions, answered exactly: what a preview must not do."""
    asked = questions(rows, FEW)
    report = attacked(rows, asked, in_truth(asked, truth))
    assert report.found > 0


def test_what_is_said_is_true(rows, truth):
    """Against the figures: an exact size is the count, the others are no less."""
    asked = questions(rows, FEW)
    said, counted = answers(asked, public_cells(rows)), in_truth(asked, truth)
    both = [address for address in counted if said[address].most is not None]
    assert len(both) > 20
    for address in both:
        if said[address].is_exact:
            assert said[address].most == counted[address]
        else:
            assert said[address].most >= counted[address]
