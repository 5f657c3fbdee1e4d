"""A worker killed by -9 at any instant: each edition once, the same seals, whole files."""

import random
import time

import pytest

from tests.faults.crew import Crew
from tests.faults.run import Run, forget_runs, let_leases_run_out
from tests.faults.tally import scenario
from tests.faults.troubled import OF_FILES, POINTS
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

INSTANTS = 40
SEED = 2026


@pytest.fixture(scope="module")
def crew(stage) -> Crew:
    return Crew.hired(stage)


@pytest.mark.parametrize("rank", range(INSTANTS))
def test_killed_at_a_random_instant(stage, crew, compiled, rank):
    """Spread over the whole compilation: after so many units, and some part of the next."""
    chance = random.Random(SEED + rank)
    whom = ("all", "main", "child")[rank % 3]
    forget_runs(stage)
    crew.be_there()
    with scenario(f"worker killed at a random instant ({whom})") as count:
        run = Run(stage, seals=False)
        run.wait(units=rank * run.units // INSTANTS)
        time.sleep(chance.uniform(0, compiled.seconds_of_a_unit))
        assert run.units_done() < run.units, "killed too late to prove anything"
        crew.lose(whom, chance)
        let_leases_run_out()
        crew.be_there()
        run.wait()
        run.judge(count, compiled.outcome)


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_named_point(stage, crew, compiled, filed, tmp_path, point):
    seals = point in OF_FILES
    expected = filed if seals else compiled
    forget_runs(stage)
    crew.leave()
    reached = tmp_path / "reached"
    with scenario("worker killed at a named point") as count:
        run = Run(stage, seals=seals)
        crew.worker = stage.worker(DIES_AT=point, DIES_ONCE=str(reached))
        wait_until(lambda: run.units_done() < run.units and reached.exists(), 120)
        crew.worker.wait(10)
        let_leases_run_out()
        crew.be_there()
        run.wait()
        run.judge(count, expected.outcome)


def test_a_lease_really_runs_out(stage, crew, compiled):
    """Nothing hurried: fifteen seconds after a death another worker takes the row."""
    forget_runs(stage)
    crew.be_there()
    with scenario("worker killed, its lease left to run out") as count:
        run = Run(stage, seals=False)
        run.wait(units=2)
        crew.leave()
        crew.be_there()
        run.wait()
        run.judge(count, compiled.outcome)
