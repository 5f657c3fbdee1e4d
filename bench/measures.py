"""A measure, its runs and its target; the clock, and what is read off many durations."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median

# How often a measure is taken again; `bench.__main__` says less for the large sizes.
RUNS = int(os.environ.get("BENCH_RUNS", "3"))


@dataclass(frozen=True)
class Target:
    """A limit of the design; `at_least` turns it round."""

    limit: float
    at_least: bool = False

    def is_met(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True)
class Measure:
    """One line of a table. `values` are the runs; what counts is their median."""

    subject: str
    name: str
    unit: str
    values: tuple[float, ...]
    target: Target | None = None
    grows: bool = False  # its slope from one size to the next is worth a line

    @property
    def value(self) -> float:
        return median(self.values)


@dataclass
class Results:
    """All that one size gave: measures in their order, and facts to be told beside them.

    `machine` says on what, when and how often.
    """

    journeys: int
    machine: dict[str, str] = field(default_factory=dict)
    measures: list[Measure] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    counted: str = "journeys"  # what the size is a number of

    def add(self, subject: str, name: str, unit: str, values, **options) -> Measure:
        runs = (values,) if isinstance(values, int | float) else tuple(values)
        measure = Measure(subject, name, unit, runs, **options)
        self.measures.append(measure)
        print(f"  {subject} · {name}: {measure.value:,.3f} {unit}", flush=True)
        return measure

    def as_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict) -> "Results":
        measures = [
            Measure(
                **{
                    **line,
                    "values": tuple(line["values"]),
                    "target": Target(**line["target"]) if line["target"] else None,
                }
            )
            for line in content["measures"]
        ]
        counted = content.get("counted", "journeys")
        return cls(content["journeys"], content["machine"], measures, content["facts"], counted)


@dataclass(frozen=True)
class Spent:
    """Seconds on the wall, and of processor in this process (all its threads)."""

    wall: float
    cpu: float


def spent(work: Callable[[], object]) -> Spent:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


def walls(
    work: Callable[[], object], *, before: Callable[[], object] | None = None, runs: int = RUNS
) -> list[float]:
    """Seconds of each run; `before` prepares one and is not counted."""
    seconds = []
    for _ in range(runs):
        if before:
            before()
        seconds.append(spent(work).wall)
    return seconds


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not pass (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * len(ordered) + 0.5) - 1)]
