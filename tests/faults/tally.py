"""What each scenario tried and what came of it; `make faults` prints the table."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields


@dataclass
class Count:
    """`lost`, `doubled` and `wrong` must stay 0."""

    tried: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    seconds: float = 0.0

    def add(self, other: "Count") -> None:
        for column in fields(self):
            total = getattr(self, column.name) + getattr(other, column.name)
            setattr(self, column.name, total)

    @property
    def is_clean(self) -> bool:
        return (self.lost, self.doubled, self.wrong) == (0, 0, 0)


SCENARIOS: dict[str, Count] = {}


@contextmanager
def scenario(name: str) -> Iterator[Count]:
    """Count one try of a scenario; it must have lost, doubled and changed nothing."""
    count, began = Count(tried=1), time.monotonic()
    try:
        yield count
    finally:
        count.seconds = time.monotonic() - began
        SCENARIOS.setdefault(name, Count()).add(count)
    assert count.is_clean, count


def lines() -> Iterator[str]:
    yield f"{'scenario':<58}{'tried':>7}{'lost':>6}{'doubled':>9}{'wrong':>7}{'seconds':>9}"
    total = Count()
    for name, count in SCENARIOS.items():
        total.add(count)
        yield _line(name, count)
    yield _line("all", total)


def _line(name: str, count: Count) -> str:
    return (
        f"{name:<58}{count.tried:>7}{count.lost:>6}{count.doubled:>9}{count.wrong:>7}"
        f"{count.seconds:>9.1f}"
    )
