"""Isolation of tenants: PostgreSQL refuses, code filters only for meaning.

Two axes, both sets, both enforced by row level security (docs/architecture.md):

- `sprocep.regions`: codes of the Regions that the current work may touch (`FR` for the nation);
- `sprocep.structures`: ids of the structures whose nominal files it may touch.

More settings: `sprocep.user` lets a person read own memberships before any scope exists;
`sprocep.network` narrows what the head of a network reads to its structures. `sprocep.presented` is
the fingerprint of a code that somebody shows, for one act (`presenting`).
Without a scope every tenant table is empty.

`sprocep.proof` shows that this process opened the scope: it is made of the others with a key that
PostgreSQL compares it by and shows to nobody (`scope_is_proven`). A statement that somebody slips
into a request may change the settings, and then sees no row at all (docs/adr/0059).
"""

import functools
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import connections, transaction
from django.db.models import AutoField
from django.db.models.constraints import BaseConstraint

APP = "sprocep_app"
COMPILER = "sprocep_compiler"
NATION = "FR"

_CODE = re.compile(r"[0-9A-Z]{2}")
_NETWORK = re.compile(r"[0-9A-Za-z_]{0,10}")
# In this order the proof is made of all but itself (migrations/sql/scope.sql).
_SETTINGS = (
    "sprocep.regions",
    "sprocep.structures",
    "sprocep.user",
    "sprocep.network",
    "sprocep.proof",
)
_READ = "SELECT " + ", ".join(["coalesce(current_setting(%s, true), '')"] * len(_SETTINGS))
_WRITE = "SELECT " + ", ".join(["set_config(%s, %s, true)"] * len(_SETTINGS))
# What SET TRANSACTION READ ONLY does, without a journey of its own.
_READ_ONLY = ", set_config('transaction_read_only', 'on', true)"

# The sub-select makes each an InitPlan, evaluated once a query and not once a row.
REGIONS = (
    "(SELECT CASE WHEN scope_is_proven() "
    "THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]"
)
STRUCTURES = (
    "(SELECT CASE WHEN scope_is_proven() "
    "THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]"
)
# Connections are in UTC, whose day is another one for an hour or two after midnight in Paris.
TODAY = "(now() AT TIME ZONE 'Europe/Paris')::date"
USER = (
    "(SELECT CASE WHEN scope_is_proven() "
    "THEN nullif(current_setting('sprocep.user', true), '')::bigint END)"
)
# Beside the Regions or the structures, which are proven with it.
NETWORK = "(SELECT nullif(current_setting('sprocep.network', true), ''))"
# The fingerprint of a code shown by its holder (`presenting`).
PRESENTED = "(SELECT decode(nullif(current_setting('sprocep.presented', true), ''), 'hex'))"
# Neither a structure nor a network narrows the scope: a Region's own readers, and the nation's.
IN_WHOLE_REGIONS = (
    "(SELECT coalesce(current_setting('sprocep.structures', true), '') = '' "
    "AND coalesce(current_setting('sprocep.network', true), '') = '')"
)
# Beside the Regions, as IN_WHOLE_REGIONS.
WITHOUT_STRUCTURE = "(SELECT coalesce(current_setting('sprocep.structures', true), '') = '')"
IN_NATIONAL_SCOPE = f"'{NATION}' = ANY ({REGIONS})"
# Written by PostgreSQL with another row, never by a statement of the app.
BY_A_TRIGGER = "pg_trigger_depth() > 0"
IN_ANY_SCOPE = (
    "(SELECT scope_is_proven() AND coalesce(current_setting('sprocep.regions', true), '') <> '')"
)


class ScopeError(ValueError):
    """A scope was asked for with something that is not a code or an id."""


@contextmanager
def scope(
    *,
    regions: Iterable[str] = (),
    structures: Iterable[int] = (),
    user: int | None = None,
    network: str = "",
    read_only: bool = False,
    using: str = "default",
) -> Iterator[None]:
    """Open a transaction that sees these Regions × these structures, and nothing else.

    A nested scope replaces the outer one and gives it back at its end.

    Raises:
        ScopeError: a code that is not two capitals or digits, an id that is not an integer, a
            network that is no code.
    """
    wanted = _settings(regions, structures, user, network)
    nested = connections[using].in_atomic_block
    with transaction.atomic(using=using):
        former = _current(using) if nested else None
        _set(using, wanted, read_only)
        yield
        # After an error the savepoint is rolled back, and the settings with it.
        if former is not None:
            _set(using, former)


def replace_scope(
    *,
    regions: Iterable[str] = (),
    structures: Iterable[int] = (),
    user: int | None = None,
    network: str = "",
    read_only: bool = False,
    using: str = "default",
) -> None:
    """See these instead, until the scope that is open ends: one transaction for a whole request.

    Raises:
        ScopeError: as `scope`, and where no scope is open.
    """
    if not connections[using].in_atomic_block:
        raise ScopeError("no scope is open")
    _set(using, _settings(regions, structures, user, network), read_only)


