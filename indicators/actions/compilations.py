"""Launch a compilation, and carry out the units of the list."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from indicators import queries, secrecy
from indicators.actions.bell import ring
from indicators.actions.counts import count_returns
from indicators.actions.recounts import count_requested_cells
from indicators.computation import Borders, borders_of, compute_figures, extent_of
from indicators.exports.files import write_edition_files
from indicators.models import CalendarEntry, Compilation, Edition, Work
from indicators.regional.standing import compositions
from indicators.worklist import launch_alone, nation
from regions.actions import record
from regions.models import User
from regions.queries import national_regions
from sprocep import periods, tenancy
from sprocep.errors import ActionRefused
from sprocep.periods import Period
from sprocep.tenancy import NATION

_OPEN = (Edition.State.DRAFT, Edition.State.UNDER_REVIEW)


def settled_territories(period: Period) -> set[str]:
    """Those whose newest edition is validated or sealed: no compilation changes it."""
    editions = Edition.objects.filter(period=period.code)
    open_ones = editions.filter(state__in=_OPEN).values("territory")
    return set(editions.exclude(territory__in=open_ones).values_list("territory", flat=True))


@transaction.atomic
def request_compilation(
    *, by: User | None, period: Period, regions: Iterable[str] | None = None
) -> Compilation:
    """List the units of work of a period and ring for the workers. Needs the national scope.

    Without `regions`: all Regions of the date, the nation, and the constant borders. Territories
    whose edition is settled are left out: compiling them again changes nothing. A period that is
    not over gives raw figures only.

    A period that waits or is being compiled is not compiled twice: what is asked joins what is on
    the list, and units that have begun begin again, since facts may have come meanwhile.

    Raises:
        ActionRefused: a Region that does not exist at that date.
    """
    launch_alone(period.code)
    settled = settled_territories(period)
    existing = borders_of(period, Borders.DATE)
    wanted = set(regions) if regions is not None else {*existing, NATION}
    if unknown := sorted(wanted - {*existing, NATION}):
        raise ActionRefused(
            f"Région inconnue au {periods.full_date(period.last_day)}: {', '.join(unknown)}. "
            f"Régions de cette date: {', '.join(sorted(existing))}."
        )
    compilation = queries.open_compilation(period.code) or Compilation.objects.create(
        period=period.code, requested_by=by
    )
    units = [(code, Borders.DATE) for code in sorted(wanted - settled)]
    if NATION in wanted - settled:
        units += [
            (code, borders)
            for borders in (Borders.OF_2015, Borders.OF_2016)
            for code in sorted(borders_of(period, borders))
        ]
    work = [_unit(compilation, period, Work.Step.COMPUTE, code, borders) for code, borders in units]
    if units and period.is_over(periods.today()):
        work.append(_unit(compilation, period, Work.Step.PROTECT, NATION, Borders.DATE))
    _put_on_the_list(compilation, work)
    record(by=by, territory=NATION, action="request_compilation", obj=compilation)
    ring(times=2)
    return compilation


def _put_on_the_list(compilation: Compilation, wanted: list[Work]) -> None:
    """Those that are on it already wait again, unless nobody has begun them."""
    listed = {(unit.step, unit.territory, unit.borders): unit for unit in compilation.work.all()}
    again, new = [], []
    for unit in wanted:
        known = listed.get((unit.step, unit.territory, unit.borders))
        if known is None:
            new.append(unit)
        elif known.started_at is not None:
            again.append(known.pk)
    _wait_again(compilation.work.filter(pk__in=again))
    Work.objects.bulk_create(new)


def _unit(
    compilation: Compilation, period: Period, step: Work.Step, territory: str, borders: Borders
) -> Work:
    if step is Work.Step.COMPUTE:
        regions = extent_of(period, territory, borders).scope
    else:
        regions = national_regions()
    return Work(
        compilation=compilation,
        step=step,
        period=period.code,
        starts_on=period.starts,
        territory=territory,
        borders=borders,
        regions=regions,
    )


def carry_out(*, work: Work) -> None:
    """Do one unit of work. Idempotent: doing it twice changes nothing."""
    period = Period.parse(work.period)
    if work.step == Work.Step.COMPUTE:
        borders = Borders(work.borders)
        if number := _number(work, borders):
            with nation(read_only=True):
                composed = compositions(period, work.territory, borders)
            compute_figures(extent_of(period, work.territory, borders), number, composed)
    elif work.step == Work.Step.PROTECT:
        _protect(period, work.regions)
    elif work.step == Work.Step.DECLARE:
        count_returns(work=work)
    elif work.step == Work.Step.RECOUNT:
        count_requested_cells(work=work)
    else:
        with nation():
            sealed = Edition.objects.filter(
                period=work.period, territory=work.territory, sealed_at__isnull=False
            )
            for edition in sealed.order_by("number"):
                write_edition_files(edition)


def _number(work: Work, borders: Borders) -> int | None:
    """Of the edition that these figures are for, None when it is settled; constant borders hang on
    the nation's."""
    holder = work.territory if borders is Borders.DATE else NATION
    with nation(read_only=True):
        editions = Edition.objects.filter(period=work.period, territory=holder).order_by("number")
        newest = editions.last()
    if newest is None:
        return 1
    return newest.number if newest.state in _OPEN else None


def _protect(period: Period, regions: list[str]) -> None:
    if not period.is_over(periods.today()):
        raise ActionRefused(f"La période {period.label} n’est pas finie: rien à protéger.")
    with nation(read_only=True):
        settled = settled_territories(period)
        published = secrecy.published_around(period)
    with tenancy.scope(regions=regions, using="compiler"):
        secrecy.protect(period, settled, published)


def launch_due_compilations() -> list[str]:
    """Launch what the calendar says is due and was not launched yet."""
    launched = []
    with nation():
        due = CalendarEntry.objects.select_for_update().filter(
            computed_on__lte=periods.today(), launched_at__isnull=True
        )
        for entry in due:
            request_compilation(by=None, period=Period.parse(entry.period))
            entry.launched_at = timezone.now()
            entry.save(update_fields=["launched_at"])
            launched.append(entry.period)
    return launched


@transaction.atomic
def retry_failed(*, by: User, compilation: Compilation) -> int:
    """Put the failed units of a compilation back on the list.

    What was protected meanwhile was protected on older figures: it is done again too.

    Returns:
        how many had failed.
    """
    units = compilation.work.all()
    if units.filter(step=Work.Step.COMPUTE, state=Work.State.FAILED).exists():
        _wait_again(units.filter(step=Work.Step.PROTECT, state=Work.State.DONE))
    count = _back_on_the_list(units)
    record(by=by, territory=NATION, action="retry_compilation", obj=compilation)
    return count


@transaction.atomic
def retry_files(*, by: User, period: Period) -> int:
    """Put the files of a period's editions that could not be made back on the list.

    Returns:
        how many.
    """
    units = Work.objects.filter(step=Work.Step.FILES, period=period.code)
    failed = list(units.filter(state=Work.State.FAILED))
    count = _back_on_the_list(units)
    for unit in failed:
        record(by=by, territory=unit.territory, action="retry_files", obj=unit)
    return count


def _back_on_the_list(units: QuerySet[Work]) -> int:
    ring(times=2)
    return _wait_again(units.filter(state=Work.State.FAILED))


def _wait_again(units: QuerySet[Work]) -> int:
    return units.update(
        state=Work.State.WAITING,
        tries=0,
        claimed_by="",
        started_at=None,
        finished_at=None,
        lease_until=None,
    )
