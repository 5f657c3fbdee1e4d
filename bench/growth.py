"""How cost grows with the size: slopes, and a drawing of time against journeys."""

import math
from collections.abc import Iterator, Sequence

from bench.measures import Measure, Results
from sprocep.rendering.drawing import GREY, GRID, RULE, WIDTH, Drawing
from sprocep.rendering.lettering import width

SECONDS = {"s": 1.0, "ms": 0.001}
Point = tuple[float, float]

_LEFT, _RIGHT, _TOP, _HEIGHT = 62, 250, 52, 360
_LETTERS, _ROW = 11.5, 15
# Lines are told apart by the shape of their points and by their names: sides, and a turn.
_SHAPES = ((24, 0.0), (4, 0.125), (3, 0.0), (4, 0.0), (3, 0.5), (6, 0.0))
_COLORS = ("#1e2433", "#41577f", "#a5402d", "#6b7c3b", "#7a4f8c", "#8a6a1f")


def ends(sizes: Sequence[Results], name: tuple[str, str]) -> list[tuple[int, Measure]]:
    """A measure at the smallest and at the largest size that have it."""
    measured = [(r.journeys, m) for r in sizes for m in r.measures if (m.subject, m.name) == name]
    return [measured[0], measured[-1]] if len(measured) > 1 else []


def slope(first: tuple[int, Measure], last: tuple[int, Measure]) -> float:
    """On two logarithmic scales: 1 is in proportion to the size, 0 does not grow."""
    times = last[1].value / first[1].value
    return math.log(times) / math.log(last[0] / first[0])


def headlines(sizes: Sequence[Results], subjects: Sequence[str]) -> dict[str, str]:
    """The one duration of each subject that the drawing shows: subject → name of the measure.

    The first that is known to grow, else the first that has a target.
    """
    names = {}
    for subject in subjects:
        timed = [m for r in sizes for m in r.measures if m.subject == subject and m.unit in SECONDS]
        chosen = [m for m in timed if m.grows] or [m for m in timed if m.target]
        if chosen:
            names[subject] = chosen[0].name
    return names


def drawing(sizes: Sequence[Results], subjects: Sequence[str]) -> str:
    """SVG: both scales logarithmic, a line a subject, its name at its right end."""
    lines = {
        f"{subject}: {name}": [
            (math.log10(r.journeys), math.log10(m.value * SECONDS[m.unit]))
            for r in sizes
            for m in r.measures
            if (m.subject, m.name) == (subject, name)
        ]
        for subject, name in headlines(sizes, subjects).items()
    }
    frame = _Frame([point for points in lines.values() for point in points])
    picture = Drawing("Time against the number of journeys, both on logarithmic scales")
    frame.draw(picture)
    labels = []
    for (name, points), color, shape in zip(lines.items(), _COLORS, _SHAPES, strict=False):
        places = [frame.place(point) for point in points]
        if len(places) > 1:
            picture.line(places, color, 2)
        for place in places:
            picture.shape(_corners(place, *shape), color)
        labels.append((places[-1], name, color))
    for (x, y), at, name, color in _apart(labels):
        start = WIDTH - _RIGHT + 14
        picture.line([(x + 7, y), (start - 3, at)], RULE, 1)
        for rank, words in enumerate(_wrapped(name)):
            picture.words(start, at + 4 + rank * _ROW, words, _LETTERS, color)
    return picture.svg(_TOP + _HEIGHT + 44)


class _Frame:
    """Where a point (logarithms of journeys and of seconds) stands; whole powers of ten around."""

    def __init__(self, points: Sequence[Point]):
        across, up = zip(*points, strict=True)
        self.low, self.high = math.floor(min(up)), math.ceil(max(up))
        self.across = sorted(set(across))
        self.first, self.last = self.across[0], self.across[-1]

    def place(self, point: Point) -> Point:
        x, y = point
        share = (x - self.first) / ((self.last - self.first) or 1)
        height = (y - self.low) / ((self.high - self.low) or 1)
        return (
            _LEFT + 14 + share * (WIDTH - _LEFT - _RIGHT - 28),
            _TOP + _HEIGHT - height * _HEIGHT,
        )

    def draw(self, picture: Drawing) -> None:
        bottom, right = _TOP + _HEIGHT, WIDTH - _RIGHT
        picture.rectangle(0, 0, WIDTH, bottom + 44, "#ffffff")
        picture.words(2, 16, "Time against the number of journeys", 13, is_bold=True)
        picture.words(
            2, 34, "Both scales logarithmic; the grey lines are in proportion (slope 1)", 11.5, GREY
        )
        for power in range(self.low, self.high + 1):
            _, y = self.place((self.first, power))
            picture.line([(_LEFT, y), (right, y)], RULE if power == self.low else GRID, 1)
            picture.words(_LEFT - 8, y + 4, f"{10.0**power:,g} s", _LETTERS, anchor="end")
            rise = min(self.last - self.first, self.high - power)
            both = (self.first, power), (self.first + rise, power + rise)
            picture.line([self.place(point) for point in both], GRID, 1)
        for power in self.across:
            x, _ = self.place((power, self.low))
            picture.line([(x, bottom), (x, bottom + 5)], RULE, 1)
            picture.words(x, bottom + 20, f"{10.0**power:,.0f}", _LETTERS, anchor="middle")
        picture.words(right, bottom + 38, "journeys", _LETTERS, GREY, anchor="end")


def _corners(place: Point, sides: int, turn: float) -> list[Point]:
    x, y = place
    angles = [math.tau * (rank / sides + turn) for rank in range(sides)]
    return [(x + 5.5 * math.sin(angle), y - 5.5 * math.cos(angle)) for angle in angles]


def _apart(labels: Sequence[tuple[Point, str, str]]) -> Iterator[tuple[Point, float, str, str]]:
    """From top to bottom, each name with the height where it is written, under the one before."""
    free = _TOP
    for place, name, color in sorted(labels, key=lambda label: label[0][1]):
        at = max(place[1], free)
        yield place, at, name, color
        free = at + _ROW * len(_wrapped(name)) + 5


def _wrapped(name: str) -> list[str]:
    lines = [""]
    for word in name.split():
        longer = f"{lines[-1]} {word}".strip()
        if width(longer) * _LETTERS <= _RIGHT - 20 or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
