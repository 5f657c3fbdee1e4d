"""What every page shows: who I am, where, and where I can go."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from regions.permissions import ROLES, Permission

# Right, words, name of the route: routes of the right-hand apps are known by name alone. The first
# of a role's entries stand in a line; those that would make it longer are behind « Plus ».
IN_LINE = 6
MENU = (
    (Permission.READ_HOME, "Ma page", "regions:home"),
    (Permission.LOG_SESSIONS, "Nouvel entretien", "beneficiaries:log_session"),
    (Permission.LOG_CONTACTS, "Accueil anonyme", "beneficiaries:log_contact"),
    (Permission.READ_JOURNEYS, "Mes parcours", "beneficiaries:journeys"),
    (Permission.READ_JOURNEYS, "Ateliers", "beneficiaries:workshops"),
    (Permission.READ_RETURNS, "Remontées", "indicators:returns"),
    (Permission.READ_OWN_DASHBOARD, "Tableaux de bord", "indicators:dashboards"),
    (Permission.READ_INBOX, "Reçus", "indicators:inbox"),
    (Permission.COMPOSE_INDICATORS, "Indicateurs", "indicators:regional_indicators"),
    (Permission.READ_ALL_DASHBOARDS, "Régions et périodes", "indicators:grid"),
    (Permission.READ_ACTS, "Contestations", "indicators:contestations"),
    (Permission.READ_ALL_DASHBOARDS, "Travaux", "indicators:works"),
    (Permission.MANAGE_REFERENCE, "Référentiels", "indicators:reference"),
    (Permission.MANAGE_TEAM, "Équipe", "regions:team"),
    (Permission.READ_SURVEYS, "Après le CEP", "indicators:six_months"),
    (Permission.READ_AUDIT, "Traces", "regions:audit"),
    (Permission.READ_AUDIT, "Consultations", "regions:accesses"),
    (Permission.MANAGE_MEMBERSHIPS, "Comptes et habilitations", "regions:memberships"),
    (Permission.MANAGE_MEMBERSHIPS, "Logiciels autorisés", "regions:programs"),
)
SEARCH = "beneficiaries:journeys"


@dataclass(frozen=True)
class OtherMembership:
    """A membership that I can take up: its public id stands where a form wants its key."""

    pk: str
    place_name: str
    role_label: str


@dataclass(frozen=True)
class MenuEntry:
    url: str
    label: str
    active: bool


def who_and_where(request: HttpRequest) -> dict:
    context = {"state_brand": settings.STATE_BRAND, "membership": None, "menu": [], "more_menu": []}
    # An error page made before the middleware ran has neither.
    membership = getattr(request, "membership", None)
    if membership is None or request.ends_login:
        return context
    rights = ROLES[membership.role]
    entries = [e for r, label, name in MENU if r in rights for e in _entry(request, label, name)]
    in_line = IN_LINE if len(entries) <= IN_LINE else IN_LINE - 1
    context |= {
        "membership": membership,
        "menu": entries[:in_line],
        "more_menu": entries[in_line:],
        "memberships": [
            OtherMembership(str(other.public_id), other.place_name, other.role_label)
            for other in request.memberships
            if other.pk != membership.pk
        ],
    }
    if Permission.READ_JOURNEYS in rights:
        context["search_url"] = address(SEARCH)
    return context


def _entry(request: HttpRequest, label: str, name: str) -> list[MenuEntry]:
    url = address(name)
    return [MenuEntry(url, label, request.path == url)] if url else []


@cache
def address(name: str) -> str | None:
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
