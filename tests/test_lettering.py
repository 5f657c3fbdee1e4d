"""Words of a drawing keep the width that our typeface gives them, whatever the viewer has."""

import re

from sprocep.rendering.charts import Bars, Mark
from sprocep.rendering.lettering import width, with_widths

LENGTH = re.compile(r'textLength="([\d.]+)" lengthAdjust="spacingAndGlyphs">([^<]+)<')


def test_every_text_of_a_drawing_has_its_length():
    drawing = Bars([Mark("Né & mû", 12, "12 · 4,0 %")], "Titre", "ici").svg()
    lengths = {text: float(length) for length, text in LENGTH.findall(drawing)}
    assert len(lengths) == drawing.count("<text")
    assert lengths["Né &amp; mû"] == round(width("Né & mû") * 12, 1)
    assert lengths["Titre"] == round(width("Titre", is_bold=True) * 13, 1)


def test_wider_words_are_wider():
    assert width("mm") == 2 * width("m") > width("ii")
    assert width("m", is_bold=True) != width("m")
    assert width("\N{SNOWMAN}") == width(" ")


def test_a_text_without_size_is_left_alone():
    assert with_widths("<text>a</text><text x='1'>b</text>") == "<text>a</text><text x='1'>b</text>"
