"""Is this PDF accessible? `python scripts/check_pdf.py FILE…`: what a machine checks of PDF/UA-1.

Language, structure tree, order of headings, headers of tables with their scope, alternative texts,
bookmarks, title, embedded fonts, tagged pages. Prints each fault; exit 1 when there is one.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pikepdf

HEADINGS = [f"/H{rank}" for rank in range(1, 7)]
SCOPES = ("/Row", "/Column", "/Both")
FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


def faults(content: bytes, language: str = "fr") -> list[str]:
    """Everything that is wrong, in words; empty for a document that passes."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        found = [*_of_document(pdf, language), *_of_pages(pdf)]
        if "/StructTreeRoot" not in pdf.Root:
            return [*found, "no structure tree"]
        elements = list(_elements(pdf.Root.StructTreeRoot))
        return [*found, *_of_headings(elements), *_of_tables(elements), *_of_figures(elements)]


def _of_document(pdf: pikepdf.Pdf, language: str) -> Iterator[str]:
    root = pdf.Root
    if not str(root.get("/Lang", "")).startswith(language):
        yield f"language is « {root.get('/Lang', '')} » and not « {language} »"
    if not root.get("/MarkInfo", {}).get("/Marked", False):
        yield "not marked as tagged"
    with pdf.open_metadata() as metadata:
        if metadata.get("pdfuaid:part") != "1":
            yield "does not say that it is PDF/UA-1"
        if not metadata.get("dc:title"):
            yield "no title"
    if not root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False):
        yield "a reader shows the file's name and not the title"
    with pdf.open_outline() as outline:
        if not outline.root:
            yield "no bookmark"


def _of_pages(pdf: pikepdf.Pdf) -> Iterator[str]:
    for number, page in enumerate(pdf.pages, start=1):
        if "/StructParents" not in page:
            yield f"page {number}: outside of the structure tree"
        for font in page.get("/Resources", {}).get("/Font", {}).values():
            descendant = font.get("/DescendantFonts", [font])[0]
            descriptor = descendant.get("/FontDescriptor", {})
            if not any(name in descriptor for name in FONT_FILES):
                yield f"page {number}: font {font.get('/BaseFont')} is not embedded"


def _elements(node: pikepdf.Object) -> Iterator[pikepdf.Dictionary]:
    """Structure elements, depth first: the order in which they are read."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from _elements(kid)


def _of_headings(elements: list[pikepdf.Dictionary]) -> Iterator[str]:
    """The first is of level 1, and no level is left out on the way down."""
    before = 0
    for element in elements:
        if element.S not in HEADINGS:
            continue
        level = HEADINGS.index(element.S) + 1
        if level > before + 1:
            yield f"heading of level {level} after level {before}"
        before = level
    if not before:
        yield "no heading"


def _of_tables(elements: list[pikepdf.Dictionary]) -> Iterator[str]:
    for rank, table in enumerate((e for e in elements if e.S == "/Table"), start=1):
        cells = [e for e in _elements(table) if e.S == "/TH"]
        if not cells:
            yield f"table {rank}: no header"
        without = [cell for cell in cells if _scope(cell) not in SCOPES]
        if without:
            yield f"table {rank}: {len(without)} of {len(cells)} headers without scope"


def _scope(cell: pikepdf.Dictionary) -> str:
    attributes = cell.get("/A", {})
    several = attributes if isinstance(attributes, pikepdf.Array) else [attributes]
    return next((str(one["/Scope"]) for one in several if "/Scope" in one), "")


def _of_figures(elements: list[pikepdf.Dictionary]) -> Iterator[str]:
    figures = [element for element in elements if element.S == "/Figure"]
    for rank, figure in enumerate(figures, start=1):
        if not str(figure.get("/Alt", "")).strip():
            yield f"figure {rank}: no alternative text"


def main(names: list[str]) -> int:
    failed = False
    for name in names:
        found = faults(Path(name).read_bytes())
        failed = failed or bool(found)
        print("\n".join(f"{name}: {fault}" for fault in found) or f"{name}: passes")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
