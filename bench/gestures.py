"""What the tasks of an adviser's day cost two hands on a keyboard, in a real Chromium.

`make bench SUBJECTS=gestures`, or `python -m bench.gestures 6 OUTPUT`. The tasks are those of
`tests/e2e/test_gestures.py`, which says how their seconds are made.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import machine
from bench.base import ROOT
from bench.measures import Results, Target

SUBJECT = "Gestures"
TESTS = "tests/e2e/test_gestures.py"
TARGETS = {
    ("level 1: an anonymous contact", "interactions"): Target(6),
    ("level 1: an anonymous contact", "seconds"): Target(20),
    ("first session of a new person", "seconds"): Target(45),
    ("next session, as the last time", "seconds"): Target(45),
}
UNITS = {"keys": "", "interactions": "", "fields": "", "seconds": "s"}


def carry_out(folder: Path) -> list[dict]:
    """The tasks, in their order; a task that fails ends the bench."""
    written = folder / "gestures.jsonl"
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:randomly", TESTS]
    env = os.environ | {"GESTURES": str(written)}
    env.pop("DJANGO_SETTINGS_MODULE", None)  # the tests read their own
    subprocess.run(command, cwd=ROOT, env=env, check=True)
    return [json.loads(line) for line in written.read_text().splitlines()]


def main(tasks: int, output: Path) -> None:
    results = Results(tasks, machine.describe(), counted="tasks")
    with tempfile.TemporaryDirectory(prefix="sprocep-bench-") as folder:
        found = carry_out(Path(folder))
    if len(found) != tasks:
        sys.exit(f"bench: {len(found)} tasks of {tasks}")
    for task in found:
        for name, unit in UNITS.items():
            target = TARGETS.get((task["task"], name))
            title = f"{task['task']}: {name}"
            results.add(SUBJECT, title, unit, task[name], target=target)
    output.write_text(json.dumps(results.as_json()))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
