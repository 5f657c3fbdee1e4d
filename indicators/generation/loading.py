"""Loading in bulk, as owner, in one transaction: indexes off, COPY, keys checked, indexes on.

Foreign keys stay where they are. Where the owner may set `session_replication_role`, they sleep
while rows are copied, then queries join each table to all that its keys refer to: in parallel, and
each choice from a list once, where PostgreSQL would validate key after key, row by row, in one
process. Temporal keys (`PERIOD`) have one query each. Elsewhere PostgreSQL checks every copied row
by itself. What refers to a unique key that goes and comes back does so too, and is validated.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connections
from django.db.models import Model

from beneficiaries.models import ContactTally
from indicators.generation.ground import OWNER
from indicators.generation.rows import FACTS, LEFT_BEHIND

_MEMORY = "512MB"

# Keys and indexes of the tables that may go and come back: not the primary keys, which cost little
# while rows come in their order, nor the foreign keys that hold by a primary key.
_UNIQUE_KEYS = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
    FROM pg_constraint
    WHERE contype IN ('u', 'x') AND conrelid = ANY (%(tables)s::regclass[])
    ORDER BY conrelid::regclass::text, conname
"""
_KEYS_TO_THEM = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
    FROM pg_constraint
    WHERE contype = 'f' AND conindid IN (
        SELECT conindid FROM pg_constraint
        WHERE contype IN ('u', 'x') AND conrelid = ANY (%(tables)s::regclass[]))
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
_FOREIGN_KEYS = """
    SELECT c.conname, c.conrelid::regclass::text, c.confrelid::regclass::text,
           array_agg(quote_ident(here.attname) ORDER BY k.position),
           array_agg(quote_ident(there.attname) ORDER BY k.position)
    FROM pg_constraint c,
         unnest(c.conkey, c.confkey) WITH ORDINALITY k(here, there, position),
         pg_attribute here, pg_attribute there
    WHERE c.contype = 'f' AND c.conperiod = %(temporal)s
      AND c.conrelid = ANY (%(tables)s::regclass[])
      AND here.attrelid = c.conrelid AND here.attnum = k.here
      AND there.attrelid = c.confrelid AND there.attnum = k.there
    GROUP BY c.oid
    ORDER BY c.conname
"""
_WITH_REFERRING = """
    WITH RECURSIVE held(oid) AS (
        SELECT unnest(%(tables)s::regclass[])::oid
        UNION SELECT conrelid FROM pg_constraint JOIN held ON confrelid = held.oid
              WHERE contype = 'f')
    SELECT oid::regclass::text FROM held ORDER BY 1
"""
_MAY_SLEEP = "SELECT has_parameter_privilege(current_user, 'session_replication_role', 'SET')"
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
        UNION SELECT DISTINCT region_id, month FROM beneficiaries_contacttally
    ) facts
"""


FACT_MODELS = (*(model for model, _ in FACTS.values()), ContactTally)


class LoadError(Exception):
    """A rule is broken by what was loaded: nothing is kept."""


@dataclass
class Timing:
    """Seconds of each step."""

    steps: dict[str, float] = field(default_factory=dict)

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


def copy(cursor, model: type[Model], columns: str, text: str | bytes) -> None:
    names = ", ".join(columns.split())
    with cursor.copy(f"COPY {table_of(model)} ({names}) FROM STDIN") as stream:
        stream.write(text)


@contextmanager
def bulk_load(cursor, timing: Timing, models: Iterable[type[Model]]) -> Iterator[None]:
    """Within it these tables hold to nothing; after it they hold to all that they did."""
    with bare_tables(cursor, timing, models), sleeping_keys(cursor, timing, models):
        yield


@contextmanager
def bare_tables(cursor, timing: Timing, models: Iterable[type[Model]]) -> Iterator[None]:
    """Within it the tables have no trigger, index or unique key; after it, all of them. What their
    triggers would write or refuse is the caller's."""
    tables = {"tables": [table_of(model) for model in models]}
    with timing.of("clés et index ôtés"):
        triggers = _rows(cursor, _TRIGGERS, tables)
        keys = _rows(cursor, _KEYS_TO_THEM, tables)
        unique = _rows(cursor, _UNIQUE_KEYS, tables)
        indexes = _rows(cursor, _INDEXES, tables)
        _run(cursor, (f"ALTER TABLE {t} DISABLE TRIGGER {name}" for t, name in triggers))
        _run(cursor, (f"ALTER TABLE {t} DROP CONSTRAINT {name}" for t, name, _ in keys + unique))
        _run(cursor, (f"DROP INDEX {name}" for name, _ in indexes))
        _begin_anew(cursor, tables["tables"])
    yield
    with timing.of("index et clés uniques remis"):
        cursor.execute(f"SET LOCAL maintenance_work_mem = '{_MEMORY}'")
        _run(cursor, (f"ALTER TABLE {t} ADD CONSTRAINT {n} {rule}" for t, n, rule in unique))
        _run(cursor, (rule for _, rule in indexes))
    with timing.of("clés étrangères remises et validées"):
        _run(cursor, (f"ALTER TABLE {t} ADD CONSTRAINT {n} {rule}" for t, n, rule in keys))
    _run(cursor, (f"ALTER TABLE {t} ENABLE TRIGGER {name}" for t, name in triggers))


