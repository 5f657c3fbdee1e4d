"""« Équipe »: who has a role in the structure, and which advisers log level 1 only."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from regions import actions, queries, returned_mail
from regions.models import Membership
from regions.permissions import Permission, require
from regions.wording import field_words
from sprocep import periods
from sprocep.form_pages import tell_outcome
from sprocep.lists import listing

SORTS = {"name": ("name", "id"), "role": ("role", "name", "id")}
COLUMNS = [
    ("name", "Personne", False),
    ("role", "Rôle", False),
    ("", "Lieu d’accueil", False),
    ("", "Niveaux", False),
    ("", "Actions", False),
]


@require(Permission.MANAGE_TEAM)
@require_GET
def team(request: HttpRequest) -> HttpResponse:
    shown = listing(request, queries.team(request.membership, periods.today()), SORTS, "name")
    unreached = returned_mail.unreached(member.user.email for member in shown.page)
    for member in shown.page:
        member.unreached = unreached.get(member.user.email)
    files = queries.files_of_journeys(request.membership)
    for trace in files:
        trace.words = field_words(trace.object_type, trace.fields)
    context = {
        "list": shown,
        "files": files,
        "columns": COLUMNS,
        "adviser": Membership.Role.ADVISER,
        "to_confirm": queries.to_confirm(request.membership, periods.today()),
        "breadcrumb": [("Ma page", "/"), ("Équipe", None)],
    }
    return render(request, "regions/team.html", context)


@require(Permission.MANAGE_TEAM)
@require_POST
def confirm_member(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    waiting = queries.to_confirm(request.membership, periods.today())
    membership = get_object_or_404(waiting, public_id=public_id)

    def act() -> str:
        actions.confirm_membership(by=request.user, membership=membership)
        return f"Le rôle de {membership.name} est confirmé : il s’ouvre dès maintenant."

    tell_outcome(request, act)
    return redirect("regions:team")


@require(Permission.MANAGE_TEAM)
@require_POST
def limit_to_level1(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    def act() -> str:
        membership = actions.limit_to_level1(
            by=request.user, membership=_member(request, public_id)
        )
        return f"{membership.name} n’enregistre plus que le niveau 1."

    tell_outcome(request, act)
    return redirect("regions:team")


@require(Permission.MANAGE_TEAM)
@require_POST
def lift_level1(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    def act() -> str:
        membership = actions.lift_level1(by=request.user, membership=_member(request, public_id))
        return f"{membership.name} enregistre de nouveau tous les niveaux de la structure."

    tell_outcome(request, act)
    return redirect("regions:team")


def _member(request: HttpRequest, public_id: uuid.UUID) -> Membership:
    return get_object_or_404(queries.team(request.membership, periods.today()), public_id=public_id)
