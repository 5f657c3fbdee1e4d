"""Celery wrappers: each rings, takes one row of the list and carries it out."""

import gc
from uuid import uuid4

from celery import shared_task
from celery.signals import worker_init, worker_ready

from indicators import actions, worklist
from sprocep.errors import HeldElsewhere
from sprocep.rendering import documents


@shared_task
def carry_on() -> None:
    """Carry out one unit of work, then ring for the next.

    Each run is a holder of its own: the same message may come twice, at the same time.
    """
    work = worklist.take(uuid4().hex)
    if work is None:
        return
    try:
        with worklist.held(work):
            actions.carry_out(work=work)
    except HeldElsewhere as exc:
        worklist.release(work, exc)
        return
    except Exception as exc:
        worklist.release(work, exc)
        raise
    worklist.finish(work)
    carry_on.delay()


@shared_task
def sweep() -> None:
    """Ring for what is due: lost messages, dead workers, a broker that came back empty."""
    if worklist.is_any_due():
        carry_on.delay()


@shared_task
def launch_due_compilations() -> None:
    actions.launch_due_compilations()


@shared_task
def run_campaigns() -> None:
    actions.run_campaigns()


@shared_task
def publish_surveys() -> None:
    actions.publish_surveys()


@worker_init.connect
def load_documents(**_) -> None:
    """Once, before the pool forks: else each process spends a second on it in its first edition.

    What is loaded stays for ever: no process looks through it for what may be freed.
    """
    documents.load()
    gc.freeze()


@worker_ready.connect
def sweep_at_once(**_) -> None:
    """A worker that comes back does not wait for the beat."""
    carry_on.delay()
