"""Six months after an exit: the person answers by her link, or her adviser notes her answer."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST

from beneficiaries import actions, queries
from beneficiaries.forms import ExitForm, NotedExitForm
from beneficiaries.links import link_fingerprint
from beneficiaries.models import ExitQuestion
from beneficiaries.views.lines import above_journeys
from regions.permissions import SAFE, Permission, View, public, require
from regions.queries import structure_name
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.form_pages import filled_form, form_page

LEAVE_FIRST = "Vous êtes connecté : déconnectez-vous avant d’ouvrir le lien d’une personne."


# ── By the person ────────────────────────────────────────────────────────────────────────────


def by_exit_link(view: Callable[..., HttpResponse]) -> View:
    """Give the view the question that this link answers. Looking does not use it: scanners of mail
    look at all of them."""

    @wraps(view)
    @cache_control(no_store=True)
    def opened(request: HttpRequest, secret: str) -> HttpResponse:
        if request.user.is_authenticated:
            messages.warning(request, LEAVE_FIRST)
            return redirect("regions:home")
        is_read = request.method in SAFE
        with queries.shown_question(link_fingerprint(secret), read_only=is_read) as question:
            if question is None:
                return render(request, "beneficiaries/exit_over.html", status=410)
            return view(request, question, secret)

    return public(opened)


@require_http_methods(["GET", "POST"])
@by_exit_link
def answer_exit(request: HttpRequest, question: ExitQuestion, secret: str) -> HttpResponse:
    form = _form(ExitForm, request)
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer_exit_question(by=None, question=question, answer=form.answer())
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return render(request, "beneficiaries/exit_answered.html", {"is_answered": True})
    context = {
        "form": form,
        "secret": secret,
        "structure": structure_name(question.structure_id, question.exit_on),
        "last_day": periods.days_after(question.closes_on, -1),
    }
    return render(request, "beneficiaries/exit_question.html", context)


@require_POST
@by_exit_link
def decline_exit(request: HttpRequest, question: ExitQuestion, secret: str) -> HttpResponse:
    actions.decline_exit_question(by=None, question=question)
    return render(request, "beneficiaries/exit_answered.html", {"is_answered": False})


def _form(form: type[ExitForm], request: HttpRequest) -> ExitForm:
    typed = request.POST if request.method == "POST" else None
    return form(typed, lists=queries.code_lists(periods.today()))


# ── By her adviser ───────────────────────────────────────────────────────────────────────────


@require(Permission.LOG_SESSIONS)
@form_page
def note_exit_answer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    journey = get_object_or_404(queries.journey_file(request.membership.structure_id, public_id))
    question = queries.exit_question(journey)
    if question is None or not question.waits:
        messages.warning(request, "Rien n’attend de réponse pour ce parcours.")
        return redirect("beneficiaries:journey", public_id)
    request.remember("nominal:journey", str(public_id))
    form = _form(NotedExitForm, request)

    def note(_: dict) -> str:
        actions.note_exit_answer(
            by=request.user, membership=request.membership, question=question, answer=form.answer()
        )
        return "Réponse enregistrée : elle ne change plus."

    url, heading = reverse("beneficiaries:journey", args=[public_id]), "Réponse à six mois"
    context = {
        "heading": heading,
        "lead": f"{journey.beneficiary}, six mois après la fin de son parcours. Une réponse ne se "
        "donne qu’une fois, et ne change plus.",
        "send": "Enregistrer la réponse",
        "back": ("Annuler", url),
        "breadcrumb": [*above_journeys(), (str(journey.beneficiary), url), (heading, None)],
    }
    return filled_form(
        request, form, note, "beneficiaries:journey", context, public_id=str(public_id)
    )
