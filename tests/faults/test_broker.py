"""The broker is a bell: killed, emptied, absent or repeating itself, it changes no result."""

import time

import pytest

from indicators.models import Compilation, Work
from indicators.worklist import nation
from tests.faults.browser import typed
from tests.faults.crew import Crew
from tests.faults.run import SECONDS, Run, forget_runs
from tests.faults.tally import scenario
from tests.waiting import wait_until

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def crew(stage) -> Crew:
    return Crew.hired(stage)


@pytest.fixture
def valkey(arena):
    return arena.servers.valkey


def tries() -> list[int]:
    with nation(read_only=True):
        return list(Work.objects.values_list("tries", flat=True))


def units_running() -> int:
    with nation(read_only=True):
        return Work.objects.filter(state=Work.State.RUNNING).count()


@pytest.mark.parametrize("after", [0, 3, 6])
def test_killed_and_back_empty(stage, crew, compiled, valkey, after):
    forget_runs(stage)
    with scenario("broker killed, back empty") as count:
        run = Run(stage, seals=False)
        run.wait(units=after)
        valkey.process.kill()
        valkey.process.wait()
        time.sleep(1)
        assert stage.arena.servers.revive() == ["Valkey"]
        run.wait()
        run.judge(count, compiled.outcome)


def test_killed_while_every_process_works(stage, crew, compiled, valkey):
    """No process can acknowledge its message; the worker must still take others afterwards."""
    forget_runs(stage)
    with scenario("broker killed while every process works") as count:
        run = Run(stage, seals=False)
        wait_until(lambda: units_running() == 2, SECONDS)
        valkey.process.kill()
        valkey.process.wait()
        wait_until(lambda: units_running() == 0, SECONDS)
        time.sleep(5)  # after its unit, a process rings for the next, then acknowledges
        assert stage.arena.servers.revive() == ["Valkey"]
        run.wait()
        run.judge(count, compiled.outcome)


@pytest.mark.parametrize("after", [0, 4])
def test_flushed(stage, crew, compiled, after):
    forget_runs(stage)
    with scenario("broker flushed") as count:
        run = Run(stage, seals=False)
        run.wait(units=after)
        stage.broker.flushall()
        run.wait()
        run.judge(count, compiled.outcome)


def test_the_same_message_ten_times_on_four_workers(stage, crew, compiled):
    """Two main processes of two children each; all ten messages are one and the same."""
    other = Crew(stage)
    other.be_there()
    for _ in range(3):
        forget_runs(stage)
        with scenario("the same message ten times on four workers") as count:
            run = Run(stage, seals=False)
            stage.ring(times=10, task_id="11111111-1111-4111-8111-111111111111")
            run.wait()
            run.judge(count, compiled.outcome)
            count.doubled += sum(tries()) - run.units
    other.leave()


def test_down_when_the_button_is_pressed(stage, crew, valkey):
    """The page answers; the work is on the list, and is done once the broker is back."""
    forget_runs(stage)
    with scenario("broker down when the DGEFP compiles") as count:
        officer = stage.browser_of("dgefp_officer", stage.site())
        page = officer.get("/nation/")
        action, fields = page.form("/nation/compiler/")
        valkey.process.kill()
        valkey.process.wait()
        answer = officer.post(action, typed(fields, period="2016-T1"))
        assert (answer.status, "/nation/compilations/" in answer.location) == (302, True)
        shown = officer.get(answer.location)
        assert (shown.status, "Compilation" in shown.text) == (200, True)
        with nation(read_only=True):
            listed = Compilation.objects.get().work.count()
        count.lost += listed == 0
        assert stage.arena.servers.revive() == ["Valkey"]

        def begun() -> bool:
            with nation(read_only=True):
                return Work.objects.filter(state=Work.State.DONE).count() >= 3

        wait_until(begun, 120)
        count.doubled += Work.objects.filter(tries__gt=1).count()
    crew.leave()
