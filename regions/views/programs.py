"""Programs that read the interface of data, and their tokens."""

import uuid
from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from regions import actions, queries
from regions.forms import ProgramForm, TokenForm
from regions.models import ApiToken, Membership
from regions.permissions import Permission, require
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.form_pages import FORM_PAGE, form_page
from sprocep.lists import listing

_UNDER = ("Logiciels autorisés", "/logiciels/")
_BACK = ("Revenir à la liste", _UNDER[1])
_DAYS = 365


@require(Permission.MANAGE_MEMBERSHIPS)
@require_GET
def programs(request: HttpRequest) -> HttpResponse:
    found = queries.programs(periods.today())
    shown = listing(request, found, {"name": ("name", "id")}, "name")
    describe(shown.page)
    context = {
        "list": shown,
        "breadcrumb": [("Ma page", "/"), ("Logiciels autorisés", None)],
    }
    return render(request, "regions/programs.html", context)


def describe(programs: Iterable[Membership]) -> None:
    """Where each is, whether it goes on, and what its tokens are."""
    today = periods.today()
    for program in programs:
        queries.name_place(program)
        program.is_current = program.ends_on is None or program.ends_on > today
        for token in program.tokens.all():
            token.state = _state(token)


def _state(token: ApiToken) -> str:
    if token.revoked_at:
        return "révoqué"
    return "expiré" if token.expires_on <= periods.today() else "en cours"


@require(Permission.MANAGE_MEMBERSHIPS)
@form_page
def authorise_program(request: HttpRequest) -> HttpResponse:
    form = ProgramForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            program = actions.authorise_program(by=request.user, **form.cleaned_data)
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{program.name} est autorisé. Remettez-lui un jeton.")
            return redirect("regions:issue_token", program.public_id)
    context = {
        "form": form,
        "heading": "Nouveau logiciel",
        "send": "Autoriser le logiciel",
        "back": _BACK,
        "breadcrumb": [("Ma page", "/"), _UNDER, ("Nouveau logiciel", None)],
    }
    return render(request, FORM_PAGE, context)


@require(Permission.MANAGE_MEMBERSHIPS)
@form_page
@cache_control(no_store=True)
def issue_token(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    program = get_object_or_404(queries.programs(periods.today()), public_id=public_id)
    return token_page(request, program, _UNDER)


def token_page(request: HttpRequest, program: Membership, under: tuple[str, str]) -> HttpResponse:
    """A token is asked for, then shown: the secret stands in the answer to this post, and nowhere
    else ever again. `under`: the list of programs, its name and address."""
    queries.name_place(program)
    first = {"expires_on": periods.days_after(periods.today(), _DAYS)}
    form = TokenForm(request.POST or None, initial=first)
    context = {
        "form": form,
        "program": program,
        "heading": "Nouveau jeton",
        "lead": (
            f"Pour {program.name}, {program.place_name}. Le jeton s’affiche une seule fois, à la "
            "page suivante."
        ),
        "send": "Créer le jeton",
        "back": ("Revenir à la liste", under[1]),
        "breadcrumb": [("Ma page", "/"), under, ("Nouveau jeton", None)],
    }
    if request.method == "POST" and form.is_valid():
        try:
            context["token"], context["secret"] = actions.issue_token(
                by=request.user, membership=program, **form.cleaned_data
            )
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return render(request, "regions/token_issued.html", context, status=201)
    return render(request, FORM_PAGE, context)


@require(Permission.MANAGE_MEMBERSHIPS)
@require_POST
def revoke_token(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    token = get_object_or_404(ApiToken, public_id=public_id)
    actions.revoke_token(by=request.user, token=token)
    messages.success(request, f"Le jeton « {token.label} » n’ouvre plus rien.")
    return redirect("regions:programs")
