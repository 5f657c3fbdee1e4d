"""What waits for the readers of a Region, of a network, of the nation: asked by the home alone."""

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from indicators import returns
from indicators.models import CalendarEntry, Contestation, Edition, Work
from indicators.steps import next_step
from regions.models import Membership
from regions.queries import region_scope
from sprocep import periods
from sprocep.periods import Period

NEWEST = 3
READERS_OF_A_REGION = (
    Membership.Role.REGIONAL_COORDINATOR,
    Membership.Role.ELECTED_REFERENT,
    Membership.Role.CARIF_OREF,
)


def editions_waiting(request: HttpRequest) -> dict:
    membership = getattr(request, "membership", None)
    role = membership.role if membership else None
    if role == Membership.Role.DGEFP_OFFICER:
        return {"editions_waiting": SimpleLazyObject(_of_the_officer)}
    if role in READERS_OF_A_REGION:
        return {"editions_waiting": SimpleLazyObject(lambda: _of_the_region(membership))}
    if role == Membership.Role.NETWORK_HEAD:
        return {"editions_waiting": SimpleLazyObject(_of_the_network)}
    return {}


def _of_the_officer() -> list[dict]:
    grid = reverse("indicators:grid")
    due = dict(CalendarEntry.objects.values_list("period", "due_on"))
    states = Edition.objects.values("period", "state").annotate(count=Count("pk"))
    found = []
    for row in states.order_by("-period"):
        step = next_step([row["state"]])
        if step is None:
            continue
        label, deadline = Period.parse(row["period"]).label, due.get(row["period"])
        words = f"{'éditions' if row['count'] > 1 else 'édition'} {step.todo}, {label}"
        late = bool(deadline and deadline < periods.today())
        found.append(
            {
                "label": words,
                "url": reverse(step.of_period, args=[row["period"]]),
                "count": row["count"],
                "due": deadline,
                "late": late,
            }
        )
    contested = Contestation.objects.filter(outcome="").count()
    if contested:
        words = "contestations à répondre" if contested > 1 else "contestation à répondre"
        address = reverse("indicators:contestations")
        found.insert(0, {"label": words, "url": address, "count": contested})
    failed = Work.objects.filter(state=Work.State.FAILED).count()
    if failed:
        found.insert(0, {"label": "unités de calcul en échec", "url": grid, "count": failed})
    return found


def _of_the_region(membership: Membership) -> list[dict]:
    """The newest editions that were sent to the Region and that it has not acknowledged."""
    editions = Edition.objects.filter(
        territory__in=region_scope(membership.region_id), state=Edition.State.TRANSMITTED
    ).order_by("-transmitted_at", "-period")[:NEWEST]
    return [
        {
            "label": f"Tableau de bord transmis : {Period.parse(edition.period).label}",
            "url": reverse("indicators:dashboard", args=[edition.period, edition.territory]),
        }
        for edition in editions
    ]


def _of_the_network() -> list[dict]:
    """Returns that are late, by period, the newest first."""
    rows = returns.returns(returns.deadlines(), periods.today()).filter(state=returns.LATE)
    late = rows.values_list("period").annotate(Count("pk")).order_by("-period")[:NEWEST]
    address = reverse("indicators:returns_of_structures")
    return [
        {
            "label": f"{'remontées' if count > 1 else 'remontée'} en retard, "
            f"{Period.parse(code).label}",
            "url": f"{address}?periode={code}&etat={returns.LATE}",
            "count": count,
        }
        for code, count in late
    ]
