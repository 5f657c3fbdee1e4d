"""What PostgreSQL's own catalogue says of the isolation: nothing was forgotten."""

import pytest
from django.apps import apps
from django.db import connection, connections
from django.db.models import AutoField

from sprocep.checks import RIGHTS_OF_OTHERS, TABLES_WITHOUT_TENANT
from sprocep.tenancy import APP, COMPILER, Grants, by_columns

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def rows(sql: str, *values) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def tenant_tables() -> set[str]:
    return {
        m._meta.db_table
        for m in apps.get_models(include_auto_created=True)
        if m._meta.label not in TABLES_WITHOUT_TENANT
    }


def test_row_security_is_on_for_every_tenant_table_and_partition():
    secured = {
        name
        for (name,) in rows(
            "WITH RECURSIVE tree(oid) AS (SELECT c.oid FROM pg_class c "
            "WHERE c.relname = ANY (%s) UNION "
            "SELECT inhrelid FROM pg_inherits JOIN tree ON inhparent = tree.oid) "
            "SELECT relname FROM pg_class JOIN tree USING (oid) WHERE NOT relrowsecurity",
            list(tenant_tables()),
        )
    }
    assert secured == set()
    present = {n for (n,) in rows("SELECT relname FROM pg_class WHERE relrowsecurity")}
    assert present == tenant_tables()


def test_a_table_is_a_model_or_the_journal_of_migrations():
    tables = {
        n
        for (n,) in rows(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND relkind IN ('r', 'p')"
        )
    }
    models = {m._meta.db_table for m in apps.get_models(include_auto_created=True)}
    assert tables == models | {"django_migrations"}


def test_every_exception_is_a_table_that_exists_and_says_why():
    labels = {m._meta.label for m in apps.get_models(include_auto_created=True)}
    assert set(TABLES_WITHOUT_TENANT) <= labels
    assert all(len(reason) > 20 for reason in TABLES_WITHOUT_TENANT.values())


def test_the_roles_have_no_power():
    assert (
        rows(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY (%s) AND (rolsuper OR rolbypassrls "
            "OR rolcreaterole OR rolcreatedb OR rolreplication)",
            [APP, COMPILER],
        )
        == []
    ), "no attribute"
    assert (
        rows(
            "SELECT roleid FROM pg_auth_members JOIN pg_roles r ON r.oid = member "
            "WHERE rolname = ANY (%s)",
            [APP, COMPILER],
        )
        == []
    )
    assert len(rows("SELECT 1 FROM pg_roles WHERE rolname = ANY (%s)", [APP, COMPILER])) == 2


def test_the_roles_own_nothing():
    assert (
        rows(
            "SELECT relname FROM pg_class JOIN pg_roles r ON r.oid = relowner "
            "WHERE rolname = ANY (%s)",
            [APP, COMPILER],
        )
        == []
    )


def test_no_function_runs_with_the_rights_of_another():
    ours = (
        "SELECT proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS "
        "(SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')"
    )
    assert ("journey_dates",) in rows(ours)
    # It takes nothing, reads the key of the scopes, and says yes or no (docs/adr/0059).
    assert rows(f"{ours} AND prosecdef") == [("scope_is_proven",)]
    assert rows(
        "SELECT pronargs, prorettype::regtype::text, proconfig FROM pg_proc WHERE prosecdef AND "
        "pronamespace = 'public'::regnamespace"
    ) == [(0, "boolean", ["search_path=pg_catalog"])]


def test_no_view_reads_with_the_rights_of_its_owner():
    assert (
        rows(
            "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') "
            "AND relnamespace = 'public'::regnamespace "
            "AND NOT coalesce(reloptions::text LIKE '%%security_invoker=true%%', false)"
        )
        == []
    )


def test_the_app_creates_nothing():
    assert rows(
        "SELECT has_schema_privilege(%s, 'public', 'CREATE'), "
        "has_database_privilege(%s, current_database(), 'CREATE'), "
        "has_database_privilege(%s, current_database(), 'TEMP'), "
        "has_schema_privilege(%s, 'public', 'USAGE')",
        APP, APP, APP, APP,
    ) == [(False, False, False, True)]  # fmt: skip


def test_what_ignores_policies_is_not_granted():
    """TRUNCATE, REFERENCES and TRIGGER do not look at the rows; MAINTAIN locks them."""
    for right in ("TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"):
        assert (
            rows(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
                "AND relkind IN ('r', 'p', 'v') AND has_table_privilege(%s, oid, %s)",
                APP,
                right,
            )
            == []
        )


def test_the_statistics_of_tenant_tables_are_not_readable():
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE regions_membership")
    assert (
        rows("SELECT tablename FROM pg_stats WHERE tablename = ANY (%s)", list(tenant_tables()))
        == []
    )
    assert rows("SELECT has_table_privilege(%s, 'pg_statistic', 'SELECT')", APP) == [(False,)]


def test_no_right_comes_by_default():
    assert rows("SELECT defaclobjtype FROM pg_default_acl") == []


def declared() -> dict[str, tuple]:
    """Of each table, its model, and what the app and the compiler may do with it."""
    rights = {}
    for model in apps.get_models(include_auto_created=True):
        grants = [c for c in model._meta.constraints if isinstance(c, Grants)]
        if model._meta.label in RIGHTS_OF_OTHERS:
            assert grants == []
            texts = (RIGHTS_OF_OTHERS[model._meta.label], "")
        else:
            texts = (grants[0].app, grants[0].compiler)
        rights[model._meta.db_table] = (model, *texts)
    return rights


# Whole tables, then columns.
GRANTED = """
SELECT privilege_type, '' FROM pg_class, aclexplode(relacl)
 WHERE oid = %s::regclass AND grantee = %s::regrole
UNION ALL
SELECT privilege_type, attname FROM pg_attribute, aclexplode(attacl)
 WHERE attrelid = %s::regclass AND grantee = %s::regrole
"""


def granted(table: str, role: str) -> set[tuple]:
    return set(rows(GRANTED, table, role, table, role))


@pytest.mark.parametrize("table", sorted(declared()))
def test_the_rights_on_each_table_are_those_declared(table):
    model, *texts = declared()[table]
    for role, text in zip((APP, COMPILER), texts, strict=True):
        # What Django's own tables say is of whole tables.
        is_ours = model._meta.label not in RIGHTS_OF_OTHERS
        rights = by_columns(text, model) if is_ours else text.split(", ") * bool(text)
        expected = set()
        for right in rights:
            word, _, columns = right.partition(" (")
            names = columns.rstrip(")").replace('"', "")
            expected |= {(word, column) for column in names.split(", ")}
        assert granted(table, role) == expected, role


def test_the_journal_of_migrations_is_read_and_no_more():
    for role in (APP, COMPILER):
        assert granted("django_migrations", role) == {("SELECT", "")}


NUMBERED = [
    model
    for model, *_ in declared().values()
    if isinstance(model._meta.pk, AutoField) and model._meta.label not in RIGHTS_OF_OTHERS
]


@pytest.mark.parametrize("role", [APP, COMPILER])
def test_nobody_chooses_the_number_of_a_row(role):
    assert len(NUMBERED) > 50
    for model in NUMBERED:
        table, key = model._meta.db_table, model._meta.pk.column
        for right in ("INSERT", "UPDATE"):
            may = "SELECT has_column_privilege(%s, %s, %s, %s)"
            assert rows(may, role, table, key, right) == [(False,)], (table, right)
