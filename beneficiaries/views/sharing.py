"""The code by which a person opens one version of her document to one other structure."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from beneficiaries import actions, queries
from beneficiaries.contact_codes import groups_of, new_code
from beneficiaries.forms import SharedCodeForm
from beneficiaries.views.chosen import asked_journey
from beneficiaries.views.documents import VERSION, own_version
from beneficiaries.views.lines import above_journeys, who
from beneficiaries.views.steps import PAGE
from regions.permissions import Permission, require
from sprocep.errors import ActionRefused
from sprocep.form_pages import FORM_PAGE, form_page, tell_outcome


@require(Permission.LOG_SESSIONS)
@require_POST
def share_document(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Answered by a page and no redirection: what carries the code to another would keep it."""
    found = get_object_or_404(queries.own_document(request.membership, public_id))
    code = new_code()
    try:
        actions.share_document(**who(request), document=found, code=code)
    except ActionRefused as exc:
        messages.error(request, str(exc))
        return redirect(VERSION, public_id)
    request.remember("nominal:document", str(public_id))
    return own_version(request, found, groups_of(code))


@require(Permission.LOG_SESSIONS)
@require_POST
def revoke_share_code(request: HttpRequest, public_id: UUID) -> HttpResponse:
    code = get_object_or_404(queries.share_code(request.membership, public_id))

    def revoke() -> str:
        actions.revoke_share_code(**who(request), code=code)
        return "Code révoqué : il n’ouvre plus rien."

    tell_outcome(request, revoke)
    return redirect(VERSION, code.document.public_id)


@require(Permission.LOG_SESSIONS)
@require_POST
def take_up_document(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = get_object_or_404(queries.document(public_id))
    journey = asked_journey(request.membership, request.POST.get("journey", ""))

    def take_up() -> str:
        lines = actions.take_up_document(**who(request), document=found, journey=journey)
        if not lines:
            return "Rien de nouveau : ce document est déjà repris dans ce parcours."
        return f"Document repris. Étapes et lignes du plan ajoutées : {lines}."

    tell_outcome(request, take_up)
    return redirect(PAGE.route, journey.public_id)


@require(Permission.LOG_SESSIONS)
@form_page
def open_document(request: HttpRequest) -> HttpResponse:
    """Her code opens the version in one page; the address of that page is no code. `journey`: the
    one that it is opened for, if any."""
    asked = request.GET.get("journey")
    journey = asked_journey(request.membership, asked) if asked else None
    form = SharedCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            found = actions.open_shared_document(**who(request), code=form.cleaned_data["code"])
        except ActionRefused as exc:
            form.add_error("code", str(exc))
        else:
            address = reverse(VERSION, args=[found.public_id])
            return redirect(f"{address}?journey={journey.public_id}" if journey else address)
    context = {
        "heading": "Ouvrir un document avec un code",
        "lead": "La personne vous confie le document de synthèse d’une autre structure. Son code "
        "l’ouvre à votre structure seule ; elle peut le révoquer à tout moment.",
        "form": form,
        "send": "Ouvrir",
        "breadcrumb": [
            *(PAGE.above_lines(journey) if journey else above_journeys()),
            ("Ouvrir un document", None),
        ],
    }
    return render(request, FORM_PAGE, context)
