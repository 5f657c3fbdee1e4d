"""What one structure declares in a Region for a period, beside what it was, and what looks wrong.

All is read in the scope of its owner: row security leaves other structures' counts out.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet, Sum

from indicators.definitions import TOTAL
from indicators.explain.address import CellAddress, declared
from indicators.exports.labels import POPULATIONS, Labels, labels_on
from indicators.models import Anomaly, DeclaredCount, ExpectedReturn
from regions.models import Membership
from regions.queries import region_scope
from sprocep.periods import Period

_POPULATIONS = ("journeys_opened", "journeys_closed", "sessions", "contacts")
# In the order of the page: what is counted, by what, under which title.
_TABLES = (
    ("journeys_opened", "month", "Entrées par mois"),
    ("journeys_opened", "level", "Entrées par niveau"),
    ("journeys_opened", "reason", "Entrées par motif principal"),
    ("journeys_opened", "sex_age", "Entrées par sexe et tranche d’âge"),
    ("journeys_opened", "situation", "Entrées par situation"),
    ("journeys_opened", "education_level", "Entrées par niveau de formation"),
    (
        "journeys_opened",
        "socio_professional_category",
        "Entrées par catégorie socioprofessionnelle",
    ),
    ("journeys_opened", "arrival", "Entrées selon la venue"),
    ("journeys_closed", "level", "Sorties par niveau"),
    ("journeys_closed", "outcome", "Sorties par issue"),
    ("sessions", "month", "Entretiens par mois"),
    ("sessions", "level", "Entretiens par niveau"),
    ("sessions", "channel", "Entretiens par canal"),
    ("contacts", "theme", "Accueils anonymes par thème"),
    ("contacts", "channel", "Accueils anonymes par canal"),
)


@dataclass(frozen=True)
class Line:
    """A count of the period, of the one before, of the year before; None where none was made."""

    label: str
    now: int
    before: int | None
    year_before: int | None
    rows: CellAddress | None = None  # the cell behind which the own rows are listed


@dataclass(frozen=True)
class Counts:
    """All that is counted, and when; `totals` is empty as long as nothing was."""

    counted_at: datetime | None
    totals: list[Line]
    tables: list[tuple[str, list[Line]]]


def counts_of(owed: ExpectedReturn) -> Counts:
    period = Period.parse(owed.period)
    compared = (period, period.before, period.year_before)
    found = [_counted(owed, one, period) for one in compared]
    own = DeclaredCount.objects.filter(
        period=owed.period, region=owed.region_id, structure=owed.structure_id
    )
    newest = own.order_by("-counted_at").values_list("counted_at", flat=True).first()
    if newest is None:
        return Counts(None, [], [])
    labels = labels_on(period)
    totals = [
        _line(found, (population, TOTAL, TOTAL), POPULATIONS[population].capitalize())
        for population in _POPULATIONS
    ]
    tables = [
        (title, lines)
        for population, breakdown, title in _TABLES
        if (lines := _lines(found, population, breakdown, labels))
    ]
    return Counts(newest, totals, tables)


def _counted(
    owed: ExpectedReturn, period: Period, beside: Period
) -> dict[tuple[str, str, str], int]:
    """By population, breakdown and category; of a Region, those that it inherits from too.

    A month stands under that of its rank in `beside`, which it is compared with.
    """
    months = dict(zip(map(str, period.months), map(str, beside.months), strict=True))
    rows = DeclaredCount.objects.filter(
        period=period.code, structure=owed.structure_id, region__in=region_scope(owed.region_id)
    )
    key = ("population", "breakdown", "category")
    summed = rows.values_list(*key).annotate(Sum("units")).order_by()
    return {
        (population, by, months.get(category, category)): units
        for population, by, category, units in summed
    }


def _lines(found: list[dict], population: str, breakdown: str, labels: Labels) -> list[Line]:
    """In the order of the list; what was counted under a code that is no more comes last."""
    counted = {c for p, b, c in found[0] if (p, b) == (population, breakdown)}
    known = labels.lists.get(breakdown, {})
    codes = [code for code in known if code in counted] + sorted(counted - set(known))
    return [
        _line(found, (population, breakdown, code), labels.of(breakdown, code)) for code in codes
    ]


def _line(found: list[dict], key: tuple[str, str, str], label: str) -> Line:
    now, before, year_before = (
        counts.get(key, 0) if counts or rank == 0 else None for rank, counts in enumerate(found)
    )
    return Line(label, now, before, year_before, declared(*key))


def anomalies_of(owed: ExpectedReturn) -> QuerySet[Anomaly]:
    """What a rule found and still finds, what waits first."""
    rows = Anomaly.objects.filter(
        period=owed.period, region=owed.region_id, structure=owed.structure_id
    )
    return (
        rows.exclude(state=Anomaly.State.CORRECTED)
        .select_related("rule")
        .order_by("-state", "rule__position", "rule")
    )


def confirmed_by(owed: ExpectedReturn) -> str:
    """The name of who confirmed, where the scope shows it."""
    if owed.received_by_id is None:
        return ""
    held = Membership.objects.filter(user=owed.received_by_id).order_by("-starts_on").first()
    return held.name if held else "la tête de réseau"
