"""The same figures in every format and on the page, for all territories of two periods (the suite
draws a few a day, the nation always among them).

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
from sprocep.tenancy import NATION
from tests import walks
from tests.indicators.pages import printed
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
    figures = {}
    for row in rows:
        if row[0] == code:
            value, _, status, completeness = row[10:14]
            assert tuple(row[3:10]) not in figures
            figures[tuple(row[3:10])] = (status, _number(value), Decimal(str(completeness)))
    return figures


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


def editions_of(period, count: int) -> list[Edition]:
    every = list(Edition.objects.filter(period=period.code).order_by("territory"))
    assert len(every) == count
    return walks.draw("editions", every, 2, lambda edition: [edition.territory == NATION])


@pytest.mark.parametrize(("period", "count"), [(BEFORE, 28), (AFTER, 19)], ids=str)
def test_every_format_holds_the_cells_of_every_territory(base, period, count):
    with nation():
        for edition in editions_of(period, count):
            contents = formats.Contents(own_block(edition))
            expected = cells_of(edition)
            assert len(expected) > 1_000
            for kind, read in READERS.items():
                found = _figures(read(formats.FORMATS[kind](contents)), edition.code)
                assert found == expected, (edition.code, kind)


@pytest.mark.parametrize(("period", "count"), [(BEFORE, 28), (AFTER, 19)], ids=str)
def test_the_tables_of_page_and_workbook_are_those_of_the_report(base, period, count):
    with nation():
        for edition in editions_of(period, count):
            report = formats.report(own_block(edition))
            tables = [
                table
                for chapter in report.chapters
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
            _assert_breakdowns_are_cells(edition, report)


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


# ── What is printed, from the cells themselves ───────────────────────────────────────────────

# In Region 93 every kind of cell is met.
SHOWN = [
    (AFTER, "93"),
    *walks.draw("editions looked at", [(AFTER, "02"), (AFTER, "FR"), (BEFORE, "72")], 1),
]
Looks = dict[tuple[str, str], list]
# What stands for a detail too thin to be printed (docs/adr/0049).
NOT_PRINTED = EditionCell(status=EditionCell.Status.NOT_APPLICABLE)


def expected_looks(edition: Edition, found) -> dict[tuple[str, str], list]:
    """(caption, label of the category) → [(place in the line, cell)]: the whole and each level."""
    cells = {
        (cell.indicator, cell.population, cell.breakdown, cell.category, cell.level): cell
        for cell in EditionCell.objects.filter(
            edition=edition, territory=edition.territory, borders="date", department="total",
            operator="total",
        )
    }  # fmt: skip
    tables = {s.slug: s.table for chapter in found.chapters for s in chapter.sections}
    looks = {}
    for indicator in INDICATORS:
        for breakdown in indicator.breakdowns:
            table = tables.get(f"{indicator.code}-{breakdown.name}")
            if table is None:
                continue
            places = [(0, "total")] + [
                (place, f"N{column.head[-1]}")
                for place, column in enumerate(table.columns)
                if column.group == "Dont"
            ]
            subject = (indicator.code, indicator.populations[0], breakdown.name)
            labels = found.labels[breakdown.name]
            levels = [level for _, level in places[1:]]
            are_printed = {(*subject, code, level) in cells for code in labels for level in levels}
            assert len(are_printed) <= 1, subject  # a detail is printed whole or not at all
            for code, label in labels.items():
                looks[table.caption, _bare(label)] = [
                    (place, cells.get((*subject, code, level), NOT_PRINTED) if place else
                     cells[*subject, code, level])
                    for place, level in places
                ]  # fmt: skip
    return looks


def on_page(contents: formats.Contents) -> Looks:
    page = _Tables()
    page.feed(written(contents.block, frozenset()).html)
    return {(caption, row[0]): row[1:] for caption, row in page.captioned}


def on_paper(contents: formats.Contents) -> Looks:
    """Rows of a PDF stand in the order of the report, after the key figures; a table that goes on
    on the next page is tagged as two."""
    tables = printed.tables_of(formats.pdf_file(contents))
    rows = iter([row for table in tables for row in table][len(contents.report.key_figures) :])
    sections = [s for chapter in contents.report.chapters for s in chapter.printed]
    return {
        (section.table.caption, _bare(row[0])): [_bare(words) for words in row[1:]]
        for section in sections
        for _, row in zip(section.table.lines, rows, strict=False)
    }


def in_workbook(kind: str) -> Callable[[formats.Contents], Looks]:
    def looks(contents: formats.Contents) -> Looks:
        content = formats.FORMATS[kind](contents)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows: Looks = {}
        for chapter in contents.report.chapters:
            captions = {section.table.caption for section in chapter.sections}
            caption = ""
            for row in book.get_sheet_by_name(chapter.name).to_python():
                if row[0] in captions or not row[0]:
                    caption = row[0]
                elif caption:
                    rows.setdefault((caption, _bare(row[0])), row[1:])
        return rows

    return looks


PRINTED = {
    "page": on_page, "pdf": on_paper, "xlsx": in_workbook("xlsx"), "ods": in_workbook("ods"),
}  # fmt: skip


def kind_of(cell: EditionCell) -> str:
    return "zero" if cell.value == 0 else cell.status


@pytest.fixture(scope="module")
def looks(base, django_db_blocker) -> dict[str, list[tuple[EditionCell, object]]]:
    """By format: each cell of a breakdown of several editions, with what is printed for it."""
    looks_by_format: dict[str, list] = {name: [] for name in PRINTED}
    with django_db_blocker.unblock(), nation():
        for period, territory in SHOWN:
            edition = Edition.objects.get(period=period.code, territory=territory)
            contents = formats.Contents(own_block(edition))
            expected = expected_looks(edition, contents.report)
            sections = [s for chapter in contents.report.chapters for s in chapter.sections]
            unprinted = {s.table.caption for s in sections if not s.on_paper}
            assert len(unprinted) == 2
            for name, read in PRINTED.items():
                there = read(contents)
                for key, placed in expected.items():
                    cell = placed[0][1]
                    if name == "pdf" and key[0] in unprinted:
                        assert key not in there
                    elif key in there:
                        looks_by_format[name] += [
                            (cell, there[key][place]) for place, cell in placed
                        ]
                    else:  # networks without any contact are not listed
                        assert cell.status == "not_applicable" or cell.value == 0, (name, key)
    return looks_by_format


@pytest.mark.parametrize("name", PRINTED)
def test_each_format_prints_the_cell_or_the_sign_of_its_status(looks, name):
    signs = {"secret": "s", "missing": "nd", "not_applicable": "///"}
    assert len(looks[name]) > 400
    for cell, shown in looks[name]:
        if cell.status != "published":
            assert shown == signs[cell.status], (name, cell)
        elif isinstance(shown, str):
            assert shown == f"{cell.value:.0f}", (name, cell)
        else:
            assert Decimal(str(shown)) == cell.value, (name, cell)


@pytest.mark.parametrize("name", PRINTED)
def test_statuses_look_different_in_every_format(looks, name):
    """Nought, secret and published never look alike, and nothing is an empty cell."""
    by_kind: dict[str, set] = {}
    for cell, shown in looks[name]:
        by_kind.setdefault(kind_of(cell), set()).add(str(shown))
    assert by_kind.keys() >= {"zero", "secret", "published"}
    kinds = sorted(by_kind)
    for rank, one in enumerate(kinds):
        assert "" not in by_kind[one]
        for other in kinds[rank + 1 :]:
            assert not by_kind[one] & by_kind[other], (name, one, other)


@pytest.fixture(scope="module")
def files(base, django_db_blocker) -> dict[str, bytes]:
    """The edition of Region 93 in each format that is read as rows."""
    with django_db_blocker.unblock(), nation():
        contents = formats.Contents(
            own_block(Edition.objects.get(period=AFTER.code, territory="93"))
        )
        return {kind: formats.FORMATS[kind](contents) for kind in READERS}


@pytest.mark.parametrize("kind", READERS)
def test_statuses_are_told_apart_in_rows(files, kind):
    """A missing figure (no return of the Opacif has come) beside a secret one and a nought."""
    figures = _figures(READERS[kind](files[kind]), f"{AFTER}/93/1")
    by_look = {(status, value is None, value == 0) for status, value, _ in figures.values()}
    assert by_look == {
        ("published", False, False), ("published", False, True), ("secret", True, False),
        ("missing", True, False), ("not_applicable", True, False),
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_workbook_opens_on_its_definitions_completeness_and_secrecy(files, kind):
    book = CalamineWorkbook.from_filelike(io.BytesIO(files[kind]))
    assert book.sheet_names[0] == "Lisez-moi"
    assert {"Valeurs", "Complétude", "Définitions", "Notes"} <= set(book.sheet_names)
    definitions = book.get_sheet_by_name("Définitions").to_python()
    assert {row[0] for row in definitions[1:]} >= {indicator.code for indicator in INDICATORS}
    subjects = {row[0] for row in book.get_sheet_by_name("Notes").to_python()}
    assert {"Complétude", "Secret", "Signes", "Limites", "Comparaisons", "Arrondi"} <= subjects
    assert "Complétude" in {row[0] for row in book.get_sheet_by_name("Lisez-moi").to_python()}


def _bare(words: str) -> str:
    return "".join(words.split())


class _Tables(HTMLParser):
    """Rows of the bodies of all tables of a page, without spaces."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.captioned: list[tuple[str, list[str]]] = []
        self._caption = ""
        self._in_body = self._in_cell = self._in_caption = False

    def handle_starttag(self, tag, attrs) -> None:
        if tag == "tbody":
            self._in_body = True
        elif tag == "tr" and self._in_body:
            self.rows.append([])
            self.captioned.append((self._caption, self.rows[-1]))
        elif tag == "caption":
            self._caption, self._in_caption = "", True
        elif tag in ("th", "td") and self._in_body:
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag) -> None:
        if tag == "tbody":
            self._in_body = False
        elif tag in ("th", "td"):
            self._in_cell = False
        elif tag == "caption":
            self._in_caption = False

    def handle_data(self, data) -> None:
        if self._in_caption:
            self._caption += data
        if self._in_body and self._in_cell:
            self.rows[-1][-1] += _bare(data)


# ── Schema ───────────────────────────────────────────────────────────────────────────────────


def document_of(block) -> dict:
    return json.loads(formats.json_file(formats.Contents(block)))


BY_THE_SCHEMA = [(AFTER, "93"), (AFTER, "FR"), (BEFORE, "72")]


@pytest.mark.parametrize(
    ("period", "territory"), walks.draw("editions held against the schema", BY_THE_SCHEMA, 1)
)
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


@pytest.fixture(scope="module")
def document(base, django_db_blocker) -> dict:
    """One published row in the head of its edition."""
    with django_db_blocker.unblock(), nation():
        edition = Edition.objects.get(period=AFTER.code, territory="02")
        whole = document_of(own_block(edition))
    return whole | {"rows": [next(r for r in whole["rows"] if r["status"] == "published")]}


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
def test_another_row_does_not_follow_the_schema(schema, document, change):
    assert schema.is_valid(document)
    [row] = document["rows"]
    assert not schema.is_valid(document | {"rows": [row | change]})


def test_the_schema_lies_where_files_say_it_is():
    assert f"/{SCHEMA.relative_to(BASE_DIR).as_posix()}" == formats.JSON_SCHEMA
    assert SCHEMA.is_file()
