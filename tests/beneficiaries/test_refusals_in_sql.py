"""What PostgreSQL itself refuses, by raw SQL as the owner: no form and no action stands between."""

import uuid
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import IntegrityError, connections, transaction

from beneficiaries.models import Beneficiary, FollowUp, Journey, Session, SituationChange
from sprocep import tenancy
from sprocep.errors import french
from tests import factories

# As owner, committed: its connection does not see what a test's transaction holds back.
pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


@pytest.fixture
def journey(world) -> Journey:
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        return factories.journey(world["adviser marseille"])


@contextmanager
def refused(sentence: str):
    with pytest.raises(IntegrityError) as caught, transaction.atomic(using="owner"):
        yield
    assert french(caught.value) == sentence


def sql(statement: str, *values) -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def copy(table: str, source: int, **changes) -> None:
    """Insert a copy of a row with some columns changed."""
    model = {"session": Session, "journey": Journey, "followup": FollowUp}[table]
    columns = [
        field.column
        for field in model._meta.concrete_fields
        if not field.generated and not field.primary_key
    ]
    changes |= {"public_id": uuid.uuid4()} if "public_id" in columns else {}
    picked = ", ".join("%s" if column in changes else column for column in columns)
    values = [changes[column] for column in columns if column in changes]
    name = model._meta.db_table
    sql(
        f"INSERT INTO {name} ({', '.join(columns)}) SELECT {picked} FROM {name} WHERE id = %s",
        *values,
        source,
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"structure_id": "cio"},
            "Ce parcours n’est pas de votre structure.",
        ),
        (
            {"max_rank": 2, "rank": 2},
            "Votre structure n’est pas opérateur du CEP à cette date.",
        ),
        (
            {"rank": 3, "level_id": "N2"},
            "Ce niveau de service n’est pas en vigueur à cette date.",
        ),
        (
            {"held_on": date(2016, 1, 1)},
            "Un parcours s’ouvre le jour de son premier entretien et ne peut pas être clos avant "
            "le dernier.",
        ),
        (
            {"region_id": "11"},
            "Ce département n’est pas de cette Région à cette date.",
        ),
        ({"minutes": 601}, "La durée va de 1 à 600 minutes."),
        (
            {"channel_id": "FAX"},
            "Une des valeurs choisies n’existe pas ou n’est plus proposée.",
        ),
    ],
)
def test_wrong_session_is_refused(world, journey, changes, sentence):
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        source = journey.sessions.get()
    copy("session", source.pk, held_on=date(2016, 3, 1))
    if changes.get("structure_id") == "cio":
        changes = {"structure_id": world.cio.pk}
    with refused(sentence):
        copy("session", source.pk, **changes)


def test_level_2_by_a_structure_that_is_no_operator_is_refused(world, journey):
    """Its own person, journey and people: the right to deliver CEP alone is lacking."""
    cio = world["adviser cio"]
    person = Beneficiary.objects.using("owner").create(
        region_id="93", structure_id=cio.structure_id, last_name="A", first_name="B", sort_key="A B"
    )
    own = {"structure_id": cio.structure_id, "beneficiary_id": person.pk}
    with refused(
        "Votre structure n’est pas opérateur du CEP à cette date: elle peut accueillir et "
        "informer, pas ouvrir un parcours."
    ):
        copy("journey", journey.pk, **own)
    with refused("Votre structure n’est pas opérateur du CEP à cette date."):
        sql("SET CONSTRAINTS ALL DEFERRED")
        with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
            source = journey.sessions.get()
        sql("ALTER TABLE beneficiaries_session DROP CONSTRAINT session_journey")
        people = {"structure_id": cio.structure_id, "site_id": cio.site_id, "adviser_id": cio.pk}
        copy("session", source.pk, **people)


def test_rank_above_the_operators_is_refused(annex):
    adviser = annex.limited
    with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
        journey = factories.journey(adviser, level="N1", service="S01")
        source = journey.sessions.get()
    copy("session", source.pk, held_on=date(2016, 3, 1))
    with refused("Votre structure n’est pas habilitée à ce niveau de service."):
        copy("session", source.pk, rank=2, level_id="N2")


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (
            "closed_on = '2016-02-09', closed_region_id = '93', closed_department_id = '13', "
            "outcome_id = 'I03', exit_situation_id = 'CDI'",
            "Un parcours ne peut pas être clos avant son ouverture.",
        ),
        (
            "closed_on = '2016-05-03'",
            "Pour clore un parcours, donnez la date, l’issue et la situation à la sortie.",
        ),
        ("age = 13", "L’âge à l’ouverture doit être compris entre 14 et 99 ans."),
        (
            "requested_on = '2016-02-11'",
            "La demande ne peut pas suivre le premier entretien.",
        ),
    ],
)
def test_wrong_journey_is_refused(journey, columns, sentence):
    table = Journey._meta.db_table
    assert sql(f"UPDATE {table} SET age = 31 WHERE id = %s", journey.pk) == 1
    with refused(sentence):
        sql(f"UPDATE {table} SET {columns} WHERE id = %s", journey.pk)


def test_a_change_of_situation_lies_inside_its_journey(journey, world):
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        change = factories.situation_change(world["adviser marseille"], journey)
    update = f"UPDATE {SituationChange._meta.db_table} SET starts_on = %s WHERE id = %s"
    with refused("Un changement de situation vient après l’ouverture et avant la clôture."):
        sql(update, journey.opened_on, change.pk)
    assert sql(update, date(2016, 2, 12), change.pk) == 1


def test_two_follow_ups_at_once_are_refused(journey):
    first = FollowUp.objects.using("owner").get(journey=journey.pk)
    with refused("Un parcours n’a qu’un lieu et un référent à la fois."):
        copy("followup", first.pk, starts_on=date(2016, 3, 1))
    sql(
        f"UPDATE {FollowUp._meta.db_table} SET ends_on = %s WHERE id = %s",
        date(2016, 3, 1),
        first.pk,
    )
    copy("followup", first.pk, starts_on=date(2016, 3, 1), ends_on=None)
