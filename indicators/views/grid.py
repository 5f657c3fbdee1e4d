"""Regions × periods: where each edition stands, and the acts on a whole period."""

from dataclasses import dataclass, field
from datetime import date

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from indicators import actions, queries
from indicators.exports.bundle import Readiness, readiness
from indicators.forms import CompilationForm
from indicators.models import CalendarEntry, Compilation, Edition
from indicators.queries import Names
from indicators.views.compilations import Run, newest_runs
from indicators.views.editions import completeness_of
from regions.models import User
from regions.permissions import Permission, may, require
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.periods import Period
from sprocep.tenancy import NATION

PERIODS_A_PAGE = 6
_STATES = Edition.State


@dataclass(frozen=True)
class Square:
    """One edition in the grid, or why there is none."""

    period: Period
    is_open: bool
    edition: Edition | None
    completeness: float | None


@dataclass
class Column:
    """A period: its deadline, its compilation, its editions by territory."""

    period: Period
    is_open: bool
    due_on: date | None
    run: Run | None
    bundle: Readiness | None
    editions: dict[str, Edition] = field(default_factory=dict)

    def _count(self, *states: str) -> int:
        return sum(edition.state in states for edition in self.editions.values())

    @property
    def drafts(self) -> int:
        return self._count(_STATES.DRAFT)

    @property
    def sealed(self) -> int:
        return self._count(_STATES.SEALED)

    @property
    def transmitted(self) -> int:
        return self._count(_STATES.TRANSMITTED)

    @property
    def is_late(self) -> bool:
        """The deadline is behind and a Region still waits."""
        is_past = self.due_on is not None and self.due_on < periods.today()
        return is_past and not (self.editions and self.transmitted == len(self.editions))


@dataclass(frozen=True)
class Table:
    """The periods in which the same Regions existed, side by side."""

    caption: str
    columns: list[Column]
    rows: list[tuple[str, list[Square]]]


@require(Permission.READ_ALL_DASHBOARDS)
@require_GET
def grid(request: HttpRequest) -> HttpResponse:
    calendar = {entry.period: entry for entry in CalendarEntry.objects.all()}
    page = _page(request, calendar)
    columns = _columns(page.object_list, calendar)
    context = {
        "tables": _tables(columns),
        "page": page,
        "upcoming": [
            (Period.parse(entry.period), entry)
            for entry in calendar.values()
            if entry.starts_on > periods.today()
        ],
        "running": [c.run for c in columns if c.run and not c.run.progress.is_over],
        "form": CompilationForm(),
        "may_compile": may(request, Permission.COMPILE),
        "may_seal": may(request, Permission.SEAL),
        "breadcrumb": [("Accueil", "/"), ("Régions et périodes", None)],
    }
    return render(request, "indicators/grid.html", context)


def _page(request: HttpRequest, calendar: dict[str, CalendarEntry]) -> Page:
    """Periods that have begun and of which something is known, newest first."""
    codes = set(Edition.objects.values_list("period", flat=True).distinct())
    codes |= set(Compilation.objects.values_list("period", flat=True).distinct())
    codes |= {e.period for e in calendar.values() if e.starts_on <= periods.today()}
    known = sorted((Period.parse(code) for code in codes), reverse=True)
    return Paginator(known, PERIODS_A_PAGE).get_page(request.GET.get("page"))


def _columns(shown: list[Period], calendar: dict[str, CalendarEntry]) -> list[Column]:
    codes = [period.code for period in shown]
    runs, bundles = newest_runs(codes), readiness(codes)
    columns = {
        period.code: Column(
            period,
            is_open=not period.is_over(periods.today()),
            due_on=calendar[period.code].due_on if period.code in calendar else None,
            run=runs.get(period.code),
            bundle=bundles.get(period.code),
        )
        for period in shown
    }
    for edition in Edition.objects.filter(period__in=codes).order_by("number"):
        columns[edition.period].editions[edition.territory] = edition
    return list(columns.values())


