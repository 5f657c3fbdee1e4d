"""« Ateliers »: the list and its months, « Nouvel atelier », the correction, the cancellation."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from beneficiaries import actions, queries
from beneficiaries.forms import (
    CancellationForm,
    WorkshopCorrectionForm,
    WorkshopFilter,
    WorkshopForm,
    typed_day,
)
from beneficiaries.models import Draft, Workshop
from beneficiaries.views.chosen import uuid_or_404
from beneficiaries.views.lines import who
from beneficiaries.views.sessions import draft_asked, seen_now
from regions.permissions import Permission, require
from regions.queries import region_scope
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.form_pages import filled_form, form_page
from sprocep.lists import listing
from sprocep.periods import full_date

LOOK = "look"  # the button that only looks for participants
LIST = "beneficiaries:workshops"
SORTS = {"held_on": ("held_on", "pk"), "heads": ("heads", "held_on", "pk")}
COLUMNS = [
    ("held_on", "Date", False),
    ("", "Thème", False),
    ("", "Animé par", False),
    ("", "Lieu", False),
    ("heads", "Personnes", True),
    ("", "Acte", False),
]


@require(Permission.READ_JOURNEYS)
@require_GET
def workshops(request: HttpRequest) -> HttpResponse:
    filters = WorkshopFilter(request.GET, lists=queries.code_lists(periods.today()))
    found = filters.narrowed(queries.workshops(request.membership))
    context = {
        "filters": filters,
        "list": listing(request, found, SORTS, "-held_on"),
        "columns": COLUMNS,
        "months": queries.workshop_months(found),
        "breadcrumb": [("Ma page", "/"), ("Ateliers", None)],
    }
    return render(request, "beneficiaries/workshops.html", context)


@require(Permission.LOG_SESSIONS)
@form_page(is_compared=True)
def log_workshop(request: HttpRequest) -> HttpResponse:
    draft = draft_asked(request, Draft.Page.WORKSHOP)
    form = _form(request, draft)
    if form.is_bound and form.is_valid():
        try:
            workshop = actions.log_workshop(
                **who(request), gathering=form.gathering(), key=form.cleaned_data["key"]
            )
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Atelier du {full_date(workshop.held_on)} enregistré.")
            return redirect(LIST)
    if draft:
        request.remember("nominal:draft", str(draft.key))
    context = {"draft": draft, "breadcrumb": _under("Nouvel atelier")}
    return _page(request, "beneficiaries/log_workshop.html", form, context)


def _form(request: HttpRequest, draft: Draft | None) -> WorkshopForm:
    typed = QueryDict(draft.typed) if draft else request.POST
    lists = queries.code_lists(typed_day(typed))
    options = {"membership": request.membership, "lists": lists}
    if request.method == "POST" and LOOK not in request.POST:
        return WorkshopForm(request.POST, **options)
    initial = (
        WorkshopForm.as_typed(typed) if typed else WorkshopForm.blank(request.form_key, **options)
    )
    return WorkshopForm(initial=initial, **options)


@require(Permission.LOG_SESSIONS)
@require_GET
def find_participants(request: HttpRequest) -> HttpResponse:
    """Who is picked, then who is found as one types: a partial."""
    context = _people(request, request.GET.getlist("known"), request.GET.get("q", ""))
    return render(request, "beneficiaries/_participants.html", context)


@require(Permission.LOG_SESSIONS)
@form_page
def correct_workshop(request: HttpRequest, public_id: UUID) -> HttpResponse:
    workshop = _own(request, public_id)
    if workshop.is_cancelled:
        messages.error(request, "Cet atelier est annulé : il ne change plus.")
        return redirect(LIST)
    form, stored = _correction(request, workshop, request.POST), None
    if form.is_bound and form.is_valid():
        try:
            actions.correct_workshop(
                **who(request),
                workshop=workshop,
                gathering=form.gathering(),
                seen_at=form.cleaned_data["seen_at"],
            )
        except actions.ChangedMeanwhile as refusal:
            stored = _own(request, public_id)
            form = _correction(request, stored, seen_now(request, stored))
            form.add_error(None, str(refusal))
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Atelier corrigé.")
            return redirect(LIST)
    request.remember("nominal:workshop", str(public_id))
    context = {
        "workshop": workshop,
        "stored": stored,
        "breadcrumb": _under("Corriger un atelier"),
    }
    return _page(request, "beneficiaries/correct_workshop.html", form, context)


def _correction(request: HttpRequest, workshop: Workshop, typed) -> WorkshopCorrectionForm:
    lists = queries.code_lists(typed_day(typed) if typed else workshop.held_on)
    options = {"membership": request.membership, "lists": lists, "former": workshop.animator}
    if request.method == "POST" and LOOK not in request.POST:
        return WorkshopCorrectionForm(typed, **options)
    initial = WorkshopCorrectionForm.as_typed(typed) if typed else None
    initial = initial or WorkshopCorrectionForm.typed(workshop)
    return WorkshopCorrectionForm(initial=initial, **options)


@require(Permission.LOG_SESSIONS)
@form_page
def cancel_workshop(request: HttpRequest, public_id: UUID) -> HttpResponse:
    workshop = _own(request, public_id)
    day, back = full_date(workshop.held_on), "beneficiaries:correct_workshop"

    def cancel(values: dict) -> str:
        actions.cancel_workshop(**who(request), workshop=workshop, **values)
        return f"Atelier du {day} annulé : il ne compte plus."

    form = CancellationForm(request.POST if request.method == "POST" else None)
    context = {
        "heading": f"Annuler l’atelier du {day}",
        "lead": "Il reste dans la liste avec son motif, ne compte plus et ne se reprend pas.",
        "send": "Annuler l’atelier",
        "back": (
            "Revenir à l’atelier",
            reverse(back, args=[public_id]),
        ),
        "breadcrumb": _under("Annuler un atelier"),
    }
    return filled_form(request, form, cancel, LIST, context)


def _own(request: HttpRequest, public_id: UUID) -> Workshop:
    found = queries.workshops(request.membership).select_related("site", "animator__site__commune")
    return get_object_or_404(found, public_id=public_id)


def _under(title: str) -> list[tuple[str, str | None]]:
    return [("Ma page", "/"), ("Ateliers", reverse(LIST)), (title, None)]


def _page(request: HttpRequest, template: str, form: WorkshopForm, context: dict) -> HttpResponse:
    text = request.POST.get("q", "")
    people = _people(request, form["known"].value() or [], text)
    return render(request, template, {"form": form} | context | people)


def _people(request: HttpRequest, known: list, text: str) -> dict:
    """Journeys picked, and those of the persons found by name that are not."""
    membership, text = request.membership, text.strip()
    structure = membership.structure_id
    picked = list(queries.picked(structure, [uuid_or_404(str(one)) for one in known]))
    found = []
    if text:
        scope = region_scope(membership.region_id)
        persons = queries.persons_found(structure, scope, text)
        found = [one for one in queries.followed(structure, persons) if one not in picked]
    if picked or found:
        request.remember("nominal:persons_found")
    return {"picked": picked, "found": found, "text": text}
