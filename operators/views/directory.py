"""« Où être reçu »: open to everybody, without an account."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from operators.directory import receptions_near
from operators.directory_forms import DirectoryForm
from regions.models import Commune
from regions.permissions import public
from regions.queries import commune_key, communes_found
from sprocep import periods

MOST_COMMUNES = 20


@public
@require_GET
def receptions_nearby(request: HttpRequest) -> HttpResponse:
    """Of a postcode or of letters that several communes bear, which one is asked first."""
    form = DirectoryForm(request.GET or None)
    context = {"form": form, "breadcrumb": [*_above(request), ("Où être reçu", None)]}
    if form.is_valid():
        asked = form.cleaned_data
        found = _communes(asked["ou"], asked["commune"])
        context |= {
            "communes": found[:MOST_COMMUNES],
            "is_cut": len(found) > MOST_COMMUNES,
            "address": request.GET.urlencode(),
            "conditions": form.conditions,
        }
        if len(found) == 1:
            nearby = receptions_near(found[0], periods.today(), kept=form.conditions)
            context |= {
                "nearby": nearby,
                "is_far": all(group.is_from_afar for group in nearby),
            }
    return render(request, "operators/directory.html", context)


def _above(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the way home, for who has one."""
    return [("Ma page", "/")] if request.membership else []


def _communes(text: str, code: str) -> list[Commune]:
    """The one that was chosen, as long as the text is hers; else the one that bears this name, or
    those that it may be, the largest first, one more than are shown."""
    found = communes_found(text).select_related("department")
    for only in (found.filter(pk=code), found.filter(sort_key=commune_key(text))):
        if len(only[:2]) == 1:
            return list(only)
    return list(found.order_by("-population")[: MOST_COMMUNES + 1])
