"""The home page of every role."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from regions import queries
from regions.context import address
from regions.models import Membership
from regions.permissions import ROLES, Permission, require
from sprocep import periods

# Right, words, route, key, is the main one: what each role comes here to do.
HOME_ACTIONS = (
    (Permission.LOG_SESSIONS, "Nouvel entretien", "beneficiaries:log_session", "n", True),
    (Permission.LOG_CONTACTS, "Accueil anonyme", "beneficiaries:log_contact", "a", False),
    (Permission.READ_JOURNEYS, "Mes parcours", "beneficiaries:journeys", "", False),
    (Permission.READ_JOURNEYS, "Ateliers", "beneficiaries:workshops", "", False),
    (Permission.SEND_REFERRALS, "Fiches de liaison", "beneficiaries:referrals", "", False),
    (Permission.CONFIRM_RETURNS, "Remontées", "indicators:returns", "", True),
    (Permission.READ_OWN_DASHBOARD, "Tableaux de bord", "indicators:dashboards", "", True),
    (Permission.READ_ESCALATIONS, "Fiches sans réponse", "beneficiaries:escalations", "", False),
    (Permission.MANAGE_ROUTING, "Règles d’aiguillage", "operators:rules", "", False),
    (Permission.MANAGE_HINTS, "Conseils de financement", "operators:hints", "", False),
    (Permission.JOIN_EXCHANGES, "Échanges de pratique", "operators:exchanges", "", False),
    (Permission.ANNOUNCE_EXCHANGES, "Échanges de pratique", "operators:exchanges", "", False),
    (Permission.READ_TRADES, "Métiers qui recrutent", "operators:trades", "", False),
    (Permission.MANAGE_RECEPTION, "Capacité et horaires", "operators:receptions", "", False),
    (Permission.MANAGE_TEAM, "Équipe", "regions:team", "", False),
    (Permission.READ_ALL_DASHBOARDS, "Régions et périodes", "indicators:grid", "", True),
    (Permission.RECEIVE_LETTERS, "Mes courriels", "regions:letters", "", False),
    (Permission.READ_AUDIT, "Traces d’audit", "regions:audit", "", False),
    (Permission.READ_AUDIT, "Consultations", "regions:accesses", "", False),
    (Permission.MANAGE_MEMBERSHIPS, "Habilitations", "regions:memberships", "", True),
    (Permission.MANAGE_MEMBERSHIPS, "Créer un compte", "regions:create_account", "", False),
    (Permission.MANAGE_MEMBERSHIPS, "Logiciels autorisés", "regions:programs", "", False),
)
_READS = "Vous lisez les tableaux de bord scellés de votre Région, et ceux des autres Régions."
# Said to who comes to read alone, on top of the page.
SENTENCES = {
    Membership.Role.ELECTED_REFERENT: _READS,
    Membership.Role.CARIF_OREF: (
        f"{_READS} Vous tenez avec la coordination la liste des métiers qui recrutent."
    ),
    Membership.Role.NETWORK_HEAD: (
        "Vous suivez les remontées des structures de votre réseau, et lisez les tableaux de bord "
        "scellés de toutes les Régions."
    ),
}


@require(Permission.READ_HOME)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    role = request.membership.role
    found = [
        {"label": label, "url": address(name), "shortcut": key, "primary": is_main}
        for right, label, name, key, is_main in HOME_ACTIONS
        if right in ROLES[role]
    ]
    for extra in [action for action in found if action["primary"]][1:]:
        extra["primary"] = False
    context = {
        "to_confirm": _to_confirm(request),
        "actions": [action for action in found if action["url"]],
        "sentence": SENTENCES.get(role, ""),
    }
    return render(request, "regions/home.html", context)


def _to_confirm(request: HttpRequest) -> list[dict]:
    """Roles that wait for the word of who comes here: an item of `components/_todo.html`."""
    pages = {
        Permission.MANAGE_TEAM: "regions:team",
        Permission.MANAGE_MEMBERSHIPS: "regions:memberships",
    }
    for right, page in pages.items():
        if right in ROLES[request.membership.role]:
            count = queries.to_confirm(request.membership, periods.today()).count()
            words = f"habilitation{'s' if count > 1 else ''} à confirmer"
            return [{"label": words, "url": address(page), "count": count}] if count else []
    return []
