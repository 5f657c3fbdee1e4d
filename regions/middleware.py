"""One active membership per request, and the scope that it opens."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db import DatabaseError, IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve
from django.utils import timezone

from regions import actions, queries
from regions.models import Membership
from regions.permissions import SAFE, Permission, is_reader_only
from sprocep import errors, periods, tenancy

log = logging.getLogger(__name__)

NOMINAL = "nominal:"
API = "/api/"
_SEEN_EVERY = 60  # seconds between two notes of activity: one write a minute, not one a request

ENDED = (
    "Votre habilitation a pris fin: vous êtes déconnecté. Reconnectez-vous si vous en avez une "
    "autre."
)
NONE_IN_FORCE = (
    "Aucune habilitation n’est en cours pour ce compte. Adressez-vous à la personne qui administre "
    "la plateforme."
)
UNKNOWN_TOKEN = (
    "Jeton inconnu, expiré ou révoqué. Demandez-en un autre à qui vous l’a remis : la direction de "
    "la structure, ou l’administration de la plateforme."
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
        return _answer(request, get_response)

    middleware.process_exception = _refused
    return middleware


def reach_of(membership: Membership) -> dict:
    """The Regions × structures of a membership, never a union of two: what opens a scope.

    Raises:
        ScopeError: nobody has confirmed it yet.
    """
    if not membership.is_confirmed:
        raise tenancy.ScopeError("this membership waits to be confirmed")
    return {
        "regions": queries.regions_of(membership),
        "structures": [membership.structure_id] if membership.structure_id else [],
        "user": membership.user_id,
        "network": membership.network_id or "",
    }


def scope_of(membership: Membership, *, read_only: bool):
    return tenancy.scope(**reach_of(membership), read_only=read_only)


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
    request.memberships = queries.memberships_in_force(request.user, periods.today())
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
    """Read the memberships, then the page, in one transaction: the scope of the person first,
    then that of the membership that she takes up, or that of the program's token."""
    read: list[tuple[str, str]] = []
    request.remember = lambda page, object_id="": read.append((page, str(object_id)))
    notes: list[Callable[[], None]] = []
    request.afterwards = notes.append  # what a page that only reads would have written
    try:
        with tenancy.scope(user=request.user.pk):
            cause = None if request.membership else _why_cut(request)
            if cause is None:
                tenancy.replace_scope(
                    **reach_of(request.membership), read_only=_is_read_only(request)
                )
                response = get_response(request)
    except IntegrityError as exc:  # a constraint that waited for the end of the transaction
        return errors.page(request, 409, errors.french(exc))
    if cause:
        return _cut(request, cause)
    membership = request.membership
    if request.ends_login:  # outside the scope: a read-only role may log out too
        logout(request)
    if response.status_code < 400 and read and not _remembered(membership, read):
        return errors.page(request, 503)
    if response.status_code < 400:
        _written(notes)
    if membership.role in Membership.LOCAL or any(page.startswith(NOMINAL) for page, _ in read):
        response["Cache-Control"] = "no-store"
    return response


def _is_read_only(request: HttpRequest) -> bool:
    return request.method in SAFE or is_reader_only(request.membership.role, _right_asked(request))


def _right_asked(request: HttpRequest) -> Permission | frozenset[Permission] | str | None:
    """What the view will ask for; None where there is no view to ask."""
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return None
    return getattr(view, "permission", None)


_TRACES = """
INSERT INTO regions_accessevent (at, by_id, territory, structure_id, page, object_id)
SELECT %s, %s, %s, %s, page, object_id FROM unnest(%s::text[], %s::text[]) AS read(page, object_id)
"""


def _remembered(membership: Membership, read: list[tuple[str, str]]) -> bool:
    """Write who read what; False when a page with names must not be served for want of it."""
    territory = membership.region_id or tenancy.NATION
    place = {"regions": [territory], "user": membership.user_id}
    place["structures"] = [membership.structure_id] if membership.structure_id else []
    who = [timezone.now(), membership.user_id, territory, membership.structure_id]
    try:
        values = [*who, *map(list, zip(*read, strict=True))]
        tenancy.execute_alone(_TRACES, values, **place)
    except DatabaseError as exc:
        log.error("consultation non tracée: %s", type(exc).__name__)  # noqa: TRY400 — no text of it
        return not any(page.startswith(NOMINAL) for page, _ in read)
    return True


def _written(notes: list[Callable[[], None]]) -> None:
    """What a page leaves behind, each in a scope of its own; for want of it no page is refused."""
    for note in notes:
        try:
            note()
        except DatabaseError as exc:
            log.error("note non écrite: %s", type(exc).__name__)  # noqa: TRY400 — no text of it


def _refused(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    if isinstance(exception, errors.ActionRefused):
        return errors.page(request, 409, str(exception))
    return None
