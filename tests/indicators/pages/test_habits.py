"""The habits of French public statistics (docs/statistics-habits.md): page, paper, workbooks."""

import io
import re
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from python_calamine import CalamineWorkbook

from indicators.exports import formats
from indicators.exports.blocks import own_block
from indicators.exports.figures import Entry
from indicators.exports.footnotes import footnotes
from indicators.exports.parts import ROUNDING
from indicators.exports.report import Report, report
from indicators.exports.wording import mark, text
from indicators.models import Edition
from indicators.worklist import nation
from sprocep.settings import BASE_DIR
from sprocep.templatetags import french
from tests.indicators.pages.fabricated import AFTER, DRAFT
from tests.indicators.pages.printed import tables_of

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
COORDINATOR, OFFICER = "regional_coordinator 93", "dgefp_officer"
THIN, SPACE = french.THIN, french.SPACE
ADDRESS = f"/tableaux-de-bord/{AFTER}/93/"


@pytest.fixture
def shown(base) -> Report:
    with nation():
        return report(own_block(Edition.objects.get(period=AFTER.code, territory="93")))


@pytest.fixture(scope="module")
def files(base, django_db_blocker) -> dict[str, bytes]:
    with django_db_blocker.unblock(), nation():
        made = formats.Contents(own_block(Edition.objects.get(period=AFTER.code, territory="93")))
        return {kind: formats.FORMATS[kind](made) for kind in ("pdf", "xlsx", "ods")}


def sections_of(shown: Report) -> list:
    return [section for chapter in shown.chapters for section in chapter.sections]


