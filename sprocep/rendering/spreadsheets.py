"""XLSX workbooks: typed columns, frozen heads, filters; the same sheets give the same bytes."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sprocep.rendering.tables import TableError, neutralised

Value = str | int | float | Decimal | None

LARGEST_UNPACKED = 200 * 1024 * 1024
# In the file format the comma stands for the reader's own separator of thousands.
_FORMATS = {"text": "", "number": "", "whole": "#,##0", "tenth": "#,##0.0", "share": '0.0" %"'}


@dataclass(frozen=True)
class Column:
    head: str
    kind: str = "text"
    width: int = 14

    @property
    def is_number(self) -> bool:
        return self.kind != "text"


@dataclass(frozen=True)
class DataSheet:
    """One table from the first row on: frozen head, automatic filter."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]


@dataclass(frozen=True)
class Grid:
    """One of several tables under each other; a text in a number column is a sign (« s »)."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class GridSheet:
    name: str
    title: str
    grids: Sequence[Grid]


@dataclass(frozen=True)
class ProseSheet:
    """Lines of (label, text); an empty text makes the label a heading."""

    name: str
    lines: Sequence[tuple[str, str]]


Sheet = DataSheet | GridSheet | ProseSheet


def xlsx_bytes(sheets: Sequence[Sheet], *, title: str, created: datetime) -> bytes:
    """`created` is written in the file: give a date of the content, never the clock."""
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": title, "created": created.replace(tzinfo=None)})
        formats = _formats(book)
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.set_paper(9)
            page.fit_to_pages(1, 0)
            _WRITERS[type(sheet)](page, sheet, formats)
    return buffer.getvalue()


def _formats(book) -> dict:
    base = {"font_name": "Arial", "font_size": 10}
    found = {
        kind: book.add_format(base | ({"num_format": code} if code else {}))
        for kind, code in _FORMATS.items()
    }
    found["head"] = book.add_format(
        base | {"bold": True, "bottom": 2, "text_wrap": True, "valign": "bottom"}
    )
    found["head_number"] = book.add_format(
        base | {"bold": True, "bottom": 2, "text_wrap": True, "valign": "bottom", "align": "right"}
    )
    found["sign"] = book.add_format(base | {"align": "right"})
    found["title"] = book.add_format(base | {"bold": True, "font_size": 14})
    found["caption"] = book.add_format(base | {"bold": True, "font_size": 11})
    found["note"] = book.add_format(base | {"italic": True})
    found["wrapped"] = book.add_format(base | {"text_wrap": True, "valign": "top"})
    found["bold"] = book.add_format(base | {"bold": True, "valign": "top"})
    return found


def _write_heads(page, row: int, columns: Sequence[Column], formats: dict) -> None:
    for rank, column in enumerate(columns):
        kind = "head_number" if column.is_number else "head"
        page.write_string(row, rank, column.head, formats[kind])


def _write_row(page, row: int, columns: Sequence[Column], values: Sequence[Value], formats) -> None:
    for rank, (column, value) in enumerate(zip(columns, values, strict=True)):
        if value is None or value == "":
            continue
        if isinstance(value, str):
            kind = "sign" if column.is_number else "text"
            page.write_string(row, rank, neutralised(value), formats[kind])
        else:
            page.write_number(row, rank, value, formats[column.kind])


def _write_data(page, sheet: DataSheet, formats: dict) -> None:
    for rank, column in enumerate(sheet.columns):
        page.set_column(rank, rank, column.width)
    _write_heads(page, 0, sheet.columns, formats)
    last = 0
    for last, values in enumerate(sheet.rows, start=1):
        _write_row(page, last, sheet.columns, values, formats)
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    page.set_landscape()
    page.autofilter(0, 0, last, len(sheet.columns) - 1)


def _write_grids(page, sheet: GridSheet, formats: dict) -> None:
    page.set_column(0, 0, 48)
    page.set_column(1, 20, 13)
    page.write_string(0, 0, sheet.title, formats["title"])
    row = 2
    for grid in sheet.grids:
        page.write_string(row, 0, grid.caption, formats["caption"])
        _write_heads(page, row + 1, grid.columns, formats)
        row += 2
        for values in grid.rows:
            _write_row(page, row, grid.columns, values, formats)
            row += 1
        for note in grid.notes:
            page.write_string(row, 0, note, formats["note"])
            row += 1
        row += 1


def _write_prose(page, sheet: ProseSheet, formats: dict) -> None:
    page.set_column(0, 0, 36)
    page.set_column(1, 1, 96)
    for row, (label, text) in enumerate(sheet.lines):
        page.write_string(row, 0, label, formats["bold"] if text else formats["title"])
        if text:
            page.write_string(row, 1, text, formats["wrapped"])


_WRITERS = {DataSheet: _write_data, GridSheet: _write_grids, ProseSheet: _write_prose}


def read_sheet(content: bytes, name: str) -> list[list]:
    """Cells of one sheet of an XLSX.

    Raises:
        TableError: not an XLSX, too large once unpacked, or no such sheet in it.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    _bound(content)
    try:
        return (
            CalamineWorkbook.from_filelike(io.BytesIO(content))
            .get_sheet_by_name(name)
            .to_python(skip_empty_area=False)
        )
    except CalamineError as error:
        raise TableError(f"Ce classeur est illisible, ou sans feuille « {name} ».") from error


def _bound(content: bytes) -> None:
    """A small archive may unpack to any size: look before opening."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise TableError("Ce classeur est abîmé.") from error
    if unpacked > LARGEST_UNPACKED:
        raise TableError("Ce classeur est trop volumineux une fois ouvert.")
