"""Rendering without the domain: canonical tables, drawings, documents."""

import io
import re
import sys

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprocep.rendering import charts, documents, tables

HEAD = ("code", "label", "value")

# ── Tables ───────────────────────────────────────────────────────────────────────────────────


def test_csv_is_canonical():
    rows = [("b", "Réunion, La", "2"), ("a", 'dit "x"', "10"), ("a", "", "9.5")]
    assert tables.csv_bytes(HEAD, rows, numbers=["value"]) == (
        'code,label,value\na,,9.5\na,"dit ""x""",10\nb,"Réunion, La",2\n'.encode()
    )


@pytest.mark.parametrize(
    "text", ["=1+1", "+33", "-2", "@SUM", "＝1", "＋1", "－1", "＠S", "\tx", "\rx"]
)
def test_text_is_no_formula_and_numbers_stay_numbers(text):
    content = tables.csv_bytes(HEAD, [("a", text, "-3")], numbers=["value"])
    [row] = tables.read_csv(content, HEAD)
    assert row == ("a", "'" + text.replace("\r", " "), "-3")


codes = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8).filter(
    lambda text: tables.neutralised(text) == text
)


@given(st.lists(st.tuples(codes, codes, codes), max_size=20))
def test_csv_gives_back_the_same_rows_in_one_order(rows):
    content = tables.csv_bytes(HEAD, rows)
    assert tables.read_csv(content, HEAD) == sorted(rows)
    assert content == tables.csv_bytes(HEAD, reversed(rows))


@pytest.mark.parametrize(
    "content",
    [b"", b"other,head,here\n", b"code,label,value\na,b\n", b'code,label,value\na,"b', b"\xff\xfe"],
)
def test_a_damaged_csv_is_refused(content):
    with pytest.raises(tables.TableError):
        tables.read_csv(content, HEAD)


# ── Charts ───────────────────────────────────────────────────────────────────────────────────

SERIES = {"Niveau 1": "#b9cbe8", "Niveau 2": "#1c3a70"}


def mark(label, value, series="") -> charts.Mark:
    return charts.Mark(label, value, "s" if value is None else str(value), series)


SHAPES = {
    "bars": charts.Bars([mark("a", 12), mark("b", None)], title="Titre", subtitle="Où · quand"),
    "paired": charts.PairedBars(
        [mark("a", 12, "Niveau 1"), mark("a", None, "Niveau 2")],
        series=SERIES,
        title="Titre",
        subtitle="Où · quand",
    ),
    "shares": charts.Shares(
        [("a", [mark("", 40, "Niveau 1"), mark("", None, "Niveau 2")])],
        series=SERIES,
        title="Titre",
        subtitle="Où · quand",
    ),
    "lines": charts.Lines(
        [mark("T1", 1, "Niveau 1"), mark("T2", None, "Niveau 1"), mark("T3", 3, "Niveau 1")],
        series={"Niveau 1": "#b9cbe8"},
        title="Titre",
        subtitle="Où · quand",
    ),
    "boxes": charts.Boxes(
        [charts.Box("a", 1, 2, 3, "médiane 2"), charts.Box("b", None, None, None, "s")],
        title="Titre",
        subtitle="Où · quand",
    ),
    "sparkline": charts.Sparkline([1, None, 2]),
}


@pytest.mark.parametrize("kind", SHAPES)
def test_a_drawing_fits_the_content_security_policy(kind):
    drawing = SHAPES[kind].svg()
    assert drawing.startswith("<svg ")
    assert not re.search(r"<style|style=|<script|<image|xlink:href|\bon\w+=", drawing)
    assert drawing == SHAPES[kind].svg()


@pytest.mark.parametrize("kind", ["bars", "paired", "shares"])
def test_a_hidden_part_is_hatched_and_signed(kind):
    drawing = SHAPES[kind].svg()
    assert '<pattern id="hidden"' in drawing
    assert f'fill="{charts.HATCH}"' in drawing
    assert ">s</text>" in drawing


