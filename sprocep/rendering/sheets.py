"""What the spreadsheet writers write: pages of styled cells, and the archive that holds them.

The same pages give the same bytes: no clock, no account, no path goes into a file.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape

Value = str | int | float | Decimal | date | None


@dataclass(frozen=True)
class Style:
    """How a cell looks. `number`: whole, tenth, percent, change or date; empty for texts and for
    numbers as they are. A percentage is a part of one: 0.084 reads « 8,4 % »."""

    number: str = ""
    is_bold: bool = False
    is_italic: bool = False
    size: int = 10
    to_right: bool = False
    is_wrapped: bool = False
    is_ruled: bool = False


# The first is that of a cell of which nothing is said.
STYLES: Mapping[str, Style] = {
    "text": Style(),
    "number": Style(),
    "whole": Style("whole"),
    "tenth": Style("tenth"),
    "share": Style("percent"),
    "change": Style("change"),
    "date": Style("date"),
    "sign": Style(to_right=True),
    "head": Style(is_bold=True, is_wrapped=True, is_ruled=True),
    "head_number": Style(is_bold=True, is_wrapped=True, is_ruled=True, to_right=True),
    "title": Style(is_bold=True, size=14),
    "caption": Style(is_bold=True, size=11),
    "note": Style(is_italic=True),
    "label": Style(is_bold=True),
    "prose": Style(is_wrapped=True),
}
PERCENTAGES = ("share", "change")

Cell = tuple[Value, str]


@dataclass(frozen=True)
class Page:
    """One sheet laid out. `widths` are in characters, one a column; the first `heads` rows stay in
    sight and are printed on every page, and the rest can be filtered under them."""

    name: str
    widths: Sequence[int]
    rows: Iterable[Sequence[Cell]]
    heads: int = 0


FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def xml(text: str) -> str:
    """A text as XML holds it; what no XML may hold is left out."""
    return escape(FORBIDDEN.sub("", text))


def letters(rank: int) -> str:
    """Name of a column: A for 0, AA for 26."""
    name = ""
    while rank >= 0:
        name = chr(ord("A") + rank % 26) + name
        rank = rank // 26 - 1
    return name


def archive(members: Iterable[tuple[str, str]], *, mimetype: str = "") -> bytes:
    """A zip of texts in this order, dated as zip begins; `mimetype`, if any, first and stored."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        if mimetype:
            made.writestr(_entry("mimetype", zipfile.ZIP_STORED), mimetype)
        for name, content in members:
            made.writestr(_entry(name, zipfile.ZIP_DEFLATED), content.encode())
    return buffer.getvalue()


def _entry(name: str, compression: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = compression
    entry.create_system = 0
    return entry
