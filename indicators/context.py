"""What waits for each person, asked by the home alone: an item leads to the act that ends it."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.db.models import Count, Min
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from indicators import queries, returns
from indicators.models import (
    Anomaly,
    CalendarEntry,
    Contestation,
    Edition,
    EditionEvent,
    ExpectedReturn,
    Work,
)
from indicators.queries import Campaign
from indicators.steps import next_step
from regions import letters
from regions.models import Membership
from regions.queries import region_scope, regions_of
from sprocep import periods
from sprocep.periods import Period
from sprocep.tenancy import NATION

NEWEST = 3
Items = list[dict]


def editions_waiting(request: HttpRequest) -> dict:
    membership = getattr(request, "membership", None)
    kinds = WAITING.get(membership.role) if membership else None
    if kinds is None:
        return {}
    return {
        "editions_waiting": SimpleLazyObject(
            lambda: [item for kind in kinds for item in kind(membership)]
        ),
        "campaigns_running": SimpleLazyObject(
            lambda: _campaigns(membership) if membership.role in FOLLOWING else []
        ),
    }


def _several(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


# ── The DGEFP ────────────────────────────────────────────────────────────────────────────────


def _failed_work(membership: Membership) -> Items:
    failed = Work.objects.filter(state=Work.State.FAILED)
    found = failed.aggregate(count=Count("pk"), since=Min("started_at"))
    words = _several(found["count"], "unité de calcul en échec", "unités de calcul en échec")
    item = {"label": words, "url": reverse("indicators:works"), **found, "is_feminine": True}
    return [item] if found["count"] else []


def _letters_kept_back(membership: Membership) -> Items:
    found = letters.kept_back().order_by().aggregate(count=Count("pk"), since=Min("written_at"))
    count = found["count"]
    words = _several(count, "courriel retenu", "courriels retenus")
    address = f"{reverse('indicators:works')}#lettres"
    item = {"label": words, "url": address, "count": count, "since": found["since"]}
    return [item] if count else []


def _contestations(membership: Membership) -> Items:
    waiting = Contestation.objects.filter(outcome="").order_by("raised_at")
    match list(waiting.values_list("public_id", "raised_at")):
        case []:
            return []
        case [(alone, since)]:
            count, address = 1, reverse("indicators:contestation", args=[alone])
        case [(_, since), *_] as several:
            count, address = len(several), f"{reverse('indicators:contestations')}?sort=outcome"
    words = _several(count, "contestation à traiter", "contestations à traiter")
    item = {"label": words, "url": address, "count": count, "since": since, "is_feminine": True}
    return [item]


def _next_steps(membership: Membership) -> Items:
    """By period and step, the newest period first."""
    due = dict(CalendarEntry.objects.values_list("period", "due_on"))
    states = Edition.objects.values("period", "state").annotate(count=Count("pk"))
    found = []
    for row in states.order_by("-period", "state"):
        step = next_step([row["state"]])
        if step is None:
            continue
        deadline = due.get(row["period"])
        found.append(
            {
                "label": (
                    f"{_several(row['count'], 'édition', 'éditions')} {step.todo}, "
                    f"{Period.parse(row['period']).label}"
                ),
                "url": reverse(step.of_period, args=[row["period"]]),
                "count": row["count"],
                "due": deadline,
                "late": bool(deadline and deadline < periods.today()),
            }
        )
    return found


def _behind_errata(membership: Membership) -> Items:
    """Sealed years, or quarters, that an erratum of a part of them has left behind."""
    found = []
    for period, territories in queries.behind_errata().items():
        count, label = len(territories), Period.parse(period).label
        words = _several(count, "édition scellée diffère", "éditions scellées diffèrent")
        asked = urlencode({"region": [c for c in territories if c != NATION]}, doseq=True)
        found.append(
            {
                "label": f"{words} d’une période corrigée, {label} : ouvrir l’erratum",
                "url": f"{reverse('indicators:open_erratum', args=[period])}?{asked}",
                "count": count,
                "since": min(territories.values()),
                "is_feminine": True,
            }
        )
    return found


# ── A Region ─────────────────────────────────────────────────────────────────────────────────


def _to_comment(membership: Membership) -> Items:
    """Drafts of the Region that it reads over and has not commented."""
    said = EditionEvent.objects.filter(kind=EditionEvent.Kind.COMMENTED).values("edition")
    drafts = Edition.objects.filter(
        territory__in=region_scope(membership.region_id), state=Edition.State.UNDER_REVIEW
    )
    until = dict(CalendarEntry.objects.values_list("period", "comment_by"))
    today = periods.today()
    return [
        {
            "label": f"Tableau de bord à relire : {Period.parse(edition.period).label}",
            "url": reverse("indicators:comment", args=[edition.period, edition.territory]),
            "due": until.get(edition.period),
        }
        for edition in drafts.exclude(pk__in=said).order_by("-period", "territory")
        if until.get(edition.period, today) >= today
    ]


def _received(membership: Membership) -> Items:
    """The newest editions that were sent to the Region and that it has not acknowledged."""
    editions = Edition.objects.filter(
        territory__in=region_scope(membership.region_id), state=Edition.State.TRANSMITTED
    ).order_by("-transmitted_at", "-period")[:NEWEST]
    return [
        {
            "label": f"Tableau de bord transmis : {Period.parse(edition.period).label}",
            "url": reverse("indicators:dashboard", args=[edition.period, edition.territory]),
            "since": edition.transmitted_at,
        }
        for edition in editions
    ]


def _answered(membership: Membership) -> Items:
    """Answers that the Region has not opened."""
    answered = Contestation.objects.filter(
        territory__in=region_scope(membership.region_id), read_at__isnull=True
    ).exclude(outcome="")
    return [
        {
            "label": f"Réponse à votre contestation : édition {one.edition.code}",
            "url": reverse("indicators:contestation", args=[one.public_id]),
            "since": one.answered_at,
        }
        for one in answered.select_related("edition").order_by("-answered_at")[:NEWEST]
    ]


# ── A structure, or a network ────────────────────────────────────────────────────────────────


def _open_campaigns(membership: Membership) -> dict[str, CalendarEntry]:
    """Of which something can still be confirmed: over, opened, and in the calendar."""
    today = periods.today()
    entries = CalendarEntry.objects.filter(opens_on__lte=today).order_by("-starts_on")
    return {entry.period: entry for entry in entries if Period.parse(entry.period).is_over(today)}


def _to_confirm(membership: Membership) -> Items:
    campaigns = _open_campaigns(membership)
    waiting = ExpectedReturn.objects.filter(period__in=campaigns, received_at__isnull=True)
    return _by_period(
        membership, waiting, campaigns, "remontée à confirmer", "remontées à confirmer"
    )


def _to_explain(membership: Membership) -> Items:
    campaigns = _open_campaigns(membership)
    waiting = Anomaly.objects.filter(period__in=campaigns, state=Anomaly.State.OPEN)
    return _by_period(
        membership, waiting, campaigns, "anomalie à expliquer", "anomalies à expliquer"
    )


def _by_period(membership: Membership, rows, campaigns: dict, one: str, many: str) -> Items:
    """One item a period, of the Regions that are not validated; it leads to the return itself
    where there is one alone."""
    settled = returns.settled_places(campaigns, regions_of(membership))
    places: dict[str, list[tuple[str, str]]] = {}
    found = rows.order_by("-period").values_list("period", "region", "structure__siret")
    for period, region, siret in found:
        if (period, region) not in settled:
            places.setdefault(period, []).append((region, siret))
    return [
        {
            "label": f"{_several(len(held), one, many)}, {Period.parse(period).label}",
            "url": _address(period, held),
            "count": len(held),
            "due": campaigns[period].confirm_by,
            "late": campaigns[period].confirm_by < periods.today(),
        }
        for period, held in list(places.items())[:NEWEST]
    ]


def _address(period: str, places: list[tuple[str, str]]) -> str:
    if len(set(places)) == 1:
        return reverse("indicators:declaration", args=[period, *places[0]])
    return f"{reverse('indicators:returns_of_structures')}?periode={period}&sort=state"


# ── Who follows a campaign ───────────────────────────────────────────────────────────────────


def _campaigns(membership: Membership) -> Items:
    """How far the campaigns are whose last deadline is ahead, among the returns in scope."""
    today = periods.today()
    entries = CalendarEntry.objects.filter(opens_on__lte=today, due_on__gte=today)
    running = {entry.period: entry for entry in entries.order_by("-starts_on")}
    counted = queries.campaigns(running)
    found = []
    for period, entry in running.items():
        campaign, label = counted.get(period, Campaign()), Period.parse(period).label
        words = _several(campaign.received, "remontée reçue", "remontées reçues")
        found.append(
            {
                "label": f"{words} sur {campaign.expected}, {label}",
                "url": f"{reverse('indicators:returns')}?periode={period}",
                "count": campaign.received,
                "due": entry.confirm_by,
                "late": entry.confirm_by < today and campaign.received < campaign.expected,
            }
        )
        if membership.role == _ROLE.DGEFP_OFFICER:
            found.append(_commented(campaign, entry, label))
            found += _doubtful(period, label)
    return found


def _commented(campaign: Campaign, entry: CalendarEntry, label: str) -> dict:
    words = _several(campaign.commented, "Région a commenté", "Régions ont commenté")
    return {
        "label": f"{words} sur {campaign.regions}, {label}",
        "url": reverse("indicators:grid"),
        "count": campaign.commented,
        "due": entry.comment_by,
    }


def _doubtful(period: str, label: str) -> Items:
    count = Anomaly.objects.filter(period=period, state=Anomaly.State.OPEN).count()
    words = _several(count, "anomalie attend sa structure", "anomalies attendent leur structure")
    address = f"{reverse('indicators:returns_of_structures')}?periode={period}&sort=-anomalies"
    return [{"label": f"{words}, {label}", "url": address, "count": count}] if count else []


_ROLE = Membership.Role
FOLLOWING = frozenset({_ROLE.DGEFP_OFFICER, _ROLE.REGIONAL_COORDINATOR, _ROLE.NETWORK_HEAD})
_RETURNS = (_to_explain, _to_confirm)
WAITING: dict[str, tuple[Callable[[Membership], Items], ...]] = {
    _ROLE.DGEFP_OFFICER: (
        _failed_work,
        _letters_kept_back,
        _contestations,
        _behind_errata,
        _next_steps,
    ),
    _ROLE.REGIONAL_COORDINATOR: (_to_comment, _received, _answered),
    _ROLE.ELECTED_REFERENT: (_received,),
    _ROLE.CARIF_OREF: (_received,),
    _ROLE.NETWORK_HEAD: _RETURNS,
    _ROLE.STRUCTURE_MANAGER: _RETURNS,
}
