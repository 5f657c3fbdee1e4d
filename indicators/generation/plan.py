"""What is asked of the generation, and its days as numbers."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sprocep import periods
from sprocep.periods import Period, last_complete_quarter, quarter_of, quarters

# `demo` fills what the demonstration shows; `merger` the quarters around the merger of Regions and
# the last, for tests.
PROFILES = ("even", "demo", "merger")
# The SPRO is general and the CEP starts: nothing is made up before.
BEGINNING = date(2015, 1, 1)
# Share of the journeys that open in the quarters which a profile fills, a thin trace in all others.
FOCUS_SHARE = {"merger": 0.85, "demo": 0.93}
MERGER_QUARTERS = ("2015-T4", "2016-T1")
RECENT_QUARTERS = 5
# Relative fullness, in `demo`: of the last quarters, of those of their first year that come before
# them, of those around the merger.
_RECENT, _SAME_YEAR, _MERGER = 4, 2, 3

# Facts are made slice by slice, each from its own chance and with its own ids, so that the same
# rows come out whatever the number of processes.
JOURNEYS_A_SLICE = 4_000
# Beyond, a slice would have no name left of its own (see `people`).
MOST_JOURNEYS = 100_000_000

_DAYS_BEFORE, _DAYS_AFTER = 70, 60
# Relative activity of the months, with the peak of September.
_SEASON = (1.12, 1.0, 1.05, 0.95, 0.85, 1.0, 0.78, 0.62, 1.45, 1.2, 1.02, 0.72)
_CLOSED_DAYS = frozenset({(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)})


@dataclass(frozen=True)
class Slice:
    """So many journeys, after those of the slices before."""

    number: int
    first: int
    journeys: int


@dataclass(frozen=True)
class Plan:
    """So many journeys, opened from the start of `first` to the end of `last`, or to today."""

    journeys: int
    seed: int
    first: Period
    last: Period
    today: date
    profile: str = "even"

    @property
    def horizon(self) -> date:
        return min(self.last.last_day, self.today)

    @property
    def quarters(self) -> list[Period]:
        return quarters(quarter_of(self.first.starts), quarter_of(self.horizon))

    @property
    def slices(self) -> list[Slice]:
        return [
            Slice(number, first, min(JOURNEYS_A_SLICE, self.journeys - first))
            for number, first in enumerate(range(0, self.journeys, JOURNEYS_A_SLICE))
        ]

    @property
    def focus(self) -> dict[Period, int]:
        """Quarters that the profile fills, and how full they are beside each other; none for
        `even`."""
        wanted: dict[Period, int] = {}
        if self.profile == "merger":
            wanted = dict.fromkeys([last_complete_quarter(self.today), *merger_quarters()], 1)
        elif self.profile == "demo":
            recent = recent_quarters(self.today)
            year = quarters(quarter_of(date(recent[0].starts.year, 1, 1)), recent[0])
            wanted = dict.fromkeys(merger_quarters(), _MERGER)
            wanted |= dict.fromkeys(year, _SAME_YEAR) | dict.fromkeys(recent, _RECENT)
        return {q: wanted[q] for q in self.quarters if q in wanted}

    @property
    def first_awaited(self) -> Period:
        """From here on no return is received: the quarter that is not over, and beside `even` the
        one before it, whose campaign is left to run."""
        current = quarter_of(self.today)
        return current if self.profile == "even" else current.before


class Days:
    """The days of a plan, numbered from a day before its beginning: facts are made in numbers."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self.origin = plan.first.starts.toordinal() - _DAYS_BEFORE
        self.horizon = self.number(plan.horizon)
        count = self.horizon + _DAYS_AFTER
        self.dates = [date.fromordinal(self.origin + n) for n in range(count)]
        self.texts = [day.isoformat() for day in self.dates]
        self.years = [day.year for day in self.dates]
        self.is_open = [
            day.weekday() < 5 and (day.month, day.day) not in _CLOSED_DAYS for day in self.dates
        ]
        self.open_before = self._nearest(range(count), 0)
        self.open_after = self._nearest(range(count - 1, -1, -1), count - 1)
        # When a fact of the day was written down, for two columns.
        self.stamps = [f"{text} 00:00:00+01" for text in self.texts]

    def number(self, day: date) -> int:
        return day.toordinal() - self.origin

    def _nearest(self, order: range, nearest: int) -> list[int]:
        found = [0] * len(order)
        for n in order:
            if self.is_open[n]:
                nearest = n
            found[n] = nearest
        return found

    @cached_property
    def quarter_ends(self) -> dict[int, int]:
        """Last day of its quarter for each day of the plan."""
        return {
            n: min(self.number(q.last_day), self.horizon)
            for q in self.plan.quarters
            for n in range(self.number(q.starts), self.number(q.ends))
        }

    def openings(self) -> tuple[list[int], list[float]]:
        """Days on which journeys open, with their weights."""
        days, weights = [], []
        shares = self._shares()
        for q in self.plan.quarters:
            first = self.number(max(q.starts, self.plan.first.starts))
            last = min(self.number(q.last_day), self.horizon)
            own = [n for n in range(first, last + 1) if self.is_open[n]]
            season = [_SEASON[self.dates[n].month - 1] for n in own]
            days += own
            weights += [w * shares[q] / sum(season) for w in season] if own else []
        if not days:
            raise periods.PeriodError("Ces périodes n’ont pas encore de jour ouvré.")
        return days, weights

    def _shares(self) -> dict[Period, float]:
        """Share of each quarter: by its working days, or by the profile."""
        focus = self.plan.focus
        lengths = {
            q: min(self.number(q.ends), self.horizon + 1) - self.number(q.starts)
            for q in self.plan.quarters
        }
        if not focus:
            season = {q: sum(_SEASON[m.starts.month - 1] for m in q.months) for q in lengths}
            return {q: days * season[q] for q, days in lengths.items()}
        thin = sum(days for q, days in lengths.items() if q not in focus)
        share_of_focus = FOCUS_SHARE[self.plan.profile] if thin else 1.0
        whole = sum(focus.values())
        return {
            q: share_of_focus * focus[q] / whole
            if q in focus
            else (1 - share_of_focus) * days / thin
            for q, days in lengths.items()
        }


def merger_quarters() -> list[Period]:
    """The last of the 27 Regions, and the first of the 18."""
    return [Period.parse(code) for code in MERGER_QUARTERS]


def recent_quarters(today: date) -> list[Period]:
    """The last that are over, oldest first."""
    recent = [last_complete_quarter(today)]
    while len(recent) < RECENT_QUARTERS:
        recent.insert(0, recent[0].before)
    return recent


def read_plan(
    *, journeys: int, seed: int, start: str, end: str | None, profile: str, today: date
) -> Plan:
    """Read what was typed.

    Raises:
        PeriodError: with a French sentence.
    """
    first = Period.parse(start)
    last = Period.parse(end) if end else quarter_of(today)
    if first.starts < BEGINNING:
        raise periods.PeriodError("Les données commencent au 1er trimestre 2015, pas avant.")
    if last.starts < first.starts or first.starts > today:
        raise periods.PeriodError("La première période doit précéder la dernière et aujourd’hui.")
    return Plan(journeys, seed, first, last, today, profile)
