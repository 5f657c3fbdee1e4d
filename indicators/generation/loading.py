"""Loading in bulk, as owner, in one transaction: keys and indexes off, COPY, keys and indexes on.

Single keys are dropped and added again, which PostgreSQL validates with one join each. A temporal
key (`PERIOD`) has no such join in PostgreSQL 18: it looks at the rows one by one, ten microseconds
each, before or after. So these stay where they are. Where the owner may set
`session_replication_role`, they sleep while rows are copied and their rule is checked by one query
a key; elsewhere PostgreSQL checks every copied row by itself.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Queue
from threading import Thread

from django.db import connections
from django.db.models import Model

from indicators.generation.ground import OWNER
from indicators.generation.rows import FACTS

_BATCHES_AHEAD = 3
_MEMORY = "512MB"

# Keys and indexes of the tables that may go and come back: not the primary keys, which give the
# copied rows their order, nor the temporal foreign keys, nor what other tables refer to.
_FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
    FROM pg_constraint
    WHERE contype = 'f' AND NOT conperiod
      AND (conrelid = ANY (%(tables)s::regclass[]) OR confrelid = ANY (%(tables)s::regclass[]))
    ORDER BY conrelid::regclass::text, conname
"""
_UNIQUE_KEYS = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
    FROM pg_constraint
    WHERE contype IN ('u', 'x') AND conrelid = ANY (%(tables)s::regclass[])
    ORDER BY conrelid::regclass::text, conname
"""
_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
    FROM pg_index
    WHERE indrelid = ANY (%(tables)s::regclass[]) AND NOT indisprimary
      AND NOT EXISTS (SELECT FROM pg_constraint
                      WHERE conindid = indexrelid AND contype IN ('u', 'x', 'p'))
    ORDER BY 1
"""
_TRIGGERS = """
    SELECT tgrelid::regclass::text, quote_ident(tgname)
    FROM pg_trigger
    WHERE tgrelid = ANY (%(tables)s::regclass[]) AND NOT tgisinternal AND tgenabled = 'O'
    ORDER BY 1, 2
"""
_TEMPORAL_KEYS = """
    SELECT c.conname, c.conrelid::regclass::text, c.confrelid::regclass::text,
           array_agg(quote_ident(here.attname) ORDER BY k.position),
           array_agg(quote_ident(there.attname) ORDER BY k.position)
    FROM pg_constraint c,
         unnest(c.conkey, c.confkey) WITH ORDINALITY k(here, there, position),
         pg_attribute here, pg_attribute there
    WHERE c.contype = 'f' AND c.conperiod AND c.conrelid = ANY (%(tables)s::regclass[])
      AND here.attrelid = c.conrelid AND here.attnum = k.here
      AND there.attrelid = c.confrelid AND there.attnum = k.there
    GROUP BY c.oid
    ORDER BY c.conname
"""
# The rule of the trigger `journey_dates`, for all journeys at once.
_WRONG_DATES = """
    SELECT count(*) FROM beneficiaries_journey j
    LEFT JOIN (SELECT journey_id, min(held_on) AS first, max(held_on) AS last
               FROM beneficiaries_session GROUP BY journey_id) s ON s.journey_id = j.id
    WHERE s.first IS DISTINCT FROM j.opened_on OR s.last > j.closed_on
"""
# What the triggers `mark_*` of indicators write, once for all; the sessions of a journey lie
# between its opening and its closing, whose months are marked for themselves.
_MARKS = """
    INSERT INTO indicators_rollupmark (region_id, month)
    SELECT DISTINCT region_id, date_trunc('month', day)::date FROM (
        SELECT DISTINCT region_id, opened_on AS day FROM beneficiaries_journey
        UNION SELECT DISTINCT closed_region_id, closed_on FROM beneficiaries_journey
              WHERE closed_on IS NOT NULL
        UNION SELECT DISTINCT region_id, held_on FROM beneficiaries_session
        UNION SELECT DISTINCT region_id, held_on FROM beneficiaries_contact
    ) facts
"""


class LoadError(Exception):
    """A rule is broken by what was loaded: nothing is kept."""


