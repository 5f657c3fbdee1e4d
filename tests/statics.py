"""Static files as `make demo` collects them, once for all the sites of a run."""

import fcntl
import os
import subprocess
from pathlib import Path

from sprocep import demo

FOLDER = "COLLECTED_STATIC"  # of the run, and not of a process


def collected() -> Path:
    """Where they are; of two processes that need them, one collects."""
    folder = Path(os.environ[FOLDER])
    folder.parent.mkdir(exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            part = folder.with_suffix(".part")
            subprocess.run(
                demo.command("collectstatic", "--noinput", "-v", "0", *demo.UNUSED_STATIC),
                cwd=demo.ROOT,
                env={
                    **os.environ,
                    "DJANGO_SETTINGS_MODULE": "sprocep.settings",
                    "STATIC_ROOT": str(part),
                },
                check=True,
            )
            part.rename(folder)
    return folder
