"""In which borders figures are read: those of the date, of today, or constant ones.

« Today » is whatever the rows say of today: no date and no Region stands here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter

from django.db.models import OuterRef, Subquery

from indicators.computation.territory import CONSTANT, Borders
from regions.models import DepartmentRegion, RegionName, RegionSuccession
from sprocep import periods
from sprocep.memory import remembered
from sprocep.periods import Period

AT_DATE = Borders.DATE.value
TODAY = "today"
# As they are written in addresses, with what a reader calls them.
LABELS = {
    AT_DATE: "Régions de l’époque",
    TODAY: "limites d’aujourd’hui",
    Borders.OF_2015.value: "limites du 31 décembre 2015",
    Borders.OF_2016.value: "limites du 1er janvier 2016",
}
CONSTANT_LABELS = {
    Borders.OF_2015.value: "limites constantes du 31 décembre 2015",
    Borders.OF_2016.value: "limites constantes du 1er janvier 2016",
}

Ground = frozenset[str]  # codes of départements


def regions_in(word: str, period: Period) -> dict[str, Ground]:
    """Regions of these borders with their ground."""
    if word == AT_DATE:
        return _grounds_on(period.last_day)
    if word == TODAY:
        return _grounds_on(periods.today())
    return _grounds_on(CONSTANT[Borders(word)])


def where_computed(ground: Ground, territory: str, period: Period) -> str | None:
    """Borders of the figures that a territory of this ground has for a period, if any.

    A ground that is the same at the date has its edition; else one of the constant borders has it,
    or nobody has counted it: a merger that came later.
    """
    for borders in (AT_DATE, *CONSTANT):
        if regions_in(borders, period).get(territory) == ground:
            return str(borders)
    return None


def ground_of(territory: str, borders: str, period: Period) -> Ground:
    return regions_in(borders, period).get(territory, frozenset())


def on_same_ground(ground: Ground, word: str, period: Period) -> list[str]:
    """Regions of these borders that hold some of it, by code."""
    found = regions_in(word, period)
    return sorted(code for code, theirs in found.items() if theirs & ground)


def last_ground(territory: str) -> Ground:
    """Of a Region, as it is or as it was when it ended."""
    spans = [
        (ends_on or date.max, code) for code, at, _, ends_on in _attachments() if at == territory
    ]
    last = max(spans, default=(None, ""))[0]
    return frozenset(code for ends_on, code in spans if ends_on == last)


def known_in(word: str) -> dict[str, Ground]:
    """Regions of these borders whatever the period; of the date: all that ever were."""
    if word == AT_DATE:
        return {code: last_ground(code) for _, code, _, _ in _attachments()}
    return regions_in(word, periods.month_of(periods.today()))


def _grounds_on(day: date) -> dict[str, Ground]:
    found: dict[str, set[str]] = {}
    for department, region, starts_on, ends_on in _attachments():
        if starts_on <= day and (ends_on is None or day < ends_on):
            found.setdefault(region, set()).add(department)
    return {region: frozenset(departments) for region, departments in found.items()}


@remembered
def _attachments() -> tuple[tuple, ...]:
    rows = DepartmentRegion.objects.order_by("department_id", "starts_on")
    return tuple(rows.values_list("department_id", "region_id", "starts_on", "ends_on"))


# ── Mergers ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Merger:
    on: date
    predecessors: tuple[str, ...]
    successor: str
    # What they were called at the end, and what it is called at the beginning.
    former_names: tuple[str, ...]
    name: str


def mergers(territories: Iterable[str]) -> list[Merger]:
    """Mergers that these territories took part in, oldest first."""
    wanted, found = set(territories), []
    for (on, successor), group in groupby(_successions(), attrgetter("on", "successor_id")):
        rows = list(group)
        former = tuple(row.predecessor_id for row in rows)
        if wanted & {successor, *former}:
            names = tuple(row.former_name for row in rows)
            found.append(Merger(on, former, successor, names, rows[0].name))
    return found


def lineage(territory: str) -> list[str]:
    """A Region, all that it came from, all that it became, by code; not its sisters."""
    before, after = {territory}, {territory}
    for row in reversed(_successions()):
        if row.successor_id in before:
            before.add(row.predecessor_id)
    for row in _successions():
        if row.predecessor_id in after:
            after.add(row.successor_id)
    return sorted(before | after)


@remembered
def _successions() -> tuple[tuple, ...]:
    rows = RegionSuccession.objects.order_by("on", "successor_id", "predecessor_id")
    named = rows.annotate(former_name=_name_then("predecessor"), name=_name_then("successor"))
    fields = ("predecessor_id", "successor_id", "on", "former_name", "name")
    return tuple(named.values_list(*fields, named=True))


def _name_then(key: str) -> Subquery:
    """The last name begun on the day of the merger."""
    begun = RegionName.objects.filter(region=OuterRef(key), starts_on__lte=OuterRef("on"))
    return Subquery(begun.order_by("-starts_on").values("name")[:1])
