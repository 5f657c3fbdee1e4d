"""Reads of the returns that structures owe: expected, received, late.

Row security narrows them to the Regions in scope, and to the structures of a network for its head.
"""

from datetime import date

from django.db.models import Case, Count, DateField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from indicators.models import CalendarEntry, ExpectedReturn
from regions.models import RegionName, StructureName
from sprocep.periods import Period

RECEIVED, LATE, AWAITED = "received", "late", "awaited"
STATES = {RECEIVED: "reçue", LATE: "en retard", AWAITED: "à venir"}


def deadlines() -> dict[str, date]:
    """First day on which a return that is not there is late, by period, the newest first.

    The day when the calendar computes the period; without an entry, the one after its end.
    """
    computed = dict(CalendarEntry.objects.values_list("period", "computed_on"))
    codes = ExpectedReturn.objects.values_list("period", flat=True).distinct()
    return {
        code: computed.get(code) or Period.parse(code).ends for code in sorted(codes, reverse=True)
    }


def returns(limits: dict[str, date], day: date) -> QuerySet[ExpectedReturn]:
    """Each with its `state` on this day, and `on`, the last day of its period."""
    over = [code for code, limit in limits.items() if limit <= day]
    last_days = [When(period=code, then=Value(Period.parse(code).last_day)) for code in limits]
    state = Case(
        When(received_at__isnull=False, then=Value(RECEIVED)),
        When(period__in=over, then=Value(LATE)),
        default=Value(AWAITED),
    )
    return ExpectedReturn.objects.annotate(
        on=Case(*last_days, output_field=DateField()), state=state
    )


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
