"""What waits for the readers of a Region, of a network, of the nation: asked by the home alone."""

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from indicators import returns
from indicators.models import CalendarEntry, Edition, Work
from regions.models import Membership
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
    states = Edition.objects.values("period").annotate(
        drafts=Count("pk", filter=Q(state=Edition.State.DRAFT)),
        sealed=Count("pk", filter=Q(state=Edition.State.SEALED)),
    )
    found = []
    for row in states.order_by("-period"):
        label, deadline = Period.parse(row["period"]).label, due.get(row["period"])
        late = bool(deadline and deadline < periods.today())
        for count, act in ((row["drafts"], "à sceller"), (row["sealed"], "à transmettre")):
            if count:
                words = f"éditions {act}, {label}" if count > 1 else f"édition {act}, {label}"
                found.append(
                    {"label": words, "url": grid, "count": count, "due": deadline, "late": late}
                )
    failed = Work.objects.filter(state=Work.State.FAILED).count()
    if failed:
        found.insert(0, {"label": "unités de calcul en échec", "url": grid, "count": failed})
    return found


def _of_the_region(membership: Membership) -> list[dict]:
    """The newest editions that were sent to the Region."""
    editions = Edition.objects.filter(
        territory=membership.region_id, state=Edition.State.TRANSMITTED
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
