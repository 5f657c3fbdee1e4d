"""Messages between the site, its beat and its workers: signed by the key of the site.

Who writes into the broker without the key starts nothing (docs/adr/0055). The signature covers the
arguments and what follows the task, and with them the name and the id that the headers repeat.
"""

import json
from hmac import compare_digest

from celery import Celery, Task
from celery.exceptions import InvalidTaskError
from celery.signals import before_task_publish
from celery.worker.request import Request
from django.utils.crypto import salted_hmac
from kombu.exceptions import DecodeError
from kombu.serialization import register
from kombu.utils.json import dumps

SERIALIZER = "signed"
CONTENT_TYPE = "application/x-sprocep-signed-json"
_DIGITS = 64


def sign(content: object) -> str:
    text = dumps(content)
    return _signature(text) + text


def verified(message: str | bytes) -> object:
    """Return what was signed.

    Raises:
        DecodeError: another hand wrote it, or changed it.
    """
    words = bytes(message).decode() if not isinstance(message, str) else message
    given, text = words[:_DIGITS], words[_DIGITS:]
    if not compare_digest(given.encode(), _signature(text).encode()):
        raise DecodeError("message sans signature de ce site")
    return json.loads(text)


def _signature(text: str) -> str:
    return salted_hmac("sprocep.messages", text, algorithm="sha256").hexdigest()


@before_task_publish.connect
def name_the_task(body: tuple, headers: dict, **_) -> None:
    """Write into what is signed the task that it is for: arguments of one start no other."""
    body[2].update({"task": headers["task"], "id": headers["id"]})


class VerifiedRequest(Request):
    """A task that a worker is asked for, once its headers say what was signed."""

    def __init__(self, message, **options) -> None:
        # If the broker is gone when a message is acknowledged, raise: the worker connects anew. By
        # default Celery only logs the error, Kombu still counts the message as in progress, and
        # once every process has one such message the worker reads no other.
        super().__init__(message, **options | {"connection_errors": ()})
        if message.content_type != CONTENT_TYPE:  # kombu accepts plain text from everybody
            raise InvalidTaskError("message sans signature de ce site")
        signed = message.payload[2]
        if (signed.get("task"), signed.get("id")) != (self.name, self.id):
            raise InvalidTaskError("message signé pour une autre tâche")


class VerifiedTask(Task):
    Request = "sprocep.messages:VerifiedRequest"


def signing_app(name: str) -> Celery:
    register(SERIALIZER, sign, verified, content_type=CONTENT_TYPE, content_encoding="utf-8")
    return Celery(name, task_cls=VerifiedTask)
