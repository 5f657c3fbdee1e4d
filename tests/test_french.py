import datetime
from dataclasses import dataclass
from decimal import Decimal

import pytest

from sprocep.templatetags import french

MISSING = '<abbr title="non disponible">nd</abbr>'


@dataclass
class Cell:
    status: str = "published"
    value: Decimal | None = None
    unit: str = "persons"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.04, "0"),
        (999, "999"),
        (12_431, "12\u202f431"),
        (1_234_567, "1\u202f234\u202f567"),
        (Decimal("12431.0000"), "12\u202f431"),
        (3.5, "3,5"),
        (Decimal("2.25"), "2,3"),
        (Decimal("-2.25"), "−2,3"),
        (1.04, "1"),
        (None, MISSING),
    ],
)
def test_number(value, text):
    assert french.number(value) == text


def test_number_with_asked_decimals():
    assert french.number(12, 1) == "12,0"
    assert french.number(Decimal("1234.567"), 2) == "1\u202f234,57"
    assert french.number(0.5, 0) == "1"


@pytest.mark.parametrize(
    ("value", "text"),
    [(8.4, "8,4\xa0%"), (100, "100,0\xa0%"), (Decimal("0.05"), "0,1\xa0%"), (None, MISSING)],
)
def test_share(value, text):
    assert french.share(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.2, "+3,2\xa0%"), (-3.2, "−3,2\xa0%"), (0, "0,0\xa0%"), (-0.01, "0,0\xa0%"), (None, "")],
)
def test_change(value, text):
    assert french.change(value) == text


def test_change_in_points():
    assert french.change(Decimal("1.4"), "pt") == "+1,4\xa0pt"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0\xa0jour"),
        (1, "1\xa0jour"),
        (1.5, "1,5\xa0jour"),
        (2, "2\xa0jours"),
        (12.5, "12,5\xa0jours"),
        (None, MISSING),
    ],
)
def test_days(value, text):
    assert french.days(value) == text


def test_day():
    assert french.day(datetime.date(2016, 3, 12)) == "12 mars 2016"
    assert french.day(datetime.date(2016, 3, 1)) == "1er mars 2016"
    assert french.day(None) == ""


def test_day_and_moment_of_an_instant_are_those_of_paris():
    late = datetime.datetime(2016, 7, 31, 22, 5, tzinfo=datetime.UTC)
    assert french.day(late) == "1er août 2016"
    assert french.moment(late) == "0\xa0h\xa005"
    assert french.moment(None) == ""


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Cell(value=Decimal(12431)), "12\u202f431"),
        (Cell(value=Decimal(0)), "0"),
        (Cell(value=Decimal("8.4"), unit="share"), "8,4\xa0%"),
        (Cell(value=Decimal(3), unit="days"), "3\xa0jours"),
        (Cell("secret"), '<abbr title="secret statistique">s</abbr>'),
        (Cell("missing"), MISSING),
        (Cell("not_applicable"), '<abbr title="sans objet">///</abbr>'),
    ],
)
def test_cell(cell, text):
    assert french.cell(cell) == text


def test_cell_of_an_unknown_status_is_an_error():
    with pytest.raises(KeyError):
        french.cell(Cell("hidden"))
