"""Two hashes. The figures seal covers the rows of one edition and nothing else: no clock, no id.
The file digest covers the bytes of one delivered file."""

from collections.abc import Iterable
from hashlib import sha256

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


def file_digest(content: bytes) -> str:
    return sha256(content).hexdigest()
