"""PostgreSQL stopped or its back ends terminated under load: what was answered is there."""

import signal
import time

import psycopg
import pytest
from django.db import connections

from tests.faults.crew import Crew
from tests.faults.run import Run, forget_runs
from tests.faults.stage import Stage
from tests.faults.storm import Storm
from tests.faults.tally import scenario
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

STOPS = 5
TERMINATIONS = 40


def stop_at_once(stage: Stage) -> None:
    """As `pg_ctl stop -m immediate`: no farewell to anybody, recovery at the next start."""
    postgres = stage.arena.servers.postgres
    postgres.process.send_signal(signal.SIGQUIT)
    postgres.process.wait(20)


@pytest.fixture(scope="module")
def site(stage) -> str:
    return stage.site()


def test_stopped_under_fifty_posts(stage, site):
    def stop_several_times(storm: Storm) -> None:
        for rank in range(STOPS):
            wait_until(
                lambda wanted=rank: len(storm.acknowledged) > wanted * storm.expected // 6, 120
            )
            stop_at_once(stage)
            time.sleep(1)
            assert stage.arena.servers.revive() == ["PostgreSQL"]

    with scenario(f"PostgreSQL stopped under 50 posts, {STOPS} times") as count:
        storm = Storm.of(stage, site, forms_each=6)
        storm.blow(stop_several_times)
        assert storm.interrupted, "nobody noticed: it proves nothing"
        storm.judge(count)
        count.tried = STOPS


def terminate_all(url: str) -> None:
    """Every other back end of this role in this database."""
    with psycopg.connect(url, autocommit=True) as link:
        link.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
            "datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
        )


def test_back_ends_terminated_under_load(stage, site):
    def terminate_often(storm: Storm) -> None:
        for _ in range(TERMINATIONS):
            terminate_all(stage.environment["DATABASE_URL"])
            time.sleep(0.1)

    with scenario(f"back ends terminated under 50 posts, {TERMINATIONS} times") as count:
        storm = Storm.of(stage, site, forms_each=6)
        storm.blow(terminate_often)
        assert storm.interrupted, "nobody noticed: it proves nothing"
        storm.judge(count)
        count.tried = TERMINATIONS


@pytest.mark.parametrize("after", [1, 4, 7])
def test_stopped_while_it_compiles(stage, compiled, after):
    """The units that were under way are no tries: they go on once the server is back."""
    crew = Crew.hired(stage)
    forget_runs(stage)
    with scenario("PostgreSQL stopped in a compilation") as count:
        run = Run(stage, seals=False)
        run.wait(units=after)
        stop_at_once(stage)
        connections.close_all()
        time.sleep(2)
        assert stage.arena.servers.revive() == ["PostgreSQL"]
        run.wait()
        run.judge(count, compiled.outcome)
    crew.leave()


def test_back_ends_terminated_while_it_compiles(stage, compiled):
    crew = Crew.hired(stage)
    forget_runs(stage)
    with scenario("back ends terminated in a compilation") as count:
        run = Run(stage, seals=False)
        for done in (1, 3, 5, 7):
            run.wait(units=done)
            for variable in ("DATABASE_URL", "DATABASE_COMPILER_URL"):
                terminate_all(stage.environment[variable])
            connections.close_all()
        run.wait()
        run.judge(count, compiled.outcome)
    crew.leave()
