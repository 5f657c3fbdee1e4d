"""Launch a compilation, carry out its units, seal and transmit editions."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from indicators import secrecy
from indicators.computation import Borders, borders_of, compute_figures, extent_of
from indicators.exports.files import write_edition_files
from indicators.exports.seal import figures_seal
from indicators.models import CalendarEntry, Compilation, Edition, SecrecyThreshold, Work
from indicators.worklist import nation
from regions.actions import begins_a_quarter, record
from regions.models import User
from regions.queries import national_regions
from sprocep import periods, tenancy
from sprocep.celery import app
from sprocep.errors import ActionRefused, refusals
from sprocep.periods import Period
from sprocep.tenancy import NATION


def ring(times: int = 1) -> None:
    """Wake workers once the present transaction is committed.

    A broker that is down loses the ring, not the work: the sweeper rings again.
    """
    for _ in range(times):
        transaction.on_commit(lambda: app.send_task("indicators.tasks.carry_on"), robust=True)


def sealed_territories(period: Period) -> set[str]:
    sealed = Edition.objects.filter(period=period.code, sealed_at__isnull=False)
    return set(sealed.values_list("territory", flat=True))


@transaction.atomic
def request_compilation(
    *, by: User | None, period: Period, regions: Iterable[str] | None = None
) -> Compilation:
    """List the units of work of a period and ring for the workers. Needs the national scope.

    Without `regions`: all Regions of the date, the nation, and the constant borders. Territories
    whose edition is sealed are left out: compiling them again changes nothing. A period that is
    not over gives raw figures only.

    Raises:
        ActionRefused: a Region that does not exist at that date.
    """
    sealed = sealed_territories(period)
    existing = borders_of(period, Borders.DATE)
    wanted = set(regions) if regions is not None else {*existing, NATION}
    if unknown := sorted(wanted - {*existing, NATION}):
        raise ActionRefused(
            f"Région inconnue au {periods.full_date(period.last_day)}: {', '.join(unknown)}. "
            f"Régions de cette date: {', '.join(sorted(existing))}."
        )
    compilation = Compilation.objects.create(period=period.code, requested_by=by)
    units = [(code, Borders.DATE) for code in sorted(wanted - sealed)]
    if NATION in wanted - sealed:
        units += [
            (code, borders)
            for borders in (Borders.OF_2015, Borders.OF_2016)
            for code in sorted(borders_of(period, borders))
        ]
    work = [_unit(compilation, period, Work.Step.COMPUTE, code, borders) for code, borders in units]
    if units and period.is_over(periods.today()):
        work.append(_unit(compilation, period, Work.Step.PROTECT, NATION, Borders.DATE))
    Work.objects.bulk_create(work)
    record(by=by, territory=NATION, action="request_compilation", obj=compilation)
    ring(times=2)
    return compilation


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
        compute_figures(extent_of(period, work.territory, Borders(work.borders)))
    elif work.step == Work.Step.PROTECT:
        _protect(period, work.regions)
    else:
        with nation():
            edition = Edition.objects.get(period=work.period, territory=work.territory)
            write_edition_files(edition)


def _protect(period: Period, regions: list[str]) -> None:
    if not period.is_over(periods.today()):
        raise ActionRefused(f"La période {period.label} n'est pas finie: rien à protéger.")
    with nation(read_only=True):
        sealed = sealed_territories(period)
    with tenancy.scope(regions=regions, using="compiler"):
        secrecy.protect(period, sealed)


def _locked(edition: Edition) -> Edition:
    return Edition.objects.select_for_update(of=("self",)).get(pk=edition.pk)


@transaction.atomic
def seal_edition(*, by: User, edition: Edition) -> Edition:
    """Seal a draft: its figures can never change again. Sealing twice changes nothing.

    Raises:
        ActionRefused: the period is not over, or the cells are not those that were compiled.
    """
    edition = _locked(edition)
    if edition.is_sealed:
        return edition
    period = Period.parse(edition.period)
    if not period.is_over(periods.today()):
        raise ActionRefused(f"La période {period.label} n'est pas finie: rien à sceller.")
    if not edition.figures_seal or figures_seal(edition) != edition.figures_seal:
        raise ActionRefused(
            f"Les valeurs de l'édition {edition.code} ne sont plus celles qui ont été compilées. "
            "Relancez la compilation de la période, puis scellez."
        )
    edition.state = Edition.State.SEALED
    edition.sealed_at, edition.sealed_by = timezone.now(), by
    edition.save(update_fields=["state", "sealed_at", "sealed_by"])
    Work.objects.create(
        step=Work.Step.FILES,
        period=edition.period,
        starts_on=period.starts,
        territory=edition.territory,
        regions=national_regions(),
    )
    record(by=by, territory=edition.territory, action="seal_edition", obj=edition)
    ring()
    return edition


@transaction.atomic
def transmit_edition(*, by: User, edition: Edition) -> Edition:
    """Record that a sealed edition is sent to its Region. Transmitting twice changes nothing.

    Raises:
        ActionRefused: the edition is not sealed.
    """
    edition = _locked(edition)
    if edition.state == Edition.State.TRANSMITTED:
        return edition
    if not edition.is_sealed:
        raise ActionRefused(
            f"L'édition {edition.code} est un brouillon. Scellez-la avant de la transmettre."
        )
    edition.state = Edition.State.TRANSMITTED
    edition.transmitted_at, edition.transmitted_by = timezone.now(), by
    edition.save(update_fields=["state", "transmitted_at", "transmitted_by"])
    record(by=by, territory=edition.territory, action="transmit_edition", obj=edition)
    return edition


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

    Returns:
        how many.
    """
    count = _back_on_the_list(compilation.work.all())
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
    failed = units.filter(state=Work.State.FAILED)
    return failed.update(
        state=Work.State.WAITING, tries=0, started_at=None, finished_at=None, lease_until=None
    )


