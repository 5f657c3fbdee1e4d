"""The audit asks for a published cell to be counted again; a worker does it, as `compiler`."""

from django.db import transaction
from django.utils import timezone

from indicators.actions.bell import ring
from indicators.computation import Borders, extent_of
from indicators.explain.opening import address_of
from indicators.explain.recount import count_again
from indicators.explain.units import is_countable
from indicators.models import EditionCell, Recount, Work
from indicators.worklist import nation
from regions.actions import record
from regions.models import User
from sprocep.errors import ActionRefused
from sprocep.periods import Period
from sprocep.tenancy import NATION


@transaction.atomic
def request_recount(*, by: User, cell: EditionCell, reason: str) -> Recount:
    """Have a published cell of a sealed edition counted again from the facts, for this reason.

    Asked again by the same person while the first waits, it is the first.

    Raises:
        ActionRefused: a cell that is not published, of an edition that is not sealed, or of an
            indicator that a Region composed.
    """
    edition = cell.edition
    if not edition.is_sealed or cell.status != EditionCell.Status.PUBLISHED:
        raise ActionRefused(
            "Seule une valeur publiée d’une édition scellée se recompte : le recomptage d’une case "
            "secrète dirait ce qu’elle cache."
        )
    if not is_countable(address_of(cell)):
        raise ActionRefused("Le recomptage ne porte que sur le socle national d’indicateurs.")
    waiting = Recount.objects.filter(cell=cell, requested_by=by, done_at__isnull=True).first()
    if waiting:
        return waiting
    period = Period.parse(edition.period)
    recount = Recount.objects.create(cell=cell, reason=reason, requested_by=by)
    Work.objects.create(
        step=Work.Step.RECOUNT,
        period=period.code,
        starts_on=period.starts,
        territory=cell.territory,
        borders=cell.borders,
        regions=extent_of(period, cell.territory, Borders(cell.borders)).scope,
    )
    record(by=by, territory=NATION, action="request_recount", obj=recount, fields="cell reason")
    ring()
    return recount


def count_requested_cells(*, work: Work) -> None:
    """All cells of a territory and period that wait for it, each once."""
    period = Period.parse(work.period)
    with nation(read_only=True):
        waiting = list(
            Recount.objects.filter(
                done_at__isnull=True,
                cell__edition__period=work.period,
                cell__territory=work.territory,
                cell__borders=work.borders,
            ).select_related("cell")
        )
    extent = extent_of(period, work.territory, Borders(work.borders))
    for recount in waiting:
        counted = count_again(address_of(recount.cell), extent)
        with nation():
            Recount.objects.filter(pk=recount.pk, done_at__isnull=True).update(
                done_at=timezone.now(),
                value=counted.value,
                units=counted.units,
                contributors=counted.contributors,
                rows=counted.rows,
            )
