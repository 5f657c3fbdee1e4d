"""Every rule of isolation and of rights, each broken by one change that can be undone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connections
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.constraints import UniqueConstraint

from regions.models import Membership
from regions.permissions import PUBLIC, ROLES, Permission
from sprocep.constraints import CompositeKey, TemporalKey
from sprocep.tenancy import APP, COMPILER, Grants, RowPolicy
from tests.isolation.test_compiler import DECLARED
from tests.permissions.routes import resolved

RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
ISOLATION, PERMISSIONS = "tests/isolation/", "tests/permissions/"


@dataclass(frozen=True)
class Change:
    """`words` are looked for in the names of tests: those that have one run first."""

    kind: str
    name: str
    apply: Callable[[], None]
    undo: Callable[[], None]
    folder: str
    words: tuple[str, ...]


def owner(*statements: str) -> None:
    with connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def sql(kind: str, name: str, apply: str, undo: str, model) -> Change:
    words = (f"[{model._meta.label}]", f"[{model.__name__}]", f"[{model._meta.db_table}]")
    return Change(
        kind, name, lambda: owner(apply), lambda: owner(undo), ISOLATION, (*words, model.__name__)
    )


def every_change() -> list[Change]:
    return [
        *row_policies(),
        *row_securities(),
        *rights(),
        *columns(),
        *keys(),
        *requirements(),
        *roles(),
    ]


def _models() -> list:
    return sorted(apps.get_models(include_auto_created=True), key=lambda m: m._meta.label)


def _constraints(*kinds: type) -> Iterator[tuple]:
    for model in _models():
        for constraint in model._meta.constraints:
            if isinstance(constraint, kinds):
                yield model, constraint


def editor() -> BaseDatabaseSchemaEditor:
    """What quotes the names of the statements that undo a change."""
    return connections["owner"].schema_editor()


# ── In PostgreSQL ────────────────────────────────────────────────────────────────────────────


def row_policies() -> Iterator[Change]:
    """Each policy dropped, and each one opened to all rows."""
    for model, policy in _constraints(RowPolicy):
        on = f'"{policy.name}" ON {model._meta.db_table}'
        dropped = f"DROP POLICY {on}"
        again = policy.create_sql(model, editor())
        yield sql("policy dropped", policy.name, dropped, again, model)
        again = f"{dropped}; {again}"
        if policy.using:
            opened = f"ALTER POLICY {on} USING (true)"
            opened += " WITH CHECK (true)" if policy.check else ""
            yield sql("policy opened", policy.name, opened, again, model)
        if policy.check:
            loose = f"ALTER POLICY {on} WITH CHECK (true)"
            yield sql("policy unchecked", policy.name, loose, again, model)


def row_securities() -> Iterator[Change]:
    for model in {model for model, _ in _constraints(RowPolicy)}:
        table = f"ALTER TABLE {model._meta.db_table}"
        yield sql(
            "row security off", model._meta.label,
            f"{table} DISABLE ROW LEVEL SECURITY", f"{table} ENABLE ROW LEVEL SECURITY", model,
        )  # fmt: skip


def rights() -> Iterator[Change]:
    """Each right on a table that a role has not, given; each that it has, taken."""
    for model, grants in _constraints(Grants):
        table, again = model._meta.db_table, grants.create_sql(model, editor())
        for role, text in ((APP, grants.app), (COMPILER, grants.compiler)):
            has = {word for word in RIGHTS if word in text.replace("(", " (").split("(")[0]}
            narrow = "(" in text
            for right in RIGHTS:
                name = f"{right} on {table} to {role}"
                give, take = f"GRANT {name}", f"REVOKE {right} ON {table} FROM {role}"
                if right in has and not narrow:
                    yield sql("right taken", name, take, again, model)
                elif not narrow:
                    yield sql("right given", name, give, again, model)


def columns() -> Iterator[Change]:
    """Each column that identifies, given to the compilation."""
    for model, found in DECLARED.items():
        for column in found.identifying.split():
            on = f"SELECT ({column}) ON {model._meta.db_table}"
            yield sql(
                "column given", f"{model._meta.db_table}.{column}",
                f"GRANT {on} TO {COMPILER}", f"REVOKE {on} FROM {COMPILER}", model,
            )  # fmt: skip


def keys() -> Iterator[Change]:
    """Each composite, temporal and unique key of a table of a tenant, dropped."""
    for model, key in _constraints(CompositeKey, TemporalKey, UniqueConstraint):
        made = definition(key.name, model._meta.db_table)
        if made is None:  # a partial unique key is an index
            made = index(key.name)
            yield sql("key dropped", key.name, f'DROP INDEX "{key.name}"', made, model)
            continue
        table = f"ALTER TABLE {model._meta.db_table}"
        add = f'{table} ADD CONSTRAINT "{key.name}" {made}'
        dependants = _dependants(key.name, model._meta.db_table)
        if not dependants:
            drop = f'{table} DROP CONSTRAINT "{key.name}"'
            yield sql("key dropped", key.name, drop, add, model)


def definition(name: str, table: str) -> str | None:
    found = _one(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conname = %s AND conrelid = %s::regclass", name, table,
    )  # fmt: skip
    return found and found[0]


def index(name: str) -> str:
    return _one("SELECT pg_get_indexdef(%s::regclass)", name)[0]


def _dependants(name: str, table: str) -> bool:
    """Whether a foreign key rests on it: PostgreSQL itself keeps it from being dropped."""
    return _one(
        "SELECT EXISTS (SELECT FROM pg_constraint f JOIN pg_constraint u "
        "ON u.conindid = f.conindid AND u.contype <> 'f' WHERE f.contype = 'f' "
        "AND u.conname = %s AND u.conrelid = %s::regclass)", name, table,
    )[0]  # fmt: skip


def _one(statement: str, *values: str) -> tuple | None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()


# ── In the rights of people ──────────────────────────────────────────────────────────────────


def requirements() -> Iterator[Change]:
    """Each view without its `@require`, where that lets in someone who logs in."""
    of_people = [rights for role, rights in ROLES.items() if role not in Membership.PROGRAMS]
    closed_to_nobody = frozenset.intersection(*of_people) | {PUBLIC}
    for route, pattern in resolved().items():
        guarded = pattern.callback
        if guarded.permission in closed_to_nobody:
            continue
        words = (f"test_the_table_holds[{route}]", f"test_the_table_holds[{route}?")
        if reading := getattr(guarded, "cls", None):  # of the API: DRF asks its classes
            opened = _setter(reading, "permission_classes", ())
            again = _setter(reading, "permission_classes", reading.permission_classes)
        else:
            opened = _setter(pattern, "callback", _unguarded(guarded))
            again = _setter(pattern, "callback", guarded)
        yield Change("@require dropped", route, opened, again, PERMISSIONS, words)


def _unguarded(guarded: Callable) -> Callable:
    def anybody(*args, **kwargs):
        return guarded.__wrapped__(*args, **kwargs)  # what `functools.wraps` kept

    vars(anybody).update(vars(guarded))
    return anybody


def _setter(thing: object, name: str, value: object) -> Callable[[], None]:
    return lambda: setattr(thing, name, value)


def roles() -> Iterator[Change]:
    """Each right that a role has not, given to it, where it opens a route that was closed."""
    guards: dict[str, frozenset[Permission]] = {}
    for route, pattern in resolved().items():
        right = getattr(pattern.callback, "permission", PUBLIC)
        if right != PUBLIC:
            guards[route] = right if isinstance(right, frozenset) else frozenset({right})
    for role, has in ROLES.items():
        closed = {route: rights for route, rights in guards.items() if not rights & has}
        if role in Membership.PROGRAMS:  # off the API a token is nothing
            closed = {route: rights for route, rights in closed.items() if route.startswith("api:")}
        for permission in sorted(set(Permission) - has):
            opened = [route for route, rights in closed.items() if permission in rights]
            if opened:
                words = tuple(f"test_the_table_holds[{route}]" for route in opened)
                yield Change(
                    "right of a role given", f"{permission} to {role}",
                    _role(role, has | {permission}), _role(role, has), PERMISSIONS, words,
                )  # fmt: skip


def _role(role: str, permissions: frozenset[Permission]) -> Callable[[], None]:
    def give() -> None:
        ROLES[role] = permissions

    return give
