"""The same figures in every format and on the page, for all territories of two periods.

What is expected is read from the cells themselves; formats are read back by the standard library
and python-calamine, not by the product's own reader.
"""

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from jsonschema import Draft202012Validator
from python_calamine import CalamineWorkbook

from indicators.definitions import INDICATORS
from indicators.exports import formats
from indicators.exports.blocks import constant_block, own_block
from indicators.exports.rows import COLUMNS
from indicators.exports.wording import text
from indicators.models import Edition, EditionCell
from indicators.views.chapters import written
from indicators.worklist import nation
from sprocep.settings import BASE_DIR
from tests.indicators.pages.fabricated import AFTER, BEFORE

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

SCHEMA = BASE_DIR / "static" / "schemas" / "edition-1.json"
ADDRESS = COLUMNS[3:10]
Figures = dict[tuple[str, ...], tuple[str, Decimal | None, Decimal]]


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    document = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


def cells_of(edition: Edition) -> Figures:
    cells = EditionCell.objects.filter(
        edition=edition, territory=edition.territory, borders="date"
    ).values_list(*ADDRESS, "status", "value", "completeness")
    return {cell[:7]: cell[7:] for cell in cells}


def _number(value) -> Decimal | None:
    return None if value in ("", None) else Decimal(str(value))


def _figures(rows, code: str) -> Figures:
    """Of one edition, out of rows in the columns of files."""
    found = {}
    for row in rows:
        if row[0] == code:
            value, _, status, completeness = row[10:14]
            assert tuple(row[3:10]) not in found
            found[tuple(row[3:10])] = (status, _number(value), Decimal(str(completeness)))
    return found


def from_csv(content: bytes) -> list:
    head, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
    assert tuple(head) == COLUMNS
    return rows


def from_json(content: bytes) -> list:
    document = json.loads(content, parse_float=Decimal)
    return [[row[name] for name in COLUMNS] for row in document["rows"]]


def from_workbook(content: bytes) -> list:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_name("Valeurs").to_python()[1:]


READERS: dict[str, Callable[[bytes], list]] = {
    "csv": from_csv,
    "json": from_json,
    "xlsx": from_workbook,
    "ods": from_workbook,
}


@pytest.mark.parametrize(("period", "count"), [(BEFORE, 28), (AFTER, 19)], ids=str)
def test_every_format_holds_the_cells_of_every_territory(base, period, count):
    with nation():
        editions = list(Edition.objects.filter(period=period.code))
        assert len(editions) == count
        for edition in editions:
            contents = formats.Contents(own_block(edition))
            expected = cells_of(edition)
            assert len(expected) > 2_000
            for kind, read in READERS.items():
                found = _figures(read(formats.FORMATS[kind](contents)), edition.code)
                assert found == expected, (edition.code, kind)


@pytest.mark.parametrize(("period", "count"), [(BEFORE, 28), (AFTER, 19)], ids=str)
def test_the_tables_of_page_and_workbook_are_those_of_the_report(base, period, count):
    with nation():
        editions = list(Edition.objects.filter(period=period.code))
        assert len(editions) == count
        for edition in editions:
            found = formats.report(own_block(edition))
            tables = [
                table
                for chapter in found.chapters
                for section in chapter.sections
                for table in (section.table, section.detail)
                if table
            ]
            expected = [
                [_bare(line.label), *(_bare(text(entry)) for entry in line.entries)]
                for table in tables
                for line in table.lines
            ]
            page = _Tables()
            page.feed(written(own_block(edition), frozenset()).html)
            assert page.rows == expected, edition.code
            _assert_breakdowns_are_cells(edition, found)


def _assert_breakdowns_are_cells(edition: Edition, found) -> None:
    """Each breakdown's first column, category by category, against the cells."""
    totals = {
        (cell.indicator, cell.population, cell.breakdown, cell.category): (cell.status, cell.value)
        for cell in EditionCell.objects.filter(
            edition=edition, territory=edition.territory, borders="date",
            department="total", operator="total", level="total",
        )
    }  # fmt: skip
    by_slug = {s.slug: s for chapter in found.chapters for s in chapter.sections}
    checked = 0
    for indicator in INDICATORS:
        for breakdown in indicator.breakdowns:
            section = by_slug.get(f"{indicator.code}-{breakdown.name}")
            if section is None or (section.detail is None and breakdown.name != "month"):
                continue
            if breakdown.name == "sex_age":
                continue
            labels = {label: code for code, label in found.labels[breakdown.name].items()}
            for line in section.table.lines:
                if line.is_total:
                    continue
                key = (
                    indicator.code, indicator.populations[0], breakdown.name, labels[line.label],
                )  # fmt: skip
                entry = line.entries[0]
                assert (entry.status, entry.value) == totals[key], (edition.code, key)
                checked += 1
    assert checked > 50


def _bare(words: str) -> str:
    return "".join(words.split())


class _Tables(HTMLParser):
    """Rows of the bodies of all tables of a page, without spaces."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._in_body = self._in_cell = False

    def handle_starttag(self, tag, attrs) -> None:
        if tag == "tbody":
            self._in_body = True
        elif tag == "tr" and self._in_body:
            self.rows.append([])
        elif tag in ("th", "td") and self._in_body:
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag) -> None:
        if tag == "tbody":
            self._in_body = False
        elif tag in ("th", "td"):
            self._in_cell = False

    def handle_data(self, data) -> None:
        if self._in_body and self._in_cell:
            self.rows[-1][-1] += _bare(data)


# ── Schema ───────────────────────────────────────────────────────────────────────────────────


def document_of(block) -> dict:
    return json.loads(formats.json_file(formats.Contents(block)))


@pytest.mark.parametrize(("period", "territory"), [(AFTER, "93"), (AFTER, "FR"), (BEFORE, "72")])
def test_an_edition_follows_its_schema(base, schema, period, territory):
    with nation():
        edition = Edition.objects.get(period=period.code, territory=territory)
        document = document_of(own_block(edition))
    assert [error.message for error in schema.iter_errors(document)] == []
    assert document["$schema"] == "/static/schemas/edition-1.json"


def test_constant_borders_follow_the_schema(base, schema):
    with nation():
        document = document_of(constant_block(BEFORE, "75", "2016"))
    assert [error.message for error in schema.iter_errors(document)] == []


@pytest.mark.parametrize(
    "change",
    [
        {"value": None},
        {"value": "12"},
        {"status": "secret"},
        {"status": "hidden"},
        {"completeness": 101},
        {"region": "Île"},
        {"more": 1},
    ],
    ids=str,
)
def test_another_row_does_not_follow_the_schema(base, schema, change):
    with nation():
        edition = Edition.objects.get(period=AFTER.code, territory="02")
        document = document_of(own_block(edition))
    row = next(row for row in document["rows"] if row["status"] == "published")
    document["rows"] = [row]
    assert schema.is_valid(document)
    document["rows"] = [row | change]
    assert not schema.is_valid(document)


def test_the_schema_lies_where_files_say_it_is():
    assert f"/{SCHEMA.relative_to(BASE_DIR).as_posix()}" == formats.JSON_SCHEMA
    assert SCHEMA.is_file()
