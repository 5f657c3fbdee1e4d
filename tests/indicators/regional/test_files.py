"""A regional indicator stands after the national base, marked, in the page and in every file."""

import csv
import io
import json
from datetime import date
from decimal import Decimal

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from indicators.computation import extent_of, grid
from indicators.definitions import INDICATORS
from indicators.explain.address import CellAddress
from indicators.explain.explanation import explain
from indicators.explain.opening import Opening
from indicators.exports.blocks import own_block
from indicators.exports.files import block_file
from indicators.exports.report import report
from indicators.models import Edition, EditionCell, RegionalIndicator
from indicators.regional.composition import Composition
from indicators.regional.standing import all_compositions
from indicators.worklist import nation
from sprocep.periods import Period
from sprocep.tenancy import NATION, scope
from tests.databases import cloned_database
from tests.indicators.pages.conftest import browse  # noqa: F401 — of the base of this module
from tests.indicators.pages.fabricated import DRAFT
from tests.indicators.regional.conftest import WOMEN

SHARE = {
    "label": "Part des femmes",
    "population": "journeys_closed",
    "measure": "share",
    "filters": [],
    "part": [["sex", ["F"]]],
    "breakdown": "situation",
    "by_operator": True,
    "by_level": False,
}
MEDIAN = {"label": "Délai en ville", "measure": "median", "subject": "delay", "by_department": True}


def row_of(code: str, by_id: int, **composed) -> RegionalIndicator:
    row = RegionalIndicator.objects.using("owner").create(
        region_id="93", code=code, created_by_id=by_id, statement="Ce que dit la phrase.",
        **WOMEN | composed,
    )  # fmt: skip
    RegionalIndicator.objects.using("owner").filter(pk=row.pk).update(
        state="published", starts_on=date(2016, 4, 1), published_at=timezone.now()
    )
    return row


@pytest.fixture(scope="module")
def base(world, made_up, django_db_blocker, worker_id):
    """The draft of Region 93 with three indicators of its own: each a value of 40, one secret."""
    with (
        django_db_blocker.unblock(),
        cloned_database(f"regional_files_{worker_id}", template=made_up),
    ):
        by_id = world["regional_coordinator 93"].user_id
        rows = [row_of("R93.1", by_id), row_of("R93.2", by_id, **SHARE)]
        rows.append(row_of("R93.3", by_id, **MEDIAN))
        edition = Edition.objects.using("owner").get(period=DRAFT.code, territory="93")
        extent = extent_of(DRAFT, "93")
        composed = [one for row in rows for one in Composition.of(row).indicators]
        for line in grid.lines(extent, composed):
            if line[0].startswith("R"):
                address = ("indicator", "population", "department", "operator", "level")
                is_secret = line[4] == "N3"
                EditionCell.objects.using("owner").create(
                    edition=edition,
                    territory="93",
                    completeness=90,
                    status="secret" if is_secret else "published",
                    value=None if is_secret else Decimal("40.0"),
                    breakdown=line[5],
                    category=line[6],
                    unit=line[7],
                    **dict(zip(address, line, strict=False)),
                )
        yield world
        connections.close_all()


@pytest.fixture
def draft(base):
    with nation():
        yield own_block(Edition.objects.get(period=DRAFT.code, territory="93"))


def test_their_chapter_is_the_last(draft):
    chapter = report(draft).chapters[-1]
    assert (chapter.slug, chapter.name) == ("regionaux", "Indicateurs régionaux")
    titles = [section.title for section in chapter.sections]
    assert titles == [
        "Entrées de femmes (régional)", "Part des femmes (régional)", "Délai en ville (régional)",
    ]  # fmt: skip
    women, share, median = chapter.sections
    assert women.detail.lines[-1].entries[0].status == "secret"
    assert share.table.lines[0].entries[0].unit == "%"
    assert [column.head for column in share.table.columns] == ["Part", "Numérateur", "Effectif"]
    assert len(share.table.lines) > 5
    assert [line.label for line in median.detail.lines][-1] == "Vaucluse (84)"
    assert "Indicateur régional R93.2, version 1, composé par la Région." in share.notes


def test_a_dashboard_without_any_has_no_such_chapter(draft):
    other = own_block(Edition.objects.get(period=DRAFT.code, territory="11"))
    assert "regionaux" not in [chapter.slug for chapter in report(other).chapters]


def test_rows_stand_after_the_national_ones(draft):
    rows = list(csv.DictReader(io.StringIO(block_file(draft, "csv").decode())))
    codes = [row["indicator"] for row in rows if row["edition"] == f"{DRAFT.code}/93/1"]
    first = codes.index("R93.1")
    assert not any(code.startswith("R") for code in codes[:first])
    assert all(code.startswith("R") for code in codes[first:])
    assert {"R93.2", "R93.2.base", "R93.2.part", "R93.3", "R93.3.base"} <= set(codes)
    told = json.loads(block_file(draft, "json"))
    assert {"R93.1", "R93.2.part"} <= {row["indicator"] for row in told["rows"]}


def test_the_workbook_names_and_defines_them(draft):
    from python_calamine import CalamineWorkbook

    for kind in ("xlsx", "ods"):
        book = CalamineWorkbook.from_filelike(io.BytesIO(block_file(draft, kind)))
        defined = book.get_sheet_by_name("Définitions").to_python()
        assert [line[0] for line in defined[1:]] == [
            *(indicator.code for indicator in INDICATORS), "R93.1", "R93.2", "R93.3",
        ]  # fmt: skip
        assert {line[5] for line in defined[1 : len(INDICATORS) + 1]} == {"national"}
        assert [line[5] for line in defined[-3:]] == ["régional"] * 3
        figures = book.get_sheet_by_name("Valeurs").to_python()
        named = {line[3]: line[14] for line in figures[1:]}
        assert named["R93.2.part"] == "Part des femmes, numérateur"
        assert named["A1"] == "Entrées en CEP"
        assert "Indicateurs régionaux" in book.sheet_names


def test_the_page_and_the_pdf_show_them(draft, browse):  # noqa: F811
    address = reverse("indicators:dashboard", args=[DRAFT, "93"])
    page = browse("dgefp_officer").get(address).content.decode()
    assert 'id="regionaux"' in page
    assert "Part des femmes (régional)" in page
    assert block_file(draft, "pdf").startswith(b"%PDF")


def test_a_figure_of_one_is_told_in_its_own_words(draft):
    address = CellAddress("R93.1", "journeys_opened", level="N2")
    told = explain(Opening.of(draft, address), with_returns=False)
    assert told.sentence == (
        "Entrées de femmes du 1er avril au 30 juin 2016, Région Provence-Alpes-Côte d'Azur, "
        "premier entretien de niveau 2."
    )
    assert told.words.statement == "Ce que dit la phrase."
    assert told.legal_source == "indicateur composé par la Région Provence-Alpes-Côte d'Azur"
    assert [(one.label, one.cell.value) for one in told.wholes] == [("Ensemble", Decimal("40.0"))]


def test_the_compilation_reads_them_together_for_quarters(base):
    with scope(regions=["11", "93", NATION], using="compiler"):
        found = all_compositions(DRAFT, "compiler")
        assert sorted(one.code for one in found) == ["R93.1", "R93.2", "R93.3"]
        assert all_compositions(Period.parse("2016"), "compiler") == []
    with scope(regions=["11"], using="compiler"):
        assert all_compositions(DRAFT, "compiler") == []