# ── What the DGEFP sets ──────────────────────────────────────────────────────────────────────


@transaction.atomic
def set_deadlines(*, by: User, period: Period, computed_on: date, due_on: date) -> CalendarEntry:
    """When a period is computed and when its dashboards are due; sets them again when known.

    Raises:
        ActionRefused: computed before the period is over or after the deadline, or computed
            already.
    """
    if computed_on < period.ends:
        raise ActionRefused(
            f"Le calcul suit la fin de la période: choisissez le "
            f"{periods.full_date(period.ends)} ou un jour plus tardif."
        )
    entry = CalendarEntry.objects.select_for_update().filter(pk=period.code).first()
    if entry and entry.launched_at and entry.computed_on != computed_on:
        raise ActionRefused("Cette période est déjà calculée: seule son échéance peut changer.")
    with refusals():
        entry, _ = CalendarEntry.objects.update_or_create(
            period=period.code,
            defaults={
                "confirm_by": computed_on,
                "computed_on": computed_on,
                "comment_by": due_on,
                "due_on": due_on,
            },
            create_defaults={
                "starts_on": period.starts,
                "opens_on": period.ends,
                "confirm_by": computed_on,
                "computed_on": computed_on,
                "comment_by": due_on,
                "due_on": due_on,
            },
        )
        record(
            by=by, territory=NATION, action="set_deadlines", obj=entry, fields="computed_on due_on"
        )
    return entry


@transaction.atomic
def announce_threshold(*, by: User, k: int, starts_on: date) -> SecrecyThreshold:
    """From which number of units a cell may be published, from the first day of a coming quarter.

    Raises:
        ActionRefused: a threshold under three, two for one day, a day that begins no coming
            quarter.
    """
    begins_a_quarter(starts_on)
    with refusals():
        threshold = SecrecyThreshold.objects.create(k=k, starts_on=starts_on)
        record(by=by, territory=NATION, action="announce_threshold", obj=threshold, fields="k")
    return threshold
