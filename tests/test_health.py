"""Each probe holds when its server answers, and says no when it does not."""

import pytest
from django.db import connection, connections

from sprocep import health
from tests.servers import broker

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture(autouse=True)
def own_broker(settings):
    """Another base of the run's Valkey: real workers of other tests give signs in the first."""
    settings.CELERY_BROKER_URL = broker(1)
    with health._broker() as link:
        link.flushdb()


def test_database_broker_and_migrations_answer():
    assert [health.answers(probe) for probe in (health.database, health.migrations)] == [True] * 2
    assert health.answers(health.broker)


def test_a_broker_that_is_away_is_a_no(settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    assert not health.answers(health.broker)
    assert not health.answers(health.PROBES[health.WORKER])
    health.give_sign(health.WORKER)  # and troubles nobody


def test_a_migration_that_is_not_applied_is_a_no(monkeypatch):
    assert health.migrations()
    more = health._known_migrations() | {("regions", "9999_tomorrow")}
    monkeypatch.setattr(health, "_known_migrations", lambda: more)
    assert not health.migrations()


def test_a_database_that_is_away_is_a_no(monkeypatch):
    assert health.answers(health.database)
    connections.close_all()
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    assert not health.answers(health.database)


@pytest.mark.parametrize("of", [health.WORKER, health.BEAT])
def test_a_sign_lasts_half_a_minute(of):
    assert not health.answers(health.PROBES[of])
    health.give_sign(of)
    assert health.answers(health.PROBES[of])
    with health._broker() as link:
        left = [link.ttl(key) for key in link.scan_iter()]
    assert len(left) == 2
    # However slow the machine, it ends by itself, and not later.
    assert all(0 <= seconds <= health.SECONDS_OF_A_SIGN == 30 for seconds in left)


def test_a_container_answers_for_its_own_process(monkeypatch):
    health.give_sign(health.WORKER)
    assert leaves_with(health.WORKER) == 0
    assert leaves_with(health.BEAT) == 1
    monkeypatch.setattr(health.socket, "gethostname", lambda: "another-machine")
    assert health.answers(health.PROBES[health.WORKER])
    assert leaves_with(health.WORKER) == 1


def leaves_with(of: str) -> int:
    with pytest.raises(SystemExit) as left:
        health.leave(of)
    return left.value.code
