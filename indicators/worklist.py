"""The list of work: the broker is a bell, the table `Work` is the list.

A worker takes the first row that is due, holds it by a lease that a thread renews, and gives it
back done. A worker killed at any instant costs time: its lease runs out and the row is due again.
Runs as `app`, in the national scope. All instants are PostgreSQL's: a worker's clock may be wrong.
"""

import errno
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from indicators.models import Work
from regions.queries import national_regions
from sprocep import tenancy
from sprocep.errors import HeldElsewhere, sqlstate_of
from sprocep.logs import described

log = logging.getLogger(__name__)

LEASE_SECONDS = 15
HEARTBEAT_SECONDS = 3
STUCK_MINUTES = 5
# Before a unit that could not be finished is tried again.
REST_SECONDS = 10
_STATEMENT_TIMEOUT = "57014"
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})

# Of a row that waits, `lease_until` is the instant before which nobody takes it. Protecting reads
# the figures of all territories: it waits for whatever else works on the same period.
_DUE = f"""
w.state IN ('waiting', 'running') AND (w.lease_until IS NULL OR w.lease_until < now())
AND w.tries < {Work.MAX_TRIES}
AND NOT EXISTS (SELECT 1 FROM indicators_work before
                 WHERE before.compilation_id = w.compilation_id AND before.step < w.step
                   AND before.state IN ('waiting', 'running'))
AND (w.step <> {Work.Step.PROTECT}
     OR NOT EXISTS (SELECT 1 FROM indicators_work other
                     WHERE other.period = w.period AND other.id <> w.id
                       AND other.step <= {Work.Step.PROTECT}
                       AND other.state = 'running' AND other.lease_until >= now()))
"""

_TAKE = f"""
UPDATE indicators_work SET state = 'running', tries = tries + 1, claimed_by = %s, cause = '',
       started_at = now(), heartbeat_at = now(),
       lease_until = now() + interval '{LEASE_SECONDS} seconds'
 WHERE id = (SELECT w.id FROM indicators_work w WHERE {_DUE}
              ORDER BY w.step, w.starts_on DESC, w.id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""

_GIVE_UP = f"""
UPDATE indicators_work SET state = 'failed', finished_at = now(),
       cause = coalesce(nullif(cause, ''), 'le travailleur s’est arrêté en cours de route')
 WHERE state = 'running' AND lease_until < now() AND tries >= {Work.MAX_TRIES}
"""

_RENEW = f"""
UPDATE indicators_work SET heartbeat_at = now(),
       lease_until = now() + interval '{LEASE_SECONDS} seconds'
 WHERE id = %s AND claimed_by = %s AND state = 'running'
"""

_STUCK = f"""
SELECT EXISTS (SELECT 1 FROM indicators_work w WHERE {_DUE})
   AND NOT EXISTS (SELECT 1 FROM indicators_work w
                     LEFT JOIN indicators_compilation asked ON asked.id = w.compilation_id
                    WHERE greatest(w.heartbeat_at, w.finished_at, asked.requested_at)
                          > now() - interval '{STUCK_MINUTES} minutes')
"""

_RELEASE = f"""
UPDATE indicators_work SET cause = %(cause)s, tries = tries - 1 + %(tried)s,
       lease_until = now() + interval '{REST_SECONDS} seconds',
       state = CASE WHEN tries - 1 + %(tried)s >= {Work.MAX_TRIES} THEN 'failed'
                    ELSE 'waiting' END,
       finished_at = CASE WHEN tries - 1 + %(tried)s >= {Work.MAX_TRIES} THEN now() END
 WHERE id = %(id)s AND claimed_by = %(holder)s AND state = 'running'
"""


# No worker lives: whoever held a row has gone, and had no part in what stopped it.
_BEGIN_AGAIN = """
UPDATE indicators_work SET state = 'waiting', tries = 0, claimed_by = '', cause = '',
       started_at = NULL, finished_at = NULL, lease_until = NULL
 WHERE state IN ('running', 'failed') OR (state = 'waiting' AND lease_until IS NOT NULL)
"""


@contextmanager
def nation(read_only: bool = False) -> Iterator[None]:
    with tenancy.scope(regions=national_regions(), read_only=read_only):
        yield


def launch_alone(period: str) -> None:
    """Of two who launch a period at the same instant, the second waits here for the end of the
    other's transaction, then finds what was launched."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"launch {period}"])


def take(holder: str) -> Work | None:
    """The first row that is due, now held by `holder`; None when nothing is."""
    with nation(), connection.cursor() as cursor:
        cursor.execute(_GIVE_UP)
        cursor.execute(_TAKE, [holder])
        taken = cursor.fetchone()
        return Work.objects.get(pk=taken[0]) if taken else None


def is_any_due() -> bool:
    with nation(read_only=True), connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM indicators_work w WHERE {_DUE})")
        return cursor.fetchone()[0]


def is_stuck() -> bool:
    """Something is due, and for minutes nothing was asked for, renewed or finished."""
    with nation(read_only=True), connection.cursor() as cursor:
        cursor.execute(_STUCK)
        return cursor.fetchone()[0]


def begin_again() -> None:
    """Put all that was stopped or failed back on the list, before the first worker comes."""
    with nation(), connection.cursor() as cursor:
        cursor.execute(_BEGIN_AGAIN)


def finish(work: Work) -> None:
    """Done, unless somebody else took the row meanwhile."""
    with nation(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE indicators_work SET state = 'done', finished_at = now(), lease_until = NULL "
            "WHERE id = %s AND claimed_by = %s",
            [work.pk, work.claimed_by],
        )


def release(work: Work, exc: Exception) -> None:
    """Give back what could not be finished: due again after a rest, or failed after the last try.

    What interrupts a unit from outside (PostgreSQL stopped, no room left, somebody else at the
    same work) is no try: the unit goes on as soon as that is over, however long it lasts.
    """
    with nation(), connection.cursor() as cursor:
        cursor.execute(
            _RELEASE,
            {
                "id": work.pk,
                "holder": work.claimed_by,
                "cause": _cause(exc)[:400],
                "tried": 0 if is_from_outside(exc) else 1,
            },
        )


def _cause(exc: Exception) -> str:
    """What PostgreSQL says may repeat a value: of its errors, the types and the constraint."""
    if isinstance(exc, DatabaseError):
        return " ← ".join(described(exc)["error"])
    return f"{type(exc).__name__}: {exc}"


def is_from_outside(exc: Exception) -> bool:
    """Whether the unit had no part in it: the same unit will pass once that is over."""
    if isinstance(exc, OperationalError):
        return sqlstate_of(exc) != _STATEMENT_TIMEOUT
    if isinstance(exc, (InterfaceError, ConnectionError, HeldElsewhere)):
        return True
    return isinstance(exc, OSError) and exc.errno in _NO_ROOM


@contextmanager
def held(work: Work) -> Iterator[None]:
    """Renew the lease from a thread for as long as the block runs."""
    stopped = threading.Event()
    thread = threading.Thread(target=_beat, args=(work, stopped), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def _beat(work: Work, stopped: threading.Event) -> None:
    """One lost beat is no harm: the lease is five beats long."""
    try:
        while not stopped.wait(HEARTBEAT_SECONDS):
            try:
                with nation(), connection.cursor() as cursor:
                    cursor.execute(_RENEW, [work.pk, work.claimed_by])
            except (OperationalError, InterfaceError) as exc:
                log.warning("bail non renouvelé: %s", type(exc).__name__)
                connection.close()
    finally:
        # The thread has a connection of its own.
        connection.close()
