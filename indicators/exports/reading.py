"""Rows out of a file of any format, as they went in."""

import json
from collections.abc import Callable
from decimal import Decimal

from indicators.exports.rows import COLUMNS, Row, written
from indicators.exports.workbook import FIGURES_SHEET
from sprocep.rendering.spreadsheets import read_sheet
from sprocep.rendering.tables import TableError, read_csv


def rows_of(content: bytes) -> list[Row]:
    """Rows of a file, whatever its format; a PDF holds none and is known by its digest alone.

    Raises:
        TableError: not a file of ours, or a damaged one.
    """
    for start, read in _READERS.items():
        if content.startswith(start):
            return read(content)
    raise TableError(
        "Ce fichier n’est ni un CSV, ni un JSON, ni un classeur, ni un PDF, ni un ZIP d’édition."
    )


def from_csv(content: bytes) -> list[Row]:
    return read_csv(content, COLUMNS)


def _from_json(content: bytes) -> list[Row]:
    try:
        document = json.loads(content, parse_float=Decimal)
        return [_texts([row[name] for name in COLUMNS]) for row in document["rows"]]
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise TableError("Ce fichier JSON est abîmé, ou n’est pas celui d’une édition.") from error


def _from_workbook(content: bytes) -> list[Row]:
    try:
        lines = read_sheet(content, FIGURES_SHEET)[1:]
        return [_texts(line[: len(COLUMNS)]) for line in lines]
    except (ValueError, ArithmeticError) as error:
        raise TableError("La feuille des valeurs de ce classeur est abîmée.") from error


def _from_pdf(_: bytes) -> list[Row]:
    return []


def _texts(values: list) -> Row:
    """The canonical texts of a row read from numbers and texts."""
    row = dict(zip(COLUMNS, values, strict=True))
    value = row["value"]
    row["value"] = "" if value in (None, "") else written(_tenth(value))
    row["completeness"] = f"{_tenth(row['completeness']):.1f}"
    return tuple(str(text) for text in row.values())


def _tenth(value: int | float | Decimal | str) -> Decimal:
    return Decimal(str(value))


_READERS: dict[bytes, Callable[[bytes], list[Row]]] = {
    b"edition,": from_csv,
    b"{": _from_json,
    b"PK": _from_workbook,
    b"%PDF": _from_pdf,
}
