"""Samples of long walks: of the day, the same all day long, and of every class."""

import pytest

from tests import walks

NUMBERS = range(1000)


@pytest.fixture(autouse=True)
def a_sample(monkeypatch):
    monkeypatch.setattr(walks, "IS_WHOLE", False)
    monkeypatch.delenv(walks.DRAWN)


def by_hundred(number: int) -> list[int]:
    return [number // 100]


@pytest.mark.parametrize("day", ["2026-12-01", "2026-12-02", "2027-02-28"])
def test_every_class_is_in_the_sample_of_every_day(day):
    drawn = walks.draw("numbers", NUMBERS, 20, by_hundred, seed=day)
    assert len(drawn) == 20
    assert {number // 100 for number in drawn} == set(range(10))
    assert drawn == sorted(drawn)


def test_more_classes_than_asked_for_are_all_there():
    assert len(walks.draw("numbers", NUMBERS, 3, by_hundred)) == 10


def test_a_day_draws_the_same_and_another_day_something_else():
    one, again, another = (
        walks.draw("numbers", NUMBERS, 20, seed=day)
        for day in ("2026-12-01", "2026-12-01", "2026-12-02")
    )
    assert one == again
    assert one != another
    assert walks.draw("others", NUMBERS, 20, seed="2026-12-01") != one


def test_by_night_all_are_walked(monkeypatch):
    monkeypatch.setattr(walks, "IS_WHOLE", True)
    assert walks.draw("numbers", NUMBERS, 20, by_hundred) == list(NUMBERS)


def test_what_is_drawn_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv(walks.DRAWN, str(tmp_path / "drawn"))
    assert walks.told() == []
    one, two = walks.draw("numbers", NUMBERS, 2)
    walks.draw("numbers", NUMBERS, 2)  # by another process
    assert walks.told() == [f"numbers, 2 of 1000: {one}, {two}"]
