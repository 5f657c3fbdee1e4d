"""One indicator over the years: borders chosen, breaks marked, no line across them."""

import csv
import io
import re
from datetime import date
from itertools import pairwise

import pytest
from django.utils import timezone

from indicators.exports.blocks import own_block
from indicators.exports.figures import BY_CODE
from indicators.exports.report import report
from indicators.exports.rows import COLUMNS
from indicators.exports.series import series
from indicators.models import Definition, Edition, EditionCell
from indicators.queries import Names
from indicators.worklist import nation
from sprocep import memory
from sprocep.rendering import charts
from tests.indicators.pages.fabricated import AFTER, BEFORE

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
COORDINATOR = "regional_coordinator 75"


def address(territory: str, indicator: str = "A1", words: str = "") -> str:
    return f"/tableaux-de-bord/series/{territory}/{indicator}/{words}"


def published(period, territory: str, borders: str = "date", indicator: str = "A1"):
    with nation():
        return EditionCell.objects.get(
            edition__period=period.code, territory=territory, borders=borders,
            indicator=indicator, breakdown="total", department="total", operator="total",
            level="total",
        ).value  # fmt: skip


def drawn(page: str) -> str:
    return page[page.index("<svg") : page.index("</svg>")]


def data_lines(drawing: str) -> int:
    """Lines between points: thicker than axes and breaks."""
    return drawing.count('stroke-width="2.2"')


def test_in_borders_of_the_date_a_merger_is_a_break_that_no_line_crosses(browse):
    response = browse(COORDINATOR).get(address("75"))
    shown = response.context["series"]
    assert list(shown.blocks) == ["54", "72", "74", "75"]
    rows = [(row.period, row.name, row.entries[0].value) for row in shown.rows]
    assert rows == [
        (AFTER, "Nouvelle-Aquitaine", published(AFTER, "75")),
        (BEFORE, "Poitou-Charentes", published(BEFORE, "54")),
        (BEFORE, "Aquitaine", published(BEFORE, "72")),
        (BEFORE, "Limousin", published(BEFORE, "74")),
    ]
    page = response.content.decode()
    cause = "Poitou-Charentes, Aquitaine et Limousin deviennent Nouvelle-Aquitaine"
    assert f"Rupture de série, 1er janvier 2016 : {cause}" in page
    assert drawn(page).count("stroke-dasharray") == 1
    assert cause in drawn(page).replace("\N{NO-BREAK SPACE}", " ")
    assert data_lines(drawn(page)) == 0


@pytest.mark.parametrize("word", ["today", "2016"])
def test_in_constant_borders_nothing_breaks(browse, word):
    response = browse(COORDINATOR).get(address("75", words=f"?perimetre={word}"))
    shown = response.context["series"]
    assert [(row.period, row.entries[0].value) for row in shown.rows] == [
        (AFTER, published(AFTER, "75")),
        (BEFORE, published(BEFORE, "75", "2016")),
    ]
    assert shown.rows[0].entries[1].is_published
    page = response.content.decode()
    assert "Rupture" not in page
    assert "stroke-dasharray" not in page
    assert data_lines(drawn(page)) == 1


def test_periods_without_an_edition_are_one_line(browse, base):
    with nation():
        made = Edition.objects.create(
            period="2017-T2", territory="93", compiled_at=timezone.now(), figures_seal="0" * 64,
            attack_report=Edition.objects.filter(period=AFTER.code).first().attack_report,
        )  # fmt: skip
        row = Edition.objects.filter(pk=made.pk)
        for state in ("under_review", "validated"):
            row.update(state=state)
        row.update(
            state="sealed", chained_seal="0" * 64, sealed_at=timezone.now(),
            sealed_by=base["dgefp_officer"].user,
        )  # fmt: skip
    response = browse("regional_coordinator 93").get(address("93"))
    _, gap, *sealed = response.context["lines"]
    assert (gap.count, gap.oldest.code, gap.newest.code) == (4, "2016-T2", "2017-T1")
    assert [line.period for line in sealed] == [AFTER, BEFORE]
    page = response.content.decode()
    assert "du 2e trimestre 2016 au 1er trimestre 2017" in page
    assert '<th scope="row">4e trimestre 2016</th>' not in page


def test_a_region_that_was_leads_to_the_one_on_its_ground(browse):
    response = browse(COORDINATOR).get(address("72", words="?perimetre=today"))
    assert response["Location"] == address("75", words="?perimetre=today")
    assert browse(COORDINATOR).get(address("75", words="?perimetre=2015")).status_code == 404
    assert browse(COORDINATOR).get(address("72", words="?perimetre=2015")).status_code == 200


def test_a_definition_that_counts_otherwise_breaks_series_and_dashboard(browse):
    with nation():
        Definition.objects.create(
            code="A1", version=9, starts_on=date(2016, 1, 1), label="Entrées",
            statement="Autrement.", legal_source="arrêté", owner="DGEFP", is_break=True,
            change="Les entretiens sans suite comptent aussi.",
        )  # fmt: skip
        memory.forget()
        shown = series(BY_CODE["A1"], "93", "date", 3, Names())
        found = report(own_block(Edition.objects.get(period=AFTER.code, territory="93")))
    [latest, _] = shown.rows
    assert [one.cause for one in latest.breaks] == ["A1, les entretiens sans suite comptent aussi."]
    assert latest.entries[1].status == "not_applicable"
    assert data_lines(shown.chart.svg()) == 0
    entries, persons = found.key_figures[0], found.key_figures[1]
    assert entries.change_period.status == "not_applicable"
    assert persons.change_period.is_published
    [overview] = [s for s in found.chapters[0].sections if s.slug == "A-periode"]
    assert any(note.startswith("Rupture de série, 1er janvier 2016") for note in overview.notes)
    assert "stroke-dasharray" in overview.chart.svg().decode()
    # Exits are counted as before: their line goes on, that of entries does not.
    assert data_lines(overview.chart.svg().decode()) == 0
    memory.forget()


