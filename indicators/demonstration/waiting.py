"""Waiting for what the worker does, with its bar."""

import time
from collections.abc import Callable

from django.db.models import QuerySet

from indicators import queries
from indicators.models import Compilation, Work
from indicators.worklist import nation

Report = Callable[[int, int, bool], None]
SECONDS_BETWEEN_LOOKS = 0.5


def wait_for_compilations(compilations: list[Compilation], report: Report) -> None:
    while compilations:
        with nation(read_only=True):
            seen = [queries.progress(compilation) for compilation in compilations]
        done, total = sum(p.done for p in seen), sum(p.total for p in seen)
        report(done, total, all(p.is_frozen for p in seen if not p.is_over) and done < total)
        if failed := sorted({cause for p in seen for cause in p.causes}):
            raise RuntimeError(f"compilation en échec: {' · '.join(failed)}")
        if all(p.is_over for p in seen):
            return
        time.sleep(SECONDS_BETWEEN_LOOKS)


def wait_for_units(units: QuerySet[Work], report: Report) -> None:
    while True:
        with nation(read_only=True):
            total, done = units.count(), units.filter(state=Work.State.DONE).count()
            failed = units.filter(state=Work.State.FAILED).first()
        if failed:
            raise RuntimeError(
                f"{failed.get_step_display()} : échec en {failed.territory} : {failed.cause}"
            )
        report(done, total, False)
        if done == total:
            return
        time.sleep(SECONDS_BETWEEN_LOOKS)
