"""The access of a person to her own journey, given and ended by her adviser."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from beneficiaries import actions, queries
from beneficiaries.contact_codes import groups_of, new_code
from beneficiaries.models import Journey
from beneficiaries.views.journeys import journey_page
from beneficiaries.views.lines import who
from regions.permissions import Permission, require
from sprocep.errors import ActionRefused
from sprocep.form_pages import tell_outcome

PAGE = "beneficiaries:journey"


@require(Permission.LOG_SESSIONS)
@require_POST
def give_access(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Answered by a page and no redirection: what carries the code to another would keep it."""
    journey, code = _own(request, public_id), new_code()
    try:
        actions.give_access(**who(request), journey=journey, code=code)
    except ActionRefused as exc:
        messages.error(request, str(exc))
        return redirect(PAGE, public_id)
    return journey_page(request, journey, groups_of(code))


@require(Permission.LOG_SESSIONS)
@require_POST
def end_access(request: HttpRequest, public_id: UUID) -> HttpResponse:
    journey = _own(request, public_id)

    def end() -> str:
        actions.end_access(**who(request), journey=journey)
        return "Accès retiré : il n’ouvre plus rien."

    tell_outcome(request, end)
    return redirect(PAGE, public_id)


def _own(request: HttpRequest, public_id: UUID) -> Journey:
    return get_object_or_404(queries.journey_file(request.membership.structure_id, public_id))
