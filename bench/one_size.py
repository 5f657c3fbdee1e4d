"""All measures of one size, in a process and servers of their own.

`python -m bench.one_size JOURNEYS OUTPUT SUBJECT…`
"""

import json
import signal
import sys
from pathlib import Path
from types import FrameType

import django

from bench import machine
from bench.base import Base, running_base
from bench.measures import Results
from bench.memory import add_peak, watched


def measure_all(base: Base, results: Results, subjects: list[str]) -> None:
    # Models and settings can only be read once the servers are named in the environment.
    from bench import computation, corrections, documents, generation, pages, protection

    generation.measure(base, results)
    if "computation" in subjects:
        computation.measure(base, results)
    for subject in (corrections, protection, documents, pages):
        if subject.SUBJECT.lower() in subjects:
            with watched() as peak:
                subject.measure(base, results)
            add_peak(results, subject.SUBJECT, peak)


def leave_on_signal(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main(journeys: int, output: Path, subjects: list[str]) -> None:
    signal.signal(signal.SIGTERM, leave_on_signal)
    results = Results(journeys, machine.describe())
    with running_base() as base:
        django.setup()
        measure_all(base, results, subjects)
    output.write_text(json.dumps(results.as_json()))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
