"""Celery wrappers: each rings, takes one row of the list and carries it out."""

from celery import Task, shared_task
from celery.signals import worker_ready

from indicators import actions, worklist


class OneUnit(Task):
    """A unit that raised goes back to the list with its cause."""

    def on_failure(self, exc, task_id, args, kwargs, einfo) -> None:
        worklist.release(task_id, f"{type(exc).__name__}: {exc}")


@shared_task(bind=True, base=OneUnit)
def carry_on(self) -> None:
    """Carry out one unit of work, then ring for the next."""
    work = worklist.take(self.request.id)
    if work is None:
        return
    with worklist.held(work):
        actions.carry_out(work=work)
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


@worker_ready.connect
def sweep_at_once(**_) -> None:
    """A worker that comes back does not wait for the beat."""
    carry_on.delay()
