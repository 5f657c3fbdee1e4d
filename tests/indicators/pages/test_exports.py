"""Files of an edition: the same figures in every format, sealed, kept, verified."""

import csv
import io
import json
import re
from collections import Counter
from hashlib import sha256

import pikepdf
import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from indicators.definitions import INDICATORS
from indicators.exports import files, formats, reading, verification
from indicators.exports.blocks import comparisons, constant_block, own_block
from indicators.exports.labels import labels_on
from indicators.exports.notes import METHOD, notes
from indicators.exports.report import report
from indicators.exports.rows import COLUMNS, file_rows
from indicators.exports.seal import figures_seal, seal_of
from indicators.exports.secret import secret_file
from indicators.exports.wording import text
from indicators.models import Edition, EditionCell, EditionFile
from indicators.worklist import nation
from scripts.check_pdf import faults
from sprocep.rendering.spreadsheets import read_sheet
from tests import walks
from tests.indicators.pages.fabricated import AFTER, BEFORE, DRAFT
from tests.indicators.pages.printed import tables_of

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def scoped(base):
    with nation():
        yield base


@pytest.fixture
def folder(settings, tmp_path):
    settings.EDITIONS_DIR = tmp_path / "editions"
    return settings.EDITIONS_DIR


def edition(period, territory: str) -> Edition:
    return Edition.objects.get(period=period.code, territory=territory)


def contents(period, territory: str) -> formats.Contents:
    return formats.Contents(own_block(edition(period, territory)))


# ── Rows ─────────────────────────────────────────────────────────────────────────────────────


def test_columns_are_those_of_the_file_format():
    assert ", ".join(COLUMNS) == (
        "edition, period, region, indicator, population, department, operator, level, breakdown, "
        "category, value, unit, status, completeness"
    )


def test_every_cell_is_one_row_with_a_value_only_when_published(scoped):
    block = own_block(edition(AFTER, "93"))
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in file_rows(block)]
    own = [row for row in rows if row["edition"] == "2016-T1/93/1"]
    assert len(own) == block.cells.count()
    assert {row["status"] for row in own} == {"published", "secret", "missing", "not_applicable"}
    for row in rows:
        assert bool(row["value"]) == (row["status"] == "published")
        assert re.fullmatch(r"(\d+(\.\d)?)?", row["value"])
        assert re.fullmatch(r"\d{1,3}\.\d", row["completeness"])


def of(period, *territories: str) -> list[str]:
    """First editions: of similar Regions, as tests of comparisons find them."""
    return [f"{period}/{code}/1" for code in territories]


@pytest.mark.parametrize(
    ("period", "territory", "held"),
    [
        (
            AFTER,
            "93",
            {"2016-T1/93/1", "2015-T4/93/1", "2016-T1/FR/1", *of(AFTER, "11", "52", "53")},
        ),
        (
            AFTER,
            "75",
            {"2016-T1/75/1", "2015-T4/75/b2016", "2016-T1/FR/1", *of(AFTER, "32", "44", "76")},
        ),
        (AFTER, "FR", {"2016-T1/FR/1", "2015-T4/FR/1"}),
        (BEFORE, "72", {"2015-T4/72/1", "2015-T4/FR/1", *of(BEFORE, "24", "53", "73")}),
        (DRAFT, "93", {"2016-T2/93/1", "2016-T1/93/1"}),
    ],
)
def test_a_file_holds_its_edition_and_the_sealed_ones_it_is_compared_with(
    scoped, period, territory, held
):
    assert {row[0] for row in file_rows(own_block(edition(period, territory)))} == held


def test_a_draft_is_never_a_comparison(scoped):
    later = comparisons(own_block(edition(DRAFT, "FR")))
    assert later.before.code == "2016-T1/FR/1"
    assert [code.code for code, block in later.series if block] == ["2015-T4", "2016-T1"]


# ── Seal ─────────────────────────────────────────────────────────────────────────────────────


def test_the_seal_is_the_hash_of_the_own_rows_of_the_csv(scoped):
    made = edition(AFTER, "93")
    lines = formats.csv_file(contents(AFTER, "93")).decode().splitlines(keepends=True)
    own = [line for line in lines[1:] if line.startswith("2016-T1/93/1,")]
    assert sha256("".join([lines[0], *own]).encode()).hexdigest() == made.figures_seal
    assert figures_seal(made) == made.figures_seal


