"""How PostgreSQL answers the lists, under row security: from an index, in order, page by page."""

import json
from collections.abc import Iterator
from datetime import date
from time import sleep

import pytest
from django.db import connection, connections, transaction

from beneficiaries.models import Beneficiary, FollowUp, Journey, Session
from beneficiaries.queries import (
    Rows,
    SearchedPerson,
    is_followed_by,
    journeys,
    persons_found,
)
from beneficiaries.queries.persons import beginning_with
from regions.models import Site
from sprocep import tenancy
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
TODAY = date(2016, 12, 31)
COPIES = 1500
PAGE = 50
PATIENCE = 100
EXPLAIN = "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON)"


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


@pytest.fixture(autouse=True)
def spread() -> Iterator[None]:
    """Put few rows on a page, as where rows of other structures lie between."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE beneficiaries_beneficiary SET (fillfactor = 10)")
        yield
        cursor.execute("ALTER TABLE beneficiaries_beneficiary RESET (fillfactor)")


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
    vacuum(Beneficiary, Journey, Session, FollowUp)


def vacuum(*models: type) -> None:
    """Make every row visible to all: else the planner answers from no index alone.

    PostgreSQL leaves out a page of few dead rows unless it cleans the indexes too, and a page that
    somebody reads at that moment in any case. Hence several times.
    """
    with connections["owner"].cursor() as cursor:
        for model in models:
            for _ in range(PATIENCE):
                cursor.execute(f"VACUUM (ANALYZE, INDEX_CLEANUP ON, FREEZE) {model._meta.db_table}")
                cursor.execute(
                    "SELECT relallvisible >= relpages FROM pg_class WHERE oid = %s::regclass",
                    [model._meta.db_table],
                )
                if cursor.fetchone()[0]:
                    break
                sleep(0.1)
            else:
                pytest.fail(f"{model._meta.db_table}: rows still not visible to all")


def nodes(plan: dict) -> Iterator[dict]:
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def plan_of(sql: str, values) -> list[dict]:
    """As app, in the scope that the test opened: what was really done, node by node."""
    with connection.cursor() as cursor:
        cursor.execute(f"{EXPLAIN} {sql}", values)
        return nodes_of(cursor.fetchone())


def plan_of_page(rows: Rows, read=lambda rows: rows[0:PAGE]) -> list[dict]:
    """How the first page of a list is found, before its rows are looked up: by what it sends."""
    sent = []

    def keep(execute, sql, values, many, context):
        sent.append((sql, values))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(keep):
        read(rows)
    sql, values = sent[0]
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("; SELECT", f"; {EXPLAIN} SELECT", 1), values)
        cursor.nextset()
        return nodes_of(cursor.fetchone())


def nodes_of(row: tuple) -> list[dict]:
    answer = json.loads(row[0]) if isinstance(row[0], str) else row[0]
    return list(nodes(answer[0]["Plan"]))


def plan_of_rows(query) -> list[dict]:
    return plan_of(*query.query.sql_with_params())


@pytest.fixture
def many_structures(world) -> None:
    """Enough of them for the planner to believe that a policy leaves few rows."""
    for rank in range(40):
        made = factories.structure(f"Mission locale n° {rank}", "13055")
        at = Site.objects.get(structure=made.pk)
        adviser = factories.member("adviser", region="93", at=at)
        with tenancy.scope(regions=["93"], structures=[made.pk]):
            factories.journey(adviser)


def indexes(plan: list[dict]) -> set[str]:
    return {node["Index Name"] for node in plan if "Index Name" in node}


def sorted_rows(plan: list[dict]) -> int:
    """Rows that went through a Sort, which is what a list page must not do to a whole table."""
    assert {node["Node Type"] for node in plan} & {"Index Scan", "Index Only Scan"}
    return max(
        (
            below["Actual Rows"] * below["Actual Loops"]
            for node in plan
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
        assert indexes(plan_of_page(rows, Rows.count)) == {"journey_newest"}
        for sort in ("-opened", "opened", "name", "-name"):
            assert sorted_rows(plan_of_page(rows.order_by(sort))) <= PAGE
        still_open = Rows(
            journeys(structure).filter(closed_on__isnull=True), structure, ["93"], TODAY
        )
        plan = plan_of_page(still_open)
        assert sorted_rows(plan) <= PAGE
        assert "journey_open_newest" in indexes(plan)
        assert indexes(plan_of_page(still_open, Rows.count)) == {"journey_open_newest"}
        assert len(rows[0:PAGE]) == PAGE


def test_list_of_a_merged_region_sorts_a_page_of_each(annex):
    adviser, regions = annex.bordeaux, ["54", "72", "74", "75"]
    people(adviser, regions, date(2015, 11, 1))
    people(adviser, regions, date(2016, 2, 1))
    with tenancy.scope(regions=regions, structures=[adviser.structure_id]):
        rows = Rows(journeys(adviser.structure_id), adviser.structure_id, regions, TODAY)
        assert rows.count() == 2 * (COPIES + 1)
        assert sorted_rows(plan_of_page(rows)) <= PAGE * len(regions)
        newest = Journey.objects.order_by("-opened_on", "-pk")
        every = list(newest.values_list("public_id", flat=True))
        for start in (0, 1480):
            shown = [row.public_id for row in rows[start : start + PAGE]]
            assert shown == every[start : start + PAGE]


def test_journeys_that_i_follow_come_from_two_indexes(world, annex, many_structures):
    """Among those of a large structure: none is looked up one by one."""
    people(world["adviser marseille"], ["93"], date(2016, 2, 1))
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        mine = journeys(world.marseille.pk).filter(
            is_followed_by(world["adviser marseille"], TODAY), closed_on__isnull=True
        )
        rows = Rows(mine, world.marseille.pk, ["93"], TODAY, is_mine=True)
        plan = plan_of_page(rows)
        assert indexes(plan) == {"follow_up_followed_by", "journey_open_newest"}
        assert "Index Scan" not in {node["Node Type"] for node in plan}
        assert rows.count() == COPIES + 1
        assert len(rows[0:PAGE]) == PAGE
        hers = journeys(world.marseille.pk).filter(is_followed_by(annex.colleague, TODAY))
        assert hers.count() == 0
        factories.journey(annex.colleague)
        assert hers.count() == 1


def test_names_are_found_by_their_beginning_in_the_index(world):
    people(world["adviser aix"], ["93"], date(2016, 2, 1))
    people(world["adviser marseille"], ["93"], date(2016, 2, 1))
    structure = world.marseille.pk
    with tenancy.scope(regions=["93"], structures=[structure]):
        known = Beneficiary.objects.filter(structure=structure, region__in=["93"])
        plan = plan_of_rows(beginning_with(known, "BOM1").order_by("sort_key", "pk")[:8])
        conditions = " ".join(node.get("Index Cond", "") for node in plan)
        assert "sort_key" in conditions
        assert sum(node["Node Type"] == "Sort" for node in plan) == 0
        numbers = [i for i in range(1, COPIES + 1) if i % 26 == 1 and str(i).startswith("1")]
        assert beginning_with(known, "BOM1").count() == len(numbers)


def test_either_order_and_the_birth_name_are_found_in_an_index_each(world, many_structures):
    """As app: the bounds of each key are index conditions, and no row is looked at."""
    people(world["adviser marseille"], ["93"], date(2016, 2, 1))
    structure = world.marseille.pk
    with tenancy.scope(regions=["93"], structures=[structure]):
        sent = []

        def keep(execute, sql, values, many, context):
            sent.append((sql, values))
            return execute(sql, values, many, context)

        with connection.execute_wrapper(keep):
            assert persons_found(structure, ["93"], "bom1 nobody") == []
        for sql, values in sent[:2]:  # those who begin so, those who bear one of the names
            with connection.cursor() as cursor:
                cursor.execute(sql.replace("off; ", f"off; {EXPLAIN} ", 1), values)
                cursor.nextset()
                plan = nodes_of(cursor.fetchone())
            read = {
                node["Index Name"]: node["Index Cond"]
                for node in plan
                if node["Node Type"] == "Index Only Scan"
            }
            for index, key in (
                ("beneficiary_by_name", "sort_key"),
                ("beneficiary_by_given_name", "given_key"),
                ("beneficiary_by_birth_name", "birth_key"),
            ):
                assert f"{key} >= wanted.first" in read[index].replace("(", "").replace(")", "")


@pytest.mark.parametrize("text", ["OM149", "BOM1 OM14", "05/06/1980"])
def test_search_reads_one_index_and_no_row(world, text):
    """Ids first: an index, bounded by structure and Region, holds all that a search compares."""
    adviser = world["adviser marseille"]
    people(adviser, ["93"], date(2016, 2, 1))
    structure = world.marseille.pk
    with tenancy.scope(regions=["93"], structures=[structure]):
        factories.beneficiary(adviser, birth_date=date(1980, 6, 5))
    vacuum(Beneficiary)
    with tenancy.scope(regions=["93"], structures=[structure]):
        known = Beneficiary.objects.filter(structure=structure, region__in=["93"])
        wanted = SearchedPerson.read(text)
        searched = known.filter(wanted.held).order_by("sort_key", "pk")
        plan = plan_of_rows(searched.values_list("pk"))
        (index,) = indexes(plan)
        # A birth date has its index; names are in two indexes that hold everybody.
        names = {"beneficiary_by_name", "beneficiary_by_given_name"}
        assert index in {"beneficiary_born_on"} | (set() if wanted.birth_date else names)
        assert "Index Only Scan" in {node["Node Type"] for node in plan}
        assert not any(node["Heap Fetches"] for node in plan if "Heap Fetches" in node)
        assert searched.exists()


def test_likeness_is_looked_for_under_one_letter(world):
    """`LIKE` and likeness are not leakproof: row security lets no index answer them, and each row
    costs four microseconds. The first letter is a comparison."""
    people(world["adviser marseille"], ["93"], date(2016, 2, 1))
    structure = world.marseille.pk
    with tenancy.scope(regions=["93"], structures=[structure]):
        assert persons_found(structure, ["93"], "bomm")
        known = Beneficiary.objects.filter(structure=structure, region__in=["93"])
        plan = plan_of_rows(beginning_with(known, "B").values_list("pk"))
        assert "sort_key" in " ".join(node.get("Index Cond", "") for node in plan)
