"""Lines that a machine reads, and that name nobody."""

import json
import logging
import sys

import pytest
from celery import Celery
from django.db import IntegrityError, connection, transaction
from django.test import Client

from sprocep import logs
from sprocep.tenancy import scope
from tests import factories

NAME = "Kanarivogel"


def line(logger: str, message: str, *values, error: bool = False, **more) -> dict:
    record = logging.LogRecord(
        logger, logging.ERROR, __file__, 1, message, values, sys.exc_info() if error else None
    )
    record.__dict__.update(more)
    text = logs.JsonLines().format(record)
    assert "\n" not in text
    return json.loads(text)


def test_of_others_the_template_alone():
    for message, values, kept in (
        ("Internal Server Error: %s", ["/parcours/?nom=" + NAME], "Internal Server Error"),
        ("Error handling request %s", ["/parcours/?nom=" + NAME], "Error handling request %s"),
        (f"Invalid request from ip=10.0.0.1: GET {NAME}", [], "Invalid request from ip"),
        ("Worker (pid:%s) was sent SIGKILL!", [12], "Worker (pid:%s) was sent SIGKILL!"),
    ):
        assert line("gunicorn.error", message, *values)["message"] == kept


def test_ours_in_full_with_its_fields():
    written = line("indicators.tasks", "fini en %s s", 3, fields={"period": "2016-T1"})
    assert written["message"] == "fini en 3 s"
    assert written["period"] == "2016-T1"
    assert "request" not in written


def test_a_task_by_its_name_and_number():
    about = {"name": "indicators.tasks.sweep", "id": "12", "args": [NAME], "return_value": NAME}
    written = line("celery.app.trace", "Task %(name)s[%(id)s] succeeded: %(return_value)s", about)
    assert written["task"] == {"name": "indicators.tasks.sweep", "id": "12"}
    assert NAME not in json.dumps(written)


def test_inside_a_task_its_name_and_number():
    app, written = Celery(set_as_current=False), []

    @app.task(name="one")
    def one() -> None:
        written.append(line("regions", "dit"))

    one.apply(task_id="12")
    assert written[0]["task"] == {"name": "one", "id": "12"}
    assert "task" not in line("regions", "dit")


def test_an_error_is_its_types_and_its_places():
    try:
        try:
            int(NAME)
        except ValueError as exc:
            raise LookupError(NAME) from exc
    except LookupError:
        written = line("django.request", "Internal Server Error: %s", "/", error=True)
    assert written["error"] == ["builtins.LookupError", "builtins.ValueError"]
    assert [place.partition(":")[0] for place in written["trace"]] == ["tests/test_logs.py"] * 2
    assert NAME not in json.dumps(written)


@pytest.mark.django_db
def test_of_what_the_database_refused_the_constraint_and_no_value(world):
    adviser = world["adviser marseille"]
    with scope(regions=["93"], structures=[adviser.structure_id]):
        journey = factories.journey(adviser, of=factories.beneficiary(adviser, last_name=NAME))
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE beneficiaries_journey SET age = 12 WHERE id = %s", [journey.pk]
                )
        except IntegrityError:
            written = line("django.request", "Internal Server Error: %s", "/", error=True)
    assert written["error"] == [
        "django.db.utils.IntegrityError",
        "psycopg.errors.CheckViolation 23514 journey_age",
    ]


@pytest.mark.django_db
def test_a_request_is_one_line_with_its_route(world, caplog):
    browser = Client()
    browser.force_login(world["adviser marseille"].user)
    with caplog.at_level(logging.INFO, logger="sprocep.logs"):
        answer = browser.get("/parcours/", {"q": NAME})
    (record,) = [r for r in caplog.records if r.name == "sprocep.logs"]
    fields = record.fields
    assert fields.pop("milliseconds") > 0
    assert fields == {
        "method": "GET",
        "route": "beneficiaries:journeys",
        "status": 200,
        "membership": world["adviser marseille"].public_id,
    }
    assert len(answer["X-Request-Id"]) == 32
    assert NAME not in logs.JsonLines().format(record)


@pytest.mark.django_db
def test_an_unknown_address_is_not_written_down(world, caplog):
    with caplog.at_level(logging.INFO, logger="sprocep.logs"):
        assert Client().get(f"/{NAME}/").status_code == 404
    assert [r.fields["route"] for r in caplog.records if r.name == "sprocep.logs"] == [""]
    assert not any(NAME in logs.JsonLines().format(record) for record in caplog.records)


def test_django_mails_nobody():
    """Its own handlers would send a request and its local values to the administrators."""
    assert logging.getLogger("django").handlers == []