def _begin_anew(cursor, tables: list[str]) -> None:
    """Truncate tables that are empty, with those that refer to them: what this transaction then
    copies into them needs no log where `wal_level` is minimal."""
    tables = [table for (table,) in _rows(cursor, _WITH_REFERRING, {"tables": tables})]
    filled = " OR ".join(f"EXISTS (SELECT 1 FROM {table})" for table in tables)
    cursor.execute(f"SELECT {filled}")
    if not cursor.fetchone()[0]:
        cursor.execute(f"TRUNCATE {', '.join(tables)}")


@contextmanager
def sleeping_keys(cursor, timing: Timing, models: Iterable[type[Model]]) -> Iterator[None]:
    """Their checks row by row are put off, where this role may, to one query a table."""
    cursor.execute(_MAY_SLEEP)
    may_sleep = cursor.fetchone()[0]
    if may_sleep:
        cursor.execute("SET LOCAL session_replication_role = replica")
    yield
    with timing.of("statistiques"):
        _run(cursor, (f"ANALYZE {table_of(model)}" for model in models))
    if may_sleep:
        cursor.execute("SET LOCAL session_replication_role = origin")
        with timing.of("clés étrangères vérifiées"):
            check_keys(cursor, models)
            check_temporal_keys(cursor, models)


def check_keys(cursor, models: Iterable[type[Model]]) -> None:
    """Every row that a key without days refers to is there."""
    facts = {model._meta.db_table for model in (*FACT_MODELS, *LEFT_BEHIND)}
    of_tables = defaultdict(list)
    for name, table, *key in _keys(cursor, models, temporal=False):
        of_tables[table].append((name, *key))
    for table, keys in of_tables.items():
        # What is chosen from lists comes back again and again: each choice is looked up once.
        lists = [key for key in keys if key[1] not in facts]
        columns = sorted({column for *_, here, _ in lists for column in here})
        if lists:
            choices = f"(SELECT DISTINCT {', '.join(columns)} FROM {table})"
            _find_strangers(cursor, table, choices, lists)
        for key in keys:
            if key not in lists:
                _find_strangers(cursor, table, table, [key])


def _find_strangers(cursor, table: str, rows: str, keys: list[tuple]) -> None:
    counts, joins = [], []
    for rank, (_, target, here, there) in enumerate(keys):
        same = " AND ".join(f"t{rank}.{t} = f.{h}" for h, t in zip(here, there, strict=True))
        known = " AND ".join(f"f.{column} IS NOT NULL" for column in here)
        joins.append(f"LEFT JOIN {target} t{rank} ON {same}")
        counts.append(f"count(*) FILTER (WHERE t{rank}.{there[0]} IS NULL AND {known})")
    cursor.execute(f"SELECT {', '.join(counts)} FROM {rows} f {' '.join(joins)}")
    for (name, *_), wrong in zip(keys, cursor.fetchone(), strict=True):
        if wrong:
            raise LoadError(f"La clé {name} est enfreinte par des lignes de {table}.")


def check_temporal_keys(cursor, models: Iterable[type[Model]]) -> None:
    """For each value of a key, all days from the first to the last lie in the rows referred to."""
    for name, table, target, here, there in _keys(cursor, models, temporal=True):
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


def _keys(cursor, models: Iterable[type[Model]], *, temporal: bool) -> list[tuple]:
    """(name, table, table referred to, its columns, columns referred to)"""
    tables = [table_of(model) for model in models]
    return _rows(cursor, _FOREIGN_KEYS, {"tables": tables, "temporal": temporal})


def check_dates(cursor) -> None:
    cursor.execute(_WRONG_DATES)
    if wrong := cursor.fetchone()[0]:
        raise LoadError(
            f"{wrong} parcours ne s’ouvrent pas avec leur premier entretien, ou se closent avant "
            "le dernier."
        )


def mark_months(cursor) -> None:
    """What the triggers that slept would have marked."""
    cursor.execute(_MARKS)


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
