"""What stands behind a count: the fewest of those inside and of those it leaves out."""

from collections import defaultdict

from django.db import connections

from indicators.computation import compute_figures, extent_of
from indicators.regional.composition import Composition
from indicators.regional.relations import Address, Relations
from indicators.regional.vocabulary import FIELDS
from sprocep.periods import Period
from sprocep.tenancy import NATION

PERIOD = Period.parse("2016")
TOTALS = "department = 'total' AND operator = 'total' AND level = 'total'"


def one(code: str, **other) -> Composition:
    given = {"population": "journeys_opened", "measure": "count"} | other
    return Composition(code=code, label="essai", **given)


def figures(territory: str, *composed: Composition) -> dict[tuple[str, str, str], tuple]:
    compute_figures(extent_of(PERIOD, territory), composed=composed)
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT indicator, breakdown, category, value, units FROM indicators_figure "
            f"WHERE period = %s AND territory = %s AND population = 'journeys_opened' AND {TOTALS}",
            [PERIOD.code, territory],
        )
        return {row[:3]: (int(row[3] or 0), row[4]) for row in cursor.fetchall()}


def test_all_but_a_few_stands_on_these_few(in_national):
    few, others = ("NR",), ("F", "H")
    found = figures(
        "11",
        one("R11.1", filters=(("sex", few),)),
        one("R11.2", filters=(("sex", others),)),
        one("R11.3", measure="share", part=(("sex", others),)),
    )
    whole = found["A1", "total", "total"][0]
    inside, left = found["R11.1", "total", "total"], found["R11.2", "total", "total"]
    assert 0 < inside[0] < left[0]
    assert inside[0] + left[0] == whole
    assert inside[1] == left[1] == inside[0]
    assert found["R11.3.part", "total", "total"] == (left[0], inside[0])
    assert found["R11.3", "total", "total"][1] == inside[0]
    assert found["R11.3.base", "total", "total"] == (whole, whole)


def test_a_filter_by_reason_that_leaves_nothing_out_is_small(in_national):
    reasons = tuple(code for code, _ in FIELDS["reason"].choices(PERIOD.last_day))
    assert "M11" not in reasons
    found = figures(
        "11",
        one("R11.1", filters=(("reason", reasons), ("sex", ("F", "H", "NR")))),
        one("R11.2", filters=(("sex", ("F", "H", "NR")),)),
    )
    whole = found["A1", "total", "total"][0]
    health = found["C1.main", "reason", "M11"][0]
    counted, units = found["R11.1", "total", "total"]
    assert counted == whole - health
    assert units == (health or 1)
    assert found["R11.2", "total", "total"] == (whole, whole)


def test_a_promoted_indicator_is_counted_for_a_region_and_the_nation(in_national):
    national = one("J1", filters=(("sex", ("F",)),))
    for territory in ("11", NATION):
        found = figures(territory, national)
        women = sum(
            value
            for (code, breakdown, category), (value, _) in found.items()
            if (code, breakdown) == ("B1", "sex_age") and category.startswith("F|")
        )
        assert found["J1", "total", "total"][0] == women > 0


def printed(territory: str, *composed: Composition) -> dict[Address, int]:
    compute_figures(extent_of(PERIOD, territory), composed=composed)
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(Address._fields)}, value FROM indicators_figure "
            "WHERE period = %s AND territory = %s AND borders = 'date' AND value IS NOT NULL",
            [PERIOD.code, territory],
        )
        return {Address(*row[:9]): int(row[9]) for row in cursor.fetchall()}


COMPOSED = [
    one("R11.1", filters=(("situation", ("DEI", "DEN")),), breakdown="reason", by_level=True),
    one("R11.2", filters=(("situation", ("DEI",)), ("residence_area", ("urban",)))),
    one("R11.3", measure="share", part=(("residence_area", ("rural",)),), by_operator=True),
    one("R11.4", measure="mean", subject="delay", by_operator=True, by_department=True),
    one("R11.5", filters=(("situation", ("DEI",)),), by_level=True, by_department=True),
    one("R11.6", breakdown="sex", by_level=True, by_operator=True),
    one("R11.7", breakdown="age", filters=(("level", ("N2", "N3")),), by_operator=True),
    one("R11.8", population="journeys_closed", by_level=True, by_operator=True),
    one("R11.9", population="persons_seen", breakdown="sex", by_level=True, by_operator=True),
    one("R11.10", population="sessions", measure="persons", by_operator=True, by_department=True),
    one("R11.11", population="services", measure="persons", breakdown="service", by_level=True),
    one("R11.12", measure="persons", filters=(("sex", ("F",)),), by_department=True),
    one("R11.13", population="contacts", breakdown="channel", by_department=True),
]


def test_what_is_said_to_contain_a_count_contains_it(in_national):
    """Every relation told to the protection holds on the figures, equalities exactly."""
    found = printed("11", *COMPOSED)
    categories: dict[tuple, set[str]] = defaultdict(set)
    for cell in found:
        categories[cell.population, cell.indicator, cell.breakdown].add(cell.category)
    relations, tied = Relations(COMPOSED), set()
    counts = {code for each in COMPOSED for code in each.count_codes}
    for cell in found:
        if cell.indicator not in counts:
            continue
        of_place = {
            key[1:]: codes for key, codes in categories.items() if key[0] == cell.population
        }
        for container in relations.around(cell, of_place):
            if not all(one_cell in found for one_cell in (*container.cells, *container.without)):
                continue
            whole = sum(found[one_cell] for one_cell in container.cells)
            whole -= sum(found[one_cell] for one_cell in container.without)
            is_true = found[cell] == whole if container.is_equal else found[cell] <= whole
            assert is_true, (cell, container)
            tied.add((cell.indicator, container.cells[0].indicator, container.is_equal))
    assert tied >= {
        ("R11.1", "B3", True), ("R11.2", "R11.5", False), ("R11.3.part", "B8", True),
        ("R11.4.base", "A1", True), ("R11.6", "B1", True), ("R11.7", "B1", False),
        ("R11.8", "E4", True), ("R11.9", "B1", True), ("R11.10", "A3", True),
        ("R11.11", "A3", False), ("R11.12", "B1", False), ("R11.13", "A6", True),
    }  # fmt: skip
