"""What is done to several journeys that are ticked in « Mes parcours »."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from beneficiaries import actions, queries
from beneficiaries.forms import FollowUpForm
from beneficiaries.views.chosen import uuid_or_404
from beneficiaries.views.lines import above_journeys
from regions.permissions import Permission, require
from sprocep import periods
from sprocep.form_pages import form_page

LIST = "beneficiaries:journeys"


@require(Permission.LOG_SESSIONS)
@form_page
def entrust_journeys(request: HttpRequest) -> HttpResponse:
    """Another référent for all of them. Those that are refused stay here, each with its reason."""
    asked = request.POST if request.method == "POST" else request.GET
    ticked = [uuid_or_404(text) for text in asked.getlist("parcours")]
    structure = request.membership.structure_id
    found = list(queries.journeys(structure).filter(public_id__in=ticked))
    if not found:
        messages.error(request, "Cochez au moins un parcours, puis « Confier ».")
        return redirect(LIST)
    form = FollowUpForm(
        request.POST if request.method == "POST" else None,
        membership=request.membership,
        initial={"starts_on": periods.today(), "site": request.membership.site.public_id},
    )
    refused: dict[int, str] = {}
    if request.method == "POST" and form.is_valid():
        following = form.following()
        refused = actions.entrust_journeys(
            by=request.user, membership=request.membership, journeys=found, following=following
        )
        if done := len(found) - len(refused):
            messages.success(request, f"{done} parcours : {following.referent.name} les suit.")
        if not refused:
            return redirect(LIST)
        found = [journey for journey in found if journey.pk in refused]
    request.remember("nominal:journeys")
    rows = queries.journey_rows([journey.pk for journey in found], periods.today())
    context = {
        "form": form,
        "rows": [(row, refused.get(journey.pk)) for row, journey in zip(rows, found, strict=True)],
        "breadcrumb": [*above_journeys(), ("Confier des parcours", None)],
    }
    return render(request, "beneficiaries/entrust_journeys.html", context)
