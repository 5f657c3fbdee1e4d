"""Static files as `make demo` collects them, once for all the sites of a run."""

import fcntl
import os
import subprocess
from pathlib import Path

from sprocep import demo

FOLDER = "COLLECTED_STATIC"  # the variable that names it, the same in all processes of a run


def collected() -> Path:
    """Collect them, unless another process of the run has; their folder."""
    folder = Path(os.environ[FOLDER])
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
