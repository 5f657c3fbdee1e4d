"""`make bench`: measure each size in turn, then write docs/benchmarks.md."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import machine, page_of_results
from bench.base import ROOT
from bench.measures import Results
from sprocep.embedded.processes import dies_with_parent, stop_process

JOURNEYS = "60000 240000"
PAGE = ROOT / "docs" / "benchmarks.md"


def measure(journeys: int, output: Path) -> Results:
    print(f"{journeys:,} journeys", flush=True)
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.one_size", str(journeys), str(output)],
        cwd=ROOT,
        preexec_fn=dies_with_parent(signal.SIGTERM),
    )
    try:
        if code := child.wait():
            sys.exit(f"bench: {journeys:,} journeys: code {code}")
    finally:
        stop_process(child, signal.SIGTERM)
    return Results.from_json(json.loads(output.read_text()))


def main() -> None:
    sizes = [int(size) for size in (os.environ.get("JOURNEYS") or JOURNEYS).split()]
    page = Path(os.environ.get("BENCH_PAGE", PAGE))
    described = machine.describe()
    with tempfile.TemporaryDirectory(prefix="sprocep-bench-") as folder:
        found = [measure(size, Path(folder) / f"{size}.json") for size in sorted(sizes)]
    page_of_results.write(page, described, found)
    print(f"{page}: written")


if __name__ == "__main__":
    main()
