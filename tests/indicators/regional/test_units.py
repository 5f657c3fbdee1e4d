"""What stands behind a count: the fewest of those inside and of those it leaves out."""

from django.db import connections

from indicators.computation import compute_figures, extent_of
from indicators.regional.composition import Composition
from indicators.regional.relations import containers
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


def test_what_is_said_to_contain_a_count_contains_it(in_national):
    """Every relation told to the protection holds on the figures, equalities exactly."""
    composed = [
        one("R11.1", filters=(("situation", ("DEI", "DEN")),), breakdown="reason"),
        one("R11.2", filters=(("situation", ("DEI",)), ("residence_area", ("urban",)))),
        one("R11.3", measure="share", part=(("residence_area", ("rural",)),)),
        one("R11.4", measure="mean", subject="delay"),
        one("R11.5", filters=(("situation", ("DEI",)),)),
    ]
    found = figures("11", *composed)
    told = list(containers(composed))
    assert {c.code for c in told if c.is_equal} >= {"R11.1", "R11.3.part", "R11.5"}
    assert ("R11.2", "R11.5") in {(c.code, c.cells[0][0]) for c in told}
    for relation in told:
        if any(name in ("level", "operator") for _, name, _ in relation.cells):
            continue
        categories = (
            [relation.category]
            if relation.category != "*"
            else [c for code, b, c in found if (code, b) == (relation.code, relation.breakdown)]
        )
        for category in categories:
            value = found[relation.code, relation.breakdown, category][0]
            whole = sum(
                found[code, name, category if of == "*" else of][0]
                for code, name, of in relation.cells
            )
            assert value == whole if relation.is_equal else value <= whole, relation
