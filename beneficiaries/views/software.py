"""« Logiciels » of a structure: what its direction lets exchange its fiches (docs/adr/0041)."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from beneficiaries import actions, queries
from beneficiaries.actions.webhooks import GIVEN_UP_AFTER
from beneficiaries.forms import SoftwareForm, WebhookForm
from regions import actions as people
from regions.models import ApiToken, Membership
from regions.permissions import Permission, require
from regions.queries import structure_programs
from regions.views.programs import describe, token_page
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.form_pages import FORM_PAGE, form_page, tell_outcome

TITLE = "Logiciels"


@require(Permission.MANAGE_TEAM)
@require_GET
def software(request: HttpRequest) -> HttpResponse:
    found = list(structure_programs(request.membership, periods.today()).order_by("name", "pk"))
    describe(found)
    webhook = queries.webhook(request.membership)
    context = {
        "programs": found,
        "webhook": webhook,
        "news": queries.webhook_news(webhook) if webhook else None,
        "given_up_after": GIVEN_UP_AFTER.days,
        "breadcrumb": [*_team(), (TITLE, None)],
    }
    return render(request, "beneficiaries/software.html", context)


@require(Permission.MANAGE_TEAM)
@form_page
def authorise_software(request: HttpRequest) -> HttpResponse:
    membership = request.membership
    form = SoftwareForm(
        request.POST or None, membership=membership, initial={"site": membership.site.public_id}
    )
    if request.method == "POST" and form.is_valid():
        try:
            program = people.authorise_software(
                by=request.user, direction=membership, **form.cleaned_data
            )
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("beneficiaries:issue_software_token", program.public_id)
    context = {
        "form": form,
        "heading": "Nouveau logiciel",
        "lead": (
            "Il lira et enverra les fiches de liaison de votre structure, et y répondra. Il "
            "n’ouvre rien d’autre : ni parcours, ni pages."
        ),
        "send": "Autoriser le logiciel",
        "back": ("Revenir à la liste", _under()[1]),
        "breadcrumb": [*_team(), _under(), ("Nouveau logiciel", None)],
    }
    return render(request, FORM_PAGE, context)


@require(Permission.MANAGE_TEAM)
@require_POST
def end_software(request: HttpRequest, public_id: UUID) -> HttpResponse:
    program = _program(request, public_id=public_id)

    def end() -> str:
        people.end_software(by=request.user, program=program)
        return f"{program.name} n’ouvre plus rien. Ses fiches restent."

    tell_outcome(request, end)
    return redirect("beneficiaries:software")


@require(Permission.MANAGE_TEAM)
@form_page
@cache_control(no_store=True)
def issue_software_token(request: HttpRequest, public_id: UUID) -> HttpResponse:
    program = _program(request, public_id=public_id, ends_on=None)
    return token_page(request, program, _under())


@require(Permission.MANAGE_TEAM)
@require_POST
def revoke_software_token(request: HttpRequest, public_id: UUID) -> HttpResponse:
    program = _program(request, tokens__public_id=public_id)
    token = get_object_or_404(ApiToken, public_id=public_id, membership=program)

    def revoke() -> str:
        people.revoke_token(by=request.user, token=token)
        return f"Le jeton « {token.label} » n’ouvre plus rien."

    tell_outcome(request, revoke)
    return redirect("beneficiaries:software")


@require(Permission.MANAGE_TEAM)
@form_page
@cache_control(no_store=True)
def set_webhook(request: HttpRequest) -> HttpResponse:
    """The secret stands in the answer to this post, and nowhere else ever again."""
    form = WebhookForm(request.POST or None)
    context = {
        "form": form,
        "heading": "Adresse d’avertissement",
        "lead": (
            "Votre logiciel y est averti de chaque changement d’état de vos fiches. Le secret qui "
            "signe les avertissements s’affiche une seule fois, à la page suivante."
        ),
        "send": "Garder cette adresse",
        "back": ("Revenir aux logiciels", _under()[1]),
        "breadcrumb": [*_team(), _under(), ("Adresse d’avertissement", None)],
    }
    if request.method == "POST" and form.is_valid():
        try:
            context["webhook"], context["secret"] = actions.set_webhook(
                by=request.user, membership=request.membership, **form.cleaned_data
            )
        except ActionRefused as refusal:
            form.add_error("url", str(refusal))
        else:
            return render(request, "beneficiaries/webhook_set.html", context, status=201)
    return render(request, FORM_PAGE, context)


@require(Permission.MANAGE_TEAM)
@require_POST
def end_webhook(request: HttpRequest) -> HttpResponse:
    def end() -> str:
        actions.end_webhook(by=request.user, membership=request.membership)
        return "Plus rien n’est envoyé à cette adresse."

    tell_outcome(request, end)
    return redirect("beneficiaries:software")


def _program(request: HttpRequest, **which: UUID | None) -> Membership:
    return get_object_or_404(structure_programs(request.membership, periods.today()), **which)


def _team() -> list[tuple[str, str]]:
    return [("Ma page", "/"), ("Équipe", reverse("regions:team"))]


def _under() -> tuple[str, str]:
    return TITLE, reverse("beneficiaries:software")
