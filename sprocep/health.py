"""What must answer for the site to be of use, and the signs of life of worker and beat.

A sign is a key of the broker that dies by itself: nobody has to notice that a process is gone.
"""

import contextlib
import functools
import os
import socket
import sys
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

SECONDS_OF_A_SIGN = 30
WORKER, BEAT = "worker", "beat"
_APPLIED = "SELECT app, name FROM django_migrations"


def give_sign(of: str) -> None:
    """This process lives and reaches the broker; here, and on whichever machine it is."""
    with contextlib.suppress(redis.RedisError), _broker() as broker:
        for key in (_key(of), _key(of, socket.gethostname())):
            broker.set(key, os.getpid(), ex=SECONDS_OF_A_SIGN)


def has_sign(of: str, host: str = "") -> bool:
    with _broker() as broker:
        return bool(broker.exists(_key(of, host)))


def _key(of: str, host: str = "") -> str:
    return ":".join(filter(None, ("sprocep", of, host)))


def _broker() -> redis.Redis:
    return redis.Redis.from_url(
        settings.CELERY_BROKER_URL, socket_timeout=2, socket_connect_timeout=2
    )


def answers(probe: Callable[[], bool]) -> bool:
    """Whether a probe holds; a server that does not answer is a no."""
    try:
        return probe()
    except (DatabaseError, redis.RedisError):
        return False


def database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def migrations() -> bool:
    """Every migration of this code is applied; the base may already be ahead of it."""
    with connection.cursor() as cursor:
        cursor.execute(_APPLIED)
        return _known_migrations() <= set(cursor.fetchall())


@functools.cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def broker() -> bool:
    with _broker() as link:
        return link.ping()


PROBES: dict[str, Callable[[], bool]] = {
    "database": database,
    "migrations": migrations,
    "broker": broker,
    WORKER: lambda: has_sign(WORKER),
    BEAT: lambda: has_sign(BEAT),
}


def leave(of: str) -> None:
    """The health check of a container: the exit code of the process of this machine."""
    sys.exit(0 if answers(lambda: has_sign(of, socket.gethostname())) else 1)
