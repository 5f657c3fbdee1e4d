"""Wait for what other processes bring about."""

import time
from collections.abc import Callable
from pathlib import Path


def wait_until(holds: Callable[[], object], seconds: float = 20, rest: float = 0.05) -> None:
    """Look again every `rest` seconds; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not reached in {seconds} s"
        time.sleep(rest)


def is_running(pid: int | str) -> bool:
    """Tell whether the process works still; one that ended and was not reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
