"""The most memory that a computation held, looked at ten times a second."""

import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.db import connections

SECONDS_BETWEEN = 0.1
BACK_ENDS = "SELECT pid FROM pg_stat_activity WHERE usename = 'sprocep_compiler'"


@dataclass
class Peak:
    """Megabytes, of all together at one instant: processes, and their back ends in PostgreSQL.

    Of a back end, its own memory: what it shares with the others (`shared_buffers`) is not its.
    """

    workers: float = 0.0
    back_ends: float = 0.0


@contextmanager
def watched() -> Iterator[Peak]:
    """Watch the child processes and the back ends of the compiler as long as the block runs."""
    peak, stopped = Peak(), threading.Event()
    thread = threading.Thread(target=_watch, args=(peak, stopped), daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        stopped.set()
        thread.join()


def _watch(peak: Peak, stopped: threading.Event) -> None:
    with connections["owner"].cursor() as cursor:
        while not stopped.wait(SECONDS_BETWEEN):
            children = [child.pid for child in multiprocessing.active_children()]
            cursor.execute(BACK_ENDS)
            back_ends = [pid for (pid,) in cursor.fetchall()]
            peak.workers = max(peak.workers, _megabytes(children, "VmRSS"))
            peak.back_ends = max(peak.back_ends, _megabytes(back_ends, "RssAnon"))
    # The thread has a connection of its own.
    connections["owner"].close()


def _megabytes(pids: list[int], line: str) -> float:
    return sum(_kilobytes(pid, line) for pid in pids) / 1024


def _kilobytes(pid: int, line: str) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
        for text in Path(f"/proc/{pid}/status").read_text().splitlines():
            if text.startswith(f"{line}:"):
                return int(text.split()[1])
    return 0
