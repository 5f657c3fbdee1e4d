"""Workbooks described once, written as XLSX or ODS: typed columns, frozen heads, filters."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sprocep.rendering import ods, xlsx
from sprocep.rendering.sheets import PERCENTAGES, Cell, Page, Value
from sprocep.rendering.tables import TableError, neutralised

LARGEST_UNPACKED = 200 * 1024 * 1024


@dataclass(frozen=True)
class Column:
    """`kind`: text, number, whole, tenth, share, change or date. Shares and changes are given in
    percent, and written as the parts of one that spreadsheets reckon with."""

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
    """Lines of (label, text or day); an empty text makes the label a heading."""

    name: str
    lines: Sequence[tuple[str, Value]]


Sheet = DataSheet | GridSheet | ProseSheet


def xlsx_bytes(sheets: Sequence[Sheet], *, title: str, created: datetime) -> bytes:
    """`created` is written in the file: give a date of the content, never the clock."""
    return xlsx.write(
        [_PAGES[type(sheet)](sheet) for sheet in sheets], title=title, created=created
    )


def ods_bytes(sheets: Sequence[Sheet], *, title: str, created: datetime) -> bytes:
    """The same sheets, cell by cell, in the other format."""
    return ods.write([_PAGES[type(sheet)](sheet) for sheet in sheets], title=title, created=created)


# ── Pages ────────────────────────────────────────────────────────────────────────────────────

_LABEL_WIDTH, _NUMBER_WIDTH, _PROSE_WIDTH = 48, 13, 96


def _data_page(sheet: DataSheet) -> Page:
    def rows() -> Iterator[Sequence[Cell]]:
        yield _heads(sheet.columns)
        yield from _cells(sheet.columns, sheet.rows)

    return Page(sheet.name, [column.width for column in sheet.columns], rows(), heads=1)


def _grid_page(sheet: GridSheet) -> Page:
    rows: list[Sequence[Cell]] = [[(sheet.title, "title")], []]
    for grid in sheet.grids:
        rows += [[(grid.caption, "caption")], _heads(grid.columns)]
        rows += _cells(grid.columns, grid.rows)
        rows += [[(note, "note")] for note in grid.notes]
        rows.append([])
    columns = max((len(grid.columns) for grid in sheet.grids), default=1)
    return Page(sheet.name, [_LABEL_WIDTH, *[_NUMBER_WIDTH] * (columns - 1)], rows)


def _prose_page(sheet: ProseSheet) -> Page:
    rows = [
        [(label, "label"), (value, "prose" if isinstance(value, str) else "date")]
        if value
        else [(label, "title")]
        for label, value in sheet.lines
    ]
    return Page(sheet.name, [_LABEL_WIDTH, _PROSE_WIDTH], rows)


_PAGES = {DataSheet: _data_page, GridSheet: _grid_page, ProseSheet: _prose_page}


def _heads(columns: Sequence[Column]) -> list[Cell]:
    return [(column.head, "head_number" if column.is_number else "head") for column in columns]


def _cells(columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> Iterator[list[Cell]]:
    """Typed cells: fifteen thousand rows go through here, so a text is looked at once."""
    kinds = [column.kind for column in columns]
    texts = ["sign" if column.is_number else "text" for column in columns]
    harmless: dict[str, str] = {}
    for row in rows:
        cells = []
        for kind, text, value in zip(kinds, texts, row, strict=True):
            if isinstance(value, str):
                if value not in harmless:
                    harmless[value] = neutralised(value)
                cells.append((harmless[value], text))
            elif kind in PERCENTAGES and value is not None:
                cells.append((Decimal(str(value)) / 100, kind))
            else:
                cells.append((value, kind))
        yield cells


# ── Reading ──────────────────────────────────────────────────────────────────────────────────


def read_sheet(content: bytes, name: str) -> list[list]:
    """Cells of one sheet of an XLSX or ODS.

    Raises:
        TableError: no workbook, too large once unpacked, or no such sheet in it.
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