@contextmanager
def presenting(fingerprint: bytes, using: str = "default") -> Iterator[None]:
    """Inside, rows are seen too that a policy opens to who shows the code of this fingerprint."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SELECT set_config('sprocep.presented', %s, true)", [fingerprint.hex()])
        yield
        # After an error the savepoint is rolled back, and the setting with it.
        cursor.execute("SELECT set_config('sprocep.presented', '', true)")


def execute_alone(
    statement: str,
    values: list,
    *,
    regions: Iterable[str],
    structures: Iterable[int] = (),
    user: int | None = None,
    using: str = "default",
) -> None:
    """One statement in a scope and a transaction of its own, in one journey to PostgreSQL.

    What is sent together outside a transaction is one; inside another, its scope is nested there.

    Raises:
        ScopeError: as `scope`.
    """
    connection = connections[using]
    if connection.in_atomic_block:
        place = {"regions": regions, "structures": structures, "user": user}
        with scope(**place, using=using), connection.cursor() as cursor:
            cursor.execute(statement, values)
        return
    wanted = _settings(regions, structures, user, "")
    with connection.cursor() as cursor:
        cursor.execute(f"{_WRITE}; {statement}", [*_pairs(wanted), *values])


def _settings(
    regions: Iterable[str], structures: Iterable[int], user: int | None, network: str
) -> tuple[str, ...]:
    """The values of `_SETTINGS`, checked: they are compared with columns as they are written."""
    if not _NETWORK.fullmatch(network):
        raise ScopeError(f"not a network code: {network!r}")
    reader = "" if user is None else str(int(user))
    reach = (_codes(regions), _ids(structures), reader, network)
    return (*reach, _proof("|".join(reach)))


def _proof(reach: str) -> str:
    return hmac.digest(_key(settings.SECRET_KEY), reach.encode(), "sha256").hex()


@functools.cache
def _key(secret: str) -> bytes:
    """Derive the key of the proofs from that of the site: 64 bytes, one block of SHA-256."""
    return hashlib.sha512(b"sprocep.tenancy" + secret.encode()).digest()


def keep_scope_key(using: str = "owner") -> None:
    """Write the key that PostgreSQL proves scopes by, as the owner: after a migration, and when the
    key of the site was changed. HMAC takes it in two forms (RFC 2104)."""
    key = _key(settings.SECRET_KEY)
    pads = [bytes(byte ^ pad for byte in key) for pad in (0x36, 0x5C)]
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("DELETE FROM sprocep_scopekey")
        cursor.execute("INSERT INTO sprocep_scopekey (inner_pad, outer_pad) VALUES (%s, %s)", pads)


def _codes(regions: Iterable[str]) -> str:
    codes = sorted(set(regions))
    for code in codes:
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            raise ScopeError(f"not a Region code: {code!r}")
    return ",".join(codes)


def _ids(structures: Iterable[int]) -> str:
    ids = sorted(set(structures))
    for value in ids:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ScopeError(f"not a structure id: {value!r}")
    return ",".join(map(str, ids))


def _current(using: str) -> tuple[str, ...]:
    with connections[using].cursor() as cursor:
        cursor.execute(_READ, _SETTINGS)
        return cursor.fetchone()


def _set(using: str, values: tuple[str, ...], read_only: bool = False) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(_WRITE + _READ_ONLY if read_only else _WRITE, _pairs(values))


def _pairs(values: tuple[str, ...]) -> list[str]:
    return [text for pair in zip(_SETTINGS, values, strict=True) for text in pair]


class SchemaStatement(BaseConstraint):
    """A rule of PostgreSQL kept in `Meta.constraints`: migrations create and drop it."""

    options: tuple[str, ...] = ()

    def __init__(self, *, name: str, **options) -> None:
        super().__init__(name=name)
        for option in self.options:
            setattr(self, option, options.pop(option, getattr(type(self), option, None)))
        if options:
            raise TypeError(f"unknown options: {sorted(options)}")

    def constraint_sql(self, model, schema_editor):
        # The table is being created: the statement runs once it exists.
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def validate(self, *args, **kwargs) -> None:
        """Nothing to foresee in Python: PostgreSQL decides."""

    def deconstruct(self):
        path, args, kwargs = super().deconstruct()
        kwargs.update({option: getattr(self, option) for option in self.options})
        return path, args, kwargs

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self.deconstruct() == other.deconstruct()

    __hash__ = BaseConstraint.__hash__


class RowPolicy(SchemaStatement):
    """A row security policy. `using` says which rows are seen, `check` which may be written."""

    options = ("using", "check", "to", "restrictive")
    using = None
    check = None
    to = (APP,)
    restrictive = False
    command = "ALL"

    def create_sql(self, model, schema_editor):
        table = schema_editor.quote_name(model._meta.db_table)
        using = f" USING ({self.using})" if self.using else ""
        check = f" WITH CHECK ({self.check})" if self.check else ""
        kind = "RESTRICTIVE" if self.restrictive else "PERMISSIVE"
        return (
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; "
            f"CREATE POLICY {schema_editor.quote_name(self.name)} ON {table} AS {kind} "
            f"FOR {self.command} TO {', '.join(self.to)}{using}{check}"
        )

    def remove_sql(self, model, schema_editor):
        # Row security stays on: a table without its policy shows nothing.
        table = schema_editor.quote_name(model._meta.db_table)
        return f"DROP POLICY {schema_editor.quote_name(self.name)} ON {table}"


class RegionIsolation(RowPolicy):
    """Rows of the Regions in scope, for requests and for the compilation."""

    options = ("column", "to")
    column = "region_id"
    to = (APP, COMPILER)
    check = None
    restrictive = False

    @property
    def using(self) -> str:
        return f"{self.column} = ANY ({REGIONS})"


class NominalIsolation(RowPolicy):
    """Of these, for requests, only the rows of the structures in scope."""

    options = ("column",)
    column = "structure_id"
    to = (APP,)
    check = None
    restrictive = True

    @property
    def using(self) -> str:
        return f"{self.column} = ANY ({STRUCTURES})"


SENDER = f"structure_id = ANY ({STRUCTURES}) AND region_id = ANY ({REGIONS})"
RECEIVER = f"receiver_id = ANY ({STRUCTURES}) AND receiver_region_id = ANY ({REGIONS})"


class PartiesIsolation(RowPolicy):
    """Rows of who sends and of who receives, each in its own Regions; `also`: a further reader."""

    options = ("also",)
    also = ""

    @property
    def using(self) -> str:
        parties = f"({SENDER}) OR ({RECEIVER})"
        return f"{parties} OR {self.also}" if self.also else parties


class SenderWriting(RowPolicy):
    """Of these, the sender alone writes new ones: nobody sends in the name of another."""

    options = ()
    check = SENDER
    restrictive = True
    command = "INSERT"


class StructureChanging(RowPolicy):
    """A structure may change rows of its own place that its scope reads, and open none."""

    options = ()
    using = SENDER
    command = "UPDATE"


class StructureAdding(RowPolicy):
    """Rows that a structure may open in its own place, beside what the other policies let in."""

    options = ("check",)
    command = "INSERT"


class RightfulAdding(RowPolicy):
    """Of the rows that the other policies let in, those that somebody may open."""

    options = ("check",)
    restrictive = True
    command = "INSERT"


class FurtherReading(RowPolicy):
    """Rows that its readers see and never change, beside those of the table's other policies."""

    options = ("using", "to")
    command = "SELECT"


