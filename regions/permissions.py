"""The whole rights policy on one screen: who may do what. Where is the scope's matter."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse

from regions.models import Membership

View = Callable[..., HttpResponse]
PUBLIC = "public"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})  # what a request may not write with


class Permission(StrEnum):
    READ_HOME = "read_home"
    RECEIVE_LETTERS = "receive_letters"
    LOG_CONTACTS = "log_contacts"
    LOG_SESSIONS = "log_sessions"
    GIVE_FEEDBACK = "give_feedback"
    SEND_REFERRALS = "send_referrals"
    ANSWER_REFERRALS = "answer_referrals"
    READ_ESCALATIONS = "read_escalations"
    MANAGE_ROUTING = "manage_routing"
    MANAGE_HINTS = "manage_hints"
    READ_TRADES = "read_trades"
    MANAGE_TRADES = "manage_trades"
    JOIN_EXCHANGES = "join_exchanges"
    ANNOUNCE_EXCHANGES = "announce_exchanges"
    MANAGE_RECEPTION = "manage_reception"
    MANAGE_TEAM = "manage_team"
    READ_JOURNEYS = "read_journeys"
    READ_OWN_DASHBOARD = "read_own_dashboard"
    READ_ALL_DASHBOARDS = "read_all_dashboards"
    COMPILE = "compile"
    VALIDATE = "validate"
    SEAL = "seal"
    ANSWER = "answer"
    READ_INBOX = "read_inbox"
    READ_ACTS = "read_acts"
    ACKNOWLEDGE = "acknowledge"
    CONTEST = "contest"
    READ_AUDIT = "read_audit"
    MANAGE_MEMBERSHIPS = "manage_memberships"
    READ_RETURNS = "read_returns"
    CONFIRM_RETURNS = "confirm_returns"
    COMMENT_EDITIONS = "comment_editions"
    READ_API = "read_api"
    READ_CODES = "read_codes"
    EXCHANGE_REFERRALS = "exchange_referrals"
    MANAGE_REFERENCE = "manage_reference"
    COMPOSE_INDICATORS = "compose_indicators"
    READ_OWN_ROWS = "read_own_rows"
    RECOUNT = "recount"
    READ_SURVEYS = "read_surveys"


_RECEPTION = frozenset(
    {
        Permission.READ_HOME,
        Permission.LOG_CONTACTS,
        Permission.SEND_REFERRALS,
        Permission.READ_TRADES,
    }
)
_COUNSEL = _RECEPTION | {
    Permission.LOG_SESSIONS,
    Permission.READ_JOURNEYS,
    Permission.ANSWER_REFERRALS,
    Permission.JOIN_EXCHANGES,
}
_REGIONAL_READING = frozenset(
    {
        Permission.READ_HOME,
        Permission.READ_OWN_DASHBOARD,
        Permission.READ_API,
        Permission.READ_CODES,
    }
)
_OF_A_REGION = _REGIONAL_READING | {Permission.READ_INBOX, Permission.READ_ACTS}
# What a coordination and the Carif-Oref of its Region both keep.
_OF_PRACTICE = frozenset(
    {Permission.READ_TRADES, Permission.MANAGE_TRADES, Permission.ANNOUNCE_EXCHANGES}
)
_OF_RETURNS = frozenset(
    {Permission.RECEIVE_LETTERS, Permission.READ_RETURNS, Permission.CONFIRM_RETURNS}
)

ROLES: dict[Membership.Role, frozenset[Permission]] = {
    Membership.Role.LEVEL1_RECEPTIONIST: _RECEPTION,
    # Who reads what advisers say of their sessions says nothing among them.
    Membership.Role.ADVISER: _COUNSEL | {Permission.GIVE_FEEDBACK},
    Membership.Role.STRUCTURE_MANAGER: (
        _COUNSEL
        | _OF_RETURNS
        | {
            Permission.READ_OWN_DASHBOARD,
            Permission.READ_OWN_ROWS,
            Permission.MANAGE_RECEPTION,
            Permission.MANAGE_TEAM,
            Permission.READ_SURVEYS,
        }
    ),
    Membership.Role.REGIONAL_COORDINATOR: (
        _OF_A_REGION
        | _OF_PRACTICE
        | {
            Permission.RECEIVE_LETTERS,
            Permission.READ_RETURNS,
            Permission.COMMENT_EDITIONS,
            Permission.COMPOSE_INDICATORS,
            Permission.ACKNOWLEDGE,
            Permission.CONTEST,
            Permission.READ_ESCALATIONS,
            Permission.MANAGE_ROUTING,
            Permission.MANAGE_HINTS,
            Permission.MANAGE_RECEPTION,
            Permission.READ_SURVEYS,
        }
    ),
    Membership.Role.ELECTED_REFERENT: _OF_A_REGION | {Permission.READ_SURVEYS},
    Membership.Role.CARIF_OREF: _OF_A_REGION | _OF_PRACTICE,
    Membership.Role.API_CLIENT: frozenset({Permission.READ_API, Permission.READ_CODES}),
    Membership.Role.STRUCTURE_PROGRAM: frozenset(
        {Permission.EXCHANGE_REFERRALS, Permission.READ_CODES}
    ),
    Membership.Role.NETWORK_HEAD: (_REGIONAL_READING | _OF_RETURNS),
    Membership.Role.DGEFP_OFFICER: frozenset(
        {
            Permission.READ_HOME,
            Permission.RECEIVE_LETTERS,
            Permission.READ_ALL_DASHBOARDS,
            Permission.READ_RETURNS,
            Permission.COMPILE,
            Permission.VALIDATE,
            Permission.SEAL,
            Permission.ANSWER,
            Permission.READ_ACTS,
            Permission.MANAGE_REFERENCE,
            Permission.MANAGE_HINTS,
            Permission.READ_SURVEYS,
            Permission.READ_API,
            Permission.READ_CODES,
        }
    ),
    Membership.Role.AUDITOR: frozenset(
        {
            Permission.READ_HOME,
            Permission.READ_ALL_DASHBOARDS,
            Permission.READ_RETURNS,
            Permission.READ_ACTS,
            Permission.READ_AUDIT,
            Permission.READ_API,
            Permission.READ_CODES,
            Permission.RECOUNT,
        }
    ),
    Membership.Role.PLATFORM_ADMINISTRATOR: frozenset(
        {Permission.READ_HOME, Permission.MANAGE_MEMBERSHIPS}
    ),
}

# Rights over persons. Who has none of them is told nothing, not even that there is such a page.
OF_PERSONS = frozenset(
    {
        Permission.LOG_CONTACTS,
        Permission.LOG_SESSIONS,
        Permission.GIVE_FEEDBACK,
        Permission.READ_JOURNEYS,
        Permission.SEND_REFERRALS,
        Permission.ANSWER_REFERRALS,
        Permission.EXCHANGE_REFERRALS,
    }
)


@dataclass(frozen=True)
class LinkHolder:
    """Who came by a link sent to the address of a structure: it, there, and nobody by name."""

    structure_id: int
    region_id: str


OF_A_LINK = frozenset({Permission.ANSWER_REFERRALS})
# What the software of a structure does through its own routes; of the pages of these rights, none.
OF_A_STRUCTURE_PROGRAM = frozenset({Permission.SEND_REFERRALS, Permission.ANSWER_REFERRALS})


def rights_of(member: Membership | LinkHolder) -> frozenset[Permission]:
    """What it may do, wherever it comes from; `ROLES` is what it may open."""
    if isinstance(member, LinkHolder):
        return OF_A_LINK
    if member.role == Membership.Role.STRUCTURE_PROGRAM:
        return ROLES[member.role] | OF_A_STRUCTURE_PROGRAM
    return ROLES[member.role]


# Nothing that these do may write: PostgreSQL refuses it, whatever the view says.
READ_ONLY_ROLES = frozenset(
    {
        Membership.Role.AUDITOR,
        Membership.Role.ELECTED_REFERENT,
        Membership.Role.CARIF_OREF,
        Membership.Role.NETWORK_HEAD,
        Membership.Role.API_CLIENT,
        Membership.Role.STRUCTURE_PROGRAM,
    }
)
# But on the routes of these rights, each one act of its role.
ACTS_OF_READERS: dict[Membership.Role, frozenset[Permission]] = {
    Membership.Role.NETWORK_HEAD: frozenset(
        {Permission.RECEIVE_LETTERS, Permission.CONFIRM_RETURNS}
    ),
    Membership.Role.AUDITOR: frozenset({Permission.RECOUNT}),
    Membership.Role.CARIF_OREF: frozenset(
        {Permission.MANAGE_TRADES, Permission.ANNOUNCE_EXCHANGES}
    ),
    Membership.Role.STRUCTURE_PROGRAM: frozenset({Permission.EXCHANGE_REFERRALS}),
}


def is_reader_only(role: str, right: Permission | frozenset[Permission] | str | None) -> bool:
    """Whether PostgreSQL refuses every write to this role on a route that asks for this right."""
    return role in READ_ONLY_ROLES and right not in ACTS_OF_READERS.get(role, ())


def may(request: HttpRequest, permission: Permission) -> bool:
    membership = request.membership
    return membership is not None and permission in ROLES[membership.role]


def require(permission: Permission) -> Callable[[View], View]:
    """First decorator of every view: 403 when the active membership's role lacks this right, 404
    when it is one over persons and the role has none of these."""
    return _guard((permission,), permission)


def require_any(*permissions: Permission) -> Callable[[View], View]:
    """As `require`, for a page that several rights open; `view.permission` is the set of them."""
    return _guard(permissions, frozenset(permissions))


def _guard(
    permissions: tuple[Permission, ...], mark: Permission | frozenset[Permission]
) -> Callable[[View], View]:
    def decorator(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not any(may(request, permission) for permission in permissions):
                raise refusal(request.membership, permissions)
            if request.method in SAFE:
                return view(request, *args, **kwargs)
            with transaction.atomic():
                return view(request, *args, **kwargs)

        guarded.permission = mark
        # Inside the scope's transaction already, where a read has nothing to undo.
        return transaction.non_atomic_requests(guarded)

    return decorator


def refusal(member: Membership | None, asked: tuple[Permission, ...]) -> Exception:
    """Whom a right over persons is refused, who has none of these, is told nothing."""
    rights = rights_of(member) if member else frozenset()
    if OF_PERSONS.issuperset(asked) and not rights & OF_PERSONS:
        return Http404()
    return PermissionDenied()


def public(view: View) -> View:
    """Open to everyone, logged in or not."""
    view.permission = PUBLIC
    return login_not_required(view)
