"""One active membership per request, and the scope that it opens."""

import logging
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db import DatabaseError, IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone

from regions import actions, queries
from regions.models import AccessEvent, Membership
from regions.permissions import READ_ONLY_ROLES
from sprocep import errors, periods, tenancy

log = logging.getLogger(__name__)

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NOMINAL = "nominal:"
API = "/api/"
_SEEN_EVERY = 60  # seconds between two notes of activity: one write a minute, not one a request

ENDED = (
    "Votre habilitation a pris fin: vous êtes déconnecté. Reconnectez-vous si vous en avez une "
    "autre."
)
NONE_IN_FORCE = (
    "Aucune habilitation n'est en cours pour ce compte. Adressez-vous à la personne qui administre "
    "la plateforme."
)
UNKNOWN_TOKEN = (
    "Jeton inconnu, expiré ou révoqué. Demandez-en un autre à la personne qui administre la "
    "plateforme."
)
IDLE = "Vous avez été déconnecté après un moment sans activité. Reconnectez-vous pour continuer."


def scope_of_membership(get_response):
    """Set `request.membership` and answer inside its scope; nobody without one has any."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.membership, request.memberships = None, []
        request.ends_login = False
        if request.path.startswith(API) and "Authorization" in request.headers:
            return _answer_program(request, get_response)
        if not request.user.is_authenticated:
            return get_response(request)
        day = periods.today()
        with tenancy.scope(user=request.user.pk):
            request.memberships = queries.memberships_in_force(request.user, day)
        if cause := _why_cut(request):
            return _cut(request, cause)
        return _answer(request, get_response)

    middleware.process_exception = _refused
    return middleware


def scope_of(membership: Membership, *, read_only: bool):
    """The Regions × structures of a membership, never a union of two."""
    return tenancy.scope(
        regions=queries.regions_of(membership),
        structures=[membership.structure_id] if membership.structure_id else [],
        user=membership.user_id,
        network=membership.network_id or "",
        read_only=read_only,
    )


def _answer_program(request: HttpRequest, get_response) -> HttpResponse:
    """A program is the membership of its token, for this request alone: no login is opened."""
    scheme, _, secret = request.headers["Authorization"].partition(" ")
    token = queries.token_in_force(secret.strip()) if scheme.lower() == "bearer" else None
    if token is None:
        response = errors.page(request, 401, UNKNOWN_TOKEN)
        response["WWW-Authenticate"] = "Bearer"
        return response
    actions.note_use(token=token)
    request.user, request.membership = token.membership.user, token.membership
    return _answer(request, get_response)


# ── Which membership, and is it still one ────────────────────────────────────────────────────


def _why_cut(request: HttpRequest) -> str | None:
    """Choose the active membership; else say why this login ends."""
    session = request.session
    kept = session.get("membership")
    if not request.memberships:
        return ENDED if kept else NONE_IN_FORCE
    chosen = [m for m in request.memberships if kept in (None, str(m.public_id))]
    if not chosen:
        return ENDED
    request.membership = chosen[0]
    if kept is None:
        session["membership"] = str(request.membership.public_id)
    return IDLE if _is_over(request) else None


def _is_over(request: HttpRequest) -> bool:
    """Half an hour without activity for roles that read names, half a day for everyone."""
    now = timezone.now()
    session, instant = request.session, int(now.timestamp())
    began, seen = session.setdefault("began", instant), session.setdefault("seen", instant)
    if instant - seen >= _SEEN_EVERY:
        session["seen"] = instant
    is_nominal = request.membership.role in Membership.LOCAL
    too_long = timedelta(seconds=settings.SESSION_COOKIE_AGE).total_seconds()
    return (is_nominal and instant - seen > settings.IDLE_SECONDS_NOMINAL) or (
        instant - began > too_long
    )


def _cut(request: HttpRequest, cause: str) -> HttpResponse:
    request.membership, request.memberships = None, []
    logout(request)
    if request.path.startswith("/api/"):
        return errors.page(request, 401, cause)
    messages.warning(request, cause)
    address = resolve_url(settings.LOGIN_URL)
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


# ── The answer, and what is remembered of it ─────────────────────────────────────────────────


def _answer(request: HttpRequest, get_response) -> HttpResponse:
    membership = request.membership
    read: list[tuple[str, str]] = []
    request.remember = lambda page, object_id="": read.append((page, str(object_id)))
    read_only = request.method in SAFE or membership.role in READ_ONLY_ROLES
    try:
        with scope_of(membership, read_only=read_only):
            response = get_response(request)
    except IntegrityError as exc:  # a constraint that waited for the end of the transaction
        return errors.page(request, 409, errors.french(exc))
    if request.ends_login:  # outside the scope: a read-only role may log out too
        logout(request)
    if response.status_code < 400 and read and not _remembered(request, membership, read):
        return errors.page(request, 503)
    if membership.role in Membership.LOCAL or any(page.startswith(NOMINAL) for page, _ in read):
        response["Cache-Control"] = "no-store"
    return response


def _remembered(request: HttpRequest, membership: Membership, read: list[tuple[str, str]]) -> bool:
    """Write who read what; False when a page with names must not be served for want of it."""
    territory = membership.region_id or tenancy.NATION
    try:
        with tenancy.scope(regions=[territory]):
            AccessEvent.objects.bulk_create(
                AccessEvent(
                    by_id=membership.user_id,
                    territory=territory,
                    structure_id=membership.structure_id,
                    page=page,
                    object_id=object_id,
                )
                for page, object_id in read
            )
    except DatabaseError as exc:
        log.error("consultation non tracée: %s", type(exc).__name__)  # noqa: TRY400 — no text of it
        return not any(page.startswith(NOMINAL) for page, _ in read)
    return True


def _refused(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    if isinstance(exception, errors.ActionRefused):
        return errors.page(request, 409, str(exception))
    return None
