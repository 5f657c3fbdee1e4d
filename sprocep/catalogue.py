"""All that a database is beside its rows, as lines: two databases are equal when these are."""

import re

from psycopg import Cursor

# One line a policy, right, column, key, index, trigger, function, extension. Rights that nobody
# wrote down are those of the owner: they count as written.
_LINES = """
SELECT concat_ws(' ', 'policy', tablename, policyname, permissive, roles, cmd, qual, with_check)
  FROM pg_policies WHERE schemaname = 'public'
UNION ALL
SELECT concat_ws(' ', 'table', relname, relkind, pg_get_userbyid(relowner),
                 'rows', relrowsecurity, relforcerowsecurity)
  FROM ours
UNION ALL
SELECT concat_ws(' ', 'right', relname, pg_get_userbyid(grantee), privilege_type, is_grantable)
  FROM ours, aclexplode(coalesce(relacl, acldefault(kind, relowner)))
UNION ALL
SELECT concat_ws(' ', 'right', relname, attname, pg_get_userbyid(grantee), privilege_type)
  FROM ours JOIN pg_attribute ON attrelid = ours.oid, aclexplode(attacl)
UNION ALL
SELECT concat_ws(' ', 'right', 'schema', grantee::regrole, privilege_type)
  FROM pg_namespace, aclexplode(nspacl) WHERE nspname = 'public'
UNION ALL
SELECT concat_ws(' ', 'right', 'database', grantee::regrole, privilege_type)
  FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba)))
 WHERE datname = current_database()
UNION ALL
SELECT concat_ws(' ', 'default right', defaclobjtype, grantee::regrole, privilege_type)
  FROM pg_default_acl, aclexplode(defaclacl)
UNION ALL
SELECT concat_ws(' ', 'column', relname, attname, format_type(atttypid, atttypmod), attnotnull,
                 attidentity, attgenerated, pg_get_expr(adbin, adrelid))
  FROM ours JOIN pg_attribute ON attrelid = ours.oid
  LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
 WHERE attnum > 0 AND NOT attisdropped AND relkind <> 'S'
UNION ALL
SELECT concat_ws(' ', 'key', relname, conname, convalidated, pg_get_constraintdef(c.oid))
  FROM ours JOIN pg_constraint c ON conrelid = ours.oid
UNION ALL
SELECT concat_ws(' ', 'index', pg_get_indexdef(indexrelid), indisvalid)
  FROM ours JOIN pg_index ON indrelid = ours.oid
UNION ALL
SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(t.oid), tgenabled)
  FROM ours JOIN pg_trigger t ON tgrelid = ours.oid WHERE NOT tgisinternal
UNION ALL
SELECT concat_ws(' ', 'function', pg_get_functiondef(p.oid), proacl)
  FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
   AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
UNION ALL
SELECT concat_ws(' ', 'extension', extname, extversion) FROM pg_extension
"""
_OURS = """
WITH ours AS (
  SELECT *, CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char" AS kind
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
)
"""
_TABLES = """
SELECT relname FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname
"""
_SEQUENCES = """
SELECT t.relname, a.attname, pg_get_serial_sequence(format('public.%I', t.relname), a.attname)
  FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attidentity <> ''
 WHERE t.relnamespace = 'public'::regnamespace ORDER BY t.relname
"""


# PostgreSQL writes `x IN ('a', 'b')` with the cast around the list, and around each element once
# it has read that back.
_CAST_OF_LIST = re.compile(r"\((ARRAY\[[^\]]*\])\)::text\[\]")
_CAST_OF_ELEMENT = re.compile(
    r"\(('[^']*')::character varying\)::text|('[^']*')::character varying"
)


def catalogue(cursor: Cursor) -> list[str]:
    cursor.execute(_OURS + _LINES)
    return sorted(_as_written_first(line) for (line,) in cursor.fetchall())


def _as_written_first(line: str) -> str:
    return _CAST_OF_ELEMENT.sub(r"\1\2", _CAST_OF_LIST.sub(r"\1", line))


def contents(cursor: Cursor) -> dict[str, list[str]]:
    """Of each table, the number of its rows and a sum over them that no order changes."""
    cursor.execute("SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'")
    cursor.execute(_TABLES)
    return {table: _sums(cursor, table) for (table,) in cursor.fetchall()}


def _sums(cursor: Cursor, table: str) -> list[str]:
    cursor.execute(
        f"SELECT count(*)::text, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text "
        f'FROM "{table}" t'
    )
    return list(cursor.fetchone())


def sequences_behind(cursor: Cursor) -> list[str]:
    """Tables whose next row would take a number that is taken."""
    cursor.execute(_SEQUENCES)
    behind = []
    for table, column, sequence in cursor.fetchall():
        cursor.execute(
            f'SELECT coalesce(max("{column}"), 0) > (SELECT last_value FROM {sequence}) '
            f'FROM "{table}"'
        )
        if cursor.fetchone()[0]:
            behind.append(table)
    return behind
