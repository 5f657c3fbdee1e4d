"""`scripts/check_pdf.py` passes our documents, and names what is wrong in a broken one."""

import io
from collections.abc import Callable

import pikepdf
import pytest

from scripts.check_pdf import faults, main
from sprocep.rendering import documents
from sprocep.rendering.charts import Bars, Mark

BODY = """<!DOCTYPE html><html lang="fr"><head><title>Essai</title></head><body><h1>Essai</h1>
<h2>Qui ?</h2><img src="chart.svg" alt="Des barres"><table><thead><tr><th scope="col">Âge</th>
<th scope="col">Nombre</th></tr></thead><tbody><tr><th scope="row">26 à 34 ans</th><td>12</td>
</tr></tbody></table></body></html>"""
STYLE = """@font-face { font-family: "Public Sans"; src: url("public-sans-regular.ttf") }
html { font-family: "Public Sans" } h2 { bookmark-level: 2 } h1 { bookmark-level: 1 }"""


def document(body: str = BODY) -> bytes:
    chart = documents.Asset(
        Bars([Mark("a", 1, "1")], "Titre", "ici").svg().encode(), "image/svg+xml"
    )
    return documents.pdf_bytes(body, documents.fonts() | {"chart.svg": chart}, stylesheet=STYLE)


@pytest.fixture(scope="module")
def sound() -> bytes:
    return document()


def broken(content: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        change(pdf)
        pdf.save(target)
    return target.getvalue()


def elements(pdf: pikepdf.Pdf, name: str) -> list[pikepdf.Object]:
    return [
        item
        for item in pdf.objects
        if isinstance(item, pikepdf.Dictionary) and item.get("/S") == name
    ]


def without(key: str) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        del pdf.Root[key]

    return change


def without_alternative(pdf: pikepdf.Pdf) -> None:
    [figure] = elements(pdf, "/Figure")
    figure.Alt = " "


def without_scope(pdf: pikepdf.Pdf) -> None:
    del elements(pdf, "/TH")[0].A["/Scope"]


def without_header(pdf: pikepdf.Pdf) -> None:
    for cell in elements(pdf, "/TH"):
        cell.S = pikepdf.Name.TD


def with_a_level_left_out(pdf: pikepdf.Pdf) -> None:
    [second] = elements(pdf, "/H2")
    second.S = pikepdf.Name.H3


def without_font(pdf: pikepdf.Pdf) -> None:
    font, *_ = pdf.pages[0].Resources.Font.values()
    del font.DescendantFonts[0].FontDescriptor["/FontFile2"]


def without_claim(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata() as metadata:
        del metadata["pdfuaid:part"]


def test_a_sound_document_passes(sound):
    assert faults(sound) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("/Lang"), "language is «  » and not « fr »"),
        (without("/MarkInfo"), "not marked as tagged"),
        (without("/StructTreeRoot"), "no structure tree"),
        (without("/Outlines"), "no bookmark"),
        (without("/ViewerPreferences"), "a reader shows the file's name and not the title"),
        (without_claim, "does not say that it is PDF/UA-1"),
        (without_alternative, "figure 1: no alternative text"),
        (without_scope, "table 1: 1 of 3 headers without scope"),
        (without_header, "table 1: no header"),
        (with_a_level_left_out, "heading of level 3 after level 1"),
        (without_font, "is not embedded"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_broken_one_is_named(sound, change, said):
    [fault] = faults(broken(sound, change))
    assert said in fault


def test_the_command_ends_with_one_where_there_is_a_fault(sound, tmp_path, capsys):
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    good.write_bytes(sound)
    bad.write_bytes(broken(sound, without("/Lang")))
    assert main([str(good)]) == 0
    assert main([str(good), str(bad)]) == 1
    assert "bad.pdf: language" in capsys.readouterr().out
