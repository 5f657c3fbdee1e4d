"""The audit has a figure counted again: the form, what was found, and all that was asked."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from indicators import actions
from indicators.explain.address import CellAddress
from indicators.explain.opening import address_of
from indicators.explain.recount import MOST_ROWS
from indicators.explain.sentences import sentence
from indicators.exports.blocks import Block
from indicators.exports.figures import BY_CODE
from indicators.exports.labels import UNITS, Labels, labels_on
from indicators.forms import RecountForm
from indicators.models import EditionCell, Recount, Work
from indicators.queries import Names
from indicators.views.editions import crumbs_above
from indicators.views.explain import figure_url, found_or_404
from regions.permissions import Permission, require
from sprocep.errors import ActionRefused
from sprocep.form_pages import FORM_PAGE, form_page
from sprocep.lists import listing
from sprocep.periods import Period

_SORTS = {"requested_at": ("requested_at", "pk")}
_COLUMNS = [
    ("requested_at", "Demandé le", False),
    ("", "Valeur", False),
    ("", "Publiée", True),
    ("", "Recomptée", True),
    ("", "Constat", False),
]


@dataclass(frozen=True)
class Row:
    """A recount in words; `rows` of a recount that is shown whole."""

    recount: Recount
    title: str
    sentence: str
    figure: str
    state: str

    @property
    def cell(self) -> EditionCell:
        return self.recount.cell

    @property
    def unit(self) -> str:
        return UNITS.get(self.cell.unit, "")


def _row(recount: Recount, labels: Labels, names: Names) -> Row:
    cell = recount.cell
    period, address = Period.parse(cell.edition.period), address_of(cell)
    title = BY_CODE[address.indicator].label
    name = names.on(cell.territory, period.last_day)
    return Row(
        recount,
        title,
        sentence(address, title, period, name, labels),
        figure_url(Block(cell.edition, cell.territory, cell.borders), cell, is_numbered=True),
        _state(recount),
    )


def _state(recount: Recount) -> str:
    if recount.done_at is None:
        return "waiting"
    return "equal" if recount.value == recount.cell.value else "different"


@require(Permission.RECOUNT)
@form_page
def request_recount(
    request: HttpRequest, period: Period, territory: str, key: CellAddress
) -> HttpResponse:
    block, cell = found_or_404(request, period, territory, key)
    form = RecountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            recount = actions.request_recount(by=request.user, cell=cell, reason=reason)
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("indicators:recount", recount.public_id)
    figure = figure_url(block, cell)
    title = BY_CODE[key.indicator].label if key.indicator in BY_CODE else key.indicator
    context = {
        "form": form,
        "heading": "Recompter cette valeur",
        "lead": sentence(
            key, title, period, Names().on(territory, period.last_day), labels_on(period)
        ),
        "send": "Recompter",
        "back": ("Revenir à la valeur", figure),
        "breadcrumb": [*crumbs_above(request), (title, figure), ("Recompter", None)],
    }
    return render(request, FORM_PAGE, context)


@require(Permission.RECOUNT)
@require_GET
def recount(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = get_object_or_404(
        Recount.objects.select_related("cell__edition", "requested_by"), public_id=public_id
    )
    request.remember("recount", str(public_id))
    labels = labels_on(Period.parse(found.cell.edition.period))
    row = _row(found, labels, Names())
    context = {
        "row": row,
        "recount": found,
        "has_failed": row.state == "waiting" and _has_failed(found),
        "rows": [_fact(fact, labels) for fact in found.rows],
        "most_rows": MOST_ROWS,
        "breadcrumb": [
            ("Ma page", "/"),
            ("Recomptages", reverse("indicators:recounts")),
            (row.title, None),
        ],
    }
    return render(request, "indicators/recount.html", context)


def _has_failed(recount: Recount) -> bool:
    """No unit of the list will count it any more."""
    cell = recount.cell
    units = Work.objects.filter(
        step=Work.Step.RECOUNT,
        period=cell.edition.period,
        territory=cell.territory,
        borders=cell.borders,
    )
    return not units.filter(state__in=(Work.State.WAITING, Work.State.RUNNING)).exists()


def _fact(fact: list, labels: Labels) -> tuple[str, str, str, date, str]:
    structure, operator, department, day, rank = fact
    return (
        f"S{structure}",
        labels.of("operator", operator),
        labels.of("department", department),
        date.fromisoformat(day),
        str(rank or ""),
    )


@require(Permission.RECOUNT)
@require_GET
def recounts(request: HttpRequest) -> HttpResponse:
    every = Recount.objects.select_related("cell__edition", "requested_by")
    shown = listing(request, every, _SORTS, "-requested_at")
    names, labels = Names(), cache(lambda code: labels_on(Period.parse(code)))
    context = {
        "list": shown,
        "columns": _COLUMNS,
        "rows": [_row(one, labels(one.cell.edition.period), names) for one in shown.page],
        "breadcrumb": [("Ma page", "/"), ("Recomptages", None)],
    }
    return render(request, "indicators/recounts.html", context)
