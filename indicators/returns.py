"""Reads of the returns that structures owe: expected, received, late.

Row security narrows them to the Regions in scope, and to the structures of a network for its head.
"""

from collections.abc import Iterable
from datetime import date

from django.db.models import Case, Count, DateField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from indicators.models import Anomaly, CalendarEntry, Edition, ExpectedReturn
from regions.models import RegionName, StructureName
from sprocep import periods, tenancy
from sprocep.periods import Period
from sprocep.tenancy import NATION

OPEN_STATES = (Edition.State.DRAFT, Edition.State.UNDER_REVIEW)
RECEIVED, LATE, AWAITED = "received", "late", "awaited"
STATES = {RECEIVED: "reçue", LATE: "en retard", AWAITED: "à venir"}


def deadlines() -> dict[str, date]:
    """First day on which a return that is not there is late, by period, the newest first.

    The morrow of the day by which the calendar wants it confirmed; without an entry, the one after
    the end of the period.
    """
    entries = CalendarEntry.objects.values_list("period", "confirm_by")
    limits = {period: periods.days_after(day, 1) for period, day in entries}
    codes = ExpectedReturn.objects.values_list("period", flat=True).distinct()
    return {
        code: limits.get(code) or Period.parse(code).ends for code in sorted(codes, reverse=True)
    }


def confirm_by(period: str) -> date | None:
    """The last day to confirm the returns of a period, where the calendar sets one."""
    entries = CalendarEntry.objects.filter(pk=period)
    return entries.values_list("confirm_by", flat=True).first()


def unconfirmed(period: str, territory: str) -> int:
    """Returns of a Region that nobody has confirmed yet; of the nation, those of all."""
    rows = ExpectedReturn.objects.filter(period=period, received_at__isnull=True)
    return (rows if territory == NATION else rows.filter(region=territory)).count()


def settled_places(codes: Iterable[str], regions: list[str]) -> set[tuple[str, str]]:
    """(period, Region) whose edition is validated or sealed: no return of them changes any more.

    Read in the scope of the Regions, for who sees no edition before it is sealed.
    """
    with tenancy.scope(regions=regions):
        rows = Edition.objects.filter(period__in=list(codes))
        places = set(rows.exclude(state__in=OPEN_STATES).values_list("period", "territory"))
        return places - set(rows.filter(state__in=OPEN_STATES).values_list("period", "territory"))


def with_anomalies(rows: QuerySet[ExpectedReturn]) -> QuerySet[ExpectedReturn]:
    """With `anomalies`: how many of each wait for their owner."""
    waiting = Anomaly.objects.filter(
        period=OuterRef("period"),
        region=OuterRef("region"),
        structure=OuterRef("structure"),
        state=Anomaly.State.OPEN,
    )
    counted = waiting.order_by().values("period").annotate(count=Count("pk")).values("count")
    return rows.annotate(anomalies=Coalesce(Subquery(counted), 0))


def returns(codes: Iterable[str], day: date) -> QuerySet[ExpectedReturn]:
    """Each with its `state` on this day, and `on`, the last day of its period; `codes` are those
    of the periods that may be met. The calendar is read in the same query."""
    known = {code: Period.parse(code) for code in codes}
    last_days = [When(period=code, then=Value(period.last_day)) for code, period in known.items()]
    state = Case(
        When(received_at__isnull=False, then=Value(RECEIVED)),
        When(_is_late(known, day), then=Value(LATE)),
        default=Value(AWAITED),
    )
    return ExpectedReturn.objects.annotate(
        on=Case(*last_days, output_field=DateField()), state=state
    )


def _is_late(known: dict[str, Period], day: date) -> Q:
    """What `deadlines` says, in SQL."""
    entries = CalendarEntry.objects.values("period")
    over = [code for code, period in known.items() if period.ends <= day]
    without_entry = Q(period__in=over) & ~Q(period__in=entries)
    return Q(period__in=entries.filter(confirm_by__lt=day)) | without_entry


def named(rows: QuerySet[ExpectedReturn]) -> QuerySet[ExpectedReturn]:
    """With `structure_name` and `region_name`, as they were on that last day."""
    return rows.select_related("structure").annotate(
        structure_name=Coalesce(_name(StructureName, "structure_id"), F("structure__siret")),
        region_name=_name(RegionName, "region_id"),
    )


def _name(model: type, key: str) -> Subquery:
    holds = Q(ends_on__isnull=True) | Q(ends_on__gt=OuterRef("on"))
    names = model.objects.filter(holds, starts_on__lte=OuterRef("on"), **{key: OuterRef(key)})
    return Subquery(names.values("name")[:1])


def counts(rows: QuerySet[ExpectedReturn]) -> dict[str, int]:
    """How many are `expected`, and how many in each state."""
    return rows.aggregate(**_COUNTS)


def by_place(rows: QuerySet[ExpectedReturn]) -> QuerySet:
    """The same counts for each period and Region: `period`, `region_id`, `region_name`, counts."""
    counted = rows.values("period", "region_id", "on").annotate(**_COUNTS)
    # After the counts: a name is looked for once a line, not once a return.
    return counted.annotate(region_name=_name(RegionName, "region_id"))


_COUNTS = {"expected": Count("pk")} | {
    state: Count("pk", filter=Q(state=state)) for state in STATES
}
