"""All measures of one size, in a process and servers of their own: `python -m bench.one_size`."""

import json
import signal
import sys
from pathlib import Path
from types import FrameType

import django

from bench.base import Base, running_base
from bench.measures import Results


def measure_all(base: Base, results: Results) -> None:
    # Models and settings can only be read once the servers are named in the environment.
    from bench import computation, corrections, documents, generation, pages, protection

    for subject in (generation, computation, corrections, protection, documents, pages):
        subject.measure(base, results)


def leave_on_signal(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main(journeys: int, output: Path) -> None:
    signal.signal(signal.SIGTERM, leave_on_signal)
    results = Results(journeys)
    with running_base() as base:
        django.setup()
        measure_all(base, results)
    output.write_text(json.dumps(results.as_json()))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
