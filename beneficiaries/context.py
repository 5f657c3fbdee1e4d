"""What waits for an adviser, or for a coordination: read when the home page shows it, nowhere
else."""

from datetime import date
from urllib.parse import urlencode

from django.db.models import Count, F, Min, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from beneficiaries import queries
from beneficiaries.forms.filters import ME, MISSED, SILENT, TO_APPROVE, TO_CONTACT, TO_HAND_OVER
from beneficiaries.models import Draft, Referral
from regions.models import Membership
from regions.permissions import ROLES, Permission
from regions.queries import region_scope
from sprocep import periods
from sprocep.templatetags.french import day, moment

DRAFTS_SHOWN = 5
REFUSED_FOR = 30  # days after which a refusal is no news any more
_DUE = {
    MISSED: "parcours : rendez-vous passé sans entretien",
    SILENT: f"parcours sans entretien depuis {queries.SILENT_DAYS} jours : à poursuivre ou à clore",
    TO_CONTACT: "parcours : jeune repéré, à contacter",
    TO_APPROVE: "parcours : document à approuver par la personne",
    TO_HAND_OVER: "parcours clos : document de synthèse à remettre",
}
PAGES_OF_DRAFTS = {
    Draft.Page.SESSION: "beneficiaries:log_session",
    Draft.Page.WORKSHOP: "beneficiaries:log_workshop",
}


def journeys_waiting(request: HttpRequest) -> dict:
    membership = getattr(request, "membership", None)
    rights = ROLES[membership.role] if membership else frozenset()
    if Permission.READ_JOURNEYS in rights:
        return {
            "journeys_heading": "Vos parcours",
            "journeys_waiting": SimpleLazyObject(lambda: _of_adviser(membership)),
        }
    if Permission.READ_ESCALATIONS in rights:
        return {
            "journeys_heading": "Fiches de liaison de votre Région",
            "journeys_waiting": SimpleLazyObject(lambda: _escalated(membership)),
        }
    if Permission.SEND_REFERRALS in rights:
        return {
            "journeys_heading": "Vos fiches de liaison",
            "journeys_waiting": SimpleLazyObject(lambda: _sent(membership)),
        }
    return {}


def _of_adviser(membership: Membership) -> list[dict]:
    return [*_drafts(membership), *_to_answer(membership), *_mine(membership)]


def _to_answer(membership: Membership) -> list[dict]:
    """Fiches that other structures sent and that wait for an answer, or for the person to come."""
    count, since = _oldest(queries.to_answer(membership))
    words = "fiche de liaison reçue" if count == 1 else "fiches de liaison reçues"
    label = f"{words} : à répondre, ou personne à recevoir"
    return _line(count, since, label, "beneficiaries:referrals", is_feminine=True)


def _sent(membership: Membership) -> list[dict]:
    """Of who sends people on and follows nobody: her fiches that were refused of late, and those
    that wait for their answer."""
    hers = queries.referrals_of(membership).filter(sent_by=membership)
    since = periods.days_after(periods.today(), -REFUSED_FOR)
    refused = hers.filter(state=Referral.State.DECLINED, state_since__date__gte=since)
    waiting = hers.filter(state__in=Referral.UNANSWERED)
    return [
        line
        for fiches, one, several, words in (
            (refused, "fiche refusée", "fiches refusées", "à orienter ailleurs"),
            (waiting, "fiche envoyée", "fiches envoyées", "sans réponse encore"),
        )
        for count, day_sent in [_oldest(fiches)]
        for line in _line(
            count,
            day_sent,
            f"{one if count == 1 else several} : {words}",
            "beneficiaries:referrals",
            is_feminine=True,
        )
    ]


def _drafts(membership: Membership) -> list[dict]:
    """Begun and not sent: without the name, on a desk that others use."""
    return [
        {
            "label": f"{draft.get_page_display().capitalize()} commencé, gardé le "
            f"{day(draft.kept_at)} à {moment(draft.kept_at)}",
            "url": f"{reverse(PAGES_OF_DRAFTS[draft.page])}?{urlencode({'brouillon': draft.key})}",
        }
        for draft in queries.drafts(membership)[:DRAFTS_SHOWN]
    ]


def _escalated(membership: Membership) -> list[dict]:
    count, since = _oldest(queries.escalations(region_scope(membership.region_id)))
    words = "fiche de liaison" if count == 1 else "fiches de liaison"
    label = f"{words} sans réponse depuis dix jours"
    return _line(count, since, label, "beneficiaries:escalations", is_feminine=True)


def _oldest(fiches: QuerySet[Referral]) -> tuple[int, date | None]:
    """How many, and since when the first of them waits."""
    found = fiches.order_by().aggregate(count=Count("pk"), since=Min("sent_on"))
    return found["count"], found["since"]


def _mine(membership: Membership) -> list[dict]:
    """Journeys that I follow, or followed until they were closed, and where something is due."""
    today = periods.today()
    due = {
        MISSED: (queries.has_missed(today), queries.last_appointment()),
        SILENT: (queries.is_silent(today), queries.last_held()),
        TO_CONTACT: (queries.waits_for_contact(), queries.found_on()),
        TO_APPROVE: (queries.awaits_approval(), queries.last_handed()),
        TO_HAND_OVER: (queries.owes_document(today), F("closed_on")),
    }
    followed = queries.is_followed_by(membership, today)
    found = (
        queries.journeys(membership.structure_id)
        .filter(followed)
        .aggregate(
            **{state: Count("pk", filter=condition) for state, (condition, _) in due.items()},
            **{f"{s}_since": Min(day, filter=condition) for s, (condition, day) in due.items()},
        )
    )
    return [
        line
        for state in due
        for line in _line(
            found[state],
            found[f"{state}_since"],
            _DUE[state],
            "beneficiaries:journeys",
            f"?{urlencode({'state': state, 'referent': ME})}",
        )
    ]


def _line(
    count: int,
    since: date | None,
    label: str,
    route: str,
    query: str = "",
    *,
    is_feminine: bool = False,
) -> list[dict]:
    """Return the line of what waits, with the day of what has waited longest; none for nothing.

    Args:
        is_feminine: whether the French name of what is counted is.
    """
    if not count:
        return []
    url = f"{reverse(route)}{query}"
    return [
        {"label": label, "url": url, "count": count, "since": since, "is_feminine": is_feminine}
    ]
