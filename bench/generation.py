"""What it takes to make up a national activity: `manage.py generate_activity`."""

import re
import subprocess
import sys
import time

from bench.base import ROOT, Base
from bench.measures import Results, Target
from bench.memory import add_peak, watched

SUBJECT = "Generation"
# As many months as in the design's prototypes: a quarter holds a thirteenth of the journeys.
SPAN = ("--from", "2015-T1", "--to", "2018-T1")
SEED = "2015"
WHILE_COPYING = Target(50_000, at_least=True)
ALL_IN = Target(25_000, at_least=True)


def measure(base: Base, results: Results) -> None:
    report = base.folder / "generation.txt"
    volume = ("--journeys", str(results.journeys), "--seed", SEED)
    words = ("generate_activity", *volume, *SPAN, "--profile", "even")
    began = time.perf_counter()
    with report.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
        )
        with watched(process.pid) as peak:
            code = process.wait()
    seconds = time.perf_counter() - began
    if code:
        raise RuntimeError(f"generate_activity: code {code}")
    sessions = count_of("beneficiaries_session")
    results.facts["sessions"] = f"{sessions:,}"
    printed = re.search(r"par seconde : ([\d\s]+) pendant la copie", report.read_text())
    results.add(
        SUBJECT,
        "sessions a second while drawn and copied",
        "sessions/s",
        float(re.sub(r"\D", "", printed[1])),
        target=WHILE_COPYING,
    )
    results.add(
        SUBJECT, "sessions a second, whole command", "sessions/s", sessions / seconds, target=ALL_IN
    )
    results.add(SUBJECT, "the whole command", "s", seconds, grows=True)
    add_peak(results, SUBJECT, peak)


def count_of(table: str) -> int:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]
