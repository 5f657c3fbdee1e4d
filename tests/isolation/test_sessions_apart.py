"""What one connection of the app learns of another, and what it may change of its own role.

All web processes are one role: PostgreSQL shows each of them what the others run, unless nothing
of it is kept.
"""

import psycopg
import pytest
from django.db import connections

pytestmark = [pytest.mark.django_db(databases=["default", "owner"])]


@pytest.fixture
def second(filled):
    """Another connection of the app, without a scope."""
    values = connections["default"].get_connection_params()
    names = ("host", "port", "user", "password", "dbname", "options")
    with psycopg.connect(**{k: values[k] for k in names if k in values}, autocommit=True) as link:
        yield link


def statements(link: psycopg.Connection | psycopg.Cursor, pid: int) -> list[tuple]:
    found = link.execute(
        "SELECT query, pg_stat_get_backend_activity(pid) FROM pg_stat_activity WHERE pid = %s",
        [pid],
    )
    return found.fetchall()


def test_no_session_reads_what_another_runs(second):
    """Names are bound on this side: the text of a statement holds them."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT %s, pg_backend_pid()", ["Nadège Canari"])
        _, pid = cursor.fetchone()
    assert second.execute("SELECT usename FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone()
    [(activity, of_back_end)] = statements(second, pid)
    assert "Canari" not in f"{activity}{of_back_end}"
    # The same look at a role whose statements are kept.
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT %s, pg_backend_pid()", ["Nadège Canari"])
        _, pid = cursor.fetchone()
        cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [pid])
        assert pid
        assert "pg_stat_activity" in cursor.fetchone()[0]


@pytest.mark.parametrize(
    "statement",
    [
        "SET track_activities = on",
        "ALTER ROLE sprocep_app SET track_activities = on",
        "ALTER ROLE sprocep_app RESET track_activities",
        "ALTER ROLE sprocep_app SET sprocep.regions = 'FR'",
        "ALTER ROLE sprocep_app SET session_replication_role = 'replica'",
        "ALTER ROLE sprocep_app VALID UNTIL '2016-01-01'",
        "ALTER ROLE sprocep_app CONNECTION LIMIT 0",
        "ALTER ROLE sprocep_app BYPASSRLS",
        "SET ROLE sprocep_owner",
        "SELECT lo_creat(-1)",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'Canari')",
        "SELECT lo_put(1, 0, 'Canari')",
        "SELECT lo_unlink(1)",
        "SELECT lo_open(1, 131072)",
    ],
)
def test_the_app_may_not(second, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        second.execute(statement)
    assert second.execute("SELECT 1").fetchone() == (1,)


def test_what_a_role_may_keep_for_itself_changes_no_connection_of_ours(second):
    """A role may set its own defaults; those that a connection says are stronger."""
    kept = {
        "statement_timeout": "7min",
        "lock_timeout": "7min",
        "idle_in_transaction_session_timeout": "7min",
        "search_path": "pg_catalog",
        "default_transaction_read_only": "on",
        "row_security": "off",
        "default_transaction_isolation": "serializable",
    }
    names = list(kept)
    reading = "SELECT " + ", ".join(f"current_setting('{name}')" for name in names)
    try:
        for name, value in kept.items():
            second.execute(f"ALTER ROLE sprocep_app SET {name} = '{value}'")
        values = connections["default"].get_connection_params()
        assert values["options"]
        place = {name: values[name] for name in ("host", "port", "user", "password", "dbname")}
        with psycopg.connect(**place) as plain:
            stored = plain.execute(reading).fetchone()
        with psycopg.connect(**place, options=values["options"]) as ours:
            set_by_us = ours.execute(reading).fetchone()
    finally:
        for name in names:
            second.execute(f"ALTER ROLE sprocep_app RESET {name}")
    assert "pg_catalog" in stored
    assert not set(zip(names, set_by_us, strict=True)) & set(kept.items())
