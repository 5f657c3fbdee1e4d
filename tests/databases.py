"""Databases of a test run, each cloned from another: the three connections are pointed at one.

They go with the servers of the run: other processes may still be leaving them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from sprocep.tenancy import keep_scope_key

ALIASES = ("default", "owner", "compiler")
VARIABLES = {
    "default": "DATABASE_URL",
    "owner": "DATABASE_OWNER_URL",
    "compiler": "DATABASE_COMPILER_URL",
}


@contextmanager
def cloned_database(name: str, template: str = "") -> Iterator[None]:
    """Point the three connections at a clone of the present database, or of that one."""
    clone(name, template or connections["owner"].settings_dict["NAME"])
    with pointed_at(name):
        yield


@contextmanager
def pointed_at(name: str) -> Iterator[None]:
    """The three connections go to this database, then back to where they were."""
    here = connections["owner"].settings_dict["NAME"]
    try:
        point(name)
        yield
    finally:
        point(here)


def point(name: str) -> None:
    connections.close_all()
    for alias in ALIASES:
        connections[alias].settings_dict["NAME"] = name


def clone(name: str, template: str) -> None:
    """Nobody may be in the template meanwhile. Privileges on a database are not copied with it."""
    connections.close_all()
    with connections["owner"]._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        cursor.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
        cursor.execute(f'GRANT CONNECT ON DATABASE "{name}" TO sprocep_app, sprocep_compiler')
        cursor.execute(f'GRANT TEMPORARY ON DATABASE "{name}" TO sprocep_compiler')
    _keep_key(name)


def _keep_key(name: str) -> None:
    """The key of the scopes in the template is that of the run that made it."""
    settings = connections["owner"].settings_dict
    here, settings["NAME"] = settings["NAME"], name
    keep_scope_key()
    connections.close_all()
    settings["NAME"] = here
