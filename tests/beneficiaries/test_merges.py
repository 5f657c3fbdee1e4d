"""Two files of one person: merged, counted once, separated, counted twice."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from beneficiaries import actions, queries
from beneficiaries.entries import Closing, Cost, Identity, Profile, Talk
from beneficiaries.models import Beneficiary, Journey, Merge
from indicators.computation.facts import FOLLOWED
from regions.models import AuditEvent
from sprocep import tenancy
from sprocep.errors import ActionRefused, french

pytestmark = pytest.mark.django_db(databases=["default", "owner", "compiler"], transaction=True)
LEA = Identity(last_name="Dupré", first_name="Léa", birth_date=date(1991, 7, 2), sex="F")
LEIA = replace(LEA, last_name="Dupre", first_name="Leïa", birth_date=date(1991, 2, 7), phone="0611")
TALK = Talk(held_on=date(2016, 2, 10), channel="PRE", services=("S07",))
CLOSING = Closing(closed_on=date(2016, 3, 1), outcome="I03", exit_situation="CDI")


@pytest.fixture
def desk(world):
    """Acts of an adviser, each in a scope of its own: the compiler reads only what is committed."""
    adviser = world["adviser marseille"]

    def act(action, **values):
        with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
            return action(by=adviser.user, membership=adviser, **values)

    return act


@pytest.fixture
def inside(world):
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        yield


def opened(desk, person: Identity, *, closed: bool = False) -> Journey:
    profile = Profile(main_reason="M05")
    journey = desk(actions.log_first_session, person=person, profile=profile, talk=TALK).journey
    if closed:
        desk(actions.close_journey, journey=journey, closing=CLOSING)
    return journey


@pytest.fixture
def pair(desk) -> tuple[Journey, Journey]:
    return opened(desk, LEA), opened(desk, LEIA, closed=True)


def merged(desk, pair, taken=()) -> Merge:
    kept, aside = (journey.beneficiary for journey in pair)
    return desk(actions.merge_persons, kept=kept, aside=aside, taken=taken)


def separated(desk, merge, **put_back) -> Merge:
    return desk(actions.separate_persons, merge=merge, put_back=put_back)


def read(world, model) -> list:
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        return list(model.objects.order_by("pk"))


def persons_counted() -> int:
    """As every compilation tells persons apart."""
    counted = """
    SELECT count(DISTINCT coalesce(
             (SELECT k.key FROM beneficiaries_personkey k
               WHERE k.beneficiary_id = j.beneficiary_id AND k.year = 2016
               ORDER BY k.id DESC LIMIT 1), int8send(j.beneficiary_id)))
      FROM beneficiaries_journey j"""
    assert "ORDER BY k.id DESC LIMIT 1" in FOLLOWED
    with (
        tenancy.scope(regions=["93"], using="compiler"),
        connections["compiler"].cursor() as cursor,
    ):
        cursor.execute(counted)
        return cursor.fetchone()[0]


def test_merged_files_count_once_and_separated_ones_twice(desk, world, pair):
    assert persons_counted() == 2
    merge = merged(desk, pair, taken=["phone", "first_name"])
    assert persons_counted() == 1
    kept, aside = read(world, Beneficiary)
    assert (str(kept), kept.phone, kept.sort_key) == ("DUPRÉ Leïa", "0611", "DUPRE LEIA")
    assert (str(aside), aside.kept_in_id) == ("DUPRE Leïa", kept.pk)
    assert {row.beneficiary_id for row in read(world, Journey)} == {kept.pk}
    separated(desk, merge)
    assert persons_counted() == 2
    kept, aside = read(world, Beneficiary)
    assert (str(kept), kept.phone, kept.sort_key) == ("DUPRÉ Léa", "", "DUPRE LEA")
    assert aside.kept_in_id is None
    assert [row.beneficiary_id for row in read(world, Journey)] == [kept.pk, aside.pk]


@pytest.mark.parametrize("born", [None, date(1991, 7, 2)])
def test_the_file_that_has_no_birth_date_counts_with_the_other(desk, world, born):
    pair = (
        opened(desk, replace(LEA, birth_date=None)),
        opened(desk, replace(LEIA, birth_date=born), closed=True),
    )
    merge = merged(desk, pair, taken=["birth_date"])
    assert persons_counted() == 1
    separated(desk, merge)
    assert persons_counted() == 2


def test_what_is_opened_after_the_merge_stays_with_the_kept_file(desk, world, pair):
    merge = merged(desk, pair)
    desk(actions.close_journey, journey=pair[0], closing=CLOSING)
    later = replace(TALK, held_on=date(2017, 1, 5))
    new = desk(
        actions.log_first_session,
        person=pair[0].beneficiary,
        profile=Profile(main_reason="M05"),
        talk=later,
    ).journey
    separated(desk, merge)
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        new.refresh_from_db()
    assert new.beneficiary_id == pair[0].beneficiary_id


def test_value_changed_since_is_put_back_only_when_it_is_said(desk, world, pair):
    merge = merged(desk, pair, taken=["phone", "birth_date"])
    corrected = replace(LEA, phone="0622", birth_date=LEIA.birth_date)
    kept = read(world, Beneficiary)[0]
    desk(actions.correct_beneficiary, beneficiary=kept, identity=corrected)
    with pytest.raises(ActionRefused, match="choisissez à nouveau"):
        separated(desk, merge)
    separated(desk, merge, phone=False)
    kept = read(world, Beneficiary)[0]
    assert (kept.phone, kept.birth_date) == ("0622", LEA.birth_date)


def exits_counted() -> int:
    """Journeys that left a Region, as every compilation reads them."""
    counted = "SELECT count(*) FROM beneficiaries_journey WHERE closed_department_id IS NOT NULL"
    with (
        tenancy.scope(regions=["93"], using="compiler"),
        connections["compiler"].cursor() as cursor,
    ):
        cursor.execute(counted)
        return cursor.fetchone()[0]


def test_of_two_open_journeys_one_goes_on_and_no_exit_is_counted(desk, world):
    pair = opened(desk, LEA), opened(desk, LEIA)
    merge = merged(desk, pair)
    first, other = read(world, Journey)
    assert (first.is_open, other.is_open, other.joined_to_id) == (True, False, first.pk)
    assert (other.outcome_id, other.closed_region_id) == (None, None)
    assert (persons_counted(), exits_counted()) == (1, 0)
    with pytest.raises(ActionRefused, match="Séparez les fiches"):
        desk(actions.reopen_journey, journey=other)
    again = replace(TALK, held_on=date(2016, 4, 1))
    with pytest.raises(ActionRefused, match="un parcours ouvert"):
        desk(
            actions.log_first_session,
            person=pair[0].beneficiary,
            profile=Profile(main_reason="M05"),
            talk=again,
        )
    assert desk(actions.log_session, journey=first, talk=again).journey_id == first.pk
    separated(desk, merge)
    first, other = read(world, Journey)
    assert (first.is_open, other.is_open, other.joined_to_id) == (True, True, None)
    assert (persons_counted(), exits_counted()) == (2, 0)
    desk(actions.close_journey, journey=other, closing=CLOSING)
    assert exits_counted() == 1


def test_the_journey_with_a_plan_goes_on_and_two_plans_are_not_one(desk, world):
    high = replace(TALK, services=("S12",))
    pair = [
        desk(
            actions.log_first_session,
            person=person,
            profile=Profile(main_reason="M05"),
            talk=replace(high, held_on=day),
        ).journey
        for person, day in ((LEA, date(2016, 2, 10)), (LEIA, date(2016, 2, 12)))
    ]
    desk(actions.add_cost, journey=pair[1], cost=Cost(kind="CP", amount=Decimal(100)))
    merge = merged(desk, pair)
    first, other = read(world, Journey)
    assert (first.joined_to_id, other.is_open) == (other.pk, True)
    separated(desk, merge)
    desk(actions.add_cost, journey=pair[0], cost=Cost(kind="CP", amount=Decimal(100)))
    with pytest.raises(ActionRefused, match="avec un plan de financement"):
        merged(desk, pair)
    assert all(row.is_open for row in read(world, Journey))


def test_an_end_without_outcome_is_that_of_a_joined_journey_alone(desk, world, pair):
    row, other = pair
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        for values in (
            {"closed_on": date(2016, 3, 1)},
            {"joined_to": other},
            {"closed_on": date(2016, 3, 1), "joined_to": other, "outcome_id": "I03"},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                Journey.objects.filter(pk=row.pk).update(**values)
        whole = {"closed_on": date(2016, 3, 1), "joined_to": other}
        assert Journey.objects.filter(pk=row.pk).update(**whole) == 1


def test_a_merged_file_is_merged_no_further(desk, world, pair):
    third = opened(desk, replace(LEA, first_name="Lea", birth_date=None), closed=True)
    first = merged(desk, pair)
    for chain in ((third, pair[0]), (third, pair[1]), (pair[1], third), (pair[1], pair[0])):
        with pytest.raises(ActionRefused):
            merged(desk, chain)
    second = merged(desk, (pair[0], third))
    assert merged(desk, (pair[0], third)) == second  # sent twice
    separated(desk, first)
    separated(desk, second)
    assert separated(desk, first).separated_at  # sent twice
    assert [row.kept_in_id for row in read(world, Beneficiary)] == [None] * 3


def test_a_file_set_aside_is_found_by_no_search(desk, world, pair):
    where = (world.marseille.pk, ["93"])
    searches = ("Dupre Leïa", "Leïa Dupre", "07/02/1991", "Dupre Leia 07/02/1991", "Dupr")
    aside = pair[1].beneficiary

    def found() -> list[bool]:
        with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
            some = [queries.persons_found(*where, text) for text in searches]
            named = [queries.persons_named(*where, text) for text in searches]
            alike = queries.look_alikes_of(pair[0].beneficiary, ["93"])
            return [
                *(aside in persons for persons in some),
                *(aside.pk in ids for ids in named),
                aside in [one.person for one in alike],
            ]

    assert all(found())
    merge = merged(desk, pair)
    assert not any(found())
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        assert queries.person(world.marseille.pk, aside.public_id).get() == merge.kept
    separated(desk, merge)
    assert all(found())


def test_audit_names_columns_and_no_person(desk, world, pair):
    separated(desk, merged(desk, pair, taken=["phone"]))
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        rows = AuditEvent.objects.filter(action__in=["merge_persons", "separate_persons"])
        told = [(row.action, row.fields) for row in rows.order_by("pk")]
    assert told == [("merge_persons", "phone"), ("separate_persons", "phone")]


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────


def refused(statement: str, *values, match: str) -> None:
    with (
        pytest.raises(IntegrityError) as caught,
        transaction.atomic(using="owner"),
        connections["owner"].cursor() as cursor,
    ):
        cursor.execute(statement, values)
    assert match in french(caught.value)


def insert(kept: Beneficiary, aside: Beneficiary, by) -> tuple:
    return (
        "INSERT INTO beneficiaries_merge (public_id, region_id, structure_id, kept_id, aside_id, "
        "replaced, merged_by_id, merged_at) "
        "VALUES (gen_random_uuid(), '93', %s, %s, %s, '{}', %s, now())",
        kept.structure_id, kept.pk, aside.pk, by.pk,
    )  # fmt: skip


def test_sql_alone_moves_the_journeys_and_refuses_what_is_no_merge(desk, world, pair):
    adviser, kept, aside = world["adviser marseille"], *(row.beneficiary for row in pair)
    stranger = Beneficiary.objects.using("owner").create(
        region_id="93",
        structure_id=world.cio.pk,
        last_name="A",
        first_name="B",
        sort_key="A B",
    )
    unknown = "Cette personne n’est pas connue de votre structure."
    refused(*insert(kept, stranger, adviser), match=unknown)
    refused(*insert(kept, kept, adviser), match="Choisissez-en une")
    table = "UPDATE beneficiaries_beneficiary SET"
    refused(f"{table} kept_in_id = %s WHERE id = %s", kept.pk, aside.pk, match="mise de côté")
    with connections["owner"].cursor() as cursor:
        statement, *values = insert(kept, aside, adviser)
        cursor.execute(statement, values)
    assert {row.beneficiary_id for row in read(world, Journey)} == {kept.pk}
    refused(*insert(kept, aside, adviser), match="déjà réunie")
    refused(*insert(aside, kept, adviser), match="réunie à une autre")
    refused(f"{table} phone = '0' WHERE id = %s", aside.pk, match="mise de côté")
    refused(f"{table} kept_in_id = NULL WHERE id = %s", aside.pk, match="mise de côté")
    moved = "UPDATE beneficiaries_journey SET beneficiary_id = %s, came_from_id = NULL"
    refused(moved, aside.pk, match="réunie à une autre")
    over = "UPDATE beneficiaries_merge SET separated_by_id = %s, separated_at = now()"
    refused("UPDATE beneficiaries_merge SET replaced = '{}'", match="déjà séparées")
    with connections["owner"].cursor() as cursor:
        cursor.execute(over, [adviser.pk])
    assert [row.beneficiary_id for row in read(world, Journey)] == [kept.pk, aside.pk]
    refused(over, adviser.pk, match="déjà séparées")


def test_requests_rewrite_no_merge(desk, pair, inside):
    merge = merged(desk, pair)
    for column in ("kept_id = aside_id", "replaced = '{}'", "merged_at = now()"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE beneficiaries_merge SET {column}")
    assert separated(desk, merge).separated_at
