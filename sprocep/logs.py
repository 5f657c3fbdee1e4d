"""One JSON object a line, and nothing in it that could name somebody.

What others write (Django, Celery, gunicorn) is kept as its template, without the values: an address
holds what was searched for, an error of the database holds what was typed. What we write is ours to
word, and carries its fields in `extra={"fields": {…}}`. An error is its type and where it rose;
never its message, never a local value.
"""

import json
import logging
import re
import time
import uuid
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from celery import current_task
from django.http import HttpRequest, HttpResponse

log = logging.getLogger(__name__)

ROOT = str(Path(__file__).resolve().parent.parent) + "/"
OURS = ("sprocep", "regions", "operators", "beneficiaries", "indicators")
# Where a message that was put together before it came here begins to hold values.
_VALUES = re.compile(r": |=")
DEEPEST, LAST = 4, 3  # errors of a chain, places of each beside our own
_OUR_PLACES = tuple(f"{package}/" for package in OURS)
_OF_TASK = ("name", "id", "runtime")

_request_id: ContextVar[str] = ContextVar("request_id", default="")


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            **_context(record),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line |= described(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def _message(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] in OURS:
        return record.getMessage()
    return _VALUES.split(str(record.msg), maxsplit=1)[0]


def _context(record: logging.LogRecord) -> dict:
    """Which request or which task it was written in, or about."""
    found = {}
    if request_id := _request_id.get():
        found["request"] = request_id
    if current_task:
        found["task"] = {"name": current_task.name, "id": current_task.request.id}
    if record.name.startswith("celery.") and isinstance(record.args, dict):
        found["task"] = {key: record.args[key] for key in _OF_TASK if key in record.args}
    return found


def described(error: BaseException) -> dict:
    """Types from the error to its first cause, and the places it went through."""
    chain = list(islice(_causes(error), DEEPEST))
    return {
        "error": [_named(one) for one in chain],
        "trace": [place for one in reversed(chain) for place in _places(one)],
    }


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _named(error: BaseException) -> str:
    """Its type; of what PostgreSQL refused, the code and the constraint, which are no values."""
    kind = type(error)
    diagnosis = getattr(error, "diag", None)
    known = (getattr(diagnosis, "sqlstate", None), getattr(diagnosis, "constraint_name", None))
    return " ".join([f"{kind.__module__}.{kind.__qualname__}", *filter(None, known)])


def _places(error: BaseException) -> list[str]:
    """Our own, and the last ones of whoever we called."""
    places, step = [], error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        where = code.co_filename.removeprefix(ROOT).rpartition("site-packages/")[2]
        places.append(f"{where}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    return [place for place in places[:-LAST] if place.startswith(_OUR_PLACES)] + places[-LAST:]


def one_line_a_request(get_response):
    """The name of the route and not its address, which holds ids and what was searched for.

    None of a page that must not say when somebody came, unless it failed.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex
        held, began = _request_id.set(request_id), time.perf_counter()
        try:
            response = get_response(request)
            response["X-Request-Id"] = request_id
            if _is_told(request, response):
                log.log(
                    _level(response), "request", extra={"fields": _of(request, response, began)}
                )
        finally:
            _request_id.reset(held)
        return response

    return middleware


def _is_told(request: HttpRequest, response: HttpResponse) -> bool:
    return response.status_code >= 400 or not getattr(request, "is_unlogged", False)


def _of(request: HttpRequest, response: HttpResponse, began: float) -> dict:
    membership = getattr(request, "membership", None)
    if getattr(request, "is_nameless", False) or getattr(request, "is_unlogged", False):
        membership = None
    return {
        "method": request.method,
        "route": request.resolver_match.view_name if request.resolver_match else "",
        "status": response.status_code,
        "milliseconds": round((time.perf_counter() - began) * 1000, 1),
        "membership": membership and membership.public_id,
    }


def _level(response: HttpResponse) -> int:
    return logging.ERROR if response.status_code >= 500 else logging.INFO
