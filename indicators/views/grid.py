"""Regions × periods: where each edition stands, and what comes next."""

from dataclasses import dataclass, field
from datetime import date

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from indicators import queries
from indicators.exports.bundle import Readiness, readiness
from indicators.forms import CompilationForm
from indicators.models import CalendarEntry, Compilation, Edition
from indicators.queries import Campaign, Names
from indicators.steps import Step, next_step
from indicators.views.compilations import Run, newest_runs
from indicators.views.editions import completeness_of
from regions.permissions import Permission, may, require
from sprocep import periods
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
    entry: CalendarEntry | None
    run: Run | None
    bundle: Readiness | None
    campaign: Campaign
    editions: dict[str, Edition] = field(default_factory=dict)

    @property
    def next_step(self) -> Step | None:
        return next_step(edition.state for edition in self.editions.values())

    @property
    def due_on(self) -> date | None:
        return self.entry and self.entry.due_on

    @property
    def deadline(self) -> tuple[str, date] | None:
        """What of its campaign is next due."""
        return self.entry and self.entry.deadline_after(periods.today())

    @property
    def is_running(self) -> bool:
        """Its campaign has begun, and a step of it is left."""
        return not self.is_open and (self.next_step is not None or not self.editions)

    @property
    def is_validated(self) -> bool:
        return any(edition.state == _STATES.VALIDATED for edition in self.editions.values())

    @property
    def is_late(self) -> bool:
        """The deadline is behind and a Region still waits."""
        is_past = self.due_on is not None and self.due_on < periods.today()
        return is_past and not (self.editions and self.next_step is None)


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
        "campaigns": [c for c in columns if c.is_running],
        "running": [c.run for c in columns if c.run and not c.run.progress.is_over],
        "form": CompilationForm(),
        "may_compile": may(request, Permission.COMPILE),
        "may_validate": may(request, Permission.VALIDATE),
        "breadcrumb": [("Ma page", "/"), ("Régions et périodes", None)],
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
    runs, bundles, campaigns = newest_runs(codes), readiness(codes), queries.campaigns(codes)
    columns = {
        period.code: Column(
            period,
            is_open=not period.is_over(periods.today()),
            entry=calendar.get(period.code),
            run=runs.get(period.code),
            bundle=bundles.get(period.code),
            campaign=campaigns.get(period.code, Campaign()),
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
