"""docs/features.md tells the state of every requirement, and each test it names exists."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STATES = ("done", "partly", "not yet")
# Ids of the requirements, frozen: they are kept outside of the repository.
LAST = {"S": 176, "X": 6, "F": 100, "N": 20}
IDS = [f"{family}{rank}" for family, last in LAST.items() for rank in range(1, last + 1)]


def table() -> list[list[str]]:
    """(id, what it asks, state, proof) of each line."""
    text = (ROOT / "docs/features.md").read_text("utf-8")
    lines = [line for line in text.splitlines() if re.match(r"\| [SXFN]\d+ \|", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


ROWS = table()
CLAIMS = [row for row in ROWS if row[2] in ("done", "partly")]


@cache
def source(path: str) -> str:
    return (ROOT / path).read_text("utf-8") if (ROOT / path).is_file() else ""


def test_every_requirement_has_its_line_once_in_order():
    assert [row[0] for row in ROWS] == IDS


def test_every_line_says_what_is_asked_and_one_of_three_states():
    assert [row for row in ROWS if len(row) != 4 or not row[1] or row[2] not in STATES] == []


@pytest.mark.parametrize("row", CLAIMS, ids=lambda row: row[0])
def test_every_claim_names_tests_that_exist(row):
    named = re.findall(r"`(tests/[\w/]+\.py)::([\w:]+)`", row[3])
    assert named
    for path, names in named:
        *classes, function = names.split("::")
        assert re.search(rf"^ *def {function}\(", source(path), re.MULTILINE), (path, names)
        assert all(f"class {name}" in source(path) for name in classes), (path, names)


def test_partly_says_what_is_missing():
    assert [row[0] for row in ROWS if (row[2] == "partly") != ("missing: " in row[3])] == []


def test_counts_at_the_top_are_those_of_the_table():
    text = (ROOT / "docs/features.md").read_text("utf-8")
    for state in STATES:
        by_family = Counter(row[0][0] for row in ROWS if row[2] == state)
        counts = [by_family.total(), *(by_family[family] for family in LAST)]
        assert f"| {state} | {' | '.join(map(str, counts))} |" in text
