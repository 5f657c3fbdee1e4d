"""What is out already, and binds what comes: editions that are settled, around a period.

Read as `app`: the compilation sees no edition that is validated.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from indicators.models import Edition, EditionCell
from sprocep.periods import Period

OPEN = (Edition.State.DRAFT, Edition.State.UNDER_REVIEW)
ADDRESS = (
    "territory", "borders", "indicator", "population", "department", "operator", "level",
    "breakdown", "category",
)  # fmt: skip


@dataclass(frozen=True)
class Published:
    """Cells `(period, number, *ADDRESS, status, value)`, and the reports that settled editions of
    the period itself rest on."""

    cells: tuple[tuple, ...] = ()
    reports: tuple[int, ...] = ()

    @property
    def periods(self) -> list[str]:
        return sorted({cell[0] for cell in self.cells})


NOTHING = Published()


def published_around(period: Period) -> Published:
    """Settled editions of the periods that overlap this one, and of those within a longer one that
    does. Needs the national scope."""
    settled = Edition.objects.exclude(state__in=OPEN)
    codes = settled.order_by("period").values_list("period", flat=True).distinct()
    around = [other.code for other in _around(period, [Period.parse(code) for code in codes])]
    editions = settled.filter(period__in=around)
    cells = EditionCell.objects.filter(edition__in=editions).values_list(
        "edition__period", "edition__number", *ADDRESS, "status", "value"
    )
    reports = settled.filter(period=period.code, attack_report__isnull=False)
    return Published(
        tuple(cells.iterator(chunk_size=20_000)),
        tuple(sorted(set(reports.values_list("attack_report", flat=True)))),
    )


def _around(period: Period, others: Iterable[Period]) -> list[Period]:
    others = list(others)
    near = [o for o in others if o.starts < period.ends and period.starts < o.ends]
    wholes = [o for o in near if o.starts <= period.starts and period.ends <= o.ends]
    return [
        o
        for o in others
        if o in near or any(w.starts <= o.starts and o.ends <= w.ends for w in wholes)
    ]
