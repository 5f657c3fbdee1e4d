"""How passwords are hashed: at the cost that OWASP gives, and so few at once that pages go on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import Argon2PasswordHasher

# In each process: one hash for strangers, who are sent back while it runs, and one for browsers and
# links that proved who they are, which wait for their turn.
SECONDS_OF_A_TURN = 2
_OF_STRANGERS = threading.BoundedSemaphore(1)
_OF_KNOWN = threading.BoundedSemaphore(1)


class TooManyHashes(RuntimeError):
    """As many passwords are being hashed as may be: try again in a moment."""


class Argon2(Argon2PasswordHasher):
    """Argon2id, 19 MiB, two passes, one lane (OWASP, Password Storage Cheat Sheet)."""

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1


@contextmanager
def turn(*, is_known: bool) -> Iterator[None]:
    """Hold one of the hashes that this process may run at once.

    Raises:
        TooManyHashes: all are taken.
    """
    free = _OF_KNOWN if is_known else _OF_STRANGERS
    if not free.acquire(timeout=SECONDS_OF_A_TURN if is_known else 0):
        raise TooManyHashes
    try:
        yield
    finally:
        free.release()
