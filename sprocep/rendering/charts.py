"""Charts as SVG by Vega-Lite: one shape for each kind of question, the same look everywhere.

Categories are horizontal bars, shares are stacked bars that add up to 100, time is a line with its
points, distributions are boxes. Values are written on the marks, so that no chart is read by colour
alone. A hidden part is hatched and marked by its sign. Spaces are U+00A0: the font has no other.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sprocep.rendering.lettering import FONTS, with_widths

# The font of a viewer that opens the drawing alone, where ours is not installed.
FONT = "Public Sans, Arial, Helvetica, sans-serif"
INK, GREY, RULE, GRID = "#1e2433", "#5b6475", "#c9ced8", "#e6e9ef"
PLAIN = "#41577f"
HATCH = "url(#hidden)"
WIDTH = 760
ROW = 19
# How much longer the axis is than its longest bar: room for what is written at its end.
ROOM = 1.34
# Letters that fit over a chart on one line.
LEGEND_LETTERS = 70

HATCH_PATTERN = (
    '<defs><pattern id="hidden" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#f4f5f8"/>'
    '<path d="M-1,1L1,-1M0,6L6,0M5,7L7,5" stroke="#a9b1c0" stroke-width="1"/></pattern></defs>'
)


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


def svg(spec: dict) -> str:
    """Draw. The same specification gives the same text."""
    drawing = _converter().vegalite_to_svg(spec, vl_version="6.4")
    head, tail = with_widths(drawing).split(">", 1)
    return f"{head}>{HATCH_PATTERN if HATCH in tail else ''}{tail}"


@cache
def _converter():
    import vl_convert

    vl_convert.register_font_directory(str(FONTS))
    return vl_convert


def contrasting(color: str) -> str:
    """Ink or white, whichever is read on this colour."""
    if not color.startswith("#"):
        return INK
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return INK if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.3 else "#ffffff"


def _spec(title: str, subtitle: str, body: dict) -> dict:
    axis = {"labelFontSize": 12, "labelColor": INK, "title": None, "domainColor": RULE}
    return body | {
        "title": {
            "text": title,
            "subtitle": subtitle,
            "anchor": "start",
            "frame": "bounds",
            "fontSize": 13,
            "subtitleFontSize": 11.5,
            "color": INK,
            "subtitleColor": GREY,
            "subtitlePadding": 4,
            "offset": 12,
        },
        "autosize": {"type": "fit-x", "contains": "padding"},
        "width": WIDTH,
        # Left, a label set a little wider than it was measured keeps its first letter.
        "padding": {"left": 8, "right": 2, "top": 2, "bottom": 2},
        "background": None,
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "axis": axis | {"tickColor": RULE},
            "axisY": {"labelLimit": 300, "labelPadding": 8, "ticks": False},
            "legend": {
                "labelFontSize": 12,
                "labelColor": INK,
                "title": None,
                "symbolSize": 140,
                "labelLimit": 340,
                "symbolType": "square",
                "symbolStrokeWidth": 0,
            },
            "text": {"fontSize": 12, "color": INK, "font": FONT},
        },
    }


def _y(values: Sequence[str]) -> dict:
    return {"field": "label", "type": "nominal", "sort": list(dict.fromkeys(values))}


def _legend(series: dict[str, str], channel: Sequence[str] | None = None) -> dict:
    """Colour (or another channel) of a series; a single one is named by the title."""
    legend = {"orient": "top", "offset": 6, "columnPadding": 18, "direction": "horizontal"}
    if sum(map(len, series)) > LEGEND_LETTERS:
        legend["columns"] = 2
    return {
        "field": "series",
        "type": "nominal",
        "scale": {"domain": list(series), "range": list(channel or series.values())},
        "legend": legend if len(series) > 1 else None,
    }


def bars(marks: Sequence[Mark], *, title: str, subtitle: str) -> dict:
    """Horizontal bars in the order given, the value written at the end of each."""
    top = max((mark.value or 0 for mark in marks), default=0) or 1
    rows = [
        {
            "label": mark.label,
            # A hidden value has a stub of one and the same length, whatever it hides.
            "value": top * 0.05 if mark.value is None else mark.value,
            "text": mark.text,
            "fill": HATCH if mark.value is None else mark.color,
        }
        for mark in marks
    ]
    x = {"field": "value", "type": "quantitative", "axis": None, "scale": {"domainMax": top * ROOM}}
    layers = [
        {
            "mark": {"type": "bar", "height": {"band": 0.72}},
            "encoding": {"x": x, "color": {"field": "fill", "scale": None}},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 6, "aria": False},
            "encoding": {"x": x, "text": {"field": "text"}},
        },
    ]
    return _spec(
        title,
        subtitle,
        {
            "data": {"values": rows},
            "height": {"step": ROW},
            "encoding": {"y": _y([mark.label for mark in marks])},
            "layer": layers,
        },
    )


def paired_bars(
    marks: Sequence[Mark], *, series: dict[str, str], title: str, subtitle: str
) -> dict:
    """For each label one bar a series, under each other; `series` gives their colours."""
    top = max((mark.value or 0 for mark in marks), default=0) or 1
    rows = [
        {
            "label": mark.label,
            "series": mark.series,
            "value": top * 0.05 if mark.value is None else mark.value,
            "text": mark.text,
            "hidden": mark.value is None,
        }
        for mark in marks
    ]
    x = {"field": "value", "type": "quantitative", "axis": None, "scale": {"domainMax": top * ROOM}}
    offset = {"field": "series", "sort": list(series)}
    color = _legend(series) | {"condition": {"test": "datum.hidden", "value": HATCH}}
    return _spec(
        title,
        subtitle,
        {
            "data": {"values": rows},
            "height": {"step": 15, "for": "offset"},
            "encoding": {
                "y": _y([mark.label for mark in marks]) | {"scale": {"paddingInner": 0.28}},
                "yOffset": offset,
            },
            "layer": [
                {"mark": {"type": "bar"}, "encoding": {"x": x, "color": color}},
                {
                    "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 11},
                    "encoding": {"x": x, "text": {"field": "text"}},
                },
            ],
        },
    )


def shares(
    rows: Sequence[tuple[str, Sequence[Mark]]],
    *,
    series: dict[str, str],
    title: str,
    subtitle: str,
) -> dict:
    """One bar of 100 a row. Values are shares; what hidden parts leave open is one hatched end."""
    values = [segment for label, marks in rows for segment in _segments(label, marks, series)]
    x = {"type": "quantitative", "axis": None, "scale": {"domain": [0, 100], "nice": False}}
    color = _legend(series) | {"condition": {"test": "datum.hidden", "value": HATCH}}
    layers = [
        {
            "mark": {"type": "bar", "height": {"band": 0.76}, "stroke": "#ffffff"},
            "encoding": {"x": x | {"field": "from"}, "x2": {"field": "to"}, "color": color},
        },
        {
            "transform": [{"filter": "datum.to - datum.from >= 4.5 || datum.hidden"}],
            "mark": {"type": "text", "fontSize": 11.5},
            "encoding": {
                "x": x | {"field": "middle"},
                "text": {"field": "text"},
                "color": {"field": "ink", "scale": None, "type": "nominal"},
            },
        },
    ]
    return _spec(
        title,
        subtitle,
        {
            "data": {"values": values},
            "height": {"step": 26},
            "encoding": {"y": _y([label for label, _ in rows])},
            "layer": layers,
        },
    )


def _segments(label: str, marks: Sequence[Mark], series: dict[str, str]) -> list[dict]:
    found, at = [], 0.0
    for mark in marks:
        if mark.value:
            found.append(
                {
                    "label": label,
                    "series": mark.series,
                    "from": at,
                    "to": at + mark.value,
                    "middle": at + mark.value / 2,
                    "text": mark.text,
                    "ink": contrasting(series[mark.series]),
                    "hidden": False,
                }
            )
            at += mark.value
    signs = sorted({mark.text for mark in marks if mark.value is None})
    if signs and at < 100:
        found.append(
            {
                "label": label,
                "series": next(iter(series)),
                "from": at,
                "to": 100,
                "middle": (at + 100) / 2,
                "text": signs[0],
                "ink": INK,
                "hidden": True,
            }
        )
    return found


def lines(
    marks: Sequence[Mark], *, series: dict[str, str], title: str, subtitle: str, height: int = 150
) -> dict:
    """Time from left to right, a point a period; a period without a value breaks the line."""
    order = list(dict.fromkeys(mark.label for mark in marks))
    rows = [
        {
            "label": mark.label,
            "rank": order.index(mark.label),
            "series": mark.series,
            "value": mark.value,
            "text": mark.text if mark.value is not None else "",
        }
        for mark in marks
    ]
    x = {"field": "label", "type": "ordinal", "sort": order, "axis": {"labelAngle": 0}}
    # Room over the highest point for the value written there, under the legend.
    top = max((float(mark.value) for mark in marks if mark.value is not None), default=0)
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": True, "nice": False, "domainMax": (top or 1) * 1.2},
        "axis": {
            "grid": True,
            "gridColor": GRID,
            "labels": False,
            "ticks": False,
            "domain": False,
            "tickCount": 4,
        },
    }
    layers = [
        {
            "mark": {"type": "line", "strokeWidth": 2.2, "invalid": "break-paths-show-domains"},
            "encoding": {"color": _legend(series)},
        },
        {
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {"type": "point", "filled": True, "size": 46, "opacity": 1},
            "encoding": {"color": _legend(series), "shape": _shapes(series)},
        },
        *(_written_points(name, dy) for name, dy in zip(series, (-11, 15), strict=False)),
    ]
    body = {
        "data": {"values": rows},
        "height": height,
        "encoding": {"x": x, "y": y},
        "layer": layers,
    }
    return _spec(title, subtitle, body)


def _written_points(series: str, dy: int) -> dict:
    """Values over the first line and under the second; with more lines the table has them."""
    chosen = f"isValid(datum.value) && datum.series == {json.dumps(series)}"
    return {
        "transform": [{"filter": chosen}],
        "mark": {"type": "text", "dy": dy, "fontSize": 11},
        "encoding": {"text": {"field": "text"}},
    }


def _shapes(series: dict[str, str]) -> dict:
    """A shape for each series: the points are told apart in black and white too."""
    shapes = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]
    return _legend(series, shapes[: len(series)])


def boxes(rows: Sequence[Box], *, title: str, subtitle: str) -> dict:
    """From the first to the third quartile, a bar on the median, which is written."""
    values = [
        {
            "label": box.label,
            "low": box.low,
            "middle": box.middle,
            "high": box.high,
            "text": box.text,
            "fill": box.color,
            "end": max((n for n in (box.low, box.middle, box.high) if n is not None), default=0),
        }
        for box in rows
    ]
    top = max((value["end"] for value in values), default=0) or 1
    scale = {"domain": [0, top * 1.25], "nice": False}
    x = {"type": "quantitative", "scale": scale, "axis": {"grid": True, "gridColor": GRID}}
    layers = [
        {
            "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
            "mark": {"type": "bar", "height": {"band": 0.6}},
            "encoding": {
                "x": x | {"field": "low"},
                "x2": {"field": "high"},
                "color": {"field": "fill", "scale": None},
            },
        },
        {
            "transform": [{"filter": "isValid(datum.middle)"}],
            "mark": {"type": "tick", "thickness": 3.5, "color": "#ffffff", "height": {"band": 0.6}},
            "encoding": {"x": x | {"field": "middle"}},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 11.5},
            "encoding": {"x": x | {"field": "end"}, "text": {"field": "text"}},
        },
    ]
    return _spec(
        title,
        subtitle,
        {
            "data": {"values": values},
            "height": {"step": 24},
            "encoding": {"y": _y([box.label for box in rows])},
            "layer": layers,
        },
    )


def sparkline(values: Sequence[float | None]) -> dict:
    """A bare line for beside a key figure; the last point is marked."""
    rows = [{"rank": rank, "value": value} for rank, value in enumerate(values)]
    known = [rank for rank, value in enumerate(values) if value is not None]
    last = known[-1] if known else -1
    x = {"field": "rank", "type": "quantitative", "axis": None, "scale": {"padding": 6}}
    y = {"field": "value", "type": "quantitative", "axis": None, "scale": {"zero": False}}
    return {
        "data": {"values": rows},
        "width": 160,
        "height": 28,
        "padding": 2,
        "background": None,
        "encoding": {"x": x, "y": y},
        "layer": [
            {
                "mark": {
                    "type": "line",
                    "color": PLAIN,
                    "strokeWidth": 1.8,
                    "invalid": "break-paths-show-domains",
                }
            },
            {
                "transform": [{"filter": "isValid(datum.value)"}],
                "mark": {"type": "point", "filled": True, "size": 14, "color": PLAIN, "opacity": 1},
            },
            {
                "transform": [{"filter": f"datum.rank == {last} && isValid(datum.value)"}],
                "mark": {"type": "point", "filled": True, "size": 60, "color": INK, "opacity": 1},
            },
        ],
        "config": {"view": {"stroke": None}},
    }
