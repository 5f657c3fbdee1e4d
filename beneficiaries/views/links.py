"""A fiche de liaison read and answered by a structure without account: by its link, once, then for
half an hour in the browser that used it."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from beneficiaries import actions, exports, queries
from beneficiaries.forms import DeclineForm
from beneficiaries.links import link_fingerprint
from beneficiaries.models import Referral, ReferralLink
from regions.permissions import LinkHolder, View, public
from sprocep import periods
from sprocep.form_pages import filled_form, tell_outcome

COOKIE = "__Secure-fiche" if settings.SESSION_COOKIE_SECURE else "fiche"
SALT = "beneficiaries.links"
LEAVE_FIRST = "Vous êtes connecté : déconnectez-vous avant d’ouvrir une fiche par un lien."


# ── The link ─────────────────────────────────────────────────────────────────────────────────


@public
@require_http_methods(["GET", "POST"])
@cache_control(no_store=True)
def open_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Looking at a link does not use it: scanners of mail look at all of them."""
    if request.user.is_authenticated:
        messages.warning(request, LEAVE_FIRST)
        return redirect("regions:home")
    with queries.shown_link(link_fingerprint(secret)) as link:
        if link is None or not queries.is_live(link):
            return render(request, "beneficiaries/link_over.html", {"secret": secret}, status=410)
        found = _fiche(link)
        if request.method == "GET":
            return render(request, "beneficiaries/link.html", {"referral": found})
        # A page that fails raises here: the link is spent on a fiche that can be read.
        _fiche_page(request, found)
        actions.open_link(by=None, link=link)
        response = redirect("beneficiaries:linked_referral", found.public_id)
        _open_here(response, found, link)
    return response


@public
@require_POST
@cache_control(no_store=True)
def renew_link(request: HttpRequest, secret: str) -> HttpResponse:
    """The same words whatever the link was, and whether another one left."""
    with queries.shown_link(link_fingerprint(secret)) as link:
        if link is not None and not request.user.is_authenticated:
            actions.renew_link(by=None, link=link)
    return render(request, "beneficiaries/link_renewed.html")


def _open_here(response: HttpResponse, referral: Referral, link: ReferralLink) -> None:
    """Sent back for this fiche alone: of two that are open, each has its own."""
    response.set_signed_cookie(
        COOKIE,
        bytes(link.fingerprint).hex(),
        salt=SALT,
        max_age=queries.OPENED_FOR,
        path=reverse("beneficiaries:linked_referral", args=[referral.public_id]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


# ── The fiche that it opened ─────────────────────────────────────────────────────────────────


def opened_by_link(view: Callable[..., HttpResponse]) -> View:
    """Give the view who answers and the fiche, in the scope of who the link was sent to. Without
    the link's cookie nothing tells a fiche from one that never was."""

    @wraps(view)
    @cache_control(no_store=True)
    def opened(request: HttpRequest, referral: UUID) -> HttpResponse:
        shown = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=queries.OPENED_FOR)
        with queries.shown_link(bytes.fromhex(shown)) as link:
            if (
                link is None
                or request.user.is_authenticated
                or link.referral.public_id != referral
                or not queries.is_opened(link)
            ):
                return render(request, "beneficiaries/link_closed.html", status=404)
            return view(request, queries.holder_of(link), _fiche(link))

    return public(opened)


@require_GET
@opened_by_link
def linked_referral(request: HttpRequest, holder: LinkHolder, found: Referral) -> HttpResponse:
    return _fiche_page(request, found)


def _fiche_page(request: HttpRequest, found: Referral) -> HttpResponse:
    context = {
        "referral": found,
        "person": exports.described_person(found),
        "events": found.events.order_by("pk"),
        "dropout": None,  # told to who has an account there and counsels
        "is_received": True,
        "answers": True,
    }
    return render(request, "beneficiaries/linked_referral.html", context)


@require_POST
@opened_by_link
def accept_by_link(request: HttpRequest, holder: LinkHolder, found: Referral) -> HttpResponse:
    def accept() -> str:
        actions.accept_referral(by=None, membership=holder, referral=found)
        return f"Fiche {found.number} acceptée : la structure qui l’a envoyée en est prévenue."

    tell_outcome(request, accept)
    return redirect("beneficiaries:linked_referral", found.public_id)


@require_http_methods(["GET", "POST"])
@opened_by_link
def decline_by_link(request: HttpRequest, holder: LinkHolder, found: Referral) -> HttpResponse:
    form = DeclineForm(
        request.POST if request.method == "POST" else None,
        lists=queries.code_lists(periods.today()),
    )

    def decline(values: dict) -> str:
        actions.decline_referral(by=None, membership=holder, referral=found, **values)
        return f"Fiche {found.number} refusée : le motif revient à la structure qui l’a envoyée."

    context = {
        "heading": f"Refuser la fiche {found.number}",
        "send": "Refuser la fiche",
        "back": ("Annuler", reverse("beneficiaries:linked_referral", args=[found.public_id])),
    }
    return filled_form(
        request,
        form,
        decline,
        "beneficiaries:linked_referral",
        context,
        referral=found.public_id,
    )


@require_POST
@opened_by_link
def receive_by_link(request: HttpRequest, holder: LinkHolder, found: Referral) -> HttpResponse:
    def receive() -> str:
        actions.receive_by_link(by=None, membership=holder, referral=found)
        return f"Fiche {found.number} : la personne a été reçue."

    tell_outcome(request, receive)
    return redirect("beneficiaries:linked_referral", found.public_id)


@require_POST
@opened_by_link
def absence_by_link(request: HttpRequest, holder: LinkHolder, found: Referral) -> HttpResponse:
    def note() -> str:
        actions.note_absence(by=None, membership=holder, referral=found)
        return (
            f"Fiche {found.number} : la structure qui l’a envoyée sait que la personne n’est pas "
            "venue."
        )

    tell_outcome(request, note)
    return redirect("beneficiaries:linked_referral", found.public_id)


def _fiche(link: ReferralLink) -> Referral:
    return queries.received(queries.holder_of(link)).get(pk=link.referral_id)
