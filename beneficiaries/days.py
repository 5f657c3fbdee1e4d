"""A day as people type it: with slashes, dots or nothing, the year in two digits or four."""

import re
from datetime import date

from sprocep import periods

TYPED_DAY = re.compile(
    r"\b(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})\b|\b(\d{2})(\d{2})(\d{4}|\d{2})\b"
)
FIRST_YEAR = 1900


def read_day(match: re.Match, *, is_birth: bool = False) -> date | None:
    """Read the day that `TYPED_DAY` found; None where the calendar has none.

    Two digits are a year of this century, and of the last one for a birth that would be to come.
    """
    day, month, year = (part for part in match.groups() if part)
    if len(year) == 4:
        return _day(int(year), int(month), int(day))
    found = _day(2000 + int(year), int(month), int(day))
    if is_birth and (found is None or found > periods.today()):
        return _day(FIRST_YEAR + int(year), int(month), int(day))
    return found


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
