"""`make bench`: measure each size in turn, then write docs/benchmarks.md.

`JOURNEYS="100000 1000000"` chooses the sizes, `SUBJECTS="computation"` what is measured, with what
it needs. A size takes the place of what was kept of it; the others stay (docs/benchmarks.json).
"""

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
# A subject, and those whose rows it starts from. All start from the generated ones.
NEEDS = {
    "generation": (),
    "computation": (),
    "corrections": ("computation",),
    "protection": ("computation",),
    "documents": ("computation", "protection"),
    "pages": ("computation", "protection", "documents"),
    "attack": (),
    "referrals": (),
    "gestures": (),
    "search": (),
    "storm": (),
    "front_door": (),
}
# Each has a base and sizes of its own, whatever sizes are measured.
APART = {
    "attack": (240_000, 732_000),  # the demonstration and the volume of 2015
    "referrals": (100_000,),
    "gestures": (6,),
    "search": (1_000_000,),
    "storm": (100,),
    "front_door": (10,),
}


def runs(journeys: int) -> int:
    """Whole quarters that take minutes are computed again less often."""
    return 3 if journeys < 1_000_000 else 2 if journeys < 10_000_000 else 1


def chosen(words: str) -> list[str]:
    asked = words.split() or list(NEEDS)
    if unknown := sorted(set(asked) - set(NEEDS)):
        sys.exit(f"bench: {' '.join(unknown)}: no such subject; there are {' '.join(NEEDS)}")
    return [name for name in NEEDS if any(name in (word, *NEEDS[word]) for word in asked)]


def sized(subjects: list[str]) -> list[str]:
    return [subject for subject in subjects if subject not in APART]


def measure(journeys: int, subjects: list[str], output: Path) -> Results:
    print(f"{journeys:,}: {' '.join(subjects)}", flush=True)
    words = [str(journeys), str(output)]
    is_apart = subjects[0] in APART
    command = (
        [f"bench.{subjects[0]}", *words] if is_apart else ["bench.one_size", *words, *subjects]
    )
    child = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=os.environ | {"BENCH_RUNS": str(runs(journeys))},
        preexec_fn=dies_with_parent(signal.SIGTERM),
    )
    try:
        if code := child.wait():
            sys.exit(f"bench: {journeys:,}: code {code}")
    finally:
        stop_process(child, signal.SIGTERM)
    return Results.from_json(json.loads(output.read_text()))


def main() -> None:
    sizes = sorted({int(size) for size in (os.environ.get("JOURNEYS") or JOURNEYS).split()})
    subjects = chosen(os.environ.get("SUBJECTS", ""))
    runs_of = [(size, others) for size in sizes if (others := sized(subjects))]
    runs_of += [(size, [subject]) for subject in subjects for size in APART.get(subject, ())]
    if refusal := machine.lacks_room(max(size for size, _ in runs_of)):
        sys.exit(f"bench: {refusal}")
    page = Path(os.environ.get("BENCH_PAGE", PAGE))
    with tempfile.TemporaryDirectory(prefix="sprocep-bench-") as folder:
        for size, asked in runs_of:
            results = measure(size, asked, Path(folder) / f"{size}.json")
            # At once: a size that fails takes nothing from those before it.
            page_of_results.write(page, page_of_results.keep(page, results))
            print(f"{page}: written", flush=True)


if __name__ == "__main__":
    main()
