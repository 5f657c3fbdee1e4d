"""What every drawing is made of: colours, hatching, words as wide as our typeface sets them.

Spaces are U+00A0: the font has no other. The same drawing gives the same text.
"""

from collections.abc import Sequence
from html import escape

from sprocep.rendering.lettering import width, with_widths

# The font of a viewer that opens the drawing alone, where ours is not installed.
FONT = "Public Sans, Arial, Helvetica, sans-serif"
INK, GREY, RULE, GRID = "#1e2433", "#5b6475", "#c9ced8", "#e6e9ef"
PLAIN = "#41577f"
HATCH = "url(#hidden)"
WIDTH = 760

HATCH_PATTERN = (
    '<defs><pattern id="hidden" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#f4f5f8"/>'
    '<path d="M-1,1L1,-1M0,6L6,0M5,7L7,5" stroke="#a9b1c0" stroke-width="1"/></pattern></defs>'
)


def contrasting(color: str) -> str:
    """Ink or white, whichever is read on this colour."""
    if not color.startswith("#"):
        return INK
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return INK if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.3 else "#ffffff"


def cut(words: str, longest: float, size: float) -> str:
    """The words, or as many letters of them as fit with « … »."""
    if width(words) * size <= longest:
        return words
    while words and width(f"{words}…") * size > longest:
        words = words[:-1]
    return f"{words.rstrip()}…"


class Drawing:
    """Shapes and words one over the other, then the SVG of them. Units are pixels, y downwards."""

    def __init__(self, name: str = "", width: float = WIDTH) -> None:
        self._name, self._width = name, width
        self._parts: list[str] = []

    def rectangle(
        self, x: float, y: float, length: float, height: float, fill: str, *, edge: str = ""
    ) -> None:
        stroke = f' stroke="{edge}"' if edge else ""
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{length:.1f}" height="{height:.1f}" '
            f'fill="{fill}"{stroke}/>'
        )

    def line(
        self,
        points: Sequence[tuple[float, float]],
        color: str,
        thickness: float,
        *,
        is_dashed: bool = False,
    ) -> None:
        path = "L".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dashes = ' stroke-dasharray="5 4"' if is_dashed else ""
        self._parts.append(
            f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="{thickness:g}"{dashes}/>'
        )

    def shape(self, points: Sequence[tuple[float, float]], fill: str) -> None:
        path = "L".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(f'<path d="M{path}Z" fill="{fill}"/>')

    def dot(self, x: float, y: float, radius: float, fill: str) -> None:
        self._parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}"/>')

    def words(
        self,
        x: float,
        y: float,
        words: str,
        size: float = 12,
        color: str = INK,
        *,
        anchor: str = "start",
        is_bold: bool = False,
    ) -> None:
        """On the baseline `y`; `anchor` says which part of them stands at `x`."""
        if not words:
            return
        place = f' text-anchor="{anchor}"' if anchor != "start" else ""
        weight = ' font-weight="bold"' if is_bold else ""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}px" fill="{color}"{weight}{place}>'
            f"{escape(words)}</text>"
        )

    def svg(self, height: float) -> str:
        body = "".join(self._parts)
        named = f' role="img" aria-label="{escape(self._name)}"' if self._name else ""
        return with_widths(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self._width:g} {height:g}" '
            f'width="{self._width:g}" height="{height:g}" font-family="{FONT}"{named}>'
            f"{HATCH_PATTERN if HATCH in body else ''}{body}</svg>"
        )
