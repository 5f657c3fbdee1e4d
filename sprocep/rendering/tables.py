"""Canonical CSV: the same rows give the same bytes, on any machine and on any day. UTF-8 without
BOM, comma, LF, rows sorted by all their columns.

And lists that somebody takes away to a French spreadsheet, in their own order.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

# What a spreadsheet would run as a formula when it opens a CSV.
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")


class TableError(ValueError):
    """Not a table of ours; the message is for the person who gave the file."""


def neutralised(text: str) -> str:
    """Text that no spreadsheet takes for a formula. Never for numbers: −3 stays a number."""
    if text.startswith(_FORMULA_STARTS):
        text = f"'{text}"
    # A lone return would end the row for some readers.
    return text.replace("\r", " ")


def csv_bytes(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[str] = ()
) -> bytes:
    """Rows of texts, sorted by all columns; those named in `numbers` hold numbers as texts."""
    kept = {head.index(name) for name in numbers}
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(head)
    for row in sorted(rows):
        writer.writerow(
            [text if rank in kept else neutralised(text) for rank, text in enumerate(row)]
        )
    return buffer.getvalue().encode()


def spreadsheet_csv(rows: Iterable[Iterable[object]]) -> bytes:
    """UTF-8 with its mark and semicolons: a French spreadsheet opens it as it is. Amounts stay
    numbers, the rest is text; nothing is an empty cell."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";").writerows(map(_cell, row) for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value).replace(".", ",")
    return neutralised("" if value is None else str(value))


def read_csv(content: bytes, head: Sequence[str]) -> list[tuple[str, ...]]:
    """Rows of a CSV that has exactly this head.

    Raises:
        TableError: other encoding, other head, or a row of another length.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise TableError("Ce fichier CSV n’est pas en UTF-8.") from error
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [tuple(line) for line in lines]
    except csv.Error as error:
        raise TableError(f"Ce fichier CSV est abîmé ligne {lines.line_num}.") from error
    if not rows or rows[0] != tuple(head):
        raise TableError("La première ligne n’est pas celle d’un fichier d’édition.")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(head):
            raise TableError(f"La ligne {number} compte {len(row)} colonnes et non {len(head)}.")
    return rows[1:]
