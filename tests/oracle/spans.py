"""Periods, borders, and what is in force on a day."""

import re
from datetime import date, timedelta
from typing import NamedTuple

from tests.oracle.rows import Rows

FRANCE = "FR"
BORDERS_DAYS = {"2015": date(2015, 12, 31), "2016": date(2016, 1, 1)}


class Period(NamedTuple):
    """Half-open: `starts` is in, `ends` is not."""

    starts: date
    ends: date

    @property
    def last_day(self) -> date:
        return self.ends - timedelta(days=1)

    @property
    def year(self) -> int:
        return self.starts.year

    @property
    def months(self) -> list[str]:
        count = (self.ends.year - self.starts.year) * 12 + self.ends.month - self.starts.month
        return [f"{self.year}-{self.starts.month + i:02}" for i in range(count)]

    def __contains__(self, day: object) -> bool:
        return day is not None and self.starts <= day < self.ends


def parse_period(code: str) -> Period:
    """`2016-02`, `2016-T1` or `2016`."""
    if match := re.fullmatch(r"(\d{4})", code):
        first, length = 1, 12
    elif match := re.fullmatch(r"(\d{4})-T([1-4])", code):
        first, length = 3 * int(match[2]) - 2, 3
    elif match := re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", code):
        first, length = int(match[2]), 1
    else:
        raise ValueError(f"not a period: {code!r}")
    year, after = int(match[1]), first + length
    ends = date(year, after, 1) if after <= 12 else date(year + 1, 1, 1)
    return Period(date(year, first, 1), ends)


def is_in_force(row, day: date) -> bool:
    return row.starts_on <= day and (row.ends_on is None or day < row.ends_on)


def codes_in_force(rows: Rows, table: str, day: date) -> list[str]:
    return [row.code for row in rows[table] if is_in_force(row, day)]


def borders_day(borders: str, period: Period) -> date:
    return period.last_day if borders == "date" else BORDERS_DAYS[borders]


def territories(rows: Rows, borders: str, period: Period) -> list[str]:
    """Regions of the day and the nation; at constant borders, only Regions that do not exist at
    the date: the others, and the nation, would repeat the figures of `date`."""
    existing = codes_in_force(rows, "regions_region", period.last_day)
    if borders == "date":
        return [*existing, FRANCE]
    constant = codes_in_force(rows, "regions_region", borders_day(borders, period))
    return [region for region in constant if region not in existing]


def departments(rows: Rows, territory: str, day: date) -> list[str]:
    return sorted(
        row.department
        for row in rows["department_region"]
        if is_in_force(row, day) and territory in (row.region, FRANCE)
    )
