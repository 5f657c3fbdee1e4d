"""The most memory that a piece of work held: of Python's processes, and of PostgreSQL's."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from bench.measures import Results

PROC = Path("/proc")
PEAK = "peak memory"
SERVERS = ("postgres", "valkey-server")
EVERY = 0.5  # seconds; a look costs ten milliseconds


@dataclass
class Peak:
    """Megabytes. Python's own and what its processes share, counted once (PSS); what PostgreSQL's
    processes hold each for itself (anonymous), the buffers that they share apart."""

    python: float = 0
    postgresql: float = 0


@contextmanager
def watched(root: int | None = None, *, with_root: bool = True) -> Iterator[Peak]:
    """Look at this process and its descendants; at Python's from `root` down, when it is named."""
    peak, over = Peak(), Event()
    of = (root or os.getpid(), with_root)
    watcher = Thread(target=_watch, args=(peak, over, *of), daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def add_peak(results: Results, subject: str, peak: Peak) -> None:
    results.add(subject, f"{PEAK}, Python", "MB", peak.python, grows=True)
    results.add(subject, f"{PEAK}, PostgreSQL", "MB", peak.postgresql, grows=True)


def _watch(peak: Peak, over: Event, root: int, with_root: bool) -> None:
    last = False
    while True:
        names = _processes()
        servers = [pid for pid in _family(names, os.getpid()) if names[pid][1] == SERVERS[0]]
        ours = [pid for pid in _family(names, root) if names[pid][1] not in SERVERS]
        if not with_root:
            ours = [pid for pid in ours if pid != root]
        peak.postgresql = max(peak.postgresql, _total(servers, "status", "RssAnon:"))
        peak.python = max(peak.python, _total(ours, "smaps_rollup", "Pss:"))
        if last:
            return
        last = over.wait(EVERY)  # then a look at what the end of the work holds


def _processes() -> dict[int, tuple[int, str]]:
    """Parent and name of each process."""
    found = {}
    for pid in filter(str.isdigit, os.listdir(PROC)):
        name, _, rest = _read(pid, "stat").partition("(")[2].rpartition(")")
        if rest:
            found[int(pid)] = (int(rest.split()[1]), name)
    return found


def _family(processes: dict[int, tuple[int, str]], root: int) -> Iterator[int]:
    for pid in processes:
        ancestor = pid
        while ancestor != root and ancestor in processes:
            ancestor = processes[ancestor][0]
        if ancestor == root:
            yield pid


def _total(pids: list[int], file: str, line: str) -> float:
    kilobytes = 0
    for pid in pids:
        _, _, rest = _read(str(pid), file).partition(f"\n{line}")
        kilobytes += int(rest.split(maxsplit=1)[0]) if rest else 0
    return kilobytes / 1024


def _read(pid: str, file: str) -> str:
    """Nothing of a process that has just ended."""
    try:
        return (PROC / pid / file).read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
