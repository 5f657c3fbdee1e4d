"""Three hashes. The figures seal covers the rows of one edition and nothing else: no clock, no id.
The borders seal covers what is published beside the nation's edition in constant borders. The file
digest covers the bytes of one delivered file."""

from collections.abc import Iterable
from hashlib import sha256

from django.db import connections

from indicators.exports.blocks import own_block
from indicators.exports.rows import COLUMNS, NUMBERS, Row, block_rows
from indicators.models import Edition
from sprocep.rendering.tables import csv_bytes


def canonical(rows: Iterable[Row]) -> bytes:
    return csv_bytes(COLUMNS, rows, numbers=NUMBERS)


def seal_of(rows: Iterable[Row]) -> str:
    return sha256(canonical(rows)).hexdigest()


def figures_seal(edition: Edition, using: str = "default") -> str:
    """Seal of an edition's own rows, read from its cells as the role of `using`."""
    return seal_of(block_rows(own_block(edition), using))


# In PostgreSQL: a quarter of a million rows, of which nobody else wants the text.
_BORDERS = """
SELECT count(*), encode(sha256(convert_to(string_agg(line, E'\\n' ORDER BY line), 'UTF8')), 'hex')
  FROM (SELECT concat_ws('|', borders, territory, indicator, population, department, operator,
                         level, breakdown, category, unit, status, completeness,
                         coalesce(value::text, '')) COLLATE "C" AS line
          FROM indicators_editioncell WHERE edition_id = %s AND borders <> 'date') lines
"""


def borders_seal(edition: Edition, using: str = "default") -> str:
    """Seal of its cells in constant borders; empty where it has none."""
    with connections[using].cursor() as cursor:
        cursor.execute(_BORDERS, [edition.pk])
        count, digest = cursor.fetchone()
    return digest if count else ""


def file_digest(content: bytes) -> str:
    return sha256(content).hexdigest()
