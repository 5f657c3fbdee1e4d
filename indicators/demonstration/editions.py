"""The last five quarters, then their first year and the quarters around the merger: all sealed
and transmitted, but the last quarter, which is read over.

The last is compiled first, so that it can be seen: a draft, which the DGEFP alone reads. Those
before it come oldest first, each given those that are out (ADR 17): one protected after what
follows it could be given away by it. Only then is the last one compiled again, given them all, and
opened to its Regions.
"""

from datetime import date

from django.utils import timezone

from indicators import actions, queries, secrecy
from indicators.demonstration import campaign
from indicators.demonstration.accounts import holder, officer
from indicators.demonstration.waiting import Report, wait_for_compilations, wait_for_units
from indicators.generation.plan import merger_quarters, recent_quarters
from indicators.models import Edition, RegionalIndicator, Work
from indicators.worklist import nation
from regions.models import Region
from sprocep import periods
from sprocep.periods import Period
from sprocep.tenancy import NATION

COMPOSES, COMPOSED_FROM = "93", date(2015, 1, 1)
COMPOSED = {
    "label": "Sorties vers l’emploi ou la formation",
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


def last_quarter() -> Period:
    return recent_quarters(periods.today())[-1]


def sent_quarters() -> list[Period]:
    """Those that the demonstration has transmitted, around the merger set apart; oldest first."""
    return recent_quarters(periods.today())[:-1]


def compile_last_quarter(report: Report) -> None:
    """Once the returns are in: its figures say which they hold."""
    campaign.confirm_returns()
    if not _is_written(last_quarter()):
        _compile(last_quarter(), report)


def is_last_quarter_written() -> bool:
    return _is_written(last_quarter())


def publish_sent_quarters(report: Report) -> None:
    for period in sent_quarters():
        publish(period, report)


def publish_first_year(report: Report) -> None:
    """The year of the oldest of these quarters, which is over."""
    publish(Period.parse(str(sent_quarters()[0].starts.year)), report)


def publish_merger(report: Report) -> None:
    for period in merger_quarters():
        publish(period, report)


def publish(period: Period, report: Report) -> None:
    """Compile, seal and transmit what is not sealed yet."""
    if _is_sealed(period):
        return
    if not _is_written(period):
        _compile(period, report)
    seal_and_transmit(period)


def ask_for_last_quarter() -> None:
    """Have it protected again, given all that came out since; the worker does it meanwhile."""
    period = last_quarter()
    with nation():
        draft = _draft_of_the_nation(period)
        if draft is None or queries.open_compilation(period.code):
            return
        if secrecy.came_since(draft) or not draft.figures_seal:
            actions.request_compilation(by=officer(), period=period)


def open_last_quarter(report: Report) -> None:
    """Once it knows all that is out, let its Regions read it over."""
    period = last_quarter()
    ask_for_last_quarter()
    with nation(read_only=True):
        running = queries.open_compilation(period.code)
        is_draft = _draft_of_the_nation(period) is not None
    if running:
        wait_for_compilations([running], report)
    if is_draft:
        campaign.open_review()


def _draft_of_the_nation(period: Period) -> Edition | None:
    editions = Edition.objects.filter(period=period.code, territory=NATION)
    return editions.filter(state=Edition.State.DRAFT).first()


def _is_written(period: Period) -> bool:
    """Computed and protected, sealed or not."""
    with nation(read_only=True):
        if queries.is_computing(period.code):
            return False
        editions = Edition.objects.filter(period=period.code, territory=NATION)
        return editions.exclude(figures_seal="").exists()


def _is_sealed(period: Period) -> bool:
    with nation(read_only=True):
        editions = Edition.objects.filter(period=period.code, territory=NATION)
        return editions.filter(sealed_at__isnull=False).exists()


def _compile(period: Period, report: Report) -> None:
    """Wait for the one that runs already, where a stop interrupted it."""
    with nation():
        compilation = queries.open_compilation(period.code) or actions.request_compilation(
            by=officer(), period=period
        )
    wait_for_compilations([compilation], report)


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
    period = sent_quarters()[-1]
    wait_for_units(Work.objects.filter(step=Work.Step.FILES, period=period.code), report)
