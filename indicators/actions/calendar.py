"""What the calendar brings about by itself: campaigns opened, counts, reminders, what passes alone.

Run by the beat as often as it likes: each step is done once.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from indicators import queries, secrecy
from indicators.actions.campaigns import open_review, validate_edition
from indicators.actions.compilations import request_compilation, settled_territories
from indicators.actions.counts import request_count
from indicators.actions.returns import open_campaigns, pass_returns, unconfirmed
from indicators.models import CalendarEntry, Edition, EditionEvent, ExpectedReturn, Work
from indicators.worklist import nation
from regions import letters
from regions.models import Membership
from sprocep import periods
from sprocep.periods import Period
from sprocep.tenancy import NATION

DAYS_BEFORE = 5
_STATES = Edition.State
_ROLE = Membership.Role
SENT = (_STATES.TRANSMITTED, _STATES.ACKNOWLEDGED, _STATES.SUPERSEDED)


def run_campaigns() -> None:
    """Bring every running campaign to where its calendar wants it today."""
    open_campaigns()
    with nation(read_only=True):
        running = [entry for entry in _begun() if not _is_over(entry)]
    for entry in running:
        with nation():
            # What passes alone is told while it still waits.
            _remind(entry)
            _pass_alone(entry)
            _count(entry)


def _begun() -> QuerySet[CalendarEntry]:
    return CalendarEntry.objects.filter(opens_on__lte=periods.today()).order_by("starts_on")


def _is_over(entry: CalendarEntry) -> bool:
    editions = Edition.objects.filter(period=entry.period)
    return editions.exists() and not editions.exclude(state__in=SENT).exists()


def _count(entry: CalendarEntry) -> None:
    """Once a day, in each Region that is not validated."""
    period = Period.parse(entry.period)
    owed = ExpectedReturn.objects.filter(period=entry.period).values_list("region", flat=True)
    counted = Work.objects.filter(
        step=Work.Step.DECLARE, period=entry.period, finished_at__date=periods.today()
    ).values_list("territory", flat=True)
    for region in sorted(set(owed.distinct()) - settled_territories(period) - set(counted)):
        request_count(by=None, period=period, region=region)


# ── Reminders ────────────────────────────────────────────────────────────────────────────────


def _remind(entry: CalendarEntry) -> None:
    today = periods.today()
    _remind_structures(entry)
    if today >= periods.days_after(entry.comment_by, -DAYS_BEFORE):
        _remind_regions(entry)
    if today > entry.due_on:
        _write(entry, "campaign_late", letters.officers(), "une échéance est dépassée")


def _remind_structures(entry: CalendarEntry) -> None:
    """At the opening, five days before the end, the day after it: each once."""
    today = periods.today()
    if today > entry.confirm_by:
        moment, words = "returns_late", "votre remontée est en retard"
    elif today >= periods.days_after(entry.confirm_by, -DAYS_BEFORE):
        moment, words = "returns_soon", "votre remontée est à confirmer bientôt"
    else:
        moment, words = "returns_opened", "votre remontée est à confirmer"
    # Read here: the returns of the Regions are out of sight where the letters are written.
    structures = set(unconfirmed(entry).values_list("structure", flat=True))
    networks = set(unconfirmed(entry).values_list("structure__network", flat=True))
    managers = letters.holders(_ROLE.STRUCTURE_MANAGER, structure__in=structures)
    heads = letters.holders(_ROLE.NETWORK_HEAD, network__in=networks)
    _write(entry, moment, [*managers, *heads], words)


def _remind_regions(entry: CalendarEntry) -> None:
    read_over = Edition.objects.filter(period=entry.period, state=_STATES.UNDER_REVIEW)
    for territory in read_over.exclude(territory=NATION).values_list("territory", flat=True):
        _write(entry, "review_soon", letters.coordinators(territory), "une relecture s’achève")


def _write(entry: CalendarEntry, template: str, to: list, words: str) -> None:
    label = Period.parse(entry.period).label
    letters.write(
        key=f"{template} {entry.period}",
        to=to,
        subject=f"sprocep : {words}, {label}",
        template=template,
        context={"label": label, "entry": entry},
    )


# ── What passes alone ────────────────────────────────────────────────────────────────────────


@transaction.atomic
def _pass_alone(entry: CalendarEntry) -> None:
    """What nobody did by its day, where the DGEFP lets it. Sealing is never done by nobody."""
    if not entry.passes_alone:
        return
    today = periods.today()
    if today > entry.confirm_by:
        pass_returns(by=None, entry=entry)
    if queries.is_computing(entry.period) or queries.has_failed(entry.period):
        return
    # An erratum is the DGEFP's, and so is what it took back.
    editions = Edition.objects.filter(period=entry.period, number=1).exclude(
        events__kind=EditionEvent.Kind.TAKEN_BACK
    )
    if today >= entry.computed_on:
        for edition in editions.filter(state=_STATES.DRAFT).exclude(figures_seal=""):
            open_review(by=None, edition=edition)
    if today > entry.comment_by:
        validate_alone(entry, editions.filter(state=_STATES.UNDER_REVIEW))


def validate_alone(entry: CalendarEntry, editions: Iterable[Edition]) -> None:
    """Protected again first, where something came out since: validated at a later tick."""
    if any(secrecy.came_since(edition) for edition in editions):
        request_compilation(by=None, period=Period.parse(entry.period))
        return
    for edition in editions:
        validate_edition(by=None, edition=edition)
