"""Accounts and memberships, as the administrator of the platform manages them."""

import uuid
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from regions import actions, queries, returned_mail
from regions.context import address
from regions.forms import AccountForm, MembershipFilters, MembershipForm
from regions.models import Membership, User
from regions.permissions import Permission, require
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.form_pages import FORM_PAGE, form_page, tell_outcome
from sprocep.lists import listing


@require(Permission.MANAGE_MEMBERSHIPS)
@require_GET
def memberships(request: HttpRequest) -> HttpResponse:
    today = periods.today()
    filters = MembershipFilters(request.GET, queries.memberships(today))
    sorts = {
        "name": ("name", "id"),
        "email": ("user__email", "id"),
        "role": ("role", "id"),
        "starts_on": ("starts_on", "id"),
        "ends_on": ("ends_on", "id"),
    }
    shown = listing(request, filters.qs, sorts, "name")
    unreached = returned_mail.unreached(membership.user.email for membership in shown.page)
    for membership in shown.page:
        membership.unreached = unreached.get(membership.user.email)
        queries.name_place(membership)
        membership.is_current = membership.ends_on is None or membership.ends_on > today
        membership.is_invited = queries.is_invited(membership)
    context = {
        "filters": filters.form,
        "list": shown,
        "to_confirm": queries.to_confirm(request.membership, today),
        "without_membership": queries.accounts_without_membership()[:20],
        "columns": [
            ("name", "Personne", False),
            ("email", "Adresse", False),
            ("role", "Rôle", False),
            ("", "Lieu", False),
            ("starts_on", "À partir du", False),
            ("ends_on", "Fin le", False),
            ("", "Actions", False),
        ],
        "breadcrumb": [("Ma page", "/"), ("Comptes et habilitations", None)],
    }
    return render(request, "regions/memberships.html", context)


_UNDER = ("Comptes et habilitations", "/habilitations/")
_OPENED = ("name", "role", "network", "region", "site", "starts_on", "ends_on")


@require(Permission.MANAGE_MEMBERSHIPS)
@form_page
@cache_control(no_store=True)
def create_account(request: HttpRequest) -> HttpResponse:
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = actions.create_account(by=request.user, email=form.cleaned_data["email"])
        _invite(request, user, f"Le compte {user.email} est créé et son invitation est partie.")
        return redirect(f"{address('regions:open_membership')}?email={quote(user.email, safe='@')}")
    context = {
        "form": form,
        "heading": "Nouveau compte",
        "send": "Créer le compte et inviter",
        "back": ("Revenir à la liste", _UNDER[1]),
        "breadcrumb": [("Ma page", "/"), _UNDER, ("Nouveau compte", None)],
    }
    return render(request, FORM_PAGE, context)


@require(Permission.MANAGE_MEMBERSHIPS)
@require_POST
def send_invitation(request: HttpRequest) -> HttpResponse:
    user = get_object_or_404(User, email=request.POST.get("email", "").strip().lower())
    _invite(request, user, f"Une invitation est partie à {user.email}.")
    return redirect("regions:memberships")


def _invite(request: HttpRequest, user: User, sentence: str) -> None:
    """Say what left, or why nothing did: the account is kept all the same."""

    def act() -> str:
        actions.send_invitation(by=request.user, user=user)
        return sentence

    tell_outcome(request, act)


@require(Permission.MANAGE_MEMBERSHIPS)
@form_page
def open_membership(request: HttpRequest) -> HttpResponse:
    searches = "look" in request.POST
    if request.method == "POST" and not searches:
        form = MembershipForm(request.POST)
        if form.is_valid() and _opened(request, form):
            return redirect("regions:memberships")
    else:
        first = {"starts_on": periods.today(), "email": request.GET.get("email", "")}
        form = MembershipForm(initial=first | request.POST.dict())
    breadcrumb = [("Ma page", "/"), _UNDER, ("Nouvelle habilitation", None)]
    return render(request, "regions/open_membership.html", {"form": form, "breadcrumb": breadcrumb})


def _opened(request: HttpRequest, form: MembershipForm) -> bool:
    values = form.cleaned_data
    try:
        membership = actions.open_membership(
            by=request.user,
            user=values["email"],
            **{name: values[name] for name in _OPENED},
        )
    except ActionRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    words = f"L’habilitation de {membership.name} est ouverte."
    if not membership.is_confirmed:
        words = (
            f"L’habilitation de {membership.name} est enregistrée. Elle s’ouvre une fois confirmée "
            "par la direction de la structure ou, s’il n’y en a pas, par une autre personne de "
            "l’administration : un courriel le leur demande."
        )
    messages.success(request, words)
    return True


@require(Permission.MANAGE_MEMBERSHIPS)
@require_POST
def confirm_membership(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    waiting = queries.to_confirm(request.membership, periods.today())
    membership = get_object_or_404(waiting, public_id=public_id)

    def act() -> str:
        actions.confirm_membership(by=request.user, membership=membership)
        return f"L’habilitation de {membership.name} est confirmée."

    tell_outcome(request, act)
    return redirect("regions:memberships")


@require(Permission.MANAGE_MEMBERSHIPS)
@require_POST
def end_membership(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    membership = get_object_or_404(Membership, public_id=public_id)

    def act() -> str:
        actions.end_membership(by=request.user, membership=membership)
        return f"L’habilitation de {membership.name} est finie."

    tell_outcome(request, act)
    return redirect("regions:memberships")


@require(Permission.MANAGE_MEMBERSHIPS)
@require_POST
def set_account_state(request: HttpRequest) -> HttpResponse:
    user = get_object_or_404(User, email=request.POST.get("email", "").strip().lower())
    change = actions.close_account if user.is_active else actions.reopen_account

    def act() -> str:
        changed = change(by=request.user, user=user)
        state = "rouvert" if changed.is_active else "fermé"
        return f"Le compte {changed.email} est {state}."

    tell_outcome(request, act)
    return redirect("regions:memberships")
