"""Feedback after a session: the sheet of codes that an adviser prints, the public page, and the
adviser's own answer."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from beneficiaries import actions
from beneficiaries.contact_codes import groups_of
from beneficiaries.forms import AdviserFeedbackForm, FeedbackForm
from beneficiaries.views.lines import above_journeys
from regions.permissions import Permission, public, require
from sprocep import periods
from sprocep.addresses import site_name
from sprocep.errors import ActionRefused
from sprocep.form_pages import FORM_PAGE, form_page

UNKNOWN = (
    "Ce code a déjà servi, ou n’est plus valable : un code sert une fois, jusqu’à la fin du "
    "mois qui suit l’entretien."
)


@require(Permission.LOG_SESSIONS)
@form_page
@cache_control(no_store=True)
def feedback_codes(request: HttpRequest) -> HttpResponse:
    """Answered by a page and no redirection: what carries a code to another would keep it."""
    codes = []
    if request.method == "POST":
        drawn = actions.draw_feedback_codes(by=request.user, membership=request.membership)
        codes = [groups_of(code) for code in drawn]
    context = {
        "codes": codes,
        "site_name": site_name(),
        "count": actions.CODES_OF_A_SHEET,
        "month": periods.month_of(periods.today()),
        "last_day": periods.month_of(periods.today()).after.last_day,
        "breadcrumb": [*above_journeys(), ("Codes d’avis", None)],
    }
    status = 201 if codes else 200
    return render(request, "beneficiaries/feedback_codes.html", context, status=status)


@require(Permission.GIVE_FEEDBACK)
@form_page(is_remembered=False)
@cache_control(no_store=True)
def give_adviser_feedback(request: HttpRequest) -> HttpResponse:
    """On a page of its own: one of a journey would say, by its address, after which session; and
    answered by a page, since the one that came next would say who had just been here."""
    request.is_nameless = True  # the journal of requests says neither who came here
    form = AdviserFeedbackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.count_adviser_feedback(membership=request.membership, answers=form.answers())
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return render(request, "beneficiaries/adviser_feedback_given.html")
    context = {
        "heading": "Votre avis de conseil, sans nom",
        "lead": "Après un entretien, si vous le voulez. Rien ne dit qui a répondu, ni après quel "
        "entretien : seul un décompte du mois est tenu, lu par trimestre quand assez de "
        "conseillers ont pu y répondre.",
        "form": form,
        "send": "Compter mon avis",
        "back": ("Revenir à mes parcours", "/parcours/"),
        "breadcrumb": [*above_journeys(), ("Votre avis", None)],
    }
    return render(request, FORM_PAGE, context)


@public
@require_http_methods(["GET", "POST"])
@cache_control(no_store=True)
def give_feedback(request: HttpRequest) -> HttpResponse:
    """Codes are long: an address is slowed at the door (`regions.doors`), and never shut out."""
    form = FeedbackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if actions.count_feedback(code=form.cleaned_data["code"], grades=form.grades()):
            return render(request, "beneficiaries/feedback_given.html")
        form.add_error("code", UNKNOWN)
    context = {
        "heading": "Votre avis sur votre entretien",
        "lead": "Trois questions, sans nom. Personne ne peut savoir qui a répondu : votre code ne "
        "dit que la structure et le mois.",
        "form": form,
        "send": "Envoyer mon avis",
    }
    return render(request, FORM_PAGE, context)
