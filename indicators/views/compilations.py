"""Launch a compilation and watch it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from indicators import actions, queries, worklist
from indicators.forms import CompilationForm
from indicators.models import Compilation, Edition, Work
from indicators.queries import Names, Progress
from regions.permissions import Permission, may, require
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.periods import Period

FROZEN = (
    "La compilation est figée : aucun travailleur ne donne de signe depuis plus de huit secondes. "
    "Rien n’est perdu : elle reprend d’elle-même dès qu’un travailleur revient."
)

STATES = {
    "waiting": "en attente",
    "running": "en cours",
    "frozen": "figée",
    "failed": "en échec",
    "done": "finie",
}


@dataclass(frozen=True)
class Run:
    """A compilation and how far it is."""

    compilation: Compilation
    progress: Progress

    @property
    def period(self) -> Period:
        return Period.parse(self.compilation.period)

    @property
    def state(self) -> str:
        if self.progress.is_frozen:
            return "frozen"
        if not self.progress.is_over:
            return "running"
        return "failed" if self.progress.failed else "done"

    @property
    def state_label(self) -> str:
        return STATES[self.state]

    @property
    def duration(self) -> timedelta:
        """From the request to the last unit that ended, or to now."""
        end = self.progress.last_sign if self.progress.is_over else timezone.now()
        return end - self.compilation.requested_at

    @property
    def ends_at(self) -> datetime | None:
        """At the pace kept so far."""
        if not self.progress.done or self.progress.is_over or self.progress.is_frozen:
            return None
        spent = timezone.now() - self.compilation.requested_at
        left = self.progress.total - self.progress.done - self.progress.failed
        return timezone.now() + spent * left / self.progress.done


def newest_runs(codes: Iterable[str]) -> dict[str, Run]:
    """The last compilation of each period, with two queries."""
    newest = (Compilation.objects.filter(period__in=codes).order_by().values("period")).annotate(
        last=Max("pk")
    )
    pks = [row["last"] for row in newest]
    found = queries.with_progress(Compilation.objects.filter(pk__in=pks))
    return {one.period: Run(one, queries.counted(one)) for one in found}


@require(Permission.COMPILE)
@require_POST
def compile_period(request: HttpRequest) -> HttpResponse:
    form = CompilationForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choisissez un trimestre de la liste, puis compilez.")
        return redirect("indicators:grid")
    period = form.cleaned_data["period"]
    worklist.launch_alone(period.code)
    running = newest_runs([period.code]).get(period.code)
    if running and not running.progress.is_over:
        messages.info(request, "Cette période est déjà en cours de compilation.")
        return redirect("indicators:compilation", running.compilation.pk)
    try:
        launched = actions.request_compilation(by=request.user, period=period)
    except ActionRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("indicators:grid")
    return redirect("indicators:compilation", launched.pk)


@require(Permission.READ_ALL_DASHBOARDS)
@require_GET
def compilation(request: HttpRequest, pk: int) -> HttpResponse:
    run = _run(pk)
    period = run.period
    work = list(run.compilation.work.order_by("step", "starts_on", "territory", "borders"))
    names = Names()
    context = {
        "run": run,
        "period": period,
        "is_open": not period.is_over(periods.today()),
        "frozen": FROZEN if run.progress.is_frozen else "",
        "poll_url": "" if run.progress.is_over else reverse("indicators:compilation", args=[pk]),
        "steps": _steps(work),
        "failed": [
            (names.on(unit.territory, period.last_day), unit)
            for unit in work
            if unit.state == Work.State.FAILED
        ],
        "drafts": _drafts(run) if run.progress.is_over else 0,
        "may_compile": may(request, Permission.COMPILE),
        "may_validate": may(request, Permission.VALIDATE),
        "breadcrumb": [
            ("Ma page", "/"),
            ("Régions et périodes", reverse("indicators:grid")),
            (f"Compilation, {period.label}", None),
        ],
    }
    template = "indicators/_compilation.html" if request.htmx else "indicators/compilation.html"
    return render(request, template, context)


def _run(pk: int) -> Run:
    found = get_object_or_404(Compilation.objects.select_related("requested_by"), pk=pk)
    return Run(found, queries.progress(found))


def _steps(work: list[Work]) -> list[tuple[str, int, int]]:
    """(step, done, all) in the order of the work."""
    found = []
    for step in Work.Step:
        units = [unit for unit in work if unit.step == step]
        if units:
            done = sum(unit.state == Work.State.DONE for unit in units)
            found.append((step.label, done, len(units)))
    return found


def _drafts(run: Run) -> int:
    return Edition.objects.filter(period=run.compilation.period, sealed_at=None).count()


@require(Permission.COMPILE)
@require_POST
def retry_compilation(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Compilation, pk=pk)
    count = actions.retry_failed(by=request.user, compilation=found)
    if count:
        word = "unité est remise" if count == 1 else "unités sont remises"
        messages.success(request, f"{count} {word} dans la liste.")
    else:
        messages.info(request, "Rien n’était en échec.")
    return redirect("indicators:compilation", pk)