class Words(HTMLParser):
    """The text of a page, spaces as they are."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.text += data


def words_of(page: str) -> str:
    return " ".join(Words(page).text.replace("\n", " ").split(" "))


# ── Signs ────────────────────────────────────────────────────────────────────────────────────

ENTRIES = {
    "secret": (Entry(None, "secret", "journeys"), "s"),
    "missing": (Entry(None, "missing", "journeys"), "nd"),
    "not_applicable": (Entry(None, "not_applicable", "journeys"), "///"),
    "not_significant": (Entry(None, "not_significant", "%"), "ns"),
    "zero": (Entry(Decimal(0), "published", "journeys"), "0"),
}


def test_empty_secret_missing_and_zero_look_different():
    signs = {name: text(entry) for name, (entry, _) in ENTRIES.items()}
    assert signs == {name: sign for name, (_, sign) in ENTRIES.items()}
    assert len(set(signs.values())) == len(signs)
    assert "" not in signs.values()


def test_each_sign_is_told_in_words_wherever_it_stands(shown, browse, files):
    page = browse(COORDINATOR).get(ADDRESS).content.decode()
    for sign, meaning in french.SIGNS.values():
        assert f'<abbr title="{meaning}">{sign}</abbr>' in page or f">{sign}</abbr>" not in page
    used = {sign for s in sections_of(shown) for sign in s.table.signs}
    assert used >= {"secret", "missing"}
    for section in sections_of(shown):
        told = " ".join(footnotes(shown, section))
        for sign in section.table.signs:
            assert "{} : {}.".format(*french.SIGNS[sign]) in told


# ── Numbers ──────────────────────────────────────────────────────────────────────────────────


def test_no_number_of_a_page_can_be_cut_at_the_end_of_a_line(browse):
    words = words_of(browse(COORDINATOR).get(ADDRESS).content.decode())
    assert re.search(rf"\d{THIN}\d{{3}}", words)
    assert not re.search(r"\d \d{3}\b", words)
    assert re.search(rf"\d,\d{SPACE}%", words)
    assert not re.search(r"\d ?%", words)


def test_no_number_of_the_paper_can_be_cut_either(files):
    cells = [cell for table in tables_of(files["pdf"]) for row in table for cell in row]
    assert any(re.fullmatch(rf"\d+{SPACE}\d{{3}}", cell) for cell in cells)
    assert not [cell for cell in cells if re.search(r"\d \d{3}\b|\d ?%", cell)]


def test_a_share_has_one_decimal_rounded_half_away_from_zero():
    assert french.share(Decimal("8.35")) == f"8,4{SPACE}%"
    assert french.change(Decimal("-8.35")) == f"−8,4{SPACE}%"
    assert french.number(Decimal("12431")) == f"12{THIN}431"


# ── Under each table ─────────────────────────────────────────────────────────────────────────


def test_units_stand_in_captions_or_heads(shown):
    units = re.compile(
        r"parcours|personnes|[Ff]iches|accueils|services|entretiens|jours|[Dd]emandes|[Pp]lans|euros|comptages|Comptages|habitants|délai"
    )
    for section in sections_of(shown):
        for table in filter(None, (section.table, section.detail)):
            heads = " ".join(column.head + column.group for column in table.columns)
            assert units.search(f"{table.caption} {heads}"), section.slug


def test_field_source_period_and_day_stand_under_each_table(shown, browse, files):
    page = words_of(browse(COORDINATOR).get(ADDRESS).content.decode())
    day = french.day(shown.dated_on)
    for section in sections_of(shown):
        field, source, *_ = footnotes(shown, section)
        assert section.field
        assert field == (
            f"Champ : {section.field}, Provence-Alpes-Côte d'Azur, Régions de l’époque, "
            "1er trimestre 2016."
        )
        assert source.startswith("Source : ")
        assert source.endswith(f"Édition 2016-T1/93/1, valeurs arrêtées le {day}.")
        assert field in page
    assert page.count("Source : ") == len(sections_of(shown))
    for kind in ("xlsx", "ods"):
        book = CalamineWorkbook.from_filelike(io.BytesIO(files[kind]))
        for chapter in shown.chapters:
            lines = [row[0] for row in book.get_sheet_by_name(chapter.name).to_python()]
            for section in chapter.sections:
                assert set(footnotes(shown, section)) <= set(lines), (kind, section.slug)


def test_rounding_is_said(browse, files):
    page = words_of(browse(COORDINATOR).get(ADDRESS).content.decode())
    assert page.count(ROUNDING) == len(re.findall("chapter__name", page)) or ROUNDING in page
    book = CalamineWorkbook.from_filelike(io.BytesIO(files["xlsx"]))
    assert ROUNDING in [row[1] for row in book.get_sheet_by_name("Notes").to_python()]


# ── Completeness ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("completeness", "is_draft", "kind", "words"),
    [
        (Decimal("82"), False, "partial", f"partiel · 82,0{SPACE}% des remontées"),
        (Decimal("99.9"), False, "partial", f"partiel · 99,9{SPACE}% des remontées"),
        (Decimal("100"), False, "whole", "complet · toutes les remontées"),
        (Decimal("100"), True, "draft", f"provisoire · 100,0{SPACE}% des remontées"),
        (None, False, "partial", "partiel · remontées inconnues"),
    ],
)
def test_a_partial_figure_never_looks_final(completeness, is_draft, kind, words):
    found = mark(completeness, is_draft=is_draft)
    assert (found.kind, found.words) == (kind, words)


def test_completeness_stands_beside_every_key_figure_and_table(shown, browse, files):
    page = browse(COORDINATOR).get(ADDRESS).content.decode()
    words = shown.mark.words
    assert words == f"partiel · 83,3{SPACE}% des remontées"
    places = len(shown.key_figures) + len(sections_of(shown)) + 1  # the band
    assert page.count(f'mark mark--partial">{words}<') == places
    keys = tables_of(files["pdf"])[0]
    assert all(words.replace(THIN, SPACE) in " ".join(row) for row in keys)
    book = CalamineWorkbook.from_filelike(io.BytesIO(files["ods"]))
    for chapter in shown.chapters:
        lines = [row[0] for row in book.get_sheet_by_name(chapter.name).to_python()]
        assert lines.count(f"P{words[1:]}.") == len(chapter.sections)


def test_a_draft_is_called_provisional(browse):
    page = browse(OFFICER).get(f"/tableaux-de-bord/{DRAFT}/93/").content.decode()
    assert 'mark mark--draft">provisoire · ' in page
    assert 'mark mark--partial"' not in page


def test_each_operator_has_its_own_returns(shown):
    [section] = [s for s in sections_of(shown) if s.slug == "A-operator"]
    returns = {line.label: line.entries[-1].value for line in section.table.lines}
    assert returns["Ensemble"] == Decimal("83.3")
    assert returns["Missions locales"] == 100
    assert returns["Opacif et Fongecif"] == 0


def test_profiles_say_how_many_are_filled(shown):
    sections = {s.slug: s for s in sections_of(shown)}
    for slug, section in sections.items():
        if slug.startswith("B"):
            [said] = [n for n in section.notes if n.startswith("Part des profils renseignés : ")]
            lines = {line.label: line.entries for line in section.table.lines}
            if "Non renseigné" in lines and lines["Non renseigné"][1].is_published:
                known = 100 - lines["Non renseigné"][1].value
                assert said == f"Part des profils renseignés : {french.share(known)}."


# ── The list ─────────────────────────────────────────────────────────────────────────────────


def test_every_habit_of_the_list_names_a_test_that_exists():
    lines = (BASE_DIR / "docs" / "statistics-habits.md").read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ") and "::" in line]
    assert len(rows) >= 12
    for row in rows:
        for path, name in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row):
            assert f"def {name}(" in (BASE_DIR / path).read_text("utf-8"), row
