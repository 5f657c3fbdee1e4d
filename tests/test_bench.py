"""The page of `make bench`: what is kept of each size, what a size lacks, slopes, and refusals."""

import re
import shutil
from types import SimpleNamespace

import pytest

from bench import __main__ as bench
from bench import growth, machine, page_of_results, reference
from bench.measures import Results, Target
from bench.memory import watched
from indicators.definitions import INDICATORS


def results(journeys: int, seconds: float, *, all_subjects: bool = True) -> Results:
    made = Results(journeys, {"Date": f"day {journeys}"}, facts={"sessions": "7"})
    made.add("Generation", "the whole command", "s", seconds, grows=True)
    made.add("Generation", "peak memory, Python", "MB", 50.0, grows=True)
    if all_subjects:
        made.facts |= {"protected cells": "12", "published cells": "60%"}
        made.add("Protection", "all territories", "s", (3.0, 1.0, 2.0), target=Target(60))
    return made


@pytest.fixture
def page(tmp_path):
    return tmp_path / "benchmarks.md"


def row(page, start: str) -> str:
    (line,) = [line for line in page.read_text().splitlines() if line.startswith(f"| {start}")]
    return line


def test_a_size_measured_again_takes_the_place_of_its_own_column(page):
    for size in (results(1_000, 5.0), results(10_000, 40.0), results(1_000, 6.0)):
        page_of_results.write(page, page_of_results.keep(page, size))
    assert row(page, "Date") == "| Date | day 1000 | day 10000 |"
    assert row(page, "the whole command") == "| the whole command | 6.00 s | 40.0 s |  |"


def test_a_subject_shows_the_sizes_that_measured_it(page):
    for size in (results(1_000, 5.0), results(10_000, 40.0, all_subjects=False)):
        page_of_results.write(page, page_of_results.keep(page, size))
    assert row(page, "all territories") == ("| all territories | 2.00 s (1.00–3.00) | ≤ 60: met |")
    assert "Its target is met." in page.read_text()
    assert "## Pages" not in page.read_text()


def test_each_size_is_held_to_its_own_target(page):
    for journeys, limit in ((1_000, 1), (10_000, 4)):
        made = Results(
            journeys, {"Date": "today"}, facts={"attacked cells": "9", "hidden cells": "1"}
        )
        made.add("Attack", "protection of 2015", "s", 2.0, target=Target(limit))
        page_of_results.write(page, page_of_results.keep(page, made))
    assert row(page, "protection of 2015") == (
        "| protection of 2015 | 2.00 s | 2.00 s | ≤ 1 · 4: met in part |"
    )


def test_what_may_not_be_at_all_is_farthest_from_its_target(page):
    made = Results(1_000, {"Date": "today"}, facts={"attacked cells": "9", "hidden cells": "1"})
    made.add("Attack", "protection of 2015", "s", 200.0, target=Target(60))
    made.add("Attack", "an outsider: found", "cells", 1, target=Target(0))
    page_of_results.write(page, page_of_results.keep(page, made))
    assert (
        "an outsider: found at 1,000 journeys, 1.00 cells, where none may be." in page.read_text()
    )


def test_growth_says_how_many_times_and_the_slope(page):
    for size in (results(1_000, 5.0), results(10_000, 158.1)):
        page_of_results.write(page, page_of_results.keep(page, size))
    assert row(page, "Generation: the whole") == (
        "| Generation: the whole command | × 10.0 | × 31.6 | 1.50 | missed |"
    )
    assert row(page, "Generation: peak") == (
        "| Generation: peak memory, Python | × 10.0 | × 1.00 | 0.00 | met |"
    )
    drawn = (page.parent / "images" / "benchmarks.svg").read_text()
    assert "(images/benchmarks.svg)" in page.read_text()
    assert len(re.findall(r'stroke-width="2"', drawn)) == 2
    assert drawn == growth.drawing(
        [results(1_000, 5.0), results(10_000, 158.1)], ["Generation", "Protection"]
    )


def test_subjects_come_with_what_they_need():
    assert bench.chosen("") == list(bench.NEEDS)
    assert bench.chosen("corrections") == ["computation", "corrections"]
    assert bench.chosen("generation") == ["generation"]
    with pytest.raises(SystemExit, match="imports: no such subject; there are generation"):
        bench.chosen("imports")


def test_a_size_without_room_on_the_disk_is_refused(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=20e9))
    assert machine.lacks_room(1_000_000) == ""
    assert machine.lacks_room(10_000_000) == (
        "10,000,000 journeys take 56 GB of disk under /var/tmp, where 20 GB are free. "
        "Make room, or ask for fewer."
    )


def test_peak_memory_is_that_of_the_work():
    with watched() as before:
        pass
    with watched() as during:
        held = bytearray(b"x") * 60_000_000
    assert 50 < during.python - before.python < 200
    assert len(held) == 60_000_000


def test_the_reference_counts_what_the_base_counts():
    """An indicator of the base that it did not count would be compared with nothing."""
    asked = {
        (population, one.sources.get(breakdown.name, breakdown.name))
        for one in INDICATORS
        if not one.measure
        for population in one.populations
        for breakdown in one.breakdowns
    }
    assert {("sessions", "level_change"), ("fundings_granted", "funder")} <= asked
    missing = {
        (population, source)
        for population, source in asked
        if not any(f"'{population}'" in text and f"'{source}'" in text for text in reference.COUNTS)
    }
    assert missing == set()
