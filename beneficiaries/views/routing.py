"""« Essayer »: whom the rules of the Region propose for somebody imagined."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from beneficiaries import queries
from beneficiaries.forms import RoutingTrialForm
from operators.routing import offer_in, receivers
from regions.permissions import Permission, require
from regions.queries import departments_of
from sprocep import periods


@require(Permission.MANAGE_ROUTING)
@require_GET
def try_routing(request: HttpRequest) -> HttpResponse:
    today = periods.today()
    form = RoutingTrialForm(
        request.GET or None,
        lists=queries.code_lists(today),
        departments=departments_of(request.membership.region_id, today),
    )
    found = None
    if form.is_bound and form.is_valid():
        found = receivers(form.wanted, offer_in(form.place, form.cleaned_data["day"]))
    context = {
        "form": form,
        "found": found,
        "breadcrumb": [
            ("Ma page", "/"),
            ("Règles d’aiguillage", "/aiguillage/"),
            ("Essayer", None),
        ],
    }
    return render(request, "beneficiaries/try_routing.html", context)
