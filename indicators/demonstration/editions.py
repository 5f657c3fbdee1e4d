"""Three quarters compiled: all but the last are sealed and transmitted, the last is read over."""

from datetime import date

from django.utils import timezone

from indicators import actions, queries
from indicators.demonstration import campaign
from indicators.demonstration.accounts import holder, officer
from indicators.demonstration.waiting import Report, wait_for_compilations, wait_for_units
from indicators.generation.plan import merger_quarters
from indicators.models import Compilation, Edition, RegionalIndicator, Work
from indicators.worklist import nation
from regions.models import Region
from sprocep import periods
from sprocep.periods import Period, last_complete_quarter
from sprocep.tenancy import NATION

COMPOSES, COMPOSED_FROM = "93", date(2015, 1, 1)
COMPOSED = {
    "label": "Sorties vers l'emploi ou la formation",
    "population": "journeys_closed",
    "measure": "share",
    "subject": "",
    "filters": [],
    "part": [["outcome", ["I02", "I03"]]],
    "breakdown": "age",
    "by_level": True,
    "by_operator": True,
    "by_department": True,
}


def compiled_periods(today: date) -> list[Period]:
    """The quarters around the merger of Regions, and the last."""
    last = last_complete_quarter(today)
    return sorted({*merger_quarters(), last})


def compose_regional_indicator() -> None:
    """What the coordinator of one Region shows after the base. Published in the past, which no
    action does, so that the editions of the demonstration hold it."""
    with nation():
        if RegionalIndicator.objects.filter(region=COMPOSES).exists():
            return
        row = actions.compose_indicator(
            by=holder(f"coordination-{COMPOSES}").user,
            region=Region.objects.get(pk=COMPOSES),
            composed=COMPOSED,
        )
        RegionalIndicator.objects.filter(pk=row.pk).update(
            state=RegionalIndicator.State.PUBLISHED,
            published_at=timezone.now(),
            starts_on=COMPOSED_FROM,
            opinion="favorable, 12 décembre 2014 (exemple)",
        )


def compile_editions(report: Report) -> None:
    """A quarter is protected given the one before it, once that one is out: so in two waves."""
    for wave in waves(compiled_periods(periods.today())):
        _compile_together(wave, report)


def waves(compiled: list[Period]) -> tuple[list[Period], list[Period]]:
    """Those that follow none of the others, then those that do."""
    after = [period for period in compiled if period.before in compiled]
    return [period for period in compiled if period not in after], after


def _compile_together(wave: list[Period], report: Report) -> None:
    last = compiled_periods(periods.today())[-1]
    with nation(read_only=True):
        missing = [period for period in wave if period != last and not _is_sealed(period)]
        waits_for_last = last in wave and not _is_read_over(last)
    asked = [_compiled(period) for period in missing]
    if waits_for_last:
        # Before the last quarter is protected: its figures say which returns they hold.
        campaign.confirm_returns()
        asked.append(_compiled(last))
    wait_for_compilations(asked, report)
    for period in missing:
        seal_and_transmit(period)
    if waits_for_last:
        campaign.open_review()


def _is_sealed(period: Period) -> bool:
    editions = Edition.objects.filter(period=period.code)
    return editions.filter(territory=NATION, sealed_at__isnull=False).exists()


def _is_read_over(period: Period) -> bool:
    editions = Edition.objects.filter(period=period.code, territory=NATION)
    return editions.exclude(state=Edition.State.DRAFT).exists()


def _compiled(period: Period) -> Compilation:
    with nation():
        return actions.request_compilation(by=officer(), period=period)


def seal_and_transmit(period: Period) -> None:
    """All that is open of a period, errata too."""
    with nation():
        by = officer()
        actions.validate_period(by=by, period=period)
        for edition in queries.editions(period.code):
            actions.seal_edition(by=by, edition=edition)
            actions.transmit_edition(by=by, edition=edition)


def wait_for_files(report: Report) -> None:
    """Until the worker has written the files of all editions of the last quarter transmitted."""
    period = compiled_periods(periods.today())[-2]
    wait_for_units(Work.objects.filter(step=Work.Step.FILES, period=period.code), report)
