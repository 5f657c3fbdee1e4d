"""The name of a figure in a link: `A1`, `A1,d=13`, `B1,p=persons_seen,sex_age=F|A1,o=apec`.

What is a total is left out, and so is the population that comes first: a dashboard holds three
thousand of these.
"""

import re
from dataclasses import dataclass, fields, replace
from typing import Self

from indicators.definitions import INDICATORS, TOTAL

_FIRST_POPULATION = {indicator.code: indicator.populations[0] for indicator in INDICATORS}
_SHORT = {"p": "population", "d": "department", "o": "operator", "l": "level"}
_KEY = re.compile(r"[A-Z][0-9A-Za-z.]{0,11}(?:,[a-z_]{1,30}=[0-9A-Za-z_|.-]{1,30}){0,5}")


@dataclass(frozen=True, slots=True)
class CellAddress:
    """The columns that tell a cell from the others of its block."""

    indicator: str
    population: str
    breakdown: str = TOTAL
    category: str = TOTAL
    department: str = TOTAL
    operator: str = TOTAL
    level: str = TOTAL

    @classmethod
    def parse(cls, key: str) -> Self:
        """Each cell has one key, and each key one cell.

        Raises:
            ValueError: it is no key.
        """
        if not _KEY.fullmatch(key):
            raise ValueError(key)
        indicator, *parts = key.split(",")
        values = {"indicator": indicator, "population": _FIRST_POPULATION.get(indicator, "")}
        for part in parts:
            name, _, code = part.partition("=")
            if name in _SHORT:
                values[_SHORT[name]] = code
            else:
                values |= {"breakdown": name, "category": code}
        found = cls(**values)
        if not found.population or found.key != key:
            raise ValueError(key)
        return found

    @property
    def key(self) -> str:
        parts = [self.indicator]
        if self.population != _FIRST_POPULATION.get(self.indicator):
            parts.append(f"p={self.population}")
        if self.breakdown != TOTAL:
            parts.append(f"{self.breakdown}={self.category}")
        for short in "dol":
            code = getattr(self, _SHORT[short])
            if code != TOTAL:
                parts.append(f"{short}={code}")
        return ",".join(parts)

    @property
    def columns(self) -> dict[str, str]:
        """As filters of `EditionCell`."""
        return {name: getattr(self, name) for name in NAMES}

    def __str__(self) -> str:
        return self.key


NAMES = tuple(field.name for field in fields(CellAddress))


# Under which indicator stands what structures declare, by population and breakdown.
_DECLARED = {
    ("journeys_opened", TOTAL): "A1",
    ("journeys_opened", "month"): "A1",
    ("journeys_opened", "reason"): "C1.main",
    ("journeys_opened", "sex_age"): "B1",
    ("journeys_opened", "education_level"): "B2",
    ("journeys_opened", "situation"): "B3",
    ("journeys_opened", "socio_professional_category"): "B4",
    ("journeys_opened", "arrival"): "A7",
    ("journeys_closed", TOTAL): "A5",
    ("journeys_closed", "outcome"): "A5",
    ("sessions", TOTAL): "F1",
    ("sessions", "channel"): "F1",
    ("contacts", TOTAL): "A6",
    ("contacts", "theme"): "A6",
    ("contacts", "channel"): "A6",
}


def declared(population: str, breakdown: str, category: str) -> CellAddress | None:
    """The cell that counts what a structure declares under these words, if there is one."""
    if breakdown == "level":
        whole = declared(population, TOTAL, TOTAL)
        return whole and replace(whole, level=category)
    indicator = _DECLARED.get((population, breakdown))
    return indicator and CellAddress(indicator, population, breakdown, category)
