"""What everyone reads and the DGEFP alone writes: in PostgreSQL, table by table."""

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from django.db.models import AutoField

from regions.middleware import scope_of
from sprocep.tenancy import NationalWriting

pytestmark = pytest.mark.django_db

EDITED = [
    model
    for model in apps.get_models()
    if any(isinstance(c, NationalWriting) for c in model._meta.constraints)
]
# A statement that touches no row is refused like any other.
INSERT = "INSERT INTO {table} ({column}) SELECT {column} FROM {table} WHERE false"
UPDATE = "UPDATE {table} SET {column} = {column} WHERE false"


def statements(model) -> list[str]:
    table = model._meta.db_table
    written = [f for f in model._meta.local_concrete_fields if not isinstance(f, AutoField)]
    found = [INSERT.format(table=table, column=f'"{written[0].column}"')]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.column_privileges WHERE table_name = %s "
            "AND grantee = current_user AND privilege_type = 'UPDATE' LIMIT 1",
            [table],
        )
        columns = cursor.fetchall()
    return found + [UPDATE.format(table=table, column=column) for (column,) in columns]


def test_there_are_such_tables():
    assert {model.__name__ for model in EDITED} >= {"Region", "Service", "SecrecyThreshold"}


@pytest.mark.parametrize("model", EDITED, ids=lambda model: model.__name__)
def test_the_national_scope_writes_and_no_other_does(world, model):
    for statement in statements(model):
        with scope_of(world["dgefp_officer"], read_only=False), connection.cursor() as cursor:
            cursor.execute(statement)
        for who in ("regional_coordinator 93", "adviser marseille", "network_head ML"):
            with (
                pytest.raises(ProgrammingError, match="national scope needed"),
                transaction.atomic(),
                scope_of(world[who], read_only=False),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)


@pytest.mark.parametrize("model", EDITED, ids=lambda model: model.__name__)
def test_nothing_written_is_ever_erased(world, model):
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        scope_of(world["dgefp_officer"], read_only=False),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE false")
