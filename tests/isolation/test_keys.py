"""Every key that a model declares is in the base, on the columns that it declares."""

import re

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import UniqueConstraint

from sprocep.constraints import CompositeKey, TemporalKey

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

DECLARED = [
    (model, key)
    for model in apps.get_models()
    for key in model._meta.constraints
    if isinstance(key, (CompositeKey, TemporalKey, UniqueConstraint))
]
COLUMNS = re.compile(r"\(([^)]*)\)")


def definition(table: str, name: str) -> str:
    """Of a constraint, or of the index that a partial unique key is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = %(table)s::regclass AND conname = %(name)s "
            "UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index "
            "JOIN pg_class i ON i.oid = indexrelid WHERE indrelid = %(table)s::regclass "
            "AND relname = %(name)s",
            {"table": table, "name": name},
        )
        found = cursor.fetchone()
    return found[0] if found else ""


def expected(model, key) -> list[str]:
    """The lists of columns between brackets, in their order."""
    if isinstance(key, UniqueConstraint):
        return [", ".join(model._meta.get_field(name).column for name in key.fields)]
    if isinstance(key, TemporalKey):
        return [f"{', '.join(key.columns)}, {key.valid} WITHOUT OVERLAPS"]
    here, there = list(key.columns), list(key.to_columns)
    if key.period:
        here.append(f"PERIOD {key.period}")
        there.append(f"PERIOD {key.to_period}")
    return [", ".join(here), ", ".join(there)]


@pytest.mark.parametrize(
    ("model", "key"), DECLARED, ids=[f"{m._meta.label}-{k.name}" for m, k in DECLARED]
)
def test_a_declared_key_is_in_the_base(model, key):
    found = definition(model._meta.db_table, key.name)
    assert COLUMNS.findall(found)[: len(expected(model, key))] == expected(model, key)
    if isinstance(key, CompositeKey):
        target = apps.get_model(key.to)._meta.db_table
        assert f"REFERENCES {target}(" in found
        assert ("DEFERRABLE INITIALLY DEFERRED" in found) is key.deferred
    else:
        assert "UNIQUE" in found
    if condition := getattr(key, "condition", None):
        assert condition
        assert " WHERE " in found


def test_every_kind_of_key_is_declared():
    assert {type(key) for _, key in DECLARED} == {CompositeKey, TemporalKey, UniqueConstraint}
