"""The work done for the nation: what is late, what was launched, what failed and why."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from indicators import actions, queries
from indicators.models import Compilation
from indicators.views.compilations import STATES, Run
from regions import letters
from regions.permissions import Permission, may, require
from sprocep import periods
from sprocep.lists import listing
from sprocep.periods import Period

_SORTS = {
    "requested_at": ("requested_at", "pk"),
    "period": ("period", "-pk"),
    "failed": ("failed", "pk"),
}
LETTERS = 20
_COLUMNS = [
    ("period", "Période", False),
    ("requested_at", "Demandée", False),
    ("", "État", False),
    ("", "Unités faites", True),
    ("failed", "En échec", True),
    ("", "Durée", True),
]


@require(Permission.READ_ALL_DASHBOARDS)
@require_GET
def works(request: HttpRequest) -> HttpResponse:
    launched = queries.with_progress(Compilation.objects.select_related("requested_by"))
    shown = listing(request, launched, _SORTS, "-requested_at")
    context = {
        "late": _late(),
        "list": shown,
        "columns": _COLUMNS,
        "runs": [Run(one, queries.counted(one)) for one in shown.page],
        "files": [_files(row) for row in queries.files_by_period()],
        "letters": letters.kept_back()[:LETTERS],
        "waiting": queries.waiting_since(),
        "may_compile": may(request, Permission.COMPILE),
        "breadcrumb": [("Ma page", "/"), ("Travaux", None)],
    }
    return render(request, "indicators/works.html", context)


def _late() -> list[dict]:
    today = periods.today()
    found = []
    for entry, drafts, sealed in queries.late_periods(today):
        since = entry.due_on if drafts or sealed else entry.computed_on
        found.append(
            {
                "period": Period.parse(entry.period),
                "due_on": since,
                "days": (today - since).days,
                "drafts": drafts,
                "sealed": sealed,
            }
        )
    return found


def _files(row: dict) -> dict:
    began, ended = row["began"], row["ended"]
    is_over = not row["waiting"]
    if row["failed"]:
        state = "failed"
    else:
        state = "done" if is_over else "running" if row["began"] else "waiting"
    return row | {
        "period": Period.parse(row["period"]),
        "total": row["done"] + row["failed"] + row["waiting"],
        "duration": ended - began if is_over and began and ended else None,
        "state": state,
        "state_label": STATES[state],
    }


@require(Permission.COMPILE)
@require_POST
def retry_files(request: HttpRequest, period: Period) -> HttpResponse:
    count = actions.retry_files(by=request.user, period=period)
    if count:
        word = "édition sont remis" if count == 1 else "éditions sont remis"
        messages.success(request, f"Les fichiers de {count} {word} dans la liste.")
    else:
        messages.info(request, "Rien n’était en échec.")
    return redirect("indicators:works")
