"""« Mes parcours », one journey, its follow-up and its closing."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from beneficiaries import actions, exports, queries
from beneficiaries.forms import (
    ClosingForm,
    ExportForm,
    FollowUpForm,
    JourneyFilter,
    SituationForm,
    ViewForm,
)
from beneficiaries.forms.filters import MINE, OPEN
from beneficiaries.models import Journey
from beneficiaries.views.lines import above_journeys, who
from regions.models import Membership
from regions.permissions import Permission, require
from regions.queries import region_scope
from sprocep import periods
from sprocep.addresses import site_name
from sprocep.downloads import attached
from sprocep.errors import ActionRefused
from sprocep.form_pages import FORM_PAGE, KEY, form_page
from sprocep.lists import listing

SORTS = {"opened": ("opened",), "name": ("name",)}
# Filters that are folded as long as none is used.
MORE = ("reason", "level", "opened_from", "opened_to")
COLUMNS = [
    ("name", "Personne", False),
    ("opened", "Ouvert le", False),
    ("", "Motif principal", False),
    ("", "Référent", False),
    ("", "Dernier entretien", False),
    ("", "Niveau", False),
    ("", "État", False),
]


@require(Permission.READ_JOURNEYS)
@require_GET
def journeys(request: HttpRequest) -> HttpResponse:
    membership, today = request.membership, periods.today()
    filters = _filters(request)
    shown = listing(request, _rows(membership, filters), SORTS, "-opened")
    request.remember("nominal:journeys")
    views, kept = list(queries.saved_views(membership)), urlencode(filters.kept())
    context = {
        "filters": filters,
        "list": shown,
        "columns": COLUMNS,
        "silent_since": periods.days_after(today, -queries.SILENT_DAYS),
        "views": views,
        "view": next((view for view in views if view.query == kept), None),
        "view_form": ViewForm(initial={"query": kept}),
        "is_mine": _asked(request) is MINE,
        "is_narrowed": any(filters[name].value() for name in MORE),
        "breadcrumb": [("Accueil", "/"), ("Mes parcours", None)],
    }
    return render(request, "beneficiaries/journeys.html", context)


@require(Permission.READ_JOURNEYS)
@form_page
def export_journeys(request: HttpRequest) -> HttpResponse:
    """The list as a file, of the same address: of all journeys for the direction, for an adviser of
    hers alone. What for is asked, how many is told, both are noted."""
    is_direction = request.membership.role == Membership.Role.STRUCTURE_MANAGER
    rows = _rows(request.membership, _filters(request), is_own=not is_direction)
    shown = listing(request, rows, SORTS, "-opened")
    count = shown.page.paginator.count
    form = ExportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.export_journeys(**who(request), count=count, **form.cleaned_data)
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _file(request, rows.order_by(shown.sort)[0:count])
    whose = "de votre structure" if is_direction else "que vous suivez, et eux seuls"
    address = reverse("beneficiaries:journeys")
    context = {
        "heading": "Exporter des parcours",
        "lead": f"{count} parcours {whose}, avec le nom des personnes. Ce fichier sort de "
        "sprocep : gardez-le en lieu sûr et effacez-le après usage.",
        "form": form,
        "send": "Exporter (CSV)",
        "is_file": True,
        "back": ("Revenir à la liste", f"{address}?{shown.query}" if shown.query else address),
        "breadcrumb": [*above_journeys(), ("Exporter", None)],
    }
    return render(request, FORM_PAGE, context)


def _filters(request: HttpRequest) -> JourneyFilter:
    lists = queries.code_lists(periods.today())
    return JourneyFilter(_asked(request), membership=request.membership, lists=lists)


def _rows(membership: Membership, filters: JourneyFilter, *, is_own: bool = False) -> queries.Rows:
    """Journeys of the structure that these filters keep; `is_own`: followed by this person."""
    today = periods.today()
    found = filters.narrowed(queries.journeys(membership.structure_id))
    if is_own:
        found = found.filter(queries.is_followed_by(membership, today))
    asked = filters.cleaned_data
    return queries.Rows(
        found,
        membership.structure_id,
        region_scope(membership.region_id),
        today,
        is_named=bool(asked.get("q")),
        is_mine=(is_own or bool(asked.get("referent"))) and not asked.get("q"),
    )


def _file(request: HttpRequest, rows: list[queries.JourneyRow]) -> HttpResponse:
    request.remember("nominal:journeys_file")
    plans = queries.plans_of(request.membership, [row.public_id for row in rows])
    content = exports.journeys_csv(rows, plans)
    return attached(HttpResponse(content, content_type="text/csv; charset=utf-8"), "parcours.csv")


def _asked(request: HttpRequest) -> dict:
    """Nothing asked yet: the open ones that I follow; a manager's, the open ones of all."""
    if set(request.GET) - {"page", "sort", KEY}:
        return request.GET
    if request.membership.role == Membership.Role.STRUCTURE_MANAGER:
        return {"state": OPEN}
    return MINE


