"""Contestations: raised by a Region on a cell, answered by the DGEFP."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from indicators import actions, queries
from indicators.act_forms import AnswerForm, ContestForm, IndicatorChoice
from indicators.definitions import TOTAL
from indicators.exports.blocks import own_block
from indicators.exports.labels import labels_on
from indicators.exports.words import cell_words, margin_words, table_words
from indicators.models import Contestation, Edition, EditionCell
from indicators.queries import Names
from indicators.views.editions import crumbs_above, is_own, speaks_for
from regions.permissions import Permission, may, require
from sprocep.errors import ActionRefused
from sprocep.form_pages import form_page
from sprocep.lists import listing
from sprocep.periods import Period
from sprocep.templatetags import french

_SORTS = {
    "raised_at": ("raised_at", "pk"),
    "edition": ("edition__period", "edition__territory", "pk"),
    "outcome": ("outcome", "-raised_at", "pk"),
}
_COLUMNS = [
    ("raised_at", "Contestée le", False),
    ("edition", "Édition", False),
    ("", "Case", False),
    ("outcome", "Suite", False),
]


def shown_value(cell: EditionCell) -> str:
    """The value, or its sign: « s » for what is secret."""
    if cell.status == EditionCell.Status.PUBLISHED:
        return french.number(cell.value)
    return french.SIGNS[cell.status][0]


# ── Raised ───────────────────────────────────────────────────────────────────────────────────


@require(Permission.CONTEST)
@form_page
def contest(request: HttpRequest, period: Period, territory: str) -> HttpResponse:
    edition = queries.in_force(period, territory)
    if edition is None or not is_own(request, territory):
        raise Http404
    chosen = IndicatorChoice(request.GET)
    form = ContestForm(
        request.POST or None,
        cells=_cells(edition, chosen.code),
        initial={"cell": request.GET.get("case")},
    )
    if request.method == "POST" and form.is_valid():
        cell = own_block(edition).cells.get(pk=form.cleaned_data["cell"])
        try:
            made = actions.contest_cell(
                by=request.user, edition=edition, cell=cell, reason=form.cleaned_data["reason"]
            )
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Votre contestation est envoyée à la DGEFP.")
            return redirect("indicators:contestation", made.public_id)
    name = Names().on(territory, period.last_day)
    context = {
        "edition": edition,
        "name": name,
        "period": period,
        "chosen": IndicatorChoice(initial={"indicateur": chosen.code}),
        "form": form,
        "breadcrumb": [
            *crumbs_above(request),
            (f"{name}, {period.label}", reverse("indicators:dashboard", args=[period, territory])),
            ("Contester une case", None),
        ],
    }
    return render(request, "indicators/contest.html", context)


def _cells(edition: Edition, indicator: str) -> list[tuple[str, list[tuple[int, str]]]]:
    """(heading, choices) by population and breakdown, the total first."""
    labels = labels_on(Period.parse(edition.period))
    groups: dict[str, list[tuple[int, str]]] = {}
    for cell in sorted(own_block(edition).cells.filter(indicator=indicator), key=_widest_first):
        words = f"{margin_words(cell, labels)} : {shown_value(cell)}"
        groups.setdefault(table_words(cell), []).append((cell.pk, words))
    return list(groups.items())


def _widest_first(cell: EditionCell) -> tuple:
    margins = (cell.breakdown, cell.department, cell.operator, cell.level)
    return (cell.population, *((code != TOTAL, code) for code in margins), cell.category)


# ── Read and answered ────────────────────────────────────────────────────────────────────────


@require(Permission.READ_ACTS)
@require_GET
def contestations(request: HttpRequest) -> HttpResponse:
    """Of all Regions for the nation, else of one's own: PostgreSQL shows no other."""
    found = Contestation.objects.select_related("edition", "cell")
    shown = listing(request, found, _SORTS, "-raised_at")
    for one in shown.page:
        one.words = _words(one)
    context = {
        "list": shown,
        "columns": _COLUMNS,
        "breadcrumb": [("Ma page", "/"), ("Contestations", None)],
    }
    return render(request, "indicators/contestations.html", context)


def _words(contestation: Contestation) -> str:
    labels = labels_on(Period.parse(contestation.edition.period))
    return cell_words(contestation.cell, labels)


@require(Permission.READ_ACTS)
@form_page
def contestation(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = get_object_or_404(
        Contestation.objects.select_related("edition", "cell", "erratum"), public_id=public_id
    )
    may_answer = may(request, Permission.ANSWER) and not found.outcome
    form = AnswerForm(request.POST or None) if may_answer else None
    if request.method == "POST":
        if not may(request, Permission.ANSWER):
            raise PermissionDenied
        if form is None or _answered(request, found, form):
            return redirect("indicators:contestation", public_id)
    if found.outcome and not found.read_at and speaks_for(request, found.territory):
        request.afterwards(lambda: actions.note_reading(by=request.user, contestation=found))
    period = Period.parse(found.edition.period)
    context = {
        "contestation": found,
        "edition": found.edition,
        "name": Names().on(found.territory, period.last_day),
        "period": period,
        "words": _words(found),
        "shown": shown_value(found.cell),
        "form": form,
        "breadcrumb": [
            ("Ma page", "/"),
            ("Contestations", reverse("indicators:contestations")),
            (found.edition.code, None),
        ],
    }
    return render(request, "indicators/contestation.html", context)


def _answered(request: HttpRequest, found: Contestation, form: AnswerForm) -> bool:
    if not form.is_valid():
        return False
    try:
        actions.answer_contestation(by=request.user, contestation=found, **form.cleaned_data)
    except ActionRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, "La réponse est envoyée à la Région.")
    return True