# ── Formats ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx", "ods"])
def test_every_format_holds_the_same_rows(scoped, kind):
    made = contents(AFTER, "93")
    assert reading.rows_of(formats.FORMATS[kind](made)) == made.rows


@pytest.mark.parametrize("kind", sorted(formats.FORMATS))
def test_a_file_has_the_same_bytes_each_time(scoped, written, kind):
    assert formats.FORMATS[kind](contents(AFTER, "02")) == written[kind]


def test_json_carries_seals_and_notice(scoped):
    document = json.loads(formats.json_file(contents(AFTER, "93")))
    assert document["notice"] == settings.SECRECY_NOTICE
    assert document["columns"] == list(COLUMNS)
    assert {entry["edition"]: entry["figures_seal"] for entry in document["editions"]} == {
        made.code: made.figures_seal
        for made in (
            edition(AFTER, "93"),
            edition(BEFORE, "93"),
            *(edition(AFTER, code) for code in ("FR", "11", "52", "53")),
        )
    }
    assert list(document["rows"][0]) == list(COLUMNS)


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_workbook_has_chapters_completeness_definitions_and_notes(scoped, kind):
    made = contents(AFTER, "93")
    content = formats.FORMATS[kind](made)
    heads = read_sheet(content, "Valeurs")[0]
    assert heads[:4] == ["Édition", "Période", "Région", "Indicateur"]
    cover = dict(row[:2] for row in read_sheet(content, "Lisez-moi"))
    assert cover["Nature"] == settings.SECRECY_NOTICE
    assert cover["Sceau des valeurs"] == edition(AFTER, "93").figures_seal
    assert cover["Scellée le"] == timezone.localdate(edition(AFTER, "93").sealed_at)
    assert len(read_sheet(content, "Définitions")) == len(INDICATORS) + 1
    assert read_sheet(content, "Publics")[0][0].startswith("Qui vient ?")
    assert dict(row[:2] for row in read_sheet(content, "Notes")[1:]) == {
        "Méthode": METHOD,
        **dict(notes(made.report)),
    }


def test_completeness_is_that_of_the_figures(scoped):
    content = formats.ods_file(contents(AFTER, "93"))
    _, *lines = read_sheet(content, "Complétude")
    own = [line for line in lines if line[0] == "2016-T1/93/1"]
    cells = edition(AFTER, "93").cells.filter(borders="date", territory="93")
    assert sum(sum(line[5:]) for line in own) == cells.count()
    assert {line[3]: line[4] for line in own if line[2] == "ensemble" and line[4] in (0, 1)} == {
        name: float(cells.filter(operator=code).first().completeness) / 100
        for code, name in labels_on(AFTER)["operator"].items()
        if cells.filter(operator=code).first().completeness in (0, 100)
    }


@pytest.mark.parametrize("territory", walks.draw("PDFs read back", ["93", "02", "FR"], 1))
def test_the_pdf_is_short_and_accessible(scoped, territory):
    made = contents(AFTER, territory)
    content = formats.pdf_file(made)
    assert faults(content) == []
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) <= 24
        with pdf.open_outline() as outline:
            titles = [item.title for item in outline.root]
        alternatives = [
            str(item.Alt)
            for item in pdf.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"
        ]
    code = "Code QR : le numéro de l’édition et son sceau"
    assert Counter(alternatives) == Counter(
        [code, *(spaced(chart.alt) for chart in made.report.charts)]
    )
    assert titles[:3] == [
        "Sommaire",
        "L’essentiel",
        "Montée en charge Combien de personnes le CEP touche-t-il ?",
    ]
    assert len(titles) == 2 + len(made.report.chapters) + 2
    printed = [[bare(cell) for cell in row] for table in tables_of(content) for row in table]
    expected = [
        [bare(line.label), *(bare(text(entry)) for entry in line.entries)]
        for chapter in made.report.chapters
        for section in chapter.printed
        for line in section.table.lines
    ]
    key_figures = len(made.report.key_figures)
    assert printed[key_figures : key_figures + len(expected)] == expected


def bare(words: str) -> str:
    """Without spaces: those at the end of a line are not printed."""
    return "".join(words.split())


def spaced(words: str) -> str:
    """As the typeface of documents writes it: it has no narrow space."""
    return words.replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")


