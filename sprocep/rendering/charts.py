"""Charts as SVG: one shape for each kind of question, the same look everywhere.

Categories are horizontal bars, shares are stacked bars that add up to 100, time is a line with its
points, distributions are boxes. Values are written on the marks, so that no chart is read by colour
alone. A hidden part is hatched and marked by its sign. A chart is data until `svg()` draws it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, floor, log10

from sprocep.rendering.drawing import (
    GREY,
    GRID,
    HATCH,
    INK,
    PLAIN,
    RULE,
    WIDTH,
    Drawing,
    contrasting,
    cut,
)
from sprocep.rendering.lettering import width

LABEL, VALUE = 12, 11.5  # sizes of letters
LONGEST_LABEL = 300
LEFT, GAP = 2, 8
UNDER_TITLE, LEGEND_ROW = 46, 20
WHITE = "#ffffff"
# Length of the stub of a hidden value, whatever it hides, as a share of the longest bar.
STUB = 0.05


@dataclass(frozen=True)
class Mark:
    """One value: its place, what is written beside it; `value` is None where it is hidden."""

    label: str
    value: float | None
    text: str
    series: str = ""
    color: str = PLAIN


@dataclass(frozen=True)
class Box:
    """A distribution: its quartiles and its median, in the unit of the axis."""

    label: str
    low: float | None
    middle: float | None
    high: float | None
    text: str
    color: str = PLAIN


# ── Bars ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Bars:
    """Horizontal bars in the order given, the value written at the end of each."""

    marks: Sequence[Mark]
    title: str
    subtitle: str

    ROW, THICKNESS = 19, 13.6

    def svg(self) -> str:
        drawing = _titled(self.title, self.subtitle)
        axis = _Axis.of([(mark.label, mark.value, mark.text) for mark in self.marks])
        y = UNDER_TITLE
        for mark in self.marks:
            axis.label(drawing, mark.label, y + self.ROW / 2)
            axis.bar(drawing, mark, y + (self.ROW - self.THICKNESS) / 2, self.THICKNESS, mark.color)
            y += self.ROW
        return drawing.svg(y + 4)


@dataclass(frozen=True)
class PairedBars:
    """For each label one bar a series, under each other; `series` gives their colours."""

    marks: Sequence[Mark]
    series: dict[str, str]
    title: str
    subtitle: str

    ROW, THICKNESS, BETWEEN = 15, 14, 7

    def svg(self) -> str:
        drawing = _titled(self.title, self.subtitle)
        axis = _Axis.of([(mark.label, mark.value, mark.text) for mark in self.marks])
        y = _legend(drawing, self.series, squares=True)
        for label, marks in groupby(self.marks, key=lambda mark: mark.label):
            group = list(marks)
            axis.label(drawing, label, y + self.ROW * len(group) / 2)
            for mark in group:
                axis.bar(drawing, mark, y, self.THICKNESS, self.series[mark.series])
                y += self.ROW
            y += self.BETWEEN
        return drawing.svg(y)


@dataclass(frozen=True)
class _Axis:
    """Where bars begin, and how many pixels one unit is: each bar leaves room for its words."""

    left: float
    scale: float
    longest: float

    @classmethod
    def of(cls, rows: Sequence[tuple[str, float | None, str]]) -> "_Axis":
        left = _label_width(label for label, _, _ in rows)
        room = WIDTH - left - GAP
        longest = max((value or 0 for _, value, _ in rows), default=0) or 1
        scale = room / longest
        for _, value, text in rows:
            if value:
                scale = min(scale, (room - GAP - width(text) * VALUE) / value)
        return cls(left, scale, longest)

    def label(self, drawing: Drawing, label: str, middle: float) -> None:
        shown = cut(label, LONGEST_LABEL, LABEL)
        drawing.words(self.left - GAP, middle + LABEL * 0.35, shown, LABEL, anchor="end")

    def bar(self, drawing: Drawing, mark: Mark, y: float, thickness: float, color: str) -> None:
        value = self.longest * STUB if mark.value is None else mark.value
        length = value * self.scale
        fill = HATCH if mark.value is None else color
        drawing.rectangle(self.left, y, length, thickness, fill)
        drawing.words(self.left + length + 6, y + thickness / 2 + VALUE * 0.35, mark.text, VALUE)


# ── Shares ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Shares:
    """One bar of 100 a row. Values are shares; what hidden parts leave open is one hatched end."""

    rows: Sequence[tuple[str, Sequence[Mark]]]
    series: dict[str, str]
    title: str
    subtitle: str

    ROW, THICKNESS = 26, 20

    def svg(self) -> str:
        drawing = _titled(self.title, self.subtitle)
        y = _legend(drawing, self.series, squares=True)
        left = _label_width(label for label, _ in self.rows)
        scale = (WIDTH - left - LEFT) / 100
        for label, marks in self.rows:
            middle = y + self.THICKNESS / 2
            shown = cut(label, LONGEST_LABEL, LABEL)
            drawing.words(left - GAP, middle + LABEL * 0.35, shown, LABEL, anchor="end")
            for start, end, text, fill in self._segments(marks):
                x, length = left + start * scale, (end - start) * scale
                drawing.rectangle(x, y, length, self.THICKNESS, fill, edge=WHITE)
                if width(text) * VALUE + 4 <= length or fill == HATCH:
                    drawing.words(
                        x + length / 2,
                        middle + VALUE * 0.35,
                        text,
                        VALUE,
                        contrasting(fill),
                        anchor="middle",
                    )
            y += self.ROW
        return drawing.svg(y)

    def _segments(self, marks: Sequence[Mark]) -> list[tuple[float, float, str, str]]:
        found, at = [], 0.0
        for mark in marks:
            if mark.value:
                found.append((at, at + mark.value, mark.text, self.series[mark.series]))
                at += mark.value
        signs = sorted({mark.text for mark in marks if mark.value is None})
        if signs and at < 100:
            found.append((at, 100, signs[0], HATCH))
        return found


# ── Time ─────────────────────────────────────────────────────────────────────────────────────

Point = tuple[float, float]


@dataclass(frozen=True)
class Break:
    """Before the mark of this label something changed that no line crosses; `cause` says what."""

    label: str
    cause: str


@dataclass(frozen=True)
class Lines:
    """Time from left to right, a point a period; a period without a value breaks the line, and so
    does what changed: a dashed vertical with its cause.

    Values stand over the first line and under the second; with more lines, or where there is no
    room for all, the table has them.
    """

    marks: Sequence[Mark]
    series: dict[str, str]
    title: str
    subtitle: str
    height: int = 150
    breaks: Sequence[Break] = ()

    # Under this width of a step neither values nor all labels find their place.
    ROOM, CAUSE_ROW = 52, 16

    def svg(self) -> str:
        drawing = _titled(self.title, self.subtitle)
        top = _legend(drawing, self.series) if len(self.series) > 1 else UNDER_TITLE
        top += self.CAUSE_ROW * len(self.breaks)
        bottom = top + self.height
        for rank in range(5):
            y = top + self.height * rank / 4
            drawing.line([(LEFT, y), (WIDTH - LEFT, y)], RULE if rank == 4 else GRID, 1)
        labels = list(dict.fromkeys(mark.label for mark in self.marks))
        step = (WIDTH - 2 * LEFT) / len(labels)
        places = {label: LEFT + (rank + 0.5) * step for rank, label in enumerate(labels)}
        # Room over the highest point for the value written there.
        most = max((mark.value for mark in self.marks if mark.value), default=0) or 1
        scale = self.height / (most * 1.2)
        # A value written under the lowest line may stand under the axis too.
        under = 32 if len(self.series) > 1 else 18
        apart = ceil(self.ROOM / step)
        self._name_periods(drawing, places, step, bottom + under)
        self._mark_breaks(drawing, places, step, top, bottom)
        starts = {labels.index(one.label) for one in self.breaks}
        for rank, (name, color) in enumerate(self.series.items()):
            marks = {mark.label: mark for mark in self.marks if mark.series == name}
            points = [
                (places[label], bottom - marks[label].value * scale)
                if label in marks and marks[label].value is not None
                else None
                for label in labels
            ]
            for stretch in _stretches(points, starts):
                drawing.line(stretch, color, 2.2)
            for label, point in zip(labels, points, strict=True):
                if point:
                    _sign(drawing, rank, point, color)
                    if rank < 2 and apart == 1:
                        x, y = point[0], point[1] + (-9, 17)[rank]
                        drawing.words(x, y, marks[label].text, 11, anchor="middle")
        return drawing.svg(bottom + under + 6)

    def _name_periods(
        self, drawing: Drawing, places: dict[str, float], step: float, y: float
    ) -> None:
        """As many as stand apart, none of which leaves the drawing."""
        widest = max(width(label) for label in places) * LABEL
        for label, x in list(places.items())[:: ceil(max(self.ROOM, widest + 2 * GAP) / step)]:
            half = width(label) * LABEL / 2
            middle = min(max(x, LEFT + half), WIDTH - LEFT - half)
            drawing.words(middle, y, label, LABEL, anchor="middle")

    def _mark_breaks(
        self, drawing: Drawing, places: dict[str, float], step: float, top: float, bottom: float
    ) -> None:
        """Each cause on a row of its own over the lines, as near to its vertical as it fits."""
        for rank, one in enumerate(self.breaks):
            x = places[one.label] - step / 2
            y = top - self.CAUSE_ROW * (len(self.breaks) - rank)
            drawing.line([(x, y + 14), (x, bottom)], GREY, 1.2, is_dashed=True)
            cause = cut(one.cause, WIDTH - 2 * LEFT, 11)
            length = width(cause) * 11
            start = min(max(x - length / 2, LEFT), WIDTH - LEFT - length)
            drawing.words(start, y + 10, cause, 11)


def _stretches(
    points: Sequence[Point | None], starts: Collection[int] = frozenset()
) -> list[list[Point]]:
    """Runs of neighbours, none of which crosses into a rank of `starts`; a point alone is no
    line."""
    runs: list[list[Point]] = [[]]
    for rank, point in enumerate(points):
        if point is None or rank in starts:
            runs.append([])
        if point is not None:
            runs[-1].append(point)
    return [run for run in runs if len(run) > 1]


def _sign(drawing: Drawing, rank: int, point: Point, color: str) -> None:
    """A shape for each series: the points are told apart in black and white too."""
    x, y = point
    r = 4
    corners = (
        [(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)],
        [(x, y - 5), (x + 5, y + r), (x - 5, y + r)],
        [(x, y - 5), (x + 5, y), (x, y + 5), (x - 5, y)],
        [(x - 5, y - r), (x + 5, y - r), (x, y + 5)],
    )
    if rank % 5 == 0:
        drawing.dot(x, y, r, color)
    else:
        drawing.shape(corners[rank % 5 - 1], color)


@dataclass(frozen=True)
class Sparkline:
    """A bare line for beside a key figure; the last point is marked. `breaks` are the ranks before
    which something changed."""

    values: Sequence[float | None]
    breaks: frozenset[int] = frozenset()

    WIDTH, HEIGHT, EDGE = 164, 34, 8

    def svg(self) -> str:
        drawing = Drawing(width=self.WIDTH)
        known = [value for value in self.values if value is not None]
        low, high = min(known, default=0), max(known, default=0)
        across = (self.WIDTH - 2 * self.EDGE) / max(len(self.values) - 1, 1)
        up = (self.HEIGHT - 2 * self.EDGE) / ((high - low) or 1)
        points = [
            None
            if value is None
            else (self.EDGE + rank * across, self.HEIGHT - self.EDGE - (value - low) * up)
            for rank, value in enumerate(self.values)
        ]
        for rank in sorted(self.breaks):
            x = self.EDGE + (rank - 0.5) * across
            drawing.line([(x, 0), (x, self.HEIGHT)], GREY, 1, is_dashed=True)
        for stretch in _stretches(points, self.breaks):
            drawing.line(stretch, PLAIN, 1.8)
        there = [point for point in points if point]
        for point in there:
            drawing.dot(*point, 1.9, PLAIN)
        for point in there[-1:]:
            drawing.dot(*point, 3.8, INK)
        return drawing.svg(self.HEIGHT)


# ── Distributions ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Boxes:
    """From the first to the third quartile, a bar on the median, which is written."""

    rows: Sequence[Box]
    title: str
    subtitle: str

    ROW, THICKNESS = 24, 14.5

    def svg(self) -> str:
        drawing = _titled(self.title, self.subtitle)
        left = _label_width(box.label for box in self.rows)
        ends = [_end(box) for box in self.rows]
        room = WIDTH - left - GAP
        longest = max(ends, default=0) or 1
        scale = room / longest
        for box, end in zip(self.rows, ends, strict=True):
            if end:
                scale = min(scale, (room - GAP - width(box.text) * VALUE) / end)
        bottom = UNDER_TITLE + self.ROW * len(self.rows)
        step = _round_step(room / scale)
        for rank in range(int(room / scale / step) + 1):
            x = left + rank * step * scale
            drawing.line([(x, UNDER_TITLE), (x, bottom + 4)], GRID, 1)
            drawing.words(x, bottom + 18, f"{rank * step:g}", 11, GREY, anchor="middle")
        for rank, (box, end) in enumerate(zip(self.rows, ends, strict=True)):
            middle = UNDER_TITLE + self.ROW * (rank + 0.5)
            label = cut(box.label, LONGEST_LABEL, LABEL)
            drawing.words(left - GAP, middle + LABEL * 0.35, label, LABEL, anchor="end")
            self._box(drawing, box, left, scale, middle - self.THICKNESS / 2)
            drawing.words(left + end * scale + 6, middle + VALUE * 0.35, box.text, VALUE)
        return drawing.svg(bottom + 24)

    def _box(self, drawing: Drawing, box: Box, left: float, scale: float, y: float) -> None:
        if box.low is not None and box.high is not None:
            x, length = left + box.low * scale, (box.high - box.low) * scale
            drawing.rectangle(x, y, length, self.THICKNESS, box.color)
        if box.middle is not None:
            x = left + box.middle * scale - 1.8
            drawing.rectangle(x, y, 3.6, self.THICKNESS, WHITE)


def _end(box: Box) -> float:
    return max((n for n in (box.low, box.middle, box.high) if n is not None), default=0)


def _round_step(span: float) -> float:
    """1, 2 or 5 times a power of ten, so that four to ten of them fill the span."""
    power = 10 ** floor(log10(span / 4))
    return next(n * power for n in (5, 2, 1) if n * power <= span / 4)


Shape = Bars | PairedBars | Shares | Lines | Sparkline | Boxes


# ── Common parts ─────────────────────────────────────────────────────────────────────────────


def _titled(title: str, subtitle: str) -> Drawing:
    drawing = Drawing(f"{title}. {subtitle}")
    drawing.words(LEFT, 15, title, 13, is_bold=True)
    drawing.words(LEFT, 33, subtitle, 11.5, GREY)
    return drawing


def _label_width(labels) -> float:
    """Where the marks begin: to the right of the longest label."""
    widest = max((width(label) * LABEL for label in labels), default=0)
    return LEFT + min(widest, LONGEST_LABEL) + GAP


def _legend(drawing: Drawing, series: dict[str, str], *, squares: bool = False) -> float:
    """Names of the series beside their signs, on as many rows as they need; where it ends."""
    x, y = LEFT, UNDER_TITLE
    for rank, (name, color) in enumerate(series.items()):
        length = 18 + width(name) * LABEL
        if x > LEFT and x + length > WIDTH:
            x, y = LEFT, y + LEGEND_ROW
        if squares:
            drawing.rectangle(x, y, 12, 12, color)
        else:
            _sign(drawing, rank, (x + 6, y + 6), color)
        drawing.words(x + 18, y + 10, name, LABEL)
        x += length + 20
    return y + LEGEND_ROW + 2
