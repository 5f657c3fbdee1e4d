"""The worker's application with a trouble: `celery --app tests.faults.troubled worker`.

- `DIES_AT` names a point, `DIES_ONCE` a file that remembers that it was reached: the worker that
  takes its place goes on. There, the main process and the child that works are killed by -9.
- `CLOCK_AHEAD` says by how many seconds its clock is wrong.
"""

import functools
import importlib
import os
import signal
import time
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sprocep.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from sprocep.celery import app  # noqa: E402 — needs Django's settings

__all__ = ["app"]

BEFORE, AFTER = "before", "after"
POINTS = {
    "a unit is taken": ("indicators.worklist", "take", AFTER),
    "rollups are built": ("indicators.computation.compute", "refresh_rollups", AFTER),
    "the grid is laid, no figure written": ("indicators.computation.compute", "_lay_grid", AFTER),
    "figures are written": ("indicators.actions.compilations", "compute_figures", AFTER),
    "a unit is computed, not given back": ("indicators.worklist", "finish", BEFORE),
    "a unit is given back, nobody rung": ("indicators.worklist", "finish", AFTER),
    "drafts are opened": ("indicators.secrecy", "_draft_editions", AFTER),
    "the first seal is computed": ("indicators.secrecy", "figures_seal", AFTER),
    "all is protected, not committed": ("indicators.secrecy", "protect", AFTER),
    "all is protected": ("indicators.actions.compilations", "_protect", AFTER),
    "an edition is sealed, no file made": (
        "indicators.actions.compilations",
        "write_edition_files",
        BEFORE,
    ),
    "files are drawn, not kept": ("indicators.exports.files", "_keep_missing", BEFORE),
    "files are kept, not laid": ("indicators.exports.files", "_keep_missing", AFTER),
    "a file is half on the disk": ("os", "fsync", BEFORE),
    "one file of four is laid": ("indicators.exports.files", "_replace", AFTER),
    "files are laid, not given back": (
        "indicators.actions.compilations",
        "write_edition_files",
        AFTER,
    ),
}
WITH_THE_SERVER = "a letter is with the server, not dated"
MAIL_POINTS = {
    "an edition is sealed, no file made": POINTS["an edition is sealed, no file made"],
    "a letter is taken, no mail made": ("regions.letters", "mail_of", BEFORE),
    "a mail is made, not sent": ("regions.letters", "mail_of", AFTER),
    WITH_THE_SERVER: ("regions.letters", "_rows", BEFORE),
}
# Reached once an edition is sealed.
OF_FILES = frozenset(list(POINTS)[list(POINTS).index("all is protected") + 1 :])


def die() -> None:
    try:
        os.close(os.open(os.environ["DIES_ONCE"], os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def arm(module_name: str, name: str, when: str) -> None:
    module = importlib.import_module(module_name)
    real = getattr(module, name)

    @functools.wraps(real)
    def deadly(*args, **kwargs):
        if when == BEFORE:
            die()
        result = real(*args, **kwargs)
        if when == AFTER:
            die()
        return result

    setattr(module, name, deadly)


def set_clock(seconds: int) -> None:
    time_of_day, instant = time.time, timezone.now
    time.time = lambda: time_of_day() + seconds
    timezone.now = lambda: instant() + timedelta(seconds=seconds)


if point := os.environ.get("DIES_AT"):
    arm(*(POINTS | MAIL_POINTS)[point])
if ahead := os.environ.get("CLOCK_AHEAD"):
    set_clock(int(ahead))
