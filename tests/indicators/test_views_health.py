"""The health pages: for anybody, without a cookie, without a word of where or why."""

import pytest
from django.db import connection
from django.test import Client

from indicators import worklist
from indicators.models import Work
from indicators.worklist import nation
from sprocep import health
from sprocep.periods import Period
from tests.fixtures import ALL_DATABASES
from tests.servers import broker

pytestmark = pytest.mark.django_db(databases=ALL_DATABASES)

PERIOD = Period.parse("2016-T1")


@pytest.fixture(autouse=True)
def own_broker(settings):
    settings.CELERY_BROKER_URL = broker(1)
    with health._broker() as link:
        link.flushdb()


@pytest.fixture
def at_work():
    health.give_sign(health.WORKER)
    health.give_sign(health.BEAT)


def ask(address: str):
    answer = Client().get(address)
    assert answer.cookies == {}
    assert answer["Cache-Control"] == "no-store"
    return answer.status_code, answer.json()


def test_alive_asks_no_database(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert ask("/sante/") == (200, {"ok": True})


def test_ready_asks_each_server_little(at_work, django_assert_num_queries):
    everything = ["database", "migrations", "broker", "worker", "beat", "work", "letters"]
    # Of the last two: the Regions, their scopes, and one look each.
    with django_assert_num_queries(15):
        found = ask("/sante/prete/")
    assert found == (200, {"ok": True} | dict.fromkeys(everything, True))


def test_without_a_worker_it_is_not_ready():
    status, found = ask("/sante/prete/")
    assert status == 503
    assert [name for name, holds in found.items() if not holds] == ["ok", "worker", "beat"]


def test_over_plain_http_beside_the_process(at_work, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/sante/").status_code == 200
    assert Client().get("/connexion/").status_code == 301


def asked_for(minutes_ago: int) -> None:
    """One unit of work, asked for so long ago."""
    with nation(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO indicators_compilation (period, requested_at) "
            "VALUES (%s, now() - make_interval(mins => %s)) RETURNING id",
            [PERIOD.code, minutes_ago],
        )
        Work.objects.create(
            compilation_id=cursor.fetchone()[0],
            step=Work.Step.COMPUTE,
            period=PERIOD.code,
            starts_on=PERIOD.starts,
            territory="93",
            regions=["93"],
        )


def test_work_that_nobody_takes_is_told(at_work):
    asked_for(worklist.STUCK_MINUTES + 1)
    status, found = ask("/sante/prete/")
    assert (status, found["work"]) == (503, False)
    worklist.take("somebody")
    assert ask("/sante/prete/")[0] == 200


def test_work_just_asked_for_is_no_alarm(at_work):
    asked_for(worklist.STUCK_MINUTES - 1)
    assert worklist.is_any_due()
    assert ask("/sante/prete/")[0] == 200
