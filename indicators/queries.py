"""Reads of compilations and editions. All need a scope; drafts show in the national one only."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max, Min, Q, QuerySet, Value
from django.utils import timezone

from indicators.models import (
    CalendarEntry,
    Compilation,
    Edition,
    EditionEvent,
    ExpectedReturn,
    SecrecyThreshold,
    Work,
)
from regions.models import RegionName
from regions.queries import commune_key
from sprocep.periods import Period
from sprocep.tenancy import NATION

SILENCE = timedelta(seconds=8)
_BEFORE_SEALING = (Edition.State.DRAFT, Edition.State.UNDER_REVIEW, Edition.State.VALIDATED)


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


def threshold_of(period: Period) -> int:
    """From which number of units a count is read: in force on the last day of the period."""
    rows = SecrecyThreshold.objects.filter(starts_on__lte=period.last_day)
    return rows.latest("starts_on").k


def progress(compilation: Compilation) -> Progress:
    found = counted(with_progress(Compilation.objects.filter(pk=compilation.pk)).get())
    causes = compilation.work.filter(state=Work.State.FAILED).values_list("cause", flat=True)
    return replace(found, causes=tuple(sorted(set(causes))))


def with_progress(compilations: QuerySet[Compilation]) -> QuerySet[Compilation]:
    """Compilations with what `counted` reads."""
    return compilations.annotate(
        done=Count("work", filter=Q(work__state=Work.State.DONE)),
        failed=Count("work", filter=Q(work__state=Work.State.FAILED)),
        total=Count("work"),
        heartbeat=Max("work__heartbeat_at"),
        finished=Max("work__finished_at"),
    )


def counted(compilation: Compilation) -> Progress:
    """How far a compilation of `with_progress` is; its causes are not read."""
    signs = (compilation.heartbeat, compilation.finished, compilation.requested_at)
    last_sign = max(sign for sign in signs if sign)
    return Progress(compilation.done, compilation.total, compilation.failed, last_sign, ())


def waiting_since() -> datetime | None:
    """Since when the oldest compilation that is not over has been asked for."""
    unfinished = Work.objects.filter(state__in=(Work.State.WAITING, Work.State.RUNNING))
    return unfinished.aggregate(since=Min("compilation__requested_at"))["since"]


def files_by_period() -> QuerySet:
    """Making of the files of sealed editions, a row a period, newest first.

    Each row: `period`, `done`, `failed`, `waiting` (units), `began`, `ended` (instants), `causes`.
    """
    units = Work.objects.filter(step=Work.Step.FILES).values("period")
    of = {state: Q(state=state) for state in Work.State}
    return units.annotate(
        done=Count("pk", filter=of[Work.State.DONE]),
        failed=Count("pk", filter=of[Work.State.FAILED]),
        waiting=Count("pk", filter=of[Work.State.WAITING] | of[Work.State.RUNNING]),
        began=Min("started_at"),
        ended=Max("finished_at"),
        causes=ArrayAgg("cause", filter=of[Work.State.FAILED], distinct=True, default=Value([])),
    ).order_by("-period")


def late_periods(today: date) -> list[tuple[CalendarEntry, int, int]]:
    """Deadlines gone by, oldest first: (entry, editions to seal, sealed ones to transmit).

    Also those whose computation should have been launched and was not.
    """
    states = dict.fromkeys(Edition.State, 0)
    by_period: dict[str, dict[str, int]] = {}
    for period, state in Edition.objects.values_list("period", "state"):
        by_period.setdefault(period, dict(states))[state] += 1
    found = []
    for entry in CalendarEntry.objects.filter(computed_on__lt=today).order_by("starts_on"):
        counts = by_period.get(entry.period, states)
        drafts = sum(counts[state] for state in _BEFORE_SEALING)
        sealed = counts[Edition.State.SEALED]
        is_late = entry.due_on < today and (drafts or sealed or entry.period not in by_period)
        if (entry.launched_at is None and entry.period not in by_period) or is_late:
            found.append((entry, drafts, sealed))
    return found


@dataclass(frozen=True)
class Campaign:
    """How far the campaign of a period is: returns, and Regions that have come to each state."""

    expected: int = 0
    received: int = 0
    commented: int = 0
    regions: int = 0
    validated: int = 0
    sealed: int = 0
    transmitted: int = 0
    acknowledged: int = 0


# A Region that has come to a state has come through those before it.
_REACHED = ("validated", "sealed", "transmitted", "acknowledged")


def campaigns(codes: Iterable[str]) -> dict[str, Campaign]:
    """By period. Three queries, whatever the number of periods."""
    owed = ExpectedReturn.objects.filter(period__in=codes).values("period")
    returns = owed.annotate(expected=Count("pk"), received=Count("received_at")).order_by()
    found = {row.pop("period"): row for row in returns}
    # The newest of each territory: an erratum starts again.
    newest = Edition.objects.filter(period__in=codes).exclude(territory=NATION).order_by("number")
    states = {(period, where): state for period, where, state in
              newest.values_list("period", "territory", "state")}  # fmt: skip
    for (period, _), state in states.items():
        counts = found.setdefault(period, {})
        counts["regions"] = counts.get("regions", 0) + 1
        for reached in _REACHED[: _REACHED.index(state) + 1] if state in _REACHED else ():
            counts[reached] = counts.get(reached, 0) + 1
    said = EditionEvent.objects.filter(
        edition__period__in=codes, kind=EditionEvent.Kind.COMMENTED
    ).values_list("edition__period")
    for period, count in said.annotate(Count("territory", distinct=True)).order_by():
        found.setdefault(period, {})["commented"] = count
    return {period: Campaign(**counts) for period, counts in found.items()}


def editions(period: str) -> QuerySet[Edition]:
    return Edition.objects.filter(period=period).order_by("territory", "number")


SENT = (Edition.State.TRANSMITTED, Edition.State.ACKNOWLEDGED)


def in_force(period: Period, territory: str) -> Edition | None:
    """What the Region was sent and no erratum has replaced: there is one at most."""
    sent = Edition.objects.filter(period=period.code, territory=territory, state__in=SENT)
    return sent.order_by("number").last()


def replacing(edition: Edition) -> Edition | None:
    """Its erratum, a draft or not: in sight of the nation alone until it is sealed."""
    return Edition.objects.filter(supersedes=edition).first()


def sealed_longer(period: Period) -> list[Period]:
    """The quarter and the year that hold this period, where an edition of them is sealed."""
    codes = [longer.code for longer in period.longer]
    sealed = Edition.objects.filter(period__in=codes, sealed_at__isnull=False)
    found = set(sealed.values_list("period", flat=True))
    return [longer for longer in period.longer if longer.code in found]


def behind_errata() -> dict[str, dict[str, datetime]]:
    """Territories whose sealed edition of a longer period was compiled before an erratum of a
    period within it, and when that erratum was, by longer period; none of which an erratum is open
    already."""
    errata = Edition.objects.filter(number__gt=1, sealed_at__isnull=False)
    corrected: dict[tuple[str, str], datetime] = {}
    for code, territory, at in errata.values_list("period", "territory", "compiled_at"):
        for longer in Period.parse(code).longer:
            key = (longer.code, territory)
            corrected[key] = max(at, corrected.get(key, at))
    longer = Edition.objects.filter(period__in={code for code, _ in corrected}).order_by("number")
    found: dict[str, dict[str, datetime]] = {}
    for key, edition in sorted({(e.period, e.territory): e for e in longer}.items()):
        if edition.is_sealed and key in corrected and edition.compiled_at < corrected[key]:
            found.setdefault(edition.period, {})[edition.territory] = corrected[key]
    return found


def is_computing(period: str) -> bool:
    """Its figures are being computed or protected, or are to be."""
    units = Work.objects.filter(period=period, step__lte=Work.Step.PROTECT)
    return units.filter(state__in=[Work.State.WAITING, Work.State.RUNNING]).exists()


def has_failed(period: str) -> bool:
    """The last that was asked of its figures could not be finished: they are older ones."""
    last = latest_compilation(period)
    return last is not None and last.work.filter(state=Work.State.FAILED).exists()


def open_compilation(period: str) -> Compilation | None:
    """The one of which some figures still are to be computed or protected."""
    units = Work.objects.filter(period=period, step__lte=Work.Step.PROTECT)
    unfinished = units.filter(state__in=[Work.State.WAITING, Work.State.RUNNING])
    return Compilation.objects.filter(work__in=unfinished).order_by("-pk").first()


def latest_compilation(period: str) -> Compilation | None:
    return Compilation.objects.filter(period=period).order_by("-pk").first()


class Names:
    """What Regions were called, and which existed, on any day: read at once."""

    def __init__(self) -> None:
        self._names: dict[str, list[RegionName]] = {}
        for name in RegionName.objects.select_related("region").order_by("starts_on"):
            self._names.setdefault(name.region_id, []).append(name)

    def on(self, code: str, day: date) -> str:
        """The name of the day, else the last one before or the first one after."""
        if code == NATION:
            return "France"
        names = self._names[code]
        return next((n for n in reversed(names) if n.starts_on <= day), names[0]).name

    def existing(self, day: date) -> tuple[str, ...]:
        """Codes of the Regions of a day, by name."""
        regions = [names[0].region for names in self._names.values()]
        found = [
            r.code for r in regions if r.starts_on <= day and (r.ends_on is None or day < r.ends_on)
        ]
        return tuple(sorted(found, key=lambda code: commune_key(self.on(code, day))))