def test_a_drawing_without_hidden_part_has_no_hatch():
    assert "pattern" not in SHAPES["lines"].svg()


def test_title_says_what_and_where():
    drawing = SHAPES["bars"].svg()
    assert ">Titre</text>" in drawing
    assert ">Où · quand</text>" in drawing


# ── Documents ────────────────────────────────────────────────────────────────────────────────

PAGE = """<!DOCTYPE html><html lang="fr"><head><title>Essai</title></head>
<body><h1>Essai</h1>{}</body></html>"""
STYLE = '@font-face { font-family: "Public Sans"; src: url("public-sans-regular.ttf") }'
DRAWING = documents.Asset(SHAPES["bars"].svg().encode(), "image/svg+xml")


def document(body: str, style: str = STYLE, **assets: documents.Asset) -> bytes:
    bundled = documents.fonts() | {"chart.svg": DRAWING} | assets
    return documents.pdf_bytes(PAGE.format(body), bundled, stylesheet=style)


def test_a_document_is_tagged_french_and_the_same_each_time():
    body = '<img src="chart.svg" alt="Des barres">'
    content = document(body)
    assert content == document(body)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "fr"
        assert pdf.open_metadata()["pdfuaid:part"] == "1"
        assert pdf.docinfo["/Title"] == "Essai"


WORDS = re.compile(r'<text x="([\d.]+)"[^>]*?(?: text-anchor="(\w+)")? textLength="([\d.]+)"')
BEFORE_PLACE = {"": 0, "middle": 0.5, "end": 1}


@pytest.mark.parametrize("kind", ["bars", "paired", "shares", "lines", "boxes"])
def test_words_of_a_drawing_are_one_run_each_where_the_drawing_puts_them(kind):
    drawing = SHAPES[kind].svg()
    content = document(
        '<img src="x.svg" alt="x">', **{"x.svg": documents.Asset(drawing.encode(), "image/svg+xml")}
    )
    with pikepdf.open(io.BytesIO(content)) as pdf:
        page = pikepdf.parse_content_stream(pdf.pages[0])
        told = [list(map(float, operands)) for operands, name in page if str(name) == "Tm"]
        shown = [operands[0] for operands, name in page if str(name) == "TJ"]
    words = WORDS.findall(drawing)
    heading = 1
    assert len(words) == drawing.count("<text") == len(told) - heading == len(shown) - heading
    for (x, anchor, length), matrix in zip(words, told[heading:], strict=True):
        assert matrix[4] == pytest.approx(float(x) - float(length) * BEFORE_PLACE[anchor], abs=0.01)
        assert matrix[0] == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/x.png",
        "https://bundled.invalid/../etc/passwd",
        "file:///etc/passwd",
        "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>",
        "unknown.svg",
    ],
)
def test_a_document_fetches_nothing_that_was_not_handed_over(address):
    with pytest.raises(documents.DocumentError):
        document(f'<img src="{address}" alt="x">')
    with pytest.raises(documents.DocumentError):
        document("", style=f'@import url("{address}");')


opened: list[str] = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)


def test_a_drawing_fetches_nothing_either(tmp_path):
    secret = tmp_path / "secret.svg"
    secret.write_text(SHAPES["lines"].svg())
    inner = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
        f'<image href="file://{secret}" width="9" height="9"/></svg>'
    )
    drawing = documents.Asset(inner.encode(), "image/svg+xml")
    opened.clear()
    document('<img src="inner.svg" alt="x">', **{"inner.svg": drawing})
    assert str(secret) not in opened
    secret.read_text()
    assert str(secret) in opened


def test_a_document_does_without_the_notes_that_it_has_not(monkeypatch):
    """WeasyPrint asks by this name for its own style sheet: under another, nothing would be won."""
    asked = []
    [sheet] = documents._without_notes()
    monkeypatch.setattr(documents, "_without_notes", lambda: asked.append(1) or [sheet])
    document("<p>a</p>")
    assert asked
