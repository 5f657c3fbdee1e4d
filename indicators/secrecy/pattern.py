"""Which further counts are hidden, so that nobody comes close to a hidden one.

Greedy, then every group of populations is secured by itself (`securing`). Ends when every hidden
count has moves that prove its interval, for an outsider; and every small one, for each category of
operator that knows its own cells.
"""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from indicators.secrecy.greedy import hide_greedily
from indicators.secrecy.moves import CLOSE, Reach
from indicators.secrecy.securing import Group
from indicators.secrecy.system import NOBODY, System

TOTALS_ARE_DEARER = 10
SIDE_BY_SIDE = 2  # groups at once, and blocks at once: the solver leaves Python free


@dataclass(frozen=True)
class Attack:
    """What an outsider finds; `smallest_interval` is None where nothing is hidden."""

    smallest_interval: int | None
    found: int
    too_narrow: int


def hide(system: System, k: int, without: Collection[str] = ()) -> Attack:
    """Hide what must be, in the system itself.

    Args:
        without: `secondary`, or `repair`: steps that are left out (tests); `wholesale`: no
            group is hidden whole because little of it is left to show.

    Raises:
        NoPattern: what is out gives away what must be hidden.
    """
    dear = np.where(system.is_total, TOTALS_ARE_DEARER, 1)
    cost = (np.abs(system.values) + 10.0) * np.maximum(system.weight, 1) * dear
    reach = Reach(system, k - 1)
    if "secondary" not in without:
        hide_greedily(system, cost, k - 1)
        if "repair" not in without:
            reach.see_loose_ones()
            _repair(system, reach, cost, wholesale="wholesale" not in without)
    return _attack(system, reach)


def _repair(system: System, reach: Reach, cost: np.ndarray, *, wholesale: bool) -> None:
    """Secure several groups at a time, and in each several blocks. Blocks have threads of their
    own: a group that waits for its blocks occupies a thread."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads, ThreadPoolExecutor(SIDE_BY_SIDE) as of_blocks:
        numbers = sorted(set(system.group.tolist()))
        groups = [Group(system, reach, cost, number, of_blocks) for number in numbers]
        groups.sort(key=lambda group: -group.size)
        for group in groups:
            if wholesale and group.is_tiny():
                group.hide_wholesale()
        list(threads.map(Group.secure, groups))


def _attack(system: System, reach: Reach) -> Attack:
    targets = np.flatnonzero(system.is_target & system.is_hidden & ~reach.is_own[NOBODY])
    widths = reach.width(NOBODY, targets)
    return Attack(
        smallest_interval=round(float(widths.min())) if len(targets) else None,
        found=int((widths < CLOSE).sum()),
        too_narrow=int(((widths >= CLOSE) & (widths < reach.far - CLOSE)).sum()),
    )
