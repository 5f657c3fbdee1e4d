"""The files that the product really exports of quarters across the merger, in the borders of then
and of now, with an erratum, attacked together: nothing is found, nothing is too narrow.

The attacker runs as anybody runs it: outside the project, on files alone. In the suite it is an
outsider; by night a category of operators too, and what it believes is tried on the raw figures.
"""

import json
import subprocess
import sys

import pytest

from scripts.attack_editions import Blocks, attack, read
from sprocep.settings import BASE_DIR
from tests.attack.conftest import CORRECTED, PERIODS, REGION, Published

# Regions of then, those of the other borders, the nation.
BLOCKS = {"2015-T4": 27 + 7 + 1, "2016-T1": 18 + 16 + 1}
OPERATORS = ("mission_locale", "opacif")  # the largest and the smallest; all five: `make bench`


@pytest.fixture(scope="module")
def files(country: Published) -> Blocks:
    return read(country.files)


def attacked(country: Published, *options: str) -> dict:
    script = BASE_DIR / "scripts" / "attack_editions"
    done = subprocess.run(
        [sys.executable, "-I", str(script), *map(str, country.files), "--json", *options],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    return json.loads(done.stdout)


def test_what_is_attacked_is_the_whole(files):
    """Every edition of each quarter, and two anew."""
    assert len(files) == sum(BLOCKS[period.code] for period in PERIODS) + 2
    assert sum(len(rows) for rows in files.values()) > 50_000 * len(PERIODS)
    corrected = {block.territory for block in files if block.number == 2}
    assert corrected == {REGION, "FR"}
    assert all(block.period == CORRECTED.code for block in files if block.number == 2)


def test_an_outsider_finds_nothing(country):
    report = attacked(country)
    assert report["hidden"] > 2_000 * len(PERIODS)
    assert report["conflicts"] == []
    assert (report["found"], report["narrow"], report["unprinted"]) == (0, 0, 0), report["worst"]


@pytest.mark.prove
def test_what_it_believes_is_true(country):
    """Relations are doubted where figures deny them, and raw figures deny those of no period."""
    truth = read([country.truth])
    known = {block: rows for block, rows in truth.items() if block.number < 2}
    assert attack(known, without=("thresholds", "errata")).doubted == []


@pytest.mark.prove
@pytest.mark.parametrize("operator", OPERATORS)
def test_a_category_that_knows_its_own_cells_finds_no_other(country, operator):
    report = attacked(country, "--truth", str(country.truth), "--knows", f"operator={operator}")
    assert report["primaries"] > 1_000
    assert (report["found"], report["narrow"]) == (0, 0), report["worst"]


def test_the_other_script_verifies_them(country):
    script = BASE_DIR / "scripts" / "verify_edition.py"
    for path in country.files[:3]:
        period, territory, number = path.stem.rsplit("-", 2)
        code = f"{period}/{territory}/{number}"
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(script), str(path), "--seal", country.seals[code]],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        assert code in done.stdout
