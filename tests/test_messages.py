"""What a worker is asked for bears the signature of the site, and of that task alone."""

import json

import pytest
from celery.exceptions import InvalidTaskError
from kombu import Connection, Exchange, Producer, Queue
from kombu.exceptions import ContentDisallowed, DecodeError
from kombu.message import Message
from kombu.serialization import loads, prepare_accept_content

from beneficiaries.tasks import send_factor
from regions.tasks import clear_logins, send_letters, send_reset_link
from sprocep.celery import app
from sprocep.messages import CONTENT_TYPE, VerifiedRequest, sign, verified


@pytest.fixture
def published():
    """Ask for a task, and return the message as a worker of this broker receives it."""
    with Connection("memory://") as connection:
        queue = Queue("of-this-test", Exchange("of-this-test"), "of-this-test")

        def publish(task, *arguments) -> Message:
            bound = queue.bind(connection.channel())
            bound.declare()
            producer = Producer(connection)
            task.apply_async(
                arguments, producer=producer, queue=queue, serializer=app.conf.task_serializer
            )
            return bound.get(accept=app.conf.accept_content)

        yield publish


def received(message: Message, task) -> VerifiedRequest:
    return VerifiedRequest(message, app=app, task=task)


def test_a_task_of_the_site_is_taken(published):
    request = received(published(send_letters), send_letters)
    assert request.name == "regions.tasks.send_letters"


def test_a_signature_of_another_task_starts_nothing(published):
    message = published(send_letters)
    message.headers["task"] = clear_logins.name
    with pytest.raises(InvalidTaskError, match="pour une autre tâche"):
        received(message, clear_logins)


def test_plain_text_is_no_message(published):
    message = published(send_letters)
    assert received(message, send_letters)
    message.content_type = "application/data"
    with pytest.raises(InvalidTaskError, match="sans signature"):
        received(message, send_letters)


def test_arguments_cannot_be_changed():
    message = sign([[7], {}, {}])
    assert verified(message) == [[7], {}, {}]
    for forged in (message.replace("7", "8"), message[1:], "", "0" * 64 + "[[7], {}, {}]"):
        with pytest.raises(DecodeError):
            verified(forged)


def test_another_key_signs_another_message(settings):
    message = sign([1])
    settings.SECRET_KEY = "another key" * 8
    with pytest.raises(DecodeError):
        verified(message)


def test_a_message_without_signature_is_not_read():
    assert app.conf.accept_content == ["signed"]
    accepted = prepare_accept_content(app.conf.accept_content)
    assert loads(sign([1]), CONTENT_TYPE, "utf-8", accept=accepted) == [1]
    with pytest.raises(ContentDisallowed):
        loads(json.dumps([[], {}, {}]), "application/json", "utf-8", accept=accepted)
    assert app.conf.worker_enable_remote_control is False


def test_what_anybody_asks_for_waits_behind_the_rest():
    """One queue of their own, read in the order of the names when the other is empty."""
    route = app.amqp.router.route
    public = [send_reset_link, send_factor]
    assert {route({}, task.name)["queue"].name for task in public} == {"public"}
    others = set(app.tasks) - {task.name for task in public}
    assert {route({}, name)["queue"].name for name in others} == {"celery"}
    assert app.conf.broker_transport_options["queue_order_strategy"] == "sorted"
    assert sorted(queue.name for queue in app.conf.task_queues) == ["celery", "public"]
    assert [task.expires for task in public] == [600, 600]