def test_the_years_quarters_are_added_from_january_on(browse):
    shown = browse(COORDINATOR).get(address("93")).context["series"]
    heads = [column.head for column in shown.columns]
    first, last = shown.rows
    since = heads.index("Depuis janvier")
    assert first.entries[since].value == first.entries[0].value
    # Of 2015 the fourth quarter alone is sealed: there is no sum of the year.
    assert last.entries[since].status == "not_applicable"
    stock = browse(COORDINATOR).get(address("93", "A4")).context["series"]
    assert "Depuis janvier" not in [column.head for column in stock.columns]


def test_each_level_and_operator_has_its_column(browse):
    shown = browse(COORDINATOR).get(address("93")).context["series"]
    heads = [column.head for column in shown.columns]
    assert set(heads) > {"Niveau 1", "Niveau 2", "Niveau 3"}
    with nation():
        cell = EditionCell.objects.get(
            edition__period=AFTER.code, territory="93", borders="date", indicator="A1",
            breakdown="total", department="total", operator="mission_locale", level="total",
        )  # fmt: skip
    name = shown.labels["operator"]["mission_locale"]
    assert shown.rows[0].entries[heads.index(name)].value == cell.value


def test_the_file_holds_the_rows_of_the_indicator_and_what_parts_them(browse):
    content = browse(COORDINATOR).get(address("75", words="csv/")).content.decode()
    head, *rows = csv.reader(io.StringIO(content, newline=""))
    assert tuple(head) == (*COLUMNS, "break")
    assert {row[0] for row in rows} == {
        "2015-T4/54/1", "2015-T4/72/1", "2015-T4/74/1", "2016-T1/75/1",
    }  # fmt: skip
    assert {row[3] for row in rows} == {"A1"}
    assert {row[0] for row in rows if row[-1]} == {"2016-T1/75/1"}
    constant = browse(COORDINATOR).get(address("75", words="csv/?perimetre=2016"))
    rows = list(csv.reader(io.StringIO(constant.content.decode(), newline="")))[1:]
    assert {(row[0], row[-1]) for row in rows} == {
        ("2015-T4/75/b2016", ""), ("2016-T1/75/1", ""),
    }  # fmt: skip


def test_years_are_a_step_of_their_own(browse):
    response = browse(COORDINATOR).get(address("93", words="?pas=annee"))
    assert response.context["series"].rows == []
    assert "Aucune période n’est scellée" in response.content.decode()
    quarters = [url for words, _, url in response.context["steps"] if words == "par trimestre"]
    assert browse(COORDINATOR).get(quarters[0]).context["series"].rows


def test_drafts_are_no_part_of_a_series(browse):
    shown = browse("dgefp_officer").get(address("93")).context["series"]
    assert [row.period for row in shown.rows] == [AFTER, BEFORE]


@pytest.mark.parametrize("words", ["93/Z9/", "9Z/A1/"])
def test_what_is_not_there_is_not_found(browse, words):
    assert browse(COORDINATOR).get(f"/tableaux-de-bord/series/{words}").status_code == 404


@pytest.mark.parametrize(("territory", "queries"), [("93", 18), ("75", 18), ("FR", 17)])
def test_a_page_takes_few_queries(browse, django_assert_num_queries, territory, queries):
    browser = browse(COORDINATOR)
    browser.get("/")
    memory.forget()
    with django_assert_num_queries(queries):
        assert browser.get(address(territory)).status_code == 200


# ── The shape ────────────────────────────────────────────────────────────────────────────────


def lines(count: int, *starts: int) -> str:
    marks = [charts.Mark(f"p{rank}", 10 + rank, str(rank), "a") for rank in range(count)]
    shown = [charts.Break(f"p{rank}", "cause") for rank in starts]
    return charts.Lines(marks, {"a": "#000000"}, "t", "s", breaks=shown).svg()


def test_a_break_cuts_the_line_where_it_stands():
    assert data_lines(lines(6)) == 1
    cut = lines(6, 3)
    assert data_lines(cut) == 2
    [x] = re.findall(r'd="M([\d.]+),[^"]*"[^>]*stroke-dasharray', cut)
    ends = [
        [float(point.split(",")[0]) for point in path.split("L")]
        for path in re.findall(r'd="M([^"]*)"[^>]*stroke-width="2.2"', cut)
    ]
    assert max(ends[0]) < float(x) < min(ends[1])
    assert data_lines(lines(6, 1, 5)) == 1


def test_twelve_years_of_quarters_keep_their_labels_apart():
    drawing = lines(48)
    written = re.findall(r'<text x="([\d.]+)"[^>]*>p\d+<', drawing)
    places = sorted(map(float, written))
    assert len(places) >= 10
    assert min(b - a for a, b in pairwise(places)) >= charts.Lines.ROOM
