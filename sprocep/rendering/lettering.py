"""Widths of the words of a drawing, as our typeface sets them.

A drawing opened as an image has no web font: a viewer without ours takes a wider one, and words run
over each other or out of the frame. Each `<text>` therefore says how wide it is meant to be.
"""

import re
from functools import cache
from html import unescape
from pathlib import Path

from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parent / "fonts"
_TEXT = re.compile(r"<text( [^>]*)>([^<]+)</text>")
_SIZE = re.compile(r'font-size="([\d.]+)px"')


# The typeface has no narrow space: a viewer would leave it out, or take it from another.
_SPACES = str.maketrans("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")


def with_widths(drawing: str) -> str:
    """The drawing, each of its texts with its length. The same drawing gives the same text."""
    return _TEXT.sub(_with_width, drawing.translate(_SPACES))


def _with_width(match: re.Match) -> str:
    attributes, text = match.groups()
    size = _SIZE.search(attributes)
    if size is None:
        return match[0]
    length = width(unescape(text), is_bold='font-weight="bold"' in attributes) * float(size[1])
    return (
        f'<text{attributes} textLength="{length:.1f}" lengthAdjust="spacingAndGlyphs">{text}</text>'
    )


def width(text: str, *, is_bold: bool = False) -> float:
    """In ems: the sum of the advances of its letters; a letter that we lack counts as a space."""
    advances = _advances("bold" if is_bold else "regular")
    space = advances[ord(" ")]
    return sum(advances.get(ord(letter), space) for letter in text)


@cache
def _advances(weight: str) -> dict[int, float]:
    with TTFont(FONTS / f"public-sans-{weight}.ttf") as font:
        em, glyphs = font["head"].unitsPerEm, font["hmtx"]
        return {code: glyphs[name][0] / em for code, name in font.getBestCmap().items()}
