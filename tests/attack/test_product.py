"""The files that the product really exports of two quarters across the merger, a month, borders of
then and an erratum, attacked together: nothing is found, nothing is too narrow."""

import subprocess
import sys

import pytest

from scripts.attack_editions import Blocks, attack, read
from sprocep.settings import BASE_DIR
from tests.attack.conftest import CORRECTED, REGION, Published

OPERATORS = ("mission_locale", "opacif")  # the largest and the smallest; all five: `make bench`


@pytest.fixture(scope="module")
def files(country: Published) -> Blocks:
    return read(country.files)


@pytest.fixture(scope="module")
def truth(country: Published) -> Blocks:
    return read([country.truth])


def test_what_is_attacked_is_the_whole(files):
    """27 Regions and 7 to come, then 18 and 16 of before; the nation; two editions anew."""
    assert len(files) == 2 * (27 + 7 + 1) + (18 + 16 + 1) + 2
    assert sum(len(rows) for rows in files.values()) > 300_000
    corrected = {block.territory for block in files if block.number == 2}
    assert corrected == {REGION, "FR"}
    assert all(block.period == CORRECTED.code for block in files if block.number == 2)


def test_an_outsider_finds_nothing(files):
    report = attack(files)
    assert report.hidden > 10_000
    assert report.conflicts == []
    assert (report.found, report.narrow, report.unprinted) == (0, 0, 0), report.worst[:20]


def test_what_it_believes_is_true(files, truth):
    """Relations are doubted where figures deny them, and raw figures deny those of no period."""
    known = {block: rows for block, rows in truth.items() if block.number < 2}
    assert attack(known, without=("thresholds", "errata")).doubted == []


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_category_that_knows_its_own_cells_finds_no_other(files, truth, operator):
    report = attack(files, truth=truth, knows=f"operator={operator}")
    assert report.primaries > 1_000
    assert (report.found, report.narrow) == (0, 0), report.worst[:20]


def test_the_script_attacks_files_alone(country):
    """As anybody runs it, outside the project and its settings."""
    script = BASE_DIR / "scripts" / "attack_editions"
    some = [path for path in country.files if path.name.startswith("2015-T4-94")]
    done = subprocess.run(
        [sys.executable, "-I", str(script), *map(str, some)],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "found exactly         0" in done.stdout


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