def _tables(columns: list[Column]) -> list[Table]:
    names = Names()
    editions = [edition for column in columns for edition in column.editions.values()]
    completeness = completeness_of(editions)
    eras: dict[tuple[str, ...], list[Column]] = {}
    for column in columns:
        eras.setdefault(names.existing(column.period.last_day), []).append(column)
    tables = []
    for codes, members in eras.items():
        day = members[0].period.last_day
        rows = [
            (names.on(code, day), [_square(column, code, completeness) for column in members])
            for code in (NATION, *codes)
        ]
        tables.append(Table(f"France et {len(codes)} Régions", members, rows))
    return tables


def _square(column: Column, code: str, completeness: dict[int, float]) -> Square:
    edition = column.editions.get(code)
    received = completeness.get(edition.pk) if edition else None
    return Square(column.period, column.is_open, edition, received)


# ── Acts on a whole period ───────────────────────────────────────────────────────────────────


@require(Permission.SEAL)
@require_http_methods(["GET", "POST"])
def seal_period(request: HttpRequest, period: Period) -> HttpResponse:
    if request.method == "POST":
        _say(request, _seal_all(request.user, period))
        return redirect("indicators:grid")
    return _ask(request, period, "indicators/seal_period.html", "Sceller")


@require(Permission.SEAL)
@require_http_methods(["GET", "POST"])
def transmit_period(request: HttpRequest, period: Period) -> HttpResponse:
    if request.method == "POST":
        _say(request, _transmit_all(request.user, period))
        return redirect("indicators:grid")
    return _ask(request, period, "indicators/transmit_period.html", "Transmettre")


def _ask(request: HttpRequest, period: Period, template: str, word: str) -> HttpResponse:
    column = _columns([period], {})[0]
    names = Names()
    context = {
        "column": column,
        "territories": {
            state.value: [
                names.on(code, period.last_day)
                for code in (NATION, *names.existing(period.last_day))
                if code in column.editions and column.editions[code].state == state
            ]
            for state in _STATES
        },
        "breadcrumb": [
            ("Accueil", "/"),
            ("Régions et périodes", "/nation/"),
            (f"{word}, {period.label}", None),
        ],
    }
    return render(request, template, context)


@dataclass
class Outcome:
    """What a whole period's act did: sentences for the person who asked."""

    done: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def _seal_all(by: User, period: Period) -> Outcome:
    outcome, count = Outcome(), 0
    editions = list(queries.editions(period.code))
    if not editions:
        raise ActionRefused(_nothing_there(period))
    drafts = [edition for edition in editions if not edition.is_sealed]
    for edition in drafts:
        try:
            actions.seal_edition(by=by, edition=edition)
        except ActionRefused as refusal:
            outcome.refused.append(str(refusal))
        else:
            count += 1
    if count:
        outcome.done.append(f"{_editions(count, 'scellée')}. Leurs fichiers se préparent.")
    elif not drafts:
        outcome.done.append("Toutes les éditions de cette période étaient déjà scellées.")
    return outcome


def _transmit_all(by: User, period: Period) -> Outcome:
    outcome = Outcome()
    editions = list(queries.editions(period.code))
    if not editions:
        raise ActionRefused(_nothing_there(period))
    sealed = [edition for edition in editions if edition.state == _STATES.SEALED]
    drafts = sum(not edition.is_sealed for edition in editions)
    for edition in sealed:
        actions.transmit_edition(by=by, edition=edition)
    if sealed:
        outcome.done.append(f"{_editions(len(sealed), 'transmise')}.")
    elif not drafts:
        outcome.done.append("Toutes les éditions de cette période étaient déjà transmises.")
    if drafts:
        outcome.refused.append(
            f"{_editions(drafts, 'encore en brouillon', agrees=False)} : scellez avant de "
            "transmettre."
        )
    return outcome


def _nothing_there(period: Period) -> str:
    if not period.is_over(periods.today()):
        return f"La période {period.label} n'est pas finie : rien à sceller ni à transmettre."
    return f"La période {period.label} n'a pas d'édition. Compilez-la d'abord."


def _editions(count: int, word: str, *, agrees: bool = True) -> str:
    """« 1 édition est scellée », « 28 éditions sont scellées »."""
    if count == 1:
        return f"1 édition est {word}"
    return f"{count} éditions sont {word}{'s' if agrees else ''}"


def _say(request: HttpRequest, outcome: Outcome) -> None:
    for sentence in outcome.done:
        messages.success(request, sentence)
    for sentence in outcome.refused:
        messages.error(request, sentence)
