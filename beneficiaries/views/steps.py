"""Steps of a person's plan, which stand on the page of her document de synthèse."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from beneficiaries import actions, queries
from beneficiaries.forms import StepForm, typed_day
from beneficiaries.views.chosen import asked_journey
from beneficiaries.views.lines import Page, line_page, who, withdraw_line
from regions.permissions import Permission, require
from sprocep import periods
from sprocep.form_pages import form_page
from sprocep.periods import full_date


def told(line: dict) -> str:
    """A step in one sentence, from its columns."""
    words = f"{line['what']} ({line['actor']})"
    if line["done_on"]:
        return f"{words}, faite le {full_date(line['done_on'])}. {line['result']}".rstrip()
    return f"{words}, prévue le {full_date(line['due_on'])}" if line["due_on"] else words


PAGE = Page(
    "beneficiaries:document",
    "Document de synthèse",
    "nominal:document",
    told,
    "Elle ne sera plus dans le plan d’actions. Les versions déjà remises la gardent.",
)


@require(Permission.LOG_SESSIONS)
@form_page
def add_step(request: HttpRequest, public_id: UUID) -> HttpResponse:
    journey = asked_journey(request.membership, str(public_id))
    form = _form(request, StepForm.blank(request.form_key), typed_day(request.POST, "done_on"))

    def add() -> str:
        actions.add_step(
            **who(request), journey=journey, step=form.step(), key=form.cleaned_data["key"]
        )
        return "Étape ajoutée."

    return line_page(request, PAGE, journey, form, add, {"heading": "Ajouter une étape"})


@require(Permission.LOG_SESSIONS)
@form_page
def change_step(request: HttpRequest, public_id: UUID) -> HttpResponse:
    line = get_object_or_404(queries.step(request.membership.structure_id, public_id))
    day = typed_day(request.POST, "done_on") if request.POST else line.done_on
    form = _form(request, StepForm.typed(line), day or periods.today())

    def change() -> str:
        actions.change_step(
            **who(request), line=line, step=form.step(), seen_at=form.cleaned_data["seen_at"]
        )
        return "Étape changée."

    context = {
        "heading": "Changer une étape",
        "line": line,
        "withdraw_url": reverse("beneficiaries:withdraw_step", args=[public_id]),
    }
    return line_page(request, PAGE, line.journey, form, change, context)


@require(Permission.LOG_SESSIONS)
@require_POST
def withdraw_step(request: HttpRequest, public_id: UUID) -> HttpResponse:
    line = get_object_or_404(queries.step(request.membership.structure_id, public_id))
    return withdraw_line(request, PAGE, line.journey, line, actions.withdraw_step, "Étape retirée.")


def _form(request: HttpRequest, initial: dict, day: date) -> StepForm:
    typed = request.POST if request.method == "POST" else None
    return StepForm(typed, lists=queries.code_lists(day), initial=initial)
