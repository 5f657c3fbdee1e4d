"""In which borders figures are read: those of the date, of today, or constant ones.

« Today » is whatever the rows say of today: no date and no Region stands here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from indicators.computation.territory import CONSTANT, Borders
from regions.models import DepartmentRegion, RegionSuccession
from sprocep import periods
from sprocep.memory import remembered
from sprocep.periods import Period

AT_DATE = Borders.DATE.value
TODAY = "today"
# As they are written in addresses, with what a reader calls them.
LABELS = {
    AT_DATE: "limites de la date",
    TODAY: "limites d'aujourd'hui",
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


def mergers(territories: Iterable[str]) -> list[Merger]:
    """Mergers that these territories took part in, oldest first."""
    wanted, found = set(territories), {}
    for predecessor, successor, on in _successions():
        found.setdefault((on, successor), []).append(predecessor)
    return [
        Merger(on, tuple(former), successor)
        for (on, successor), former in sorted(found.items())
        if wanted & {successor, *former}
    ]


def lineage(territory: str) -> list[str]:
    """A Region, all that it came from, all that it became, by code; not its sisters."""
    before, after = {territory}, {territory}
    for predecessor, successor, _ in reversed(_successions()):
        if successor in before:
            before.add(predecessor)
    for predecessor, successor, _ in _successions():
        if predecessor in after:
            after.add(successor)
    return sorted(before | after)


@remembered
def _successions() -> tuple[tuple, ...]:
    rows = RegionSuccession.objects.order_by("on", "successor_id", "predecessor_id")
    return tuple(rows.values_list("predecessor_id", "successor_id", "on"))
