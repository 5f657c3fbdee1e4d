"""How PostgreSQL answers the lists, under row security: from an index, in order, page by page."""

import json
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection, connections, transaction

from beneficiaries.models import Beneficiary, FollowUp, Journey, Session
from beneficiaries.queries import Rows, in_index_order, is_followed_by, journeys
from beneficiaries.queries.persons import beginning_with
from regions.models import Site
from sprocep import tenancy
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
TODAY = date(2016, 12, 31)
COPIES = 1500
PAGE = 50


def copies(model: type, source: int, **columns: str) -> None:
    """The row again and again, as owner; `i` is the number of the copy."""
    kept = [f.column for f in model._meta.concrete_fields if not f.generated]
    kept.remove("id")
    columns |= {"public_id": "gen_random_uuid()"} if "public_id" in kept else {}
    picked = ", ".join(columns.get(name, name) for name in kept)
    table = model._meta.db_table
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(kept)}) SELECT {picked} FROM {table}, "
            f"generate_series(1, {COPIES}) AS i WHERE {table}.id = %s",
            [source],
        )


def people(adviser, regions: list[str], opened_on: date) -> None:
    """Many persons with a journey each, on many days, as `adviser`'s structure has."""
    with tenancy.scope(regions=regions, structures=[adviser.structure_id]):
        journey = factories.journey(adviser, opened_on=opened_on)
        session, follow_up = journey.sessions.get(), journey.follow_ups.get()
    last = {
        model: f"(SELECT max(id) FROM {model._meta.db_table}) - {COPIES} + i"
        for model in (Beneficiary, Journey)
    }
    day = f"date '{opened_on}' + mod(i, 25)"
    with transaction.atomic(using="owner"):
        letters = "chr(65 + mod(i, 26)) || 'OM' || i"
        copies(Beneficiary, journey.beneficiary_id, sort_key=letters)
        copies(Journey, journey.pk, beneficiary_id=last[Beneficiary], opened_on=day)
        copies(Session, session.pk, journey_id=last[Journey], held_on=day)
        copies(FollowUp, follow_up.pk, journey_id=last[Journey], starts_on=day)
    with connections["owner"].cursor() as cursor:
        for model in (Beneficiary, Journey, Session, FollowUp):
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def nodes(plan: dict) -> Iterator[dict]:
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def plan_of(query) -> list[dict]:
    """As app, in the scope that the test opened: what was really done, node by node."""
    sql, values = query.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", values)
        (answer,) = cursor.fetchone()
    answer = json.loads(answer) if isinstance(answer, str) else answer
    return list(nodes(answer[0]["Plan"]))


@pytest.fixture
def many_structures(world) -> None:
    """Enough of them for the planner to believe that a policy leaves few rows."""
    for rank in range(40):
        made = factories.structure(f"Mission locale n° {rank}", "13055")
        at = Site.objects.get(structure=made.pk)
        adviser = factories.member("adviser", region="93", at=at)
        with tenancy.scope(regions=["93"], structures=[made.pk]):
            factories.journey(adviser)


def sorted_rows(query) -> int:
    """Rows that went through a Sort, which is what a list page must not do to a whole table."""
    found = plan_of(query)
    assert {node["Node Type"] for node in found} & {"Index Scan", "Index Only Scan"}
    return max(
        (
            below["Actual Rows"] * below["Actual Loops"]
            for node in found
            if node["Node Type"] == "Sort"
            for below in node["Plans"]
        ),
        default=0,
    )


def test_lists_of_a_region_sort_no_more_than_a_page(world, many_structures):
    people(world["adviser aix"], ["93"], date(2016, 2, 1))
    people(world["adviser marseille"], ["93"], date(2016, 2, 1))
    structure = world.marseille.pk
    with tenancy.scope(regions=["93"], structures=[structure]):
        rows = Rows(journeys(structure), structure, ["93"], TODAY)
        assert rows.count() == COPIES + 1
        for sort in ("-opened", "opened", "name", "-name"):
            with in_index_order():
                assert sorted_rows(rows.order_by(sort).keys(PAGE)) <= PAGE
        still_open = Rows(
            journeys(structure).filter(closed_on__isnull=True), structure, ["93"], TODAY
        )
        with in_index_order():
            assert sorted_rows(still_open.keys(PAGE)) <= PAGE
        assert len(rows[0:PAGE]) == PAGE


def test_list_of_a_merged_region_sorts_a_page_of_each(annex):
    adviser, regions = annex.bordeaux, ["54", "72", "74", "75"]
    people(adviser, regions, date(2015, 11, 1))
    people(adviser, regions, date(2016, 2, 1))
    with tenancy.scope(regions=regions, structures=[adviser.structure_id]):
        rows = Rows(journeys(adviser.structure_id), adviser.structure_id, regions, TODAY)
        assert rows.count() == 2 * (COPIES + 1)
        with in_index_order():
            assert sorted_rows(rows.keys(PAGE)) <= PAGE * len(regions)
        newest = Journey.objects.order_by("-opened_on", "-pk")
        assert [row.pk for row in rows[0:PAGE]] == list(newest.values_list("pk", flat=True)[:PAGE])
        assert [row.pk for row in rows[1480:1530]] == list(
            newest.values_list("pk", flat=True)[1480:1530]
        )


def test_journeys_that_i_follow_come_from_an_index(world, annex, many_structures):
    """One adviser's among those of a large structure."""
    people(world["adviser marseille"], ["93"], date(2016, 2, 1))
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        factories.journey(annex.colleague)
        mine = journeys(world.marseille.pk).filter(is_followed_by(annex.colleague.pk, TODAY))
        rows = Rows(mine, world.marseille.pk, ["93"], TODAY, is_short=True)
        found = plan_of(rows.keys(PAGE))
        assert "follow_up_followed_by" in {node.get("Index Name") for node in found}
        assert len(rows[0:PAGE]) == 1
        assert sorted_rows(rows.keys(PAGE)) <= PAGE


def test_names_are_found_by_their_beginning_in_the_index(world):
    people(world["adviser aix"], ["93"], date(2016, 2, 1))
    people(world["adviser marseille"], ["93"], date(2016, 2, 1))
    structure = world.marseille.pk
    with tenancy.scope(regions=["93"], structures=[structure]):
        known = Beneficiary.objects.filter(structure=structure, region__in=["93"])
        found = plan_of(beginning_with(known, "BOM1").order_by("sort_key", "pk")[:8])
        conditions = " ".join(node.get("Index Cond", "") for node in found)
        assert "sort_key" in conditions
        assert sum(node["Node Type"] == "Sort" for node in found) == 0
        numbers = [i for i in range(1, COPIES + 1) if i % 26 == 1 and str(i).startswith("1")]
        assert beginning_with(known, "BOM1").count() == len(numbers)


def test_trigrams_answer_the_owner_and_never_the_app(world):
    """`LIKE` is not leakproof: row security comes first. The day it changes, search can use it."""
    people(world["adviser marseille"], ["93"], date(2016, 2, 1))
    table = Beneficiary._meta.db_table
    sql = f"EXPLAIN SELECT id FROM {table} WHERE sort_key LIKE '%OM149%'"
    plans = {}
    for alias in ("default", "owner"):
        with (
            tenancy.scope(regions=["93"], structures=[world.marseille.pk], using=alias),
            connections[alias].cursor() as cursor,
        ):
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(sql)
            plans[alias] = "beneficiary_name_trgm" in str(cursor.fetchall())
    assert plans == {"default": False, "owner": True}
