"""What a reader of a tagged PDF is told of its tables: the words of each cell, by the structure."""

import io
import re
from functools import cache

import pikepdf

_MAPPED = re.compile(r"<([0-9a-f]+)> <([0-9a-f]+)>")


def tables_of(content: bytes) -> list[list[list[str]]]:
    """Rows of the body of each table, in the order of the document."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        words = {page.obj.objgen: _marked(page) for page in pdf.pages}
        return [
            [
                [_words(cell, words).strip() for cell in _under(row, "/TH", "/TD")]
                for body in _under(table, "/TBody")
                for row in _under(body, "/TR")
            ]
            for table in _under(pdf.Root.StructTreeRoot, "/Table")
        ]


def _kids(node) -> list:
    kids = node.get("/K", [])
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def _under(node, *names: str):
    """The nearest elements of these names under a node."""
    for kid in _kids(node):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            if kid.S in names:
                yield kid
            else:
                yield from _under(kid, *names)


def _words(element, words: dict) -> str:
    """Of an element and all under it, in order; a number is a stretch of its page's content."""
    found = ""
    for kid in _kids(element):
        if isinstance(kid, int):
            found += words[element.Pg.objgen].get(kid, "")
        elif "/MCID" in kid:
            found += words[kid.get("/Pg", element.get("/Pg")).objgen].get(int(kid.MCID), "")
        elif "/S" in kid:
            found += _words(kid, words)
    return found


def _marked(page: pikepdf.Page) -> dict[int, str]:
    """Words of each marked stretch of a page's content, by its number."""
    glyphs = {name: _glyphs(font) for name, font in page.Resources.get("/Font", {}).items()}
    found: dict[int, str] = {}
    stack, font = [], {}
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "BDC" | "BMC":
                properties = operands[1] if len(operands) > 1 else {}
                stack.append(properties.get("/MCID") if hasattr(properties, "get") else None)
            case "EMC":
                stack.pop()
            case "Tf":
                font = glyphs[str(operands[0])]
            case "TJ" | "Tj" if stack and stack[-1] is not None:
                number = int(stack[-1])
                parts = operands[0] if str(operator) == "TJ" else operands
                found[number] = found.get(number, "") + "".join(
                    font[bytes(part)[at : at + 2]]
                    for part in parts
                    if isinstance(part, pikepdf.String)
                    for at in range(0, len(bytes(part)), 2)
                )
    return found


def _glyphs(font) -> dict[bytes, str]:
    return _mapped(font.ToUnicode.read_bytes())


@cache
def _mapped(table: bytes) -> dict[bytes, str]:
    """Glyph → letters, as the font's own table says."""
    return {
        bytes.fromhex(glyph): bytes.fromhex(letters).decode("utf-16-be")
        for glyph, letters in _MAPPED.findall(table.decode())
    }
