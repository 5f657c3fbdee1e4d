"""Maps as SVG: areas shaded by class, hatched where the value is hidden, read without colour.

Classes follow the gaps between the values (Fisher, « On grouping for maximum homogeneity », JASA,
1958): few and unequal, so that ten close values do not look far apart. Shades go from light to
dark in one hue: they keep their order in grey and for any sight. The same map gives the same text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from sprocep.rendering.drawing import FONT, GREY, HATCH, HATCH_PATTERN, INK, WIDTH, contrasting
from sprocep.rendering.lettering import width, with_widths

Ring = tuple[tuple[float, float], ...]
Box = tuple[float, float, float, float]

MOST_CLASSES = 5
SHADES = {
    1: ("#8299c2",),
    2: ("#b7c5de", "#4f6a9d"),
    3: ("#d3dcec", "#8299c2", "#35507f"),
    4: ("#dde5f1", "#a9bad8", "#6c86b5", "#2f4a79"),
    5: ("#e3e9f3", "#b7c5de", "#8299c2", "#4f6a9d", "#27406f"),
}
BORDER = "#ffffff"
UNKNOWN = "#ffffff"
# Of the drawing: the map at the left, its legend at the right, the enlarged part under it.
MAP = (8, 52, 452, 404)
LEGEND_LEFT = 486
LINE = 22
ENLARGED_SIDE = 170
SQUARE = 26
# Above this, an area shows its code alone.
MOST_VALUES = 20


@dataclass(frozen=True)
class Outline:
    """Rings of an area, in the units of its source, y downwards."""

    rings: tuple[Ring, ...]
    is_enlarged: bool = False


@dataclass(frozen=True)
class Area:
    """`value` is None where `text` is a sign (secret, missing); without outline, a square."""

    code: str
    text: str
    value: float | None
    outline: Outline | None
    is_secret: bool = False


def classes(values: Sequence[float]) -> list[tuple[float, float]]:
    """Lowest and highest value of each class, from low to high; as many as the values bear."""
    ordered = sorted(set(values))
    if not ordered:
        return []
    wanted = min(MOST_CLASSES, len(ordered), max(1, round(len(values) ** 0.5)))
    starts = _best_starts(ordered, wanted)
    return [(ordered[a], ordered[b - 1]) for a, b in pairwise([*starts, len(ordered)])]


def _best_starts(ordered: list[float], wanted: int) -> list[int]:
    """Where each class begins, so that the sum of squared distances to their means is least."""
    count = len(ordered)
    sums, squares = [0.0], [0.0]
    for value in ordered:
        sums.append(sums[-1] + value)
        squares.append(squares[-1] + value * value)

    def spread(a: int, b: int) -> float:
        return squares[b] - squares[a] - (sums[b] - sums[a]) ** 2 / (b - a)

    best = [(spread(0, b), [0]) for b in range(1, count + 1)]
    for size in range(2, wanted + 1):
        best = [
            min((best[a - 1][0] + spread(a, b), [*best[a - 1][1], a]) for a in range(size - 1, b))
            if b >= size
            else (float("inf"), [0])
            for b in range(1, count + 1)
        ]
    return best[-1][1]


def svg(areas: Sequence[Area], *, title: str, subtitle: str) -> str:
    """Draw the areas; those without outline are squares under the map."""
    drawing = _Drawing(areas)
    body = [*drawing.map(), *drawing.legend()]
    height = drawing.bottom
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="{FONT}">'
    )
    titles = [_text(2, 15, title, 13, INK, bold=True), _text(2, 33, subtitle, 11.5, GREY)]
    return with_widths("".join([head, HATCH_PATTERN, *titles, *body, "</svg>"]))


class _Drawing:
    def __init__(self, areas: Sequence[Area]) -> None:
        self.drawn = [area for area in areas if area.outline]
        self.squares = [area for area in areas if not area.outline]
        self.areas = areas
        self.classes = classes([area.value for area in areas if area.value is not None])
        self.shades = SHADES[len(self.classes)] if self.classes else ()
        self.shows_values = len(areas) <= MOST_VALUES
        small = [area for area in self.drawn if area.outline.is_enlarged]
        self.enlarged = small if len(small) < len(self.drawn) else []
        self.bottom = 0

    def map(self) -> list[str]:
        place = _fitted(_box(self.drawn), MAP)
        found = [self._shape(area, place) for area in self.drawn]
        apart = set(self.enlarged)
        found += [
            self._label(area, place, self.shows_values) for area in self.drawn if area not in apart
        ]
        bottom = place.y(_box(self.drawn)[3]) + 12
        if self.squares:
            found += self._row_of_squares(bottom)
            bottom += SQUARE + 34
        self.bottom = round(bottom)
        return found

    def _fill(self, area: Area) -> str:
        if area.is_secret:
            return HATCH
        if area.value is None:
            return UNKNOWN
        rank = next(i for i, (_, high) in enumerate(self.classes) if area.value <= high)
        return self.shades[rank]

    def _shape(self, area: Area, place: "_Place") -> str:
        outline = "".join(
            "M" + "L".join(f"{place.x(x):.1f},{place.y(y):.1f}" for x, y in ring) + "Z"
            for ring in area.outline.rings
        )
        border = BORDER if area.value is not None else GREY
        return (
            f'<path d="{outline}" fill="{self._fill(area)}" stroke="{border}" '
            'stroke-width="0.8" stroke-linejoin="round"/>'
        )

    def _label(self, area: Area, place: "_Place", with_value: bool) -> str:
        """The code, and the value under it, where they fit inside the area."""
        size, lines = (11, [area.code, area.text]) if with_value else (8, [area.code])
        span, (x, y) = _widest(max(area.outline.rings, key=_surface))
        if max(width(line) for line in lines) * size > span * place.scale:
            return ""
        return self._words(area, lines, size, place.x(x), place.y(y))

    def _words(self, area: Area, lines: list[str], size: float, x: float, y: float) -> str:
        color = contrasting(self._fill(area))
        first = y - (len(lines) - 1) * size * 0.6 + size * 0.35
        return "".join(
            _text(x, first + rank * size * 1.2, line, size, color, bold=rank == 1, middle=True)
            for rank, line in enumerate(lines)
        )

    def _row_of_squares(self, top: float) -> list[str]:
        found = []
        for rank, area in enumerate(self.squares):
            x = MAP[0] + rank * 62
            border = GREY if area.value is None else BORDER
            found.append(
                f'<rect x="{x}" y="{top:.1f}" width="52" height="{SQUARE}" '
                f'fill="{self._fill(area)}" stroke="{border}" stroke-width="0.8"/>'
            )
            found.append(self._words(area, [area.code], 10, x + 26, top + SQUARE / 2))
            found.append(_text(x + 26, top + SQUARE + 13, area.text, 10, INK, middle=True))
        return found

    def legend(self) -> list[str]:
        found, y = [], MAP[1] + 8
        for shade, (low, high), inside in zip(
            self.shades, self.classes, self._members(), strict=True
        ):
            least = next(area.text for area in inside if area.value == low)
            most = next(area.text for area in inside if area.value == high)
            words = least if low == high else f"de {least} à {most}"
            found += _key(y, shade, words, len(inside))
            y += LINE
        for fill, words, count in (
            (HATCH, "secret statistique", sum(area.is_secret for area in self.areas)),
            (
                UNKNOWN,
                "sans valeur publiée",
                sum(area.value is None and not area.is_secret for area in self.areas),
            ),
        ):
            if count:
                found += _key(y, fill, words, count)
                y += LINE
        return [*found, *self._enlarged(y + 18)]

    def _members(self) -> list[list[Area]]:
        known = [area for area in self.areas if area.value is not None]
        return [[a for a in known if low <= a.value <= high] for low, high in self.classes]

    def _enlarged(self, top: float) -> list[str]:
        """What is too small on the map, larger, in a frame; nothing when it is the whole map."""
        if not self.enlarged:
            return []
        frame = (LEGEND_LEFT, top + 22, ENLARGED_SIDE, ENLARGED_SIDE)
        place = _fitted(_box(self.enlarged), frame)
        self.bottom = max(self.bottom, round(top + ENLARGED_SIDE + 34))
        caption = "Agrandi : " + ", ".join(area.code for area in self.enlarged)
        return [
            _text(LEGEND_LEFT, top + 8, caption, 11, GREY),
            *(self._shape(area, place) for area in self.enlarged),
            *(self._label(area, place, True) for area in self.enlarged),
        ]


@dataclass(frozen=True)
class _Place:
    """From the units of the outlines to those of the drawing."""

    scale: float
    left: float
    top: float

    def x(self, value: float) -> float:
        return self.left + value * self.scale

    def y(self, value: float) -> float:
        return self.top + value * self.scale


def _fitted(box: Box, frame: tuple[float, float, float, float]) -> _Place:
    left, top, right, bottom = box
    scale = min(frame[2] / (right - left), frame[3] / (bottom - top))
    return _Place(scale, frame[0] - left * scale, frame[1] - top * scale)


def _box(areas: Sequence[Area]) -> Box:
    points = [point for area in areas for ring in area.outline.rings for point in ring]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _surface(ring: Ring) -> float:
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]]))) / 2


def _widest(ring: Ring) -> tuple[float, tuple[float, float]]:
    """(length, middle) of the longest stretch inside a ring, over its middle heights."""
    top, bottom = min(y for _, y in ring), max(y for _, y in ring)
    found = []
    for tenth in (4.03, 4.53, 5.03, 5.53, 6.03):
        at = top + (bottom - top) * tenth / 10
        crossings = sorted(
            x1 + (at - y1) * (x2 - x1) / (y2 - y1)
            for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]])
            if (y1 <= at) != (y2 <= at)
        )
        found += [
            (right - left, ((left + right) / 2, at))
            for left, right in zip(crossings[::2], crossings[1::2], strict=True)
        ]
    return max(found)


def _key(y: float, fill: str, words: str, count: int) -> list[str]:
    number = f"({count})"
    return [
        f'<rect x="{LEGEND_LEFT}" y="{y:.1f}" width="26" height="15" fill="{fill}" '
        f'stroke="{GREY}" stroke-width="0.6"/>',
        _text(LEGEND_LEFT + 36, y + 12, words, 12, INK),
        _text(LEGEND_LEFT + 42 + width(words) * 12, y + 12, number, 12, GREY),
    ]


def _text(
    x: float, y: float, words: str, size: float, color: str, *, bold=False, middle=False
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    anchor = ' text-anchor="middle"' if middle else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}px" fill="{color}"{weight}{anchor}>'
        f"{escape(words)}</text>"
    )
