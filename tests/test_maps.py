"""Maps: classes that follow the values, areas that are read without colour."""

import re
from itertools import pairwise
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from regions.loading import DATA, rows_of
from regions.outlines import department_outlines
from sprocep.rendering.charts import HATCH
from sprocep.rendering.maps import MOST_CLASSES, Area, Outline, classes, svg

SQUARE = Outline((((0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)),))


def drawn(*areas: Area) -> str:
    return svg(areas, title="Entrées", subtitle="ici et alors")


def texts(drawing: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", drawing)


@given(st.lists(st.integers(0, 400).map(lambda tenths: tenths / 10), max_size=101))
def test_each_value_lies_in_one_class(values):
    found = classes(values)
    assert len(found) <= MOST_CLASSES
    assert bool(found) == bool(values)
    assert all(low <= high for low, high in found)
    assert all(before[1] < after[0] for before, after in pairwise(found))
    assert all(sum(low <= value <= high for low, high in found) == 1 for value in values)
    assert {bound for pair in found for bound in pair} <= set(values)


def test_classes_follow_the_gaps():
    assert classes([10.1, 10.2, 10.4, 18.0]) == [(10.1, 10.4), (18.0, 18.0)]
    assert classes([3.0, 3.0]) == [(3.0, 3.0)]
    assert classes([7.5]) == [(7.5, 7.5)]


def test_an_area_says_its_value_and_the_legend_counts_it():
    found = texts(drawn(Area("13", "12,4", 12.4, SQUARE), Area("83", "9,0", 9.0, None)))
    assert found == ["Entrées", "ici et alors", "13", "12,4", "83", "9,0", "de 9,0 à 12,4", "(2)"]


def test_what_is_hidden_is_hatched_and_tells_nothing_else():
    published = Area("13", "12,4", 12.4, SQUARE)
    found = drawn(published, Area("05", "s", None, SQUARE, is_secret=True))
    shapes = re.findall(r"<path[^>]*fill=\"([^\"]+)\"[^>]*stroke-linejoin", found)
    assert shapes == ["#8299c2", HATCH]
    assert texts(found)[-2:] == ["secret statistique", "(1)"]
    assert HATCH not in drawn(published).partition("</defs>")[2]


def test_missing_is_told_from_secret():
    found = texts(drawn(Area("13", "12,4", 12.4, SQUARE), Area("05", "nd", None, SQUARE)))
    assert found[-2:] == ["sans valeur publiée", "(1)"]


def test_the_country_is_well_formed_and_always_the_same():
    outlines = department_outlines()
    areas = [Area(code, "1,0", 1.0, outline) for code, outline in outlines.items()]
    first = drawn(*areas, Area("974", "s", None, None, is_secret=True))
    assert first == drawn(*areas, Area("974", "s", None, None, is_secret=True))
    assert ElementTree.fromstring(first).tag == "{http://www.w3.org/2000/svg}svg"
    assert "Agrandi : 75, 92, 93, 94" in texts(first)
    assert "style=" not in first


def test_every_metropolitan_department_has_its_outline():
    codes = {row["code"] for row in rows_of(DATA / "departements.csv")}
    assert codes - set(department_outlines()) == {"971", "972", "973", "974", "976"}
    assert set(department_outlines()) <= codes
