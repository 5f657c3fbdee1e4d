"""What structures declare, counted by the worker: asked for, and carried out."""

from django.db import transaction

from indicators import quality
from indicators.actions.bell import ring
from indicators.computation.declared import count_declared
from indicators.models import DeclaredCount, Work
from indicators.worklist import nation
from regions.actions import record
from regions.models import User
from regions.queries import region_scope
from sprocep import tenancy
from sprocep.periods import Period


@transaction.atomic
def request_count(
    *, by: User | None, period: Period, region: str, structure_id: int | None = None
) -> bool:
    """Put the count of a Region's returns on the list, unless it waits there already.

    Args:
        structure_id: whose return it was asked for from; None for the calendar.

    Returns:
        whether it is new there.
    """
    with nation():
        waiting = Work.objects.filter(
            step=Work.Step.DECLARE,
            period=period.code,
            territory=region,
            state=Work.State.WAITING,
        )
        if waiting.exists():
            return False
        work = Work.objects.create(
            step=Work.Step.DECLARE,
            period=period.code,
            starts_on=period.starts,
            territory=region,
            regions=region_scope(region),
        )
    record(by=by, territory=region, structure_id=structure_id, action="request_count", obj=work)
    ring()
    return True


def count_returns(*, work: Work) -> None:
    """Carry out a unit of the list: the period, and those that it is compared with."""
    period = Period.parse(work.period)
    with tenancy.scope(regions=work.regions, using="compiler"):
        count_declared(period, work.territory)
        quality.judge(period, work.territory, work.regions)
        for compared in (period.before, period.year_before):
            for region in work.regions:
                counts = DeclaredCount.objects.using("compiler")
                if not counts.filter(period=compared.code, region=region).exists():
                    count_declared(compared, region)