@require(Permission.READ_JOURNEYS)
@require_GET
def journey(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return journey_page(
        request,
        get_object_or_404(queries.journey_file(request.membership.structure_id, public_id)),
    )


def journey_page(
    request: HttpRequest, found: Journey, code: list[str] | None = None
) -> HttpResponse:
    """`code`: of the access just given, in groups, shown this once by the page that answers."""
    request.remember("nominal:journey", str(found.public_id))
    sessions = queries.timeline(found)
    rank = max((session.rank for session in sessions), default=0)
    context = {
        "journey": found,
        "sessions": sessions,
        "workshops": [queries.WorkshopLine.read(row) for row in found.workshop_rows],
        "dropout": next(map(queries.DropoutLine.read, found.dropout_rows), None),
        "may_be_dropout": queries.may_be_dropout(found),
        "has_plan": rank >= queries.LEVEL,
        "follow_ups": queries.follow_ups(found),
        "situations": queries.situation_changes(found),
        "question": queries.exit_question(found) if found.may_be_asked else None,
        "asked_from": queries.will_be_asked_on(found, rank),
        "access": queries.living_access(found).first(),
        "way_to": queries.way_to(found.beneficiary),
        "wanted_address": queries.wanted_address(),
        "code": code or [],
        "site_name": site_name(),
        "breadcrumb": [*above_journeys(), (str(found.beneficiary), None)],
    }
    status = 201 if code else 200
    return render(request, "beneficiaries/journey.html", context, status=status)


def _own(request: HttpRequest, public_id: UUID) -> Journey:
    found = queries.journeys(request.membership.structure_id).filter(public_id=public_id)
    return get_object_or_404(found.select_related("beneficiary"))


def _form_page(request: HttpRequest, template: str, journey: Journey, title: str, form):
    request.remember("nominal:journey", str(journey.public_id))
    url = reverse("beneficiaries:journey", args=[journey.public_id])
    context = {
        "form": form,
        "journey": journey,
        "back": url,
        "breadcrumb": [*above_journeys(), (str(journey.beneficiary), url), (title, None)],
    }
    return render(request, template, context)


@require(Permission.LOG_SESSIONS)
@form_page
def close_journey(request: HttpRequest, public_id: UUID) -> HttpResponse:
    journey = _own(request, public_id)
    form = ClosingForm(
        request.POST if request.method == "POST" else None,
        lists=queries.code_lists(periods.today()),
        initial={"closed_on": periods.today()},
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.close_journey(
                by=request.user,
                membership=request.membership,
                journey=journey,
                closing=form.closing(),
            )
        except ActionRefused as exc:
            form.add_error(None, str(exc))
        else:
            messages.success(request, "Parcours clos.")
            return redirect("beneficiaries:journey", public_id)
    return _form_page(
        request, "beneficiaries/close_journey.html", journey, "Clore le parcours", form
    )


@require(Permission.LOG_SESSIONS)
@require_POST
def reopen_journey(request: HttpRequest, public_id: UUID) -> HttpResponse:
    journey = _own(request, public_id)
    try:
        actions.reopen_journey(by=request.user, membership=request.membership, journey=journey)
    except ActionRefused as exc:
        messages.error(request, str(exc))
    else:
        messages.success(request, "Parcours rouvert.")
    return redirect("beneficiaries:journey", public_id)


@require(Permission.LOG_SESSIONS)
@form_page
def change_follow_up(request: HttpRequest, public_id: UUID) -> HttpResponse:
    journey = _own(request, public_id)
    current = queries.follow_up_on(journey, periods.today())
    form = FollowUpForm(
        request.POST if request.method == "POST" else None,
        membership=request.membership,
        initial={
            "starts_on": periods.today(),
            "site": current.site.public_id,
            "referent": current.referent.public_id,
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_follow_up(
                by=request.user,
                membership=request.membership,
                journey=journey,
                following=form.following(),
            )
        except ActionRefused as exc:
            form.add_error(None, str(exc))
        else:
            messages.success(request, "Suivi enregistré.")
            return redirect("beneficiaries:journey", public_id)
    return _form_page(
        request, "beneficiaries/change_follow_up.html", journey, "Changer le suivi", form
    )


@require(Permission.LOG_SESSIONS)
@form_page
def change_situation(request: HttpRequest, public_id: UUID) -> HttpResponse:
    journey = _own(request, public_id)
    today = periods.today()
    form = SituationForm(
        request.POST if request.method == "POST" else None,
        lists=queries.code_lists(today),
        initial={"starts_on": today},
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_situation(
                by=request.user,
                membership=request.membership,
                journey=journey,
                change=form.change(),
            )
        except ActionRefused as exc:
            form.add_error(None, str(exc))
        else:
            messages.success(request, "Changement de situation enregistré.")
            return redirect("beneficiaries:journey", public_id)
    return _form_page(
        request, "beneficiaries/change_situation.html", journey, "Changer la situation", form
    )
