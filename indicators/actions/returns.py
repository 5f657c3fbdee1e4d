"""What structures owe for a period: expected, then confirmed."""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from indicators.actions.compilations import settled_territories
from indicators.computation.declared import expect_returns
from indicators.models import Anomaly, CalendarEntry, ExpectedReturn
from indicators.worklist import nation
from regions.actions import record
from regions.models import User
from regions.queries import national_regions
from sprocep import periods, tenancy
from sprocep.errors import ActionRefused
from sprocep.periods import Period
from sprocep.tenancy import NATION

# ── Expected ─────────────────────────────────────────────────────────────────────────────────


def open_campaigns() -> list[str]:
    """Expect the returns of each period whose campaign has begun; twice changes nothing."""
    opened = []
    for entry in begun():
        with tenancy.scope(regions=national_regions(), using="compiler"):
            if expect_returns(Period.parse(entry.period)):
                opened.append(entry.period)
    return opened


def begun() -> list[CalendarEntry]:
    """Entries whose campaign has begun and is not over, and those that nobody ever opened."""
    today = periods.today()
    with nation(read_only=True):
        known = ExpectedReturn.objects.values("period")
        entries = CalendarEntry.objects.filter(opens_on__lte=today, starts_on__lt=today)
        return list(entries.filter(Q(due_on__gte=today) | ~Q(period__in=known)))


# ── Confirmed ────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def confirm_return(*, by: User, owed: ExpectedReturn) -> ExpectedReturn:
    """What is counted is what the structure declares. Confirming twice changes nothing.

    Raises:
        ActionRefused: the period is not over, the edition of the Region is validated, or an
            anomaly waits for its explanation.
    """
    owed = _locked(owed)
    if owed.received_at:
        return owed
    _refuse_when_settled(owed)
    period = Period.parse(owed.period)
    if not period.is_over(periods.today()):
        raise ActionRefused(f"Le {period.label} n’est pas fini : rien à confirmer encore.")
    waiting = open_anomalies(owed).count()
    if waiting:
        words = "anomalie attend" if waiting == 1 else "anomalies attendent"
        raise ActionRefused(
            f"{waiting} {words} : corrigez ce qui est faux, expliquez ce qui est vrai, puis "
            "confirmez."
        )
    owed.received_at, owed.received_by = timezone.now(), by
    return _kept(by, owed, "confirm_return")


@transaction.atomic
def withdraw_confirmation(*, by: User, owed: ExpectedReturn) -> ExpectedReturn:
    """Take a confirmation back. Twice changes nothing.

    Raises:
        ActionRefused: the edition of the Region is validated.
    """
    owed = _locked(owed)
    if owed.received_at is None:
        return owed
    _refuse_when_settled(owed)
    owed.received_at = owed.received_by = None
    return _kept(by, owed, "withdraw_confirmation")


@transaction.atomic
def confirm_without_anomaly(*, by: User, period: Period) -> tuple[int, int]:
    """Confirm all returns of a period within reach that no anomaly holds back.

    Returns:
        how many were confirmed, how many wait still.
    """
    confirmed = left = 0
    owed = ExpectedReturn.objects.filter(period=period.code, received_at__isnull=True)
    for one in owed.order_by("pk"):
        try:
            confirm_return(by=by, owed=one)
        except ActionRefused:
            left += 1
        else:
            confirmed += 1
    return confirmed, left


def unconfirmed(entry: CalendarEntry) -> QuerySet[ExpectedReturn]:
    """Returns of a campaign that nobody has confirmed, where they still can be."""
    settled = settled_territories(Period.parse(entry.period))
    owed = ExpectedReturn.objects.filter(period=entry.period, received_at__isnull=True)
    return owed.exclude(region__in=settled)


@transaction.atomic
def pass_returns(*, by: User | None, entry: CalendarEntry) -> int:
    """Receive without a confirmation what nobody has confirmed by its day.

    Returns:
        how many passed.
    """
    count = unconfirmed(entry).update(received_at=timezone.now(), received_by=by)
    if count:
        record(by=by, territory=NATION, action="pass_returns", obj=entry, fields="received_at")
    return count


def open_anomalies(owed: ExpectedReturn) -> QuerySet[Anomaly]:
    return Anomaly.objects.filter(
        period=owed.period,
        region=owed.region_id,
        structure=owed.structure_id,
        state=Anomaly.State.OPEN,
    )


def is_settled(period: str, region: str) -> bool:
    """Whether the edition of the Region is validated: its returns do not change any more.

    Asked in the scope of the Region: a structure does not see the editions that it feeds.
    """
    with tenancy.scope(regions=[region]):
        return region in settled_territories(Period.parse(period))


def _refuse_when_settled(owed: ExpectedReturn) -> None:
    if is_settled(owed.period, owed.region_id):
        raise ActionRefused(
            "Le tableau de bord de la Région est validé : les remontées de cette période ne "
            "changent plus. Une correction passera par un erratum."
        )


def _locked(owed: ExpectedReturn) -> ExpectedReturn:
    return ExpectedReturn.objects.select_for_update(of=("self",)).get(pk=owed.pk)


def _kept(by: User, owed: ExpectedReturn, action: str) -> ExpectedReturn:
    owed.save(update_fields=["received_at", "received_by"])
    record(
        by=by,
        territory=owed.region_id,
        structure_id=owed.structure_id,
        action=action,
        obj=owed,
        fields="received_at",
    )
    return owed
