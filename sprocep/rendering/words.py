"""Words of our drawings on paper, each text as one run of letters.

WeasyPrint lays out every letter of an SVG text for itself, because each may have its own place, and
gives a form of its own to each text that does not begin at its `x`: a quarter of the work for an
edition. A text of ours (`drawing`, `lettering`) has one place, one colour and one length.
"""

from math import inf

from weasyprint import svg
from weasyprint.css.properties import INITIAL_VALUES
from weasyprint.draw.text import draw_first_line
from weasyprint.matrix import Matrix
from weasyprint.svg.text import Style, TextBox
from weasyprint.svg.utils import color
from weasyprint.text.line_break import split_first_line

_WEIGHTS = {"normal": 400, "bold": 700}
_BEFORE_PLACE = {"start": 0, "middle": 0.5, "end": 1}


def draw_in_runs() -> None:
    """From now on, in this process."""
    svg.TAGS["text"] = _text


def _text(drawing: svg.SVG, node: svg.Node, font_size: float) -> None:
    style = _style(drawing, node, font_size)
    line, _, _, natural, _, baseline = split_first_line(node.text, style, drawing.context, inf, 0)
    length = drawing.length(node.get("textLength"), font_size) or natural
    x, y = drawing.point(node.get("x"), node.get("y"), font_size)
    x -= length * _BEFORE_PLACE[node.get("text-anchor", "start")]
    line.reactivate(style)
    box = TextBox(line, style)
    box.baseline = baseline
    drawing.stream.set_color(color(node.get("fill")))
    drawing.stream.begin_text()
    draw_first_line(drawing.stream, box, "none", "none", Matrix(length / natural, d=-1, e=x, f=y))
    drawing.stream.end_text()


def _style(drawing: svg.SVG, node: svg.Node, font_size: float) -> Style:
    style = Style(INITIAL_VALUES)
    style.font_config = drawing.font_config
    style["font_family"] = [family.strip() for family in node.get("font-family").split(",")]
    style["font_weight"] = _WEIGHTS[node.get("font-weight", "normal")]
    style["font_size"] = font_size
    return style
