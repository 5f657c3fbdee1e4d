"""PostgreSQL stopped or its back ends terminated under load: what was answered is there."""

import signal
import time

import psycopg
import pytest

from tests.faults.stage import Stage, until
from tests.faults.storm import Storm
from tests.faults.tally import scenario

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
            until(lambda wanted=rank: len(storm.acknowledged) > wanted * storm.expected // 6, 120)
            stop_at_once(stage)
            time.sleep(1)
            assert stage.arena.servers.revive() == ["PostgreSQL"]

    with scenario(f"PostgreSQL stopped under 50 posts, {STOPS} times") as count:
        storm = Storm.of(stage, site, forms_each=6)
        storm.blow(stop_several_times)
        assert storm.interrupted, "nobody noticed: it proves nothing"
        storm.judge(count)
        count.tried = STOPS


def test_back_ends_terminated_under_load(stage, site):
    terminate = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND usename = 'sprocep_app' AND pid <> pg_backend_pid()"
    )

    def terminate_all(storm: Storm) -> None:
        url = stage.environment["DATABASE_URL"]
        with psycopg.connect(url, autocommit=True) as link:
            for _ in range(TERMINATIONS):
                link.execute(terminate)
                time.sleep(0.1)

    with scenario(f"back ends terminated under 50 posts, {TERMINATIONS} times") as count:
        storm = Storm.of(stage, site, forms_each=6)
        storm.blow(terminate_all)
        assert storm.interrupted, "nobody noticed: it proves nothing"
        storm.judge(count)
        count.tried = TERMINATIONS
