"""`make demo ONCE=1` from a fresh clone, a second start, and ten `kill -9`: times and seals.

All files of the last quarter, still a draft, are downloaded one by one from « prêt » on.

`make bench SUBJECTS=front_door`, or `python -m bench.front_door 10 OUTPUT`, as root then as an
ordinary user. Each run installs, makes and compiles everything: nothing else may run beside it.
FRONT_DOOR_JOURNEYS and BENCH_RUNS choose a smaller trial.
"""

import html
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import machine
from bench.base import ROOT
from bench.measures import RUNS, Results, Target
from bench.visitor import Visitor
from sprocep.embedded.processes import dies_with_parent

SUBJECT = "Front door"
JOURNEYS = os.environ.get("FRONT_DOOR_JOURNEYS", "240000")
SEED = 2026
READY, DOWNLOADED, WHOLE, AGAIN = Target(180), Target(300), Target(600), Target(15)
STEP = re.compile(r"^  (\S.*?) \.{3,} +([\d,]+) s$", re.MULTILINE)
IS_READY = re.compile(r"est prêt : \S+ \((\d+) s\)")
IS_WRITTEN = re.compile(r"^Éditions dans .* \((\d+) s\)", re.MULTILINE)
DASHBOARD = re.compile(r"/tableaux-de-bord/\d{4}-T\d/\w+/")
DOWNLOAD = re.compile(r'href="(/tableaux-de-bord/[^"]*)"\s+download')
PROTECTING = (
    "import sys\n"
    "from indicators.models import Work\n"
    "from indicators.worklist import nation\n"
    "with nation(read_only=True):\n"
    "    busy = Work.objects.filter(step=Work.Step.PROTECT, state='running').exists()\n"
    "sys.exit(not busy)\n"
)
SEALS = (
    "import json\n"
    "from indicators.models import Edition\n"
    "from indicators.worklist import nation\n"
    "with nation(read_only=True):\n"
    "    rows = Edition.objects.order_by('period', 'territory', 'number')\n"
    "    print(json.dumps([list(row) for row in rows.values_list(\n"
    "        'period', 'territory', 'number', 'figures_seal')]))\n"
)


class Clone:
    """A fresh copy of the sources, and what `make demo` says there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.journal = folder, folder.with_suffix(".txt")
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)

    @contextmanager
    def opened(self, once: bool) -> Iterator[subprocess.Popen]:
        """`make demo`, killed at the end if it still runs."""
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        words = ["make", "demo", f"PORT={port}", f"JOURNEYS={JOURNEYS}"]
        with self.journal.open("w") as output:
            make = subprocess.Popen(
                [*words, "ONCE=1"] if once else words,
                cwd=self.folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )
        try:
            yield make
        finally:
            if make.poll() is None:
                make.terminate()
                make.wait()

    def wait_for(self, said: re.Pattern, make: subprocess.Popen) -> int:
        """The seconds that this line of the journal says."""
        while not (match := said.search(self.journal.read_text())):
            if make.poll():
                sys.exit(f"bench: make demo: code {make.returncode}: {self.journal}")
            time.sleep(0.2)
        return int(match[1])

    def download_last_quarter(self) -> int:
        """Each file of each dashboard of the newest period, by the DGEFP; how many there are."""
        demonstration = json.loads((self.folder / "var" / "demo.json").read_text())
        visitor = Visitor(int(demonstration["url"].rpartition(":")[2]))
        [officer] = [one for one in demonstration["accounts"] if one["role"] == "dgefp_officer"]
        visitor.log_in("/connexion/", officer["email"], officer["password"])
        grid = set(DASHBOARD.findall(visitor.page("/nation/")))
        newest = max(address.split("/")[2] for address in grid)
        dashboards = sorted(address for address in grid if address.split("/")[2] == newest)
        files = [
            html.unescape(address)
            for dashboard in dashboards
            for address in DOWNLOAD.findall(visitor.page(dashboard))
        ]
        visitor.read(files)
        return len(files)

    def runs(self, code: str) -> subprocess.CompletedProcess:
        command = [".venv/bin/python", "manage.py", "shell", "--no-imports", "-c", code]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)

    def seals(self) -> list:
        """Of all editions, once all that is not older is written."""
        with self.opened(once=False) as make:
            self.wait_for(IS_WRITTEN, make)
            return json.loads(self.runs(SEALS).stdout)

    def kill(self, chance: random.Random, in_protection: bool) -> None:
        """The parent of all, by -9, at a random instant."""
        with self.opened(once=False) as make:
            if in_protection:
                while make.poll() is None and self.runs(PROTECTING).returncode:
                    time.sleep(0.5)
                time.sleep(chance.uniform(0, 8))
            else:
                time.sleep(chance.uniform(3, 200))
            children = Path(f"/proc/{make.pid}/task/{make.pid}/children").read_text().split()
            for child in children:
                os.kill(int(child), signal.SIGKILL)
            make.wait()


def measure_runs(folder: Path, results: Results) -> Clone:
    steps: dict[str, list[float]] = {}
    ready, downloaded, whole = [], [], []
    for rank in range(RUNS):
        clone = Clone(folder / f"run{rank}")
        with clone.opened(once=True) as make:
            ready.append(clone.wait_for(IS_READY, make))
            began = time.monotonic()
            results.facts["files of the last quarter"] = f"{clone.download_last_quarter()}"
            downloaded.append(ready[-1] + time.monotonic() - began)
            whole.append(clone.wait_for(IS_WRITTEN, make))
            make.wait()
        for label, seconds in STEP.findall(clone.journal.read_text()):
            steps.setdefault(label, []).append(float(seconds.replace(",", ".")))
    for label, seconds in steps.items():
        results.add(SUBJECT, f"step: {label}", "s", seconds)
    results.add(SUBJECT, "dashboards to open, from the command", "s", ready, target=READY)
    results.add(SUBJECT, "all its files, from the command", "s", downloaded, target=DOWNLOADED)
    results.add(SUBJECT, "the whole, from the command", "s", whole, target=WHOLE)
    return clone


def main(kills: int, output: Path) -> None:
    account = {"Account": "root" if os.geteuid() == 0 else "an ordinary user"}
    results = Results(kills, machine.describe() | account, counted="kills")
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory(prefix="sprocep-bench-", ignore_cleanup_errors=True) as name:
        whole = measure_runs(Path(name), results)
        with whole.opened(once=True) as make:
            again = whole.wait_for(IS_READY, make)
        results.add(SUBJECT, "second start", "s", again, target=AGAIN)
        expected = whole.seals()
        troubled = Clone(Path(name) / "troubled")
        for rank in range(kills):
            troubled.kill(chance, in_protection=rank % 3 == 2)
        unlike = sum(one != other for one, other in zip(troubled.seals(), expected, strict=True))
        results.add(SUBJECT, "seals unlike after the kills", "", unlike, target=Target(0))
    output.write_text(json.dumps(results.as_json()))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
