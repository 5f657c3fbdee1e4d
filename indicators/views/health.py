"""Health of the service, for machines: whether, never where nor why."""

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from indicators import worklist
from regions import letters
from regions.permissions import public
from sprocep import health


@public
@transaction.non_atomic_requests  # it answers without a database
@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    return _answer({})


@public
@transaction.non_atomic_requests
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    probes = health.PROBES | {
        "work": lambda: not worklist.is_stuck(),
        "letters": lambda: not letters.is_stuck(),
    }
    return _answer({name: health.answers(probe) for name, probe in probes.items()})


def _answer(found: dict[str, bool]) -> JsonResponse:
    is_well = all(found.values())
    return JsonResponse(
        {"ok": is_well, **found},
        status=200 if is_well else 503,
        headers={"Cache-Control": "no-store"},
    )
