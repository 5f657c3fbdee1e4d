"""The yearly key: written with the first fact of a year, unreadable to requests."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from beneficiaries import actions
from beneficiaries.entries import Closing, Identity, Profile, Talk
from beneficiaries.identity import person_key
from beneficiaries.models import PersonKey
from sprocep import tenancy

pytestmark = pytest.mark.django_db(databases=["default", "owner", "compiler"], transaction=True)
LEA = Identity(last_name="Dupré", first_name="Léa", birth_date=date(1991, 7, 2), sex="F")
TALK = Talk(held_on=date(2016, 2, 10), channel="PRE", services=("S07",))


@pytest.fixture
def desk(world):
    """Acts of an adviser, each in a scope of its own: the compiler reads only what is committed."""
    adviser = world["adviser marseille"]

    def act(action, **values):
        with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
            return action(by=adviser.user, membership=adviser, **values)

    return act


def first(desk, person=LEA, talk=TALK):
    return desk(
        actions.log_first_session, person=person, profile=Profile(main_reason="M05"), talk=talk
    )


def keys() -> list[tuple[int, str, bytes]]:
    """As the compilation reads them, the oldest first."""
    with tenancy.scope(regions=["93"], using="compiler"):
        rows = PersonKey.objects.using("compiler").order_by("pk")
        return [(row.year, row.region_id, bytes(row.key)) for row in rows]


def key_of(identity: Identity, year: int) -> bytes:
    return person_key(
        birth_name=identity.birth_name,
        last_name=identity.last_name,
        first_name=identity.first_name,
        birth_date=identity.birth_date,
        year=year,
    )


def test_key_is_written_once_a_year(desk):
    journey = first(desk).journey
    for day in (date(2016, 3, 1), date(2017, 1, 5), date(2017, 2, 5)):
        desk(actions.log_session, journey=journey, talk=replace(TALK, held_on=day))
    closing = Closing(closed_on=date(2018, 1, 3), outcome="I03", exit_situation="CDI")
    desk(actions.close_journey, journey=journey, closing=closing)
    assert keys() == [(year, "93", key_of(LEA, year)) for year in (2016, 2017, 2018)]


def test_requests_may_not_read_the_keys(desk, world):
    first(desk)
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        for statement in ("SELECT 1", "DELETE", "UPDATE beneficiaries_personkey SET year = 1"):
            text = (
                statement if "UPDATE" in statement else f"{statement} FROM beneficiaries_personkey"
            )
            with (
                pytest.raises(DatabaseError, match="permission denied"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(text)
    assert len(keys()) == 1


def test_person_without_birth_date_has_no_key(desk):
    anonymous = replace(LEA, birth_date=None)
    journey = first(desk, person=anonymous).journey
    assert keys() == []
    desk(actions.correct_beneficiary, beneficiary=journey.beneficiary, identity=LEA)
    assert keys() == [(2016, "93", key_of(LEA, 2016))]


def test_corrected_birth_date_adds_a_key_for_each_year_with_facts(desk):
    journey = first(desk).journey
    desk(actions.log_session, journey=journey, talk=replace(TALK, held_on=date(2017, 1, 5)))
    before = keys()
    corrected = replace(LEA, birth_date=date(1991, 2, 7))
    desk(actions.correct_beneficiary, beneficiary=journey.beneficiary, identity=corrected)
    assert keys()[:2] == before
    assert sorted(keys()[2:]) == sorted((y, "93", key_of(corrected, y)) for y in (2016, 2017))
    desk(
        actions.correct_beneficiary,
        beneficiary=journey.beneficiary,
        identity=replace(corrected, phone="06 12 34 56 78"),
    )
    assert len(keys()) == 4


def test_birth_date_taken_back_leaves_a_person_who_counts_alone(desk):
    journey = first(desk).journey
    nobody = replace(LEA, birth_date=None)
    desk(actions.correct_beneficiary, beneficiary=journey.beneficiary, identity=nobody)
    (_, last) = keys()
    assert last[2] != key_of(LEA, 2016)
    assert len(last[2]) == 32
