"""Reference data that each process keeps for a minute: code lists, borders, names of places.

Only of tables that are the same for everybody (TABLES_WITHOUT_TENANT): what a scope decides is
never kept. A change of these tables shows everywhere within a minute, at once where it was made if
the change calls `forget`.
"""

import time
from collections.abc import Callable
from functools import lru_cache, wraps

SECONDS = 60
MOST = 1024  # answers of each function

_kept: list[Callable[[], None]] = []


def remembered(read: Callable) -> Callable:
    """Keep the answers of a read of reference data: share them, never change them."""

    @lru_cache(maxsize=MOST)
    def answer(minute: int, *asked):
        return read(*asked)

    @wraps(read)
    def remembering(*asked):
        return answer(int(time.monotonic() // SECONDS), *asked)

    _kept.append(answer.cache_clear)
    return remembering


def forget() -> None:
    """Read everything again: reference data have just changed."""
    for clear in _kept:
        clear()
