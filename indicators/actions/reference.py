"""What the DGEFP sets: deadlines, the threshold of secrecy."""

from datetime import date

from django.db import transaction

from indicators.models import CalendarEntry, SecrecyThreshold
from regions.actions import begins_a_quarter, record
from regions.models import User
from sprocep import periods
from sprocep.errors import ActionRefused, refusals
from sprocep.periods import Period
from sprocep.tenancy import NATION


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
