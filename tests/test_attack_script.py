"""The attacker runs alone, from anywhere, on the files as they were exported."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sprocep.settings import BASE_DIR

HEAD = (
    "edition,period,region,indicator,population,department,operator,level,breakdown,category,"
    "value,unit,status,completeness"
)
LEVELS = {"total": "50", "N1": "30", "N2": "16", "N3": "4"}


def edition(values: dict[str, str]) -> str:
    lines = [
        f"2015-T1/93/1,2015-T1,93,A1,journeys_opened,total,total,{level},total,total,"
        f"{value},journeys,{'published' if value else 'secret'},1"
        for level, value in values.items()
    ]
    return "\n".join([HEAD, *lines, ""])


def run(place: Path, *words: str) -> subprocess.CompletedProcess:
    command = [sys.executable, BASE_DIR / "scripts" / "attack_editions", *words]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("hidden", "found", "code"),
    [(("N3",), 1, 1), (("N1", "N2"), 0, 0)],
)
def test_what_a_sum_gives_is_found_in_the_file_alone(tmp_path, hidden, found, code):
    values = LEVELS | dict.fromkeys(hidden, "")
    (tmp_path / "edition.csv").write_text(edition(values), encoding="utf-8")
    ran = run(tmp_path, "edition.csv", "--json")
    report = json.loads(ran.stdout)
    assert (report["hidden"], report["found"], ran.returncode) == (len(hidden), found, code)


def test_another_csv_is_refused(tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    ran = run(tmp_path, "other.csv")
    assert (ran.returncode, ran.stderr) == (1, "other.csv: not the CSV of an edition\n")
