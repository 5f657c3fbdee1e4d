"""The campaign of the last quarter, which the demonstration leaves running."""

from contextlib import suppress
from datetime import date

from django.db import connections

from indicators import actions
from indicators.demonstration.accounts import NETWORK, accounts_of, holder, officer
from indicators.demonstration.waiting import Report, wait_for_units
from indicators.generation.ground import OWNER
from indicators.models import (
    CalendarEntry,
    Edition,
    EditionEvent,
    ExpectedReturn,
    QualityRule,
    Work,
)
from indicators.worklist import nation
from regions.middleware import scope_of
from regions.models import Membership
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.periods import Period, last_complete_quarter

# Days after the end of the quarter; of the campaign that runs, days from today.
COMING = {"opens_on": 0, "confirm_by": 20, "computed_on": 30, "comment_by": 40, "due_on": 45}
RUNNING = {"confirm_by": 6, "computed_on": 10, "comment_by": 16, "due_on": 21}
QUARTERS_AHEAD = 4
COMMENTS = "coordination-75"
COMMENT = (
    "Les sorties de la Charente-Maritime nous paraissent basses : deux structures n’ont pas encore "
    "confirmé leur remontée. Nous vous proposons de les attendre avant de valider."
)


def open_calendar() -> None:
    """The last quarter, whose campaign runs today, and the next ones."""
    period = _period()
    with nation():
        _set_days(period, {"opens_on": period.ends} | _from(periods.today(), RUNNING))
        for _ in range(QUARTERS_AHEAD):
            period = period.after
            _set_days(period, _from(period.ends, COMING))


def _from(day: date, counts: dict[str, int]) -> dict[str, date]:
    return {name: periods.days_after(day, count) for name, count in counts.items()}


def _set_days(period: Period, days: dict[str, date]) -> None:
    CalendarEntry.objects.get_or_create(
        period=period.code, defaults={"starts_on": period.starts} | days
    )


def count_returns(report: Report) -> None:
    """What the calendar does once the campaign has begun: count what each structure declares,
    judge it, write to each."""
    with nation():
        if _is_confirmed_by_somebody():
            return
        _silence_jumps()
    actions.run_campaigns()
    wait_for_units(Work.objects.filter(step=Work.Step.DECLARE, period=_period().code), report)


def _silence_jumps() -> None:
    """Invented structures see a few persons a quarter, as chance has it: most would jump."""
    for rule in QualityRule.objects.filter(kind=QualityRule.Kind.JUMP, is_active=True):
        actions.set_rule(by=officer(), rule=rule, threshold=rule.threshold, is_active=False)


# Structures that no account of the demonstration follows have explained their anomalies, and their
# returns came in over the last days.
_OF_OTHERS = """
s.id = structure_id AND structure_id <> ALL (%(by_themselves)s)
AND NOT (s.network_id = %(network)s AND region_id = ANY (%(followed)s))
"""
_EXPLAINED = f"""
UPDATE indicators_anomaly
   SET state = 'explained', closure = %(explanation)s, closed_at = %(today)s::date + time '09:00'
  FROM regions_structure s
 WHERE period = %(period)s AND state = 'open' AND {_OF_OTHERS}
"""
_CAME_IN = f"""
UPDATE indicators_expectedreturn
   SET received_at = (%(today)s::date - 1 - (structure_id %% 20)::int) + time '10:00'
  FROM regions_structure s
 WHERE period = %(period)s AND received_at IS NULL AND {_OF_OTHERS}
"""
EXPLANATION = "Vérifié avec les conseillers : les saisies sont justes."


def confirm_returns() -> None:
    """All returns come in but those of structures whose manager has an account; the head of a
    network confirms her own in the Regions that have accounts, but what an anomaly holds back."""
    with nation(read_only=True):
        if _is_confirmed_by_somebody():
            return
        head = holder(f"reseau-{NETWORK.lower()}")
        managers = Membership.objects.filter(role=Membership.Role.STRUCTURE_MANAGER)
        by_themselves = list(managers.values_list("structure", flat=True))
        coordinations = accounts_of(Membership.Role.REGIONAL_COORDINATOR)
        followed = [coordination.region_id for coordination in coordinations]
    with connections[OWNER].cursor() as cursor:
        values = {
            "period": _period().code,
            "today": periods.today(),
            "network": NETWORK,
            "followed": followed,
            "by_themselves": by_themselves,
            "explanation": EXPLANATION,
        }
        cursor.execute(_EXPLAINED, values)
        cursor.execute(_CAME_IN, values)
    with scope_of(head, read_only=False):
        owed = ExpectedReturn.objects.filter(
            period=_period().code, received_at__isnull=True, region__in=followed
        )
        for one in owed.exclude(structure__in=by_themselves).order_by("pk"):
            with suppress(ActionRefused):
                actions.confirm_return(by=head.user, owed=one)


def open_review() -> None:
    """Each Region reads its draft over; one has a comment."""
    with nation():
        for edition in Edition.objects.filter(period=_period().code).order_by("territory"):
            actions.open_review(by=officer(), edition=edition)
        coordinator = holder(COMMENTS)
    with scope_of(coordinator, read_only=False):
        edition = Edition.objects.get(period=_period().code, territory=coordinator.region_id)
        if not edition.events.filter(kind=EditionEvent.Kind.COMMENTED).exists():
            actions.comment_edition(by=coordinator.user, edition=edition, text=COMMENT)


def _period() -> Period:
    return last_complete_quarter(periods.today())


def _is_confirmed_by_somebody() -> bool:
    confirmed = ExpectedReturn.objects.filter(received_by__isnull=False)
    return confirmed.filter(period=_period().code).exists()