# ── Report ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("territory", "queries"), [("93", 10), ("75", 11), ("FR", 15)])
def test_a_report_takes_few_queries(scoped, territory, queries):
    block = own_block(edition(AFTER, territory))
    with CaptureQueriesContext(connection) as captured:
        report(block)
    assert len(captured) == queries, "\n".join(q["sql"][:150] for q in captured)


@pytest.mark.parametrize("territory", ["93", "75", "02", "FR"])
def test_every_chart_has_its_table_an_alternative_and_a_name_of_its_own(scoped, territory):
    shown = report(own_block(edition(AFTER, territory)))
    sections = [section for chapter in shown.chapters for section in chapter.sections]
    assert all(section.table.lines for section in sections)
    for section in sections:
        for line in section.table.lines:
            assert len(line.entries) == len(section.table.columns), section.slug
    names = Counter(chart.name for chart in shown.charts)
    assert set(names.values()) == {1}
    assert all(chart.alt and shown.territory_name for chart in shown.charts)


def test_tables_show_the_cells(scoped):
    shown = report(own_block(edition(AFTER, "93")))
    by_slug = {s.slug: s for chapter in shown.chapters for s in chapter.sections}
    cells = EditionCell.objects.filter(
        edition=edition(AFTER, "93"), borders="date", indicator="B3", population="journeys_opened",
        operator="total", level="total",
    )  # fmt: skip
    expected = Counter((cell.status, cell.value) for cell in cells)
    first = [line.entries[0] for line in by_slug["B3-situation"].table.lines]
    assert Counter((entry.status, entry.value) for entry in first) == expected


def test_a_region_of_one_departement_has_no_chapter_of_territories(scoped):
    slugs = [chapter.slug for chapter in report(own_block(edition(AFTER, "02"))).chapters]
    assert "territoires" not in slugs
    assert "publics" in slugs


def test_labels_are_those_of_the_declared_breakdowns(scoped):
    labels = labels_on(AFTER)
    for indicator in INDICATORS:
        for breakdown in indicator.breakdowns:
            codes = [code for code, _ in breakdown.codes(AFTER)]
            assert list(labels[breakdown.name]) == codes, breakdown.name


# ── Kept files ───────────────────────────────────────────────────────────────────────────────


def test_files_are_written_once_and_laid_in_the_folder(scoped, folder):
    made = edition(AFTER, "02")
    kept = files.write_edition_files(made)
    again = files.write_edition_files(made)
    assert [(f.pk, f.sha256) for f in kept] == [(f.pk, f.sha256) for f in again]
    names = {file.name for file in kept}
    assert names >= {"edition.csv", "edition.json", "edition.xlsx", "edition.pdf"}
    assert names >= {chart.name for chart in report(own_block(made)).charts}
    for kind in formats.FORMATS:
        laid = (folder / "2016-T1" / "02" / f"edition.{kind}").read_bytes()
        assert laid == files.edition_file(made, kind)
        assert sha256(laid).hexdigest() in {file.sha256 for file in kept}


def test_a_draft_keeps_no_file(scoped, folder):
    with pytest.raises(ValueError, match="draft"):
        files.write_edition_files(edition(DRAFT, "93"))
    assert not folder.exists()


def test_an_unknown_format_or_chart_is_refused(scoped):
    with pytest.raises(files.FormatUnknown):
        files.edition_file(edition(AFTER, "93"), "doc")
    with pytest.raises(files.ChartUnknown):
        files.edition_chart(edition(AFTER, "93"), "chart-no.svg")


def test_a_chart_of_a_draft_is_drawn(scoped):
    assert files.edition_chart(edition(DRAFT, "93"), "chart-A-level.svg").startswith(b"<svg ")


# ── Verification ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def written(base, django_db_blocker) -> dict[str, bytes]:
    """All formats of one edition, made once."""
    with django_db_blocker.unblock(), nation():
        made = contents(AFTER, "02")
        return {kind: write(made) for kind, write in formats.FORMATS.items()}


@pytest.fixture
def delivered(scoped, written) -> dict[str, bytes]:
    made = edition(AFTER, "02")
    for kind, content in written.items():
        files.keep(made, files.file_name(kind), content)
    files.keep(made, files.file_name(files.SECRET), secret_file(made))
    return written


