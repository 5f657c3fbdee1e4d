"""What is out already, and binds what comes: editions that are settled, of a period and around it.

Read as `app`: the compilation sees no edition that is validated.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet

from indicators.definitions import TOTAL
from indicators.models import Edition, EditionCell
from sprocep.periods import Period
from sprocep.tenancy import NATION

OPEN = (Edition.State.DRAFT, Edition.State.UNDER_REVIEW)
ADDRESS = (
    "territory", "borders", "indicator", "population", "department", "operator", "level",
    "breakdown", "category",
)  # fmt: skip
# Open at the end = open before + opened - closed: as far as this, before and after.
OF_FLOWS = Q(indicator__in=("A1", "A4", "A5"), breakdown=TOTAL)
AS_FAR = timedelta(days=366)


@dataclass(frozen=True)
class Published:
    """Cells `(period, number, *ADDRESS, status, value)` of these editions."""

    cells: tuple[tuple, ...] = ()
    editions: frozenset[int] = frozenset()


NOTHING = Published()


def published_around(period: Period) -> Published:
    """Needs the national scope."""
    whole, flows = _around(period)
    cells = [*_cells(whole, Q()), *_cells(flows, OF_FLOWS)]
    ids = {edition.pk for edition in (*whole, *flows)}
    return Published(tuple(cells), frozenset(ids))


def came_since(edition: Edition) -> set[str]:
    """Periods around this edition's of which some edition is settled that its attack report does
    not know. Needs the national scope."""
    whole, flows = _around(Period.parse(edition.period))
    report = edition.attack_report
    return {
        other.period
        for other in (*whole, *flows)
        if other.attack_report_id != report.pk and other.pk not in report.given
    }


def _around(period: Period) -> tuple[list[Edition], list[Edition]]:
    """Those that all binds, and those of which the flows do. What comes after the whole of its
    period is out is bound by that alone (`former`)."""
    settled = Edition.objects.exclude(state__in=OPEN)
    if settled.filter(period=period.code, territory=NATION).exists():
        return list(settled.filter(period=period.code)), []
    codes = settled.order_by("period").values_list("period", flat=True).distinct()
    others = [Period.parse(code) for code in codes]
    near = {o.code for o in _overlapping(period, others)}
    flows = {o.code for o in _chained(period, others)}
    return _of(settled, near), _of(settled, flows - near)


def _overlapping(period: Period, others: list[Period]) -> Iterator[Period]:
    """And those within a longer one that does."""
    near = [o for o in others if o.starts < period.ends and period.starts < o.ends]
    wholes = [o for o in near if o.starts <= period.starts and period.ends <= o.ends]
    for o in others:
        if o in near or any(w.starts <= o.starts and o.ends <= w.ends for w in wholes):
            yield o


def _chained(period: Period, others: list[Period]) -> Iterator[Period]:
    """Those that follow one another without a gap up to this one, and from it on."""
    first, last = {period.starts}, {period.ends}
    for o in sorted(others, key=lambda o: o.ends, reverse=True):
        if o.ends in first and period.starts - AS_FAR < o.ends:
            first.add(o.starts)
            yield o
    for o in sorted(others, key=lambda o: o.starts):
        if o.starts in last and o.starts < period.ends + AS_FAR:
            last.add(o.ends)
            yield o


def _of(settled: QuerySet[Edition], codes: set[str]) -> list[Edition]:
    return list(settled.filter(period__in=codes))


def _cells(editions: list[Edition], which: Q) -> Iterator[tuple]:
    cells = EditionCell.objects.filter(which, edition__in=editions)
    columns = ("edition__period", "edition__number", *ADDRESS, "status", "value")
    return cells.values_list(*columns).iterator(chunk_size=20_000)
