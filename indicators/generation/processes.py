"""Slices made by several processes at once, and given in their order to the one that copies."""

import signal
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from indicators.generation.activity import Activity
from indicators.generation.plan import Slice
from indicators.generation.rows import Batch
from sprocep.embedded.processes import die_with_parent

# Slices made while none has been copied yet, beyond one a process: memory stays flat.
_AHEAD = 2

# In a process that makes slices: what was prepared before it was born.
_activity: Activity | None = None


def batches(activity: Activity, slices: list[Slice], processes: int) -> Iterator[Batch]:
    """The batch of each slice, in order: the same whatever the number of processes."""
    if processes == 1:
        yield from map(activity.make, slices)
        return
    # Forked, so that what is prepared is there; they touch no connection.
    pool = ProcessPoolExecutor(processes, get_context("fork"), _enter, (activity,))
    with pool:
        waiting = deque()
        for part in slices:
            waiting.append(pool.submit(_make, part))
            if len(waiting) == processes + _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _enter(activity: Activity) -> None:
    global _activity
    die_with_parent(signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent says when to stop
    _activity = activity


def _make(part: Slice) -> Batch:
    return _activity.make(part)
