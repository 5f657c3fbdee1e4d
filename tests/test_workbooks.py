"""Workbooks: the same sheets as XLSX and as ODS, read back by another library."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from sprocep.rendering import spreadsheets, tables
from sprocep.rendering.spreadsheets import Column, DataSheet, Grid, GridSheet, ProseSheet

WHEN = datetime(2016, 5, 12, tzinfo=UTC)
WRITERS = {"xlsx": spreadsheets.xlsx_bytes, "ods": spreadsheets.ods_bytes}
COLUMNS = [Column("Libellé"), Column("Valeur", "whole"), Column("Part", "share")]
SHEETS = [
    ProseSheet("Lisez-moi", [("Titre", ""), ("Édition", "2016-T1/93/1"), ("Le", WHEN.date())]),
    GridSheet(
        "Publics d’ici",
        "Qui vient ?",
        [Grid("Âge", COLUMNS, [["26 à 34 ans", Decimal("12.5"), Decimal("8.4")]], ["Note."])],
    ),
    DataSheet("Valeurs", COLUMNS, [["=1+1", 1234, None], ["b", "s", "s"], ["c", None, 100]]),
]


@pytest.fixture(params=WRITERS)
def write(request) -> Callable[..., bytes]:
    def written(sheets) -> bytes:
        return WRITERS[request.param](sheets, title="Essai <&>", created=WHEN)

    return written


def members(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_a_workbook_has_the_same_bytes_each_time(write):
    assert write(SHEETS) == write(SHEETS)


def test_a_workbook_reads_back_with_its_types(write):
    content = write(SHEETS)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.sheet_names == ["Lisez-moi", "Publics d’ici", "Valeurs"]
    assert spreadsheets.read_sheet(content, "Lisez-moi") == [
        ["Titre", ""],
        ["Édition", "2016-T1/93/1"],
        ["Le", date(2016, 5, 12)],
    ]
    assert spreadsheets.read_sheet(content, "Publics d’ici") == [
        ["Qui vient ?", "", ""],
        ["", "", ""],
        ["Âge", "", ""],
        ["Libellé", "Valeur", "Part"],
        ["26 à 34 ans", 12.5, 0.084],
        ["Note.", "", ""],
    ]
    assert spreadsheets.read_sheet(content, "Valeurs") == [
        ["Libellé", "Valeur", "Part"],
        ["'=1+1", 1234, ""],
        ["b", "s", "s"],
        ["c", "", 1],
    ]


LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"])
VALUES = {
    "text": st.text(LETTERS, min_size=1, max_size=20),
    "whole": st.integers(-(10**12), 10**12),
    "number": st.decimals(-(10**9), 10**9, places=1).map(lambda number: number + 0),
    "date": st.dates(date(1900, 3, 1), date(2200, 1, 1)),
}


@given(st.lists(st.tuples(*VALUES.values()), min_size=1, max_size=6))
def test_any_value_comes_back_equal_from_both(rows):
    sheet = DataSheet("Valeurs", [Column(kind, kind) for kind in VALUES], rows)
    expected = [[tables.neutralised(text), *others] for text, *others in rows]
    expected = [[float(v) if isinstance(v, Decimal) else v for v in row] for row in expected]
    for write in WRITERS.values():
        content = write([sheet], title="", created=WHEN)
        assert spreadsheets.read_sheet(content, "Valeurs")[1:] == expected


@pytest.mark.parametrize("text", ["=1+1", "+33", "-2", "@SUM(A1)", "\tx", "\rx"])
def test_no_text_is_a_formula_and_numbers_stay_numbers(write, text):
    sheet = DataSheet("Valeurs", [Column("a"), Column("b", "number")], [[text, -3], ["x", text]])
    content = write([sheet])
    harmless = tables.neutralised(text)
    assert harmless[0] == "'"
    assert spreadsheets.read_sheet(content, "Valeurs")[1:] == [[harmless, -3], ["x", harmless]]
    assert not any("<f>" in xml or "table:formula" in xml for xml in members(content).values())


def test_what_no_xml_may_hold_is_left_out(write):
    content = write([DataSheet("Valeurs", [Column("a")], [["a\0b\x1fc\ufffe"]])])
    assert spreadsheets.read_sheet(content, "Valeurs")[1:] == [["abc"]]


def test_every_part_is_xml(write):
    for name, content in members(write(SHEETS)).items():
        if name != "mimetype":
            ElementTree.fromstring(content)


def test_an_ods_says_first_what_it_is():
    content = WRITERS["ods"](SHEETS, title="Essai", created=WHEN)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        first = archive.infolist()[0]
        listed = ElementTree.fromstring(archive.read("META-INF/manifest.xml"))
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert content[38:].startswith(b"application/vnd.oasis.opendocument.spreadsheet")
    paths = {value for item in listed for name, value in item.items() if name.endswith("full-path")}
    assert paths == {"/", *members(content)} - {"mimetype", "META-INF/manifest.xml"}


def test_heads_stay_in_sight_and_filter():
    xlsx = members(WRITERS["xlsx"](SHEETS, title="Essai", created=WHEN))
    assert 'ySplit="1" topLeftCell="A2"' in xlsx["xl/worksheets/sheet3.xml"]
    assert '<autoFilter ref="A1:C4"/>' in xlsx["xl/worksheets/sheet3.xml"]
    assert "autoFilter" not in xlsx["xl/worksheets/sheet2.xml"]
    ods = members(WRITERS["ods"](SHEETS, title="Essai", created=WHEN))
    assert "'Valeurs'.A1:'Valeurs'.C4" in ods["content.xml"]
    assert 'config:name="Valeurs"' in ods["settings.xml"]
    assert 'config:name="Lisez-moi"' not in ods["settings.xml"]


def test_shares_are_percentages():
    ods = members(WRITERS["ods"](SHEETS, title="Essai", created=WHEN))["content.xml"]
    assert 'office:value-type="percentage" office:value="0.084"><text:p>8,4\xa0%<' in ods
    xlsx = members(WRITERS["xlsx"](SHEETS, title="Essai", created=WHEN))
    assert "0.0&quot;\xa0&quot;%" in xlsx["xl/styles.xml"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"plain text"])
def test_what_is_no_workbook_is_refused(content):
    with pytest.raises(tables.TableError):
        spreadsheets.read_sheet(content, "Valeurs")


def test_a_missing_sheet_is_refused(write):
    with pytest.raises(tables.TableError):
        spreadsheets.read_sheet(write(SHEETS), "Ailleurs")


def test_a_workbook_that_unpacks_too_large_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(spreadsheets.LARGEST_UNPACKED + 1))
    with pytest.raises(tables.TableError, match="trop"):
        spreadsheets.read_sheet(buffer.getvalue(), "Valeurs")