@dataclass
class Timing:
    """Seconds of each step, and of the copying."""

    steps: dict[str, float] = field(default_factory=dict)
    copying: float = 0.0

    @contextmanager
    def of(self, step: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.steps[step] = self.steps.get(step, 0.0) + time.perf_counter() - start

    @property
    def total(self) -> float:
        return sum(self.steps.values())


def table_of(model: type[Model]) -> str:
    return connections[OWNER].ops.quote_name(model._meta.db_table)


def copy(cursor, model: type[Model], columns: str, text: str) -> None:
    names = ", ".join(columns.split())
    with cursor.copy(f"COPY {table_of(model)} ({names}) FROM STDIN") as stream:
        stream.write(text)


class Copier:
    """Copies batches in a thread of its own, while the next one is made."""

    def __init__(self, timing: Timing):
        self._timing = timing
        self._waiting: Queue[dict[str, str] | None] = Queue(_BATCHES_AHEAD)
        self._failure: BaseException | None = None
        # The connection of psycopg, which threads may share; Django's wrapper may not.
        self._link = connections[OWNER].connection
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Copier":
        self._thread.start()
        return self

    def __exit__(self, *exception) -> None:
        self._waiting.put(None)
        self._thread.join()
        self._raise()

    def put(self, batch: dict[str, str]) -> None:
        self._raise()
        self._waiting.put(batch)

    def _raise(self) -> None:
        if self._failure:
            raise self._failure

    def _run(self) -> None:
        while (batch := self._waiting.get()) is not None:
            if not self._failure:
                self._copy(batch)

    def _copy(self, batch: dict[str, str]) -> None:
        start = time.perf_counter()
        try:
            with self._link.cursor() as cursor:
                for name, text in batch.items():
                    copy(cursor, *FACTS[name], text)
        except Exception as failure:  # noqa: BLE001 — raised again in the thread that waits
            self._failure = failure
        self._timing.copying += time.perf_counter() - start


@contextmanager
def bare_tables(cursor, timing: Timing) -> Iterator[None]:
    """Within it the fact tables have no trigger, index or single key; after it, all of them."""
    tables = {"tables": [table_of(model) for model, _ in FACTS.values()]}
    with timing.of("clés et index ôtés"):
        triggers = _rows(cursor, _TRIGGERS, tables)
        keys = _rows(cursor, _FOREIGN_KEYS, tables)
        unique = _rows(cursor, _UNIQUE_KEYS, tables)
        indexes = _rows(cursor, _INDEXES, tables)
        _run(cursor, (f"ALTER TABLE {t} DISABLE TRIGGER {name}" for t, name in triggers))
        _run(cursor, (f"ALTER TABLE {t} DROP CONSTRAINT {name}" for t, name, _ in keys + unique))
        _run(cursor, (f"DROP INDEX {name}" for name, _ in indexes))
        _begin_anew(cursor, tables["tables"])
    yield
    with timing.of("statistiques"):
        _run(cursor, (f"ANALYZE {table}" for table in tables["tables"]))
    with timing.of("index et clés uniques remis"):
        cursor.execute(f"SET LOCAL maintenance_work_mem = '{_MEMORY}'")
        _run(cursor, (f"ALTER TABLE {t} ADD CONSTRAINT {n} {rule}" for t, n, rule in unique))
        _run(cursor, (rule for _, rule in indexes))
    with timing.of("clés étrangères remises et validées"):
        _run(cursor, (f"ALTER TABLE {t} ADD CONSTRAINT {n} {rule}" for t, n, rule in keys))
    with timing.of("règles des dates vérifiées"):
        check_dates(cursor)
        cursor.execute(_MARKS)
    _run(cursor, (f"ALTER TABLE {t} ENABLE TRIGGER {name}" for t, name in triggers))


def _begin_anew(cursor, tables: list[str]) -> None:
    """Truncate tables that are empty: what this transaction then copies into them needs no log
    where `wal_level` is minimal."""
    filled = " OR ".join(f"EXISTS (SELECT 1 FROM {table})" for table in tables)
    cursor.execute(f"SELECT {filled}")
    if not cursor.fetchone()[0]:
        cursor.execute(f"TRUNCATE {', '.join(tables)}")


@contextmanager
def sleeping_temporal_keys(cursor, timing: Timing) -> Iterator[None]:
    """Their checks row by row are put off, where this role may, to one query a key."""
    cursor.execute(
        "SELECT has_parameter_privilege(current_user, 'session_replication_role', 'SET')"
    )
    may_sleep = cursor.fetchone()[0]
    if may_sleep:
        cursor.execute("SET LOCAL session_replication_role = replica")
    yield
    if may_sleep:
        cursor.execute("SET LOCAL session_replication_role = origin")
        with timing.of("clés temporelles vérifiées"):
            check_temporal_keys(cursor)


def check_temporal_keys(cursor) -> None:
    """For each value of a key, all days from the first to the last lie in the rows referred to."""
    tables = {"tables": [table_of(model) for model, _ in FACTS.values()]}
    for name, table, target, here, there in _rows(cursor, _TEMPORAL_KEYS, tables):
        *columns, span = here
        *targets, valid = there
        known = " AND ".join(f"{c} IS NOT NULL" for c in here)
        same = " AND ".join(f"t.{t} = f.{c}" for c, t in zip(columns, targets, strict=True))
        key = ", ".join(columns)
        cursor.execute(
            f"SELECT {key} FROM ("
            f"SELECT {key}, daterange(min(lower({span})), max(upper({span}))) AS days "
            f"FROM {table} WHERE {known} GROUP BY {key}) f "
            f"WHERE NOT coalesce((SELECT range_agg(t.{valid}) @> f.days FROM {target} t "
            f"WHERE {same}), false) LIMIT 1"
        )
        if wrong := cursor.fetchone():
            raise LoadError(f"La clé {name} est enfreinte par {table} {wrong}.")


def check_dates(cursor) -> None:
    cursor.execute(_WRONG_DATES)
    if wrong := cursor.fetchone()[0]:
        raise LoadError(
            f"{wrong} parcours ne s'ouvrent pas avec leur premier entretien, ou se closent avant "
            "le dernier."
        )


def move_sequences(cursor, models: list[type[Model]]) -> None:
    """The next row saved by a page comes after those that were copied with their ids."""
    for model in models:
        table = model._meta.db_table
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) "
            f"FROM {table_of(model)} HAVING max(id) IS NOT NULL"
        )


def next_id(cursor, model: type[Model]) -> int:
    cursor.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table_of(model)}")
    return cursor.fetchone()[0]


def _rows(cursor, query: str, values: dict) -> list[tuple]:
    cursor.execute(query, values)
    return cursor.fetchall()


def _run(cursor, statements) -> None:
    for statement in statements:
        cursor.execute(statement)
