"""Documents and plans in the base: what moves them, what is rounded, what nobody may dominate."""

from decimal import Decimal
from statistics import median

import pytest
from django.db import connections

from indicators.computation import compute_figures, extent_of
from indicators.definitions import EUROS_TO, OUTCOMES_OF_FUNDINGS
from indicators.models import Figure
from sprocep import tenancy
from sprocep.periods import Period
from sprocep.tenancy import NATION

PERIOD = Period.parse("2016-T1")
FUNDINGS = """
SELECT r.funder_id, f.state, f.asked, f.granted
  FROM beneficiaries_planfunding f JOIN operators_fundingright r ON r.code = f.right_id
 WHERE f.decided_on >= %s AND f.decided_on < %s AND NOT f.is_withdrawn
"""


def own(statement: str, *values) -> list[tuple]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def computed() -> dict[tuple[str, str], Figure]:
    """G1 and G2 of the nation by indicator and category, all operators, computed now."""
    compute_figures(extent_of(PERIOD, NATION))
    with tenancy.scope(regions=[NATION], using="compiler", read_only=True):
        rows = Figure.objects.using("compiler").filter(
            period=PERIOD.code, territory=NATION, borders="date", operator="total",
            indicator__startswith="G",
        )  # fmt: skip
        return {(row.indicator, row.category): row for row in rows}


def test_amounts_are_those_of_the_requests_to_the_nearest_step(in_national):
    found = computed()
    asked = own(FUNDINGS, PERIOD.starts, PERIOD.ends)
    assert len(asked) > 50
    funders = {funder for funder, *_ in asked}
    assert len(funders) > 5
    for funder in (*funders, None):
        mine = [row for row in asked if funder in (row[0], None)]
        category = funder or "total"
        assert found["G2.answered", category].value == len(mine)
        for code, column in (("G2.asked", 2), ("G2.given", 3)):
            exact = sum(row[column] for row in mine)
            assert abs(found[code, category].value - exact) <= EUROS_TO / 2
            assert found[code, category].value % EUROS_TO == 0


def test_the_delay_to_financing_is_that_of_the_log(in_national):
    """Of each request, what PostgreSQL wrote of it last."""
    logged = own(
        "SELECT DISTINCT ON (line ->> 'id') act, (line ->> 'asked_on')::date, "
        "(line ->> 'decided_on')::date FROM beneficiaries_planevent WHERE line ? 'asked_on' "
        "ORDER BY line ->> 'id', id DESC"
    )
    days = [
        (decided - asked).days
        for act, asked, decided in logged
        if act != "withdrawn" and decided and PERIOD.starts <= decided < PERIOD.ends
    ]
    assert len(days) > 50
    assert computed()["G2.median", "total"].value == Decimal(str(round(median(days), 1)))


def test_each_answer_grants_or_refuses_and_each_exit_has_its_document_or_not(in_national):
    found = computed()
    answered = found["G2.answered", "total"].value
    codes = [f"G2.{name.removeprefix('fundings_')}" for name in OUTCOMES_OF_FUNDINGS]
    assert all(found[code, "total"].value > 0 for code in codes)
    assert sum(found[code, "total"].value for code in codes) == answered
    kinds = [found["G1", kind].value for kind in ("handed", "owed", "not_owed")]
    assert all(kinds)
    assert sum(kinds) == found["G1", "total"].value
    payers = [found["G2.plans", kind].value for kind in ("none", "one", "several")]
    assert all(payers)
    assert sum(payers) == found["G2.plans", "total"].value


def test_a_document_handed_over_later_moves_its_exit(in_national):
    before = computed()
    (row,) = own(
        "SELECT j.id, j.closed_region_id, j.structure_id, j.closed_department_id, j.closed_on, "
        "f.referent_id FROM beneficiaries_journey j "
        "JOIN beneficiaries_followup f ON f.journey_id = j.id "
        "WHERE j.closed_on >= %s AND j.closed_on < %s "
        "AND EXISTS (SELECT FROM beneficiaries_session s WHERE s.journey_id = j.id AND rank > 1) "
        "AND NOT EXISTS (SELECT FROM beneficiaries_synthesisdocument d WHERE d.journey_id = j.id) "
        "ORDER BY j.id, f.starts_on DESC LIMIT 1",
        PERIOD.starts,
        PERIOD.ends,
    )
    own(
        "INSERT INTO beneficiaries_synthesisdocument (journey_id, region_id, structure_id, "
        "department_id, handed_on, handed_by_id, public_id, number, content) "
        "VALUES (%s, %s, %s, %s, %s, %s, gen_random_uuid(), 1, '{}')",
        *row,
    )
    after = computed()
    moved = {kind: after["G1", kind].value - before["G1", kind].value
             for kind in ("handed", "owed", "not_owed", "total")}  # fmt: skip
    assert moved == {"handed": 1, "owed": -1, "not_owed": 0, "total": 0}


@pytest.mark.parametrize(("rest", "is_dominated"), [(0, False), (900_000, True)])
def test_nobody_makes_up_most_of_an_amount(in_national, rest, is_dominated):
    """What one person is granted is nearly all that one funder grants."""
    if rest:
        (plan,) = own(
            "SELECT id FROM beneficiaries_financingplan WHERE closed_on IS NULL ORDER BY id LIMIT 1"
        )
        own(
            "INSERT INTO beneficiaries_planfunding (public_id, region_id, structure_id, plan_id, "
            "right_id, state, asked, granted, asked_on, decided_on, document, is_withdrawn, "
            "changed_by_id, changed_at) SELECT gen_random_uuid(), region_id, structure_id, id, "
            "'CPF', 'granted', %s, %s, %s, %s, '', false, changed_by_id, now() "
            "FROM beneficiaries_financingplan WHERE id = %s",
            rest, rest, PERIOD.starts, PERIOD.starts, *plan,
        )  # fmt: skip
    given = computed()["G2.given", "CPF"]
    own("DELETE FROM beneficiaries_planfunding WHERE asked = %s", 900_000)
    assert given.units > 10
    assert given.is_dominated is is_dominated
    assert given.value > Decimal(20_000) + rest
