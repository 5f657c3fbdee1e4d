"""Months, quarters and years: the only module that does date arithmetic.

Periods are half-open in the database and in Python (`starts <= day < ends`), inclusive on screen.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})-T([1-4])")
_YEAR = re.compile(r"(\d{4})")
_MONTH_NAMES = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]


class PeriodError(ValueError):
    """Not the code of a period; the message is for the person who typed it."""


@dataclass(frozen=True, order=True)
class Period:
    """A month `2016-01`, a quarter `2016-T1` or a year `2016`."""

    starts: date
    ends: date
    code: str

    @classmethod
    def parse(cls, code: str) -> "Period":
        """Read `2016`, `2016-T1` or `2016-01`.

        Raises:
            PeriodError: with a French sentence, when the text is none of these.
        """
        if match := _QUARTER.fullmatch(code):
            return quarter(int(match[1]), int(match[2]))
        if (match := _MONTH.fullmatch(code)) and 1 <= int(match[2]) <= 12:
            return month(int(match[1]), int(match[2]))
        if match := _YEAR.fullmatch(code):
            return year(int(match[1]))
        raise PeriodError(
            f"« {code} » n’est pas une période. Écrivez par exemple 2016, 2016-T1 ou 2016-01."
        )

    @property
    def months_long(self) -> int:
        return (self.ends.year - self.starts.year) * 12 + self.ends.month - self.starts.month

    @property
    def last_day(self) -> date:
        return self.ends - timedelta(days=1)

    @property
    def label(self) -> str:
        if self.months_long == 1:
            return f"{_MONTH_NAMES[self.starts.month - 1]} {self.starts.year}"
        if self.months_long == 3:
            rank = (self.starts.month + 2) // 3
            return f"{'1er' if rank == 1 else f'{rank}e'} trimestre {self.starts.year}"
        return f"année {self.starts.year}"

    @property
    def months(self) -> list["Period"]:
        return [_shift(self.starts, n, 1) for n in range(self.months_long)]

    @property
    def before(self) -> "Period":
        return _shift(self.starts, -self.months_long, self.months_long)

    @property
    def after(self) -> "Period":
        return _shift(self.starts, self.months_long, self.months_long)

    @property
    def year_before(self) -> "Period":
        return _shift(self.starts, -12, self.months_long)

    @property
    def longer(self) -> list["Period"]:
        """The quarter and the year that hold it."""
        around = (quarter_of(self.starts), year(self.starts.year))
        return [period for period in around if period.months_long > self.months_long]

    def is_over(self, today: date) -> bool:
        return self.ends <= today

    def __contains__(self, day: date) -> bool:
        return self.starts <= day < self.ends

    def __str__(self) -> str:
        return self.code


def _shift(starts: date, months: int, length: int) -> Period:
    rank = starts.year * 12 + starts.month - 1 + months
    first = date(rank // 12, rank % 12 + 1, 1)
    if length == 1:
        return month(first.year, first.month)
    if length == 3:
        return quarter(first.year, (first.month + 2) // 3)
    return year(first.year)


def month(of_year: int, rank: int) -> Period:
    ends = date(of_year + rank // 12, rank % 12 + 1, 1)
    return Period(date(of_year, rank, 1), ends, f"{of_year:04d}-{rank:02d}")


def quarter(of_year: int, rank: int) -> Period:
    starts, last = date(of_year, rank * 3 - 2, 1), month(of_year, rank * 3)
    return Period(starts, last.ends, f"{of_year:04d}-T{rank}")


def year(of_year: int) -> Period:
    return Period(date(of_year, 1, 1), date(of_year + 1, 1, 1), f"{of_year:04d}")


def quarter_of(day: date) -> Period:
    return quarter(day.year, (day.month + 2) // 3)


def month_of(day: date) -> Period:
    return month(day.year, day.month)


def quarters(first: Period, last: Period) -> list[Period]:
    """All quarters from `first` to `last`, both included."""
    found = []
    while first <= last:
        found.append(first)
        first = first.after
    return found


def coming_quarters(day: date, count: int) -> list[Period]:
    """The quarters that begin after this day, the next one first."""
    found = [quarter_of(day).after]
    while len(found) < count:
        found.append(found[-1].after)
    return found


def today() -> date:
    """Today in Paris: the day that dates facts and opens rights."""
    return timezone.localdate()


def last_complete_quarter(day: date) -> Period:
    return quarter_of(day).before


def age_on(birth: date, day: date) -> int:
    """Age in whole years; someone born on 29 February has a birthday on 1 March."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def days_after(day: date, count: int) -> date:
    return day + timedelta(days=count)


def months_after(day: date, count: int) -> date:
    """The same day of another month; its last day where the month is too short, as PostgreSQL."""
    goal = _shift(day.replace(day=1), count, 1)
    return min(days_after(goal.starts, day.day - 1), goal.last_day)


def week_of(day: date) -> date:
    """The Monday that its week begins with."""
    return day - timedelta(days=day.weekday())


def full_date(day: date) -> str:
    """« 12 mars 2016 », « 1er mars 2016 »."""
    rank = "1er" if day.day == 1 else str(day.day)
    return f"{rank} {_MONTH_NAMES[day.month - 1]} {day.year}"
