"""What the files say."""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .public_rules import HEALTH_REASON, TOTAL

COLUMNS = (
    "edition", "period", "region", "indicator", "population", "department", "operator", "level",
    "breakdown", "category", "value", "unit", "status", "completeness",
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Block:
    """An edition, or a territory in constant borders."""

    period: str
    territory: str
    borders: str
    number: int

    @classmethod
    def parse(cls, code: str) -> "Block":
        period, territory, last = code.split("/")
        if last.startswith("b"):
            return cls(period, territory, last[1:], 0)
        return cls(period, territory, "date", int(last))


@dataclass(slots=True)
class Row:
    indicator: str
    population: str
    department: str
    margin: str
    breakdown: str
    category: str
    value: float | None
    status: str
    units: int | None
    unit: str = ""

    @property
    def is_special(self) -> bool:
        """Health: a zero is as secret as a one, so a hidden count may be 0."""
        return self.breakdown == "boeth" or (
            self.breakdown == "reason" and self.category == HEALTH_REASON
        )


Blocks = dict[Block, list[Row]]


def read(names: Iterable[Path]) -> Blocks:
    """Rows by block, each once: the files of Regions repeat the nation."""
    lines: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        with open(name, encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            if tuple(next(reader)[: len(COLUMNS)]) != COLUMNS:
                raise SystemExit(f"{name}: not the CSV of an edition")
            for line in reader:
                lines[tuple(line[:10])] = line
    blocks: Blocks = defaultdict(list)
    parsed: dict[str, Block] = {}
    for line in lines.values():
        code = line[0]
        block = parsed.get(code) or parsed.setdefault(code, Block.parse(code))
        blocks[block].append(_row(line))
    return blocks


def _row(line: list[str]) -> Row:
    """Raw figures carry a column more: the units behind the value."""
    _, _, _, indicator, population, department, operator, level, breakdown, category = line[:10]
    value, _, status, _ = line[10:14]
    if level != TOTAL:
        margin = f"level={level}"
    else:
        margin = TOTAL if operator == TOTAL else f"operator={operator}"
    return Row(
        indicator,
        population,
        department,
        sys.intern(margin),
        breakdown,
        category,
        float(value) if value else None,
        status,
        int(line[14]) if len(line) > len(COLUMNS) else None,
        line[11],
    )


def span(period: str) -> range:
    """Months from year 0: `2016` → 12 of them, `2016-T1` → 3, `2016-01` → 1."""
    year, _, part = period.partition("-")
    first = int(year) * 12
    if not part:
        return range(first, first + 12)
    if part.startswith("T"):
        return range(first + int(part[1]) * 3 - 3, first + int(part[1]) * 3)
    return range(first + int(part) - 1, first + int(part))
