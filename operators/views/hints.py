"""« Conseils de financement »: those of a Region by its coordination, the national ones by the
DGEFP. Advisers read both beside a financing plan."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from operators import actions, queries
from operators.forms import EndOfHintForm, HintForm
from operators.models import FundingHint
from regions.permissions import Permission, require
from sprocep import periods
from sprocep.form_pages import filled_form, form_page

_UNDER = ("Conseils de financement", "/conseils-de-financement/")
_LIST = "operators:hints"


@require(Permission.MANAGE_HINTS)
@require_GET
def hints(request: HttpRequest) -> HttpResponse:
    region, today = request.membership.region_id, periods.today()
    own = [hint for hint in queries.hints_of(region) if hint.ends_on != hint.starts_on]
    national = queries.hints_of(None) if region else []
    current = [hint for hint in own if not _is_over(hint)]
    read = [hint for hint in national if hint.starts_on <= today and not _is_over(hint)]
    context = {
        "current": current,
        "over": [hint for hint in own if _is_over(hint)],
        "national": read,
        "some_end": any(hint.ends_on for hint in [*current, *read]),
        "of_a_region": bool(region),
        "breadcrumb": [("Ma page", "/"), (_UNDER[0], None)],
    }
    return render(request, "operators/hints.html", context)


def _is_over(hint: FundingHint) -> bool:
    return hint.ends_on is not None and hint.ends_on <= periods.today()


@require(Permission.MANAGE_HINTS)
@form_page
def add_hint(request: HttpRequest) -> HttpResponse:
    def add(values: dict) -> str:
        added = actions.add_hint(by=request.user, region=request.membership.region_id, **values)
        return f"Conseil ajouté : il est lu à partir du {periods.full_date(added.starts_on)}."

    form = HintForm(request.POST or None, initial={"starts_on": periods.today()})
    context = _context("Ajouter un conseil", "Ajouter le conseil")
    return filled_form(request, form, add, _LIST, context)


@require(Permission.MANAGE_HINTS)
@form_page
def end_hint(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = queries.hints_of(request.membership.region_id)
    hint = get_object_or_404(found, public_id=public_id, ends_on=None)

    def end(values: dict) -> str:
        actions.end_hint(by=request.user, hint=hint, **values)
        return f"Le conseil s’arrête le {periods.full_date(values['ends_on'])}."

    first = {"ends_on": max(hint.starts_on, periods.today())}
    form = EndOfHintForm(request.POST or None, initial=first)
    context = _context("Arrêter un conseil", "Arrêter le conseil")
    context["lead"] = f"{hint.funder} : {hint.text}"
    return filled_form(request, form, end, _LIST, context)


def _context(heading: str, send: str) -> dict:
    return {
        "heading": heading,
        "send": send,
        "back": ("Revenir aux conseils", _UNDER[1]),
        "breadcrumb": [("Ma page", "/"), _UNDER, (heading, None)],
    }
