"""Views of « Mes parcours »: kept under a name, and dropped."""

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from beneficiaries import actions, queries
from beneficiaries.forms import JourneyFilter, ViewForm
from regions.permissions import Permission, require
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.form_pages import tell_outcome

LIST = "beneficiaries:journeys"


@require(Permission.READ_JOURNEYS)
@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    form = ViewForm(request.POST)
    lists = queries.code_lists(periods.today())

    def save() -> str:
        if not form.is_valid():
            raise ActionRefused("Donnez un nom à la vue, de quarante caractères au plus.")
        asked = QueryDict(form.cleaned_data["query"])
        kept = JourneyFilter(asked, membership=request.membership, lists=lists).kept()
        name = form.cleaned_data["name"]
        actions.save_view(membership=request.membership, name=name, query=urlencode(kept))
        return f"Vue « {name} » gardée."

    tell_outcome(request, save)
    return redirect(f"{reverse(LIST)}?{form.data.get('query', '')}")


@require(Permission.READ_JOURNEYS)
@require_POST
def drop_view(request: HttpRequest, public_id: UUID) -> HttpResponse:
    view = get_object_or_404(queries.saved_views(request.membership), public_id=public_id)

    def drop() -> str:
        actions.drop_view(membership=request.membership, view=view)
        return f"Vue « {view.name} » supprimée."

    tell_outcome(request, drop)
    return redirect(LIST)
