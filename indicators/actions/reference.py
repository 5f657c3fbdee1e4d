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
def set_deadlines(*, by: User, period: Period, passes_alone: bool, **days: date) -> CalendarEntry:
    """The campaign of a period; sets it again when it is known.

    Args:
        days: `opens_on`, `confirm_by`, `computed_on`, `comment_by`, `due_on`, in that order.

    Raises:
        ActionRefused: opened before the period is over, days that do not follow each other, or
            computed already.
    """
    if days["opens_on"] < period.ends:
        raise ActionRefused(
            f"La campagne suit la fin de la période : choisissez le "
            f"{periods.full_date(period.ends)} ou un jour plus tardif."
        )
    entry = CalendarEntry.objects.select_for_update().filter(pk=period.code).first()
    if entry and entry.launched_at and entry.computed_on != days["computed_on"]:
        raise ActionRefused("Cette période est déjà calculée : son jour de calcul ne change plus.")
    with refusals():
        entry, _ = CalendarEntry.objects.update_or_create(
            period=period.code,
            defaults={"starts_on": period.starts, "passes_alone": passes_alone, **days},
        )
        fields = " ".join([*days, "passes_alone"])
        record(by=by, territory=NATION, action="set_deadlines", obj=entry, fields=fields)
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
