"""The path of a décrocheur, noted beside her journey."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from beneficiaries import actions, queries
from beneficiaries.forms import DropoutForm
from beneficiaries.models import Journey
from beneficiaries.views.lines import above_journeys
from regions.permissions import Permission, require
from sprocep import periods
from sprocep.form_pages import filled_form, form_page, tell_outcome

_TITLE = "Parcours décrocheur"


@require(Permission.LOG_SESSIONS)
@form_page
def note_dropout(request: HttpRequest, public_id: UUID) -> HttpResponse:
    journey = _own(request, public_id)
    request.remember("nominal:journey", str(public_id))
    known = queries.dropout_line(journey)
    first = known._asdict() if known else {"reported_on": periods.today()}
    form = DropoutForm(request.POST or None, initial=first)

    def note(_: dict) -> str:
        actions.note_dropout(
            by=request.user, membership=request.membership, journey=journey, steps=form.steps()
        )
        return "Parcours décrocheur enregistré."

    url = reverse("beneficiaries:journey", args=[public_id])
    context = {
        "heading": _TITLE,
        "lead": f"{journey.beneficiary}. De 16 à 25 ans, sans diplôme, hors de toute formation. "
        "Seuls le lisent les conseils de votre structure, et ceux d’une structure membre d’une "
        "plateforme de suivi et d’appui à qui vous envoyez une fiche de liaison.",
        "send": "Enregistrer",
        "back": ("Annuler", url),
        "breadcrumb": [*above_journeys(), (str(journey.beneficiary), url), (_TITLE, None)],
    }
    return filled_form(
        request, form, note, "beneficiaries:journey", context, public_id=str(public_id)
    )


@require(Permission.LOG_SESSIONS)
@require_POST
def drop_dropout(request: HttpRequest, public_id: UUID) -> HttpResponse:
    journey = _own(request, public_id)

    def drop() -> str:
        actions.drop_dropout(by=request.user, membership=request.membership, journey=journey)
        return "Parcours décrocheur retiré."

    tell_outcome(request, drop)
    return redirect("beneficiaries:journey", public_id)


def _own(request: HttpRequest, public_id: UUID) -> Journey:
    found = queries.journeys(request.membership.structure_id).filter(public_id=public_id)
    return get_object_or_404(found.select_related("beneficiary"))
