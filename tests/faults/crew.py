"""A worker and the beat of a stage, and what a run gives when nothing disturbs them."""

import os
import random
import signal
import subprocess
import time
from dataclasses import dataclass

from indicators.exports.formats import FORMATS
from tests.faults.run import REGIONS, Outcome, Run, forget_runs
from tests.faults.stage import Stage, children, kill


@dataclass
class Crew:
    stage: Stage
    worker: subprocess.Popen | None = None

    @classmethod
    def hired(cls, stage: Stage) -> "Crew":
        stage.beat()
        crew = cls(stage)
        crew.be_there()
        return crew

    def be_there(self) -> None:
        if self.worker is None or self.worker.poll() is not None:
            self.worker = self.stage.worker()

    def leave(self) -> None:
        kill(self.worker)

    def lose(self, whom: str, chance: random.Random) -> None:
        """By -9: the main process, a child at work, or all of them at once."""
        if whom == "child":
            os.kill(chance.choice(children(self.worker)), signal.SIGKILL)
        elif whom == "main":
            self.worker.kill()
            self.worker.wait()
        else:
            self.leave()


@dataclass(frozen=True)
class Undisturbed:
    """What a run gives that nothing disturbs, and the seconds of one of its units."""

    outcome: Outcome
    seconds_of_a_unit: float


def undisturbed_run(crew: Crew, *, seals: bool) -> Undisturbed:
    forget_runs(crew.stage)
    run = Run(crew.stage, seals=seals)
    run.wait(units=1)
    began = time.monotonic()
    run.wait()
    seconds = time.monotonic() - began
    outcome = Outcome.of(crew.stage)
    assert outcome.seals.keys() == set(REGIONS)
    assert len(set(outcome.seals.values())) == len(REGIONS)
    assert len(outcome.laid) == len(FORMATS) * seals
    return Undisturbed(outcome, seconds / (run.units - 1))
