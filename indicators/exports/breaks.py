"""Where a series breaks: borders that moved, a definition that counts otherwise. No line of a chart
crosses it and no change is reckoned through it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from indicators.exports.borders import mergers
from indicators.exports.wording import listed
from indicators.models import Definition
from sprocep.memory import remembered
from sprocep.periods import Period
from sprocep.rendering import charts
from sprocep.templatetags import french


@dataclass(frozen=True, order=True)
class Break:
    """`on` is the first day of the new state."""

    on: date
    cause: str

    @property
    def sentence(self) -> str:
        return f"{french.day(self.on)} : {self.cause}"

    def is_between(self, earlier: Period, later: Period) -> bool:
        """Whether it parts two periods; one that falls inside a period parts it from all before."""
        return earlier.ends <= self.on < later.ends


def of_definitions(indicators: Iterable[str]) -> list[Break]:
    """Versions of these indicators that count otherwise than the one before."""
    wanted = set(indicators)
    return sorted(
        Break(starts_on, f"{code}, {change[:1].lower()}{change[1:]}")
        for code, starts_on, change in _versions()
        if code in wanted
    )


@remembered
def _versions() -> tuple[tuple[str, date, str], ...]:
    rows = Definition.objects.filter(is_break=True, version__gt=1)
    return tuple(rows.values_list("code", "starts_on", "change"))


def of_borders(territories: Iterable[str]) -> list[Break]:
    """Mergers that end or begin one of these."""
    return [
        Break(merger.on, f"{listed(merger.former_names)} deviennent {merger.name}")
        for merger in mergers(territories)
    ]


def between(breaks: Iterable[Break], earlier: Period, later: Period) -> list[Break]:
    return [one for one in breaks if one.is_between(earlier, later)]


def first_after(breaks: Iterable[Break], shown: Sequence[Period]) -> dict[Period, list[Break]]:
    """Of the periods shown, oldest first: those that a break parts from the one before."""
    found = {}
    for earlier, later in pairwise(shown):
        if parting := between(breaks, earlier, later):
            found[later] = parting
    return found


def on_chart(breaks: Iterable[Break], shown: Sequence[Period]) -> list[charts.Break]:
    return [
        charts.Break(period.code, one.sentence)
        for period, parting in first_after(breaks, shown).items()
        for one in parting
    ]
