"""Login, home, switch of membership, traces, accounts and memberships."""

import uuid

from django.contrib import messages
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from regions import actions, queries
from regions.context import address
from regions.forms import (
    AccountForm,
    AuditFilters,
    LoginForm,
    MembershipFilters,
    MembershipForm,
)
from regions.models import Membership, User
from regions.permissions import ROLES, Permission, public, require
from regions.wording import action_words, object_words
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.lists import listing

login = public(
    LoginView.as_view(
        template_name="regions/login.html",
        authentication_form=LoginForm,
        redirect_authenticated_user=True,
    )
)


@public
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    # Done once the scope is closed: a read-only role may log out too.
    request.ends_login = True
    return redirect("regions:login")


@require(Permission.READ_HOME)
@require_POST
def switch_membership(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("membership", "")
    if wanted not in {str(m.public_id) for m in request.memberships}:
        raise Http404
    request.session["membership"] = wanted
    return redirect("regions:home")


# Right, words, route, key, is the main one: what each role comes here to do.
HOME_ACTIONS = (
    (Permission.LOG_SESSIONS, "Nouvel entretien", "beneficiaries:log_session", "n", True),
    (Permission.LOG_CONTACTS, "Accueil anonyme", "beneficiaries:log_contact", "a", False),
    (Permission.READ_JOURNEYS, "Mes parcours", "beneficiaries:journeys", "", False),
    (Permission.READ_OWN_DASHBOARD, "Tableaux de bord", "indicators:dashboards", "", True),
    (Permission.READ_ALL_DASHBOARDS, "Régions et périodes", "indicators:grid", "", True),
    (Permission.READ_AUDIT, "Traces d'audit", "regions:audit", "", False),
    (Permission.MANAGE_MEMBERSHIPS, "Habilitations", "regions:memberships", "", True),
    (Permission.MANAGE_MEMBERSHIPS, "Créer un compte", "regions:create_account", "", False),
)


@require(Permission.READ_HOME)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    rights = ROLES[request.membership.role]
    found = [
        {"label": label, "url": address(name), "shortcut": key, "primary": is_main}
        for right, label, name, key, is_main in HOME_ACTIONS
        if right in rights
    ]
    return render(
        request,
        "regions/home.html",
        {"actions": [a for a in found if a["url"]]},
    )


@require(Permission.READ_AUDIT)
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    filters = AuditFilters(request.GET, queries.audit_events())
    sorts = {
        "at": ("at", "id"),
        "by": ("by__email", "id"),
        "action": ("action", "id"),
        "territory": ("territory", "id"),
    }
    shown = listing(request, filters.qs, sorts, "-at")
    names = queries.territory_names(periods.today())
    for event in shown.page:
        event.action_words = action_words(event.action)
        event.object_words = object_words(event.object_type)
        event.territory_name = names[event.territory]
    context = {
        "filters": filters.form,
        "list": shown,
        "columns": [
            ("at", "Date", False),
            ("by", "Par", False),
            ("action", "Action", False),
            ("", "Objet", False),
            ("territory", "Territoire", False),
            ("", "Champs", False),
        ],
        "breadcrumb": [("Accueil", "/"), ("Traces d'audit", None)],
    }
    request.remember("audit")
    return render(request, "regions/audit.html", context)


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
    for membership in shown.page:
        queries.name_place(membership)
        membership.is_current = membership.ends_on is None or membership.ends_on > today
    context = {
        "filters": filters.form,
        "list": shown,
        "without_membership": queries.accounts_without_membership()[:20],
        "columns": [
            ("name", "Personne", False),
            ("email", "Adresse", False),
            ("role", "Rôle", False),
            ("", "Lieu", False),
            ("starts_on", "À partir du", False),
            ("ends_on", "Jusqu'au", False),
            ("", "Actes", False),
        ],
        "breadcrumb": [("Accueil", "/"), ("Comptes et habilitations", None)],
    }
    return render(request, "regions/memberships.html", context)


_UNDER = ("Comptes et habilitations", "/habilitations/")


@require(Permission.MANAGE_MEMBERSHIPS)
@require_http_methods(["GET", "POST"])
@cache_control(no_store=True)
def create_account(request: HttpRequest) -> HttpResponse:
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = actions.create_account(by=request.user, **form.cleaned_data)
        messages.success(request, f"Le compte {user.email} est créé. Ouvrez-lui une habilitation.")
        return redirect(f"{address('regions:open_membership')}?email={user.email}")
    breadcrumb = [("Accueil", "/"), _UNDER, ("Nouveau compte", None)]
    return render(request, "regions/create_account.html", {"form": form, "breadcrumb": breadcrumb})


@require(Permission.MANAGE_MEMBERSHIPS)
@require_http_methods(["GET", "POST"])
def open_membership(request: HttpRequest) -> HttpResponse:
    searches = "look" in request.POST
    if request.method == "POST" and not searches:
        form = MembershipForm(request.POST)
        if form.is_valid() and _opened(request, form):
            return redirect("regions:memberships")
    else:
        first = {"starts_on": periods.today(), "email": request.GET.get("email", "")}
        form = MembershipForm(initial=first | request.POST.dict())
    breadcrumb = [("Accueil", "/"), _UNDER, ("Nouvelle habilitation", None)]
    return render(request, "regions/open_membership.html", {"form": form, "breadcrumb": breadcrumb})


def _opened(request: HttpRequest, form: MembershipForm) -> bool:
    values = form.cleaned_data
    try:
        membership = actions.open_membership(
            by=request.user,
            user=values["email"],
            **{k: values[k] for k in ("name", "role", "region", "site", "starts_on", "ends_on")},
        )
    except ActionRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, f"L'habilitation de {membership.name} est ouverte.")
    return True


@require(Permission.MANAGE_MEMBERSHIPS)
@require_POST
def end_membership(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    membership = get_object_or_404(Membership, public_id=public_id)
    try:
        actions.end_membership(by=request.user, membership=membership)
    except ActionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"L'habilitation de {membership.name} est finie.")
    return redirect("regions:memberships")


@require(Permission.MANAGE_MEMBERSHIPS)
@require_POST
def set_account_state(request: HttpRequest) -> HttpResponse:
    user = get_object_or_404(User, email=request.POST.get("email", "").strip().lower())
    act = actions.close_account if user.is_active else actions.reopen_account
    try:
        user = act(by=request.user, user=user)
    except ActionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        state = "rouvert" if user.is_active else "fermé"
        messages.success(request, f"Le compte {user.email} est {state}.")
    return redirect("regions:memberships")