class Grants(SchemaStatement):
    """What each database role may do with a table; whatever is not written is not granted.

    INSERT and UPDATE without columns mean all but those that PostgreSQL fills: nobody chooses the
    number of a row. A column added later is granted by a `Grants` of another name.
    """

    options = ("app", "compiler")
    app = ""
    compiler = ""

    def create_sql(self, model, schema_editor):
        table = schema_editor.quote_name(model._meta.db_table)
        sql = f"REVOKE ALL ON {table} FROM {APP}, {COMPILER}"
        for role, rights in ((APP, self.app), (COMPILER, self.compiler)):
            if rights:
                sql += f"; GRANT {', '.join(by_columns(rights, model))} ON {table} TO {role}"
        return sql

    def remove_sql(self, model, schema_editor):
        table = schema_editor.quote_name(model._meta.db_table)
        return f"REVOKE ALL ON {table} FROM {APP}, {COMPILER}"


_RIGHT = re.compile(r"\w+(?: \([^)]*\))?")


def by_columns(rights: str, model) -> list[str]:
    """Return these rights, INSERT and UPDATE with the columns that somebody writes."""
    columns = ", ".join(
        f'"{field.column}"'
        for field in model._meta.local_concrete_fields
        if not (field.generated or isinstance(field, AutoField))
    )
    return [
        f"{right} ({columns})" if right in ("INSERT", "UPDATE") else right
        for right in _RIGHT.findall(rights)
    ]


class NationalWriting(SchemaStatement):
    """A public table that requests write in the national scope alone; everyone reads it."""

    def create_sql(self, model, schema_editor):
        table, name = map(schema_editor.quote_name, (model._meta.db_table, self.name))
        return (
            f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION national_writing()"
        )

    def remove_sql(self, model, schema_editor):
        table, name = map(schema_editor.quote_name, (model._meta.db_table, self.name))
        return f"DROP TRIGGER {name} ON {table}"


@dataclass(frozen=True)
class Columns:
    """Columns of a nominal table: `identifying` a person, `special` (health), or `neutral`.

    The compilation is granted what identifies nobody; a column that stands nowhere fails a test.
    """

    identifying: str = ""
    special: str = ""
    neutral: str = ""

    @property
    def compiler(self) -> str:
        return f"SELECT ({', '.join(f'{self.neutral} {self.special}'.split())})"

    @property
    def all(self) -> frozenset[str]:
        return frozenset(f"{self.identifying} {self.special} {self.neutral}".split())
