"""Long walks: a sample of the day in the suite, the whole by night (`make prove`).

A sample holds at least one item of every class that its walk names; the rest is drawn, by the day.
`WALK_SEED=2026-12-02 make test` draws that day again; `WALKS=whole` takes all.
"""

import os
import random
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

# Processes of xdist inherit them: all draw the same, past midnight too.
SEED = os.environ.setdefault("WALK_SEED", datetime.now(UTC).date().isoformat())
IS_WHOLE = os.environ.get("WALKS") == "whole"
DRAWN = "WALKS_DRAWN"  # where each draw is told, for the end of the run
NAMED_AT_MOST = 40

Item = TypeVar("Item")


def draw(
    walk: str,
    items: Iterable[Item],
    size: int,
    classes: Callable[[Item], Iterable[Hashable]] = lambda item: (),
    seed: str = SEED,
    *,
    whole: bool = True,
) -> list[Item]:
    """About `size` items, in their order: more where the classes are more.

    Args:
        whole: whether all are walked by night; a walk too long even then says its size itself.
    """
    every = list(items)
    if IS_WHOLE and whole:
        return every
    shuffled = random.Random(f"{seed} {walk}").sample(range(len(every)), len(every))
    met: set[Hashable] = set()
    first_of_a_class, others = [], []
    for rank in shuffled:
        unmet = set(classes(every[rank])) - met
        met |= unmet
        (first_of_a_class if unmet else others).append(rank)
    more = max(0, size - len(first_of_a_class))
    chosen = [every[rank] for rank in sorted(first_of_a_class + others[:more])]
    _tell(walk, chosen, len(every))
    return chosen


def one_of(walk: str, items: Sequence[Item]) -> Sequence[Item]:
    """The one of the day, whatever the order they come in; by night all."""
    if IS_WHOLE:
        return items
    return [random.Random(f"{SEED} {walk}").choice(sorted(items, key=str))]


def is_drawn(walk: str, one_in: int) -> bool:
    """Whether this is among those of the day, one in so many; by night all are."""
    return IS_WHOLE or random.Random(f"{SEED} {walk}").randrange(one_in) == 0


def _tell(walk: str, chosen: Sequence, count: int) -> None:
    if DRAWN in os.environ:
        names = f": {', '.join(map(str, chosen))}" if len(chosen) <= NAMED_AT_MOST else ""
        with Path(os.environ[DRAWN]).open("a", encoding="utf-8") as told:
            told.write(f"{walk}, {len(chosen)} of {count}{names}\n")


def told() -> list[str]:
    """What was drawn in this run, by all its processes."""
    file = Path(os.environ[DRAWN])
    return sorted(set(file.read_text("utf-8").splitlines())) if file.exists() else []
