"""Reads of compilations and editions. All need a scope; drafts show in the national one only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from indicators.models import Compilation, Edition, Work

SILENCE = timedelta(seconds=8)


@dataclass(frozen=True)
class Progress:
    """How far a compilation is, in rows of the list."""

    done: int
    total: int
    failed: int
    last_sign: datetime | None
    causes: tuple[str, ...]

    @property
    def is_over(self) -> bool:
        return self.done + self.failed >= self.total

    @property
    def is_frozen(self) -> bool:
        """Nothing was heard for too long: no worker is at it."""
        if self.is_over:
            return False
        return self.last_sign is None or timezone.now() - self.last_sign > SILENCE


def progress(compilation: Compilation) -> Progress:
    units = compilation.work.aggregate(
        done=Count("pk", filter=Q(state=Work.State.DONE)),
        failed=Count("pk", filter=Q(state=Work.State.FAILED)),
        total=Count("pk"),
        heartbeat=Max("heartbeat_at"),
        finished=Max("finished_at"),
    )
    signs = [units["heartbeat"], units["finished"], compilation.requested_at]
    causes = compilation.work.filter(state=Work.State.FAILED).values_list("cause", flat=True)
    return Progress(
        done=units["done"],
        total=units["total"],
        failed=units["failed"],
        last_sign=max(sign for sign in signs if sign),
        causes=tuple(sorted(set(causes))),
    )


def editions(period: str) -> QuerySet[Edition]:
    return Edition.objects.filter(period=period).order_by("territory")


def latest_compilation(period: str) -> Compilation | None:
    return Compilation.objects.filter(period=period).order_by("-pk").first()