@pytest.mark.parametrize("kind", sorted(formats.FORMATS))
def test_a_delivered_file_is_genuine_and_one_changed_byte_is_not(delivered, kind):
    content = delivered[kind]
    assert verification.verify(content).is_genuine
    middle = len(content) // 2
    changed = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    verdict = verification.verify(changed)
    assert not verdict.is_genuine
    assert "empreinte" in verdict.sentence


def changed_figure(rows: list) -> list:
    """The first published figure of the edition, one more."""
    rows = [list(row) for row in rows]
    value = COLUMNS.index("value")
    row = next(r for r in rows if r[0] == "2016-T1/02/1" and r[value] not in ("", None))
    row[value] = type(row[value])(int(float(row[value])) + 1)
    return rows


def test_a_changed_figure_of_a_csv_is_named(delivered):
    head, *rows = csv.reader(io.StringIO(delivered["csv"].decode(), newline=""))
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([head, *changed_figure(rows)])
    verdict = verification.verify(buffer.getvalue().encode())
    assert "Les valeurs de l’édition 2016-T1/02/1 ne sont pas" in verdict.sentence


def test_a_changed_figure_with_the_inner_hash_recomputed_is_refused(delivered):
    document = json.loads(delivered["json"])
    rows = changed_figure([[row[name] for name in COLUMNS] for row in document["rows"]])
    document["rows"] = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    own = [
        row for row in reading.rows_of(json.dumps(document).encode()) if row[0] == "2016-T1/02/1"
    ]
    document["editions"][0]["figures_seal"] = seal_of(own)
    verdict = verification.verify(json.dumps(document).encode())
    assert "Les valeurs de l’édition 2016-T1/02/1 ne sont pas" in verdict.sentence


def test_a_file_with_rows_taken_out_is_refused(delivered):
    lines = delivered["csv"].splitlines(keepends=True)
    assert not verification.verify(b"".join(lines[:-1])).is_genuine


def test_a_seal_that_the_base_no_longer_gives_is_named(scoped):
    made = edition(AFTER, "02")
    assert verification.database_faults(made) == []
    made.figures_seal = "0" * 64
    [fault] = verification.database_faults(made)
    assert fault.startswith("La base a changé")


def test_constant_borders_are_no_edition(scoped):
    block = constant_block(BEFORE, "75", "2016")
    for kind in ("csv", "json", "xlsx"):
        verdict = verification.verify(files.block_file(block, kind))
        assert not verdict.is_genuine
        assert verdict.sentence.startswith("Pas une édition")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"{}", b"edition,", b"%PDF-1.7", b"\xff"])
def test_what_is_no_file_of_ours_is_refused(scoped, content):
    assert not verification.verify(content).is_genuine


# ── Commands ─────────────────────────────────────────────────────────────────────────────────


def exported(tmp_path, *arguments: str):
    path = tmp_path / "out"
    call_command("export_edition", *arguments, output=path, verbosity=0)
    return path


def test_an_exported_edition_is_verified(base, folder, tmp_path, capsys):
    path = exported(tmp_path, "--period=2016-T1", "--region=02", "--format=csv")
    call_command("verify_edition", path)
    assert "authentique" in capsys.readouterr().out
    with nation():
        assert EditionFile.objects.filter(edition=edition(AFTER, "02")).exists()


@pytest.mark.parametrize("borders", ["2016", "today"])
def test_exported_constant_borders_are_refused_as_an_edition(base, folder, tmp_path, borders):
    path = exported(
        tmp_path, "--period=2015-T4", "--region=75", "--format=csv", f"--borders={borders}"
    )
    assert {line.split(b",")[0] for line in path.read_bytes().splitlines()[1:]} == {
        b"2015-T4/75/b2016"
    }
    with pytest.raises(CommandError, match="Pas une édition"):
        call_command("verify_edition", path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--period=2015-T4", "--region=75", "--format=csv"), "Aucune édition de 75"),
        (("--period=2016-T9", "--region=75", "--format=csv"), "n’est pas une période"),
        (
            ("--period=2016-T1", "--region=75", "--format=csv", "--borders=2015"),
            "n’existe pas dans les limites",
        ),
    ],
)
def test_what_cannot_be_exported_says_why(base, folder, tmp_path, arguments, said):
    with pytest.raises(CommandError, match=said):
        exported(tmp_path, *arguments)


def test_a_file_that_is_not_there_says_so(base, tmp_path):
    with pytest.raises(CommandError, match="illisible"):
        call_command("verify_edition", tmp_path / "absent.csv")
