"""No fiche de liaison dies in silence: a reminder at five days, the coordination at ten."""

from collections import defaultdict
from datetime import date, datetime

from django.utils import timezone

from beneficiaries.actions.link_letters import write_link
from beneficiaries.models import Referral
from regions import letters
from regions.queries import national_regions
from sprocep import periods, tenancy

REMINDER_DAYS, ESCALATION_DAYS = 5, 10
_WAITING = (Referral.State.SENT, Referral.State.OPENED)


def follow_referrals(now: datetime | None = None) -> tuple[int, int]:
    """Remind the receivers and hand over to the coordination what is due at this instant.

    Idempotent: a fiche is reminded once and handed over once, however often this runs.

    Returns:
        how many were reminded, how many handed over.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    with tenancy.scope(regions=national_regions()):
        # One that is being answered at this instant is left to the next run.
        waiting = Referral.objects.select_for_update(of=("self",), skip_locked=True).filter(
            state__in=_WAITING
        )
        late = list(waiting.filter(sent_on__lte=periods.days_after(today, -ESCALATION_DAYS)))
        for referral in late:
            referral.state, referral.state_since = Referral.State.ESCALATED, now
        Referral.objects.bulk_update(late, ["state", "state_since"], batch_size=1000)
        _write_to_coordinators(late, today)
        slow = list(
            waiting.filter(
                sent_on__lte=periods.days_after(today, -REMINDER_DAYS), reminded_on__isnull=True
            )
        )
        for referral in slow:
            referral.reminded_on = today
        Referral.objects.bulk_update(slow, ["reminded_on"], batch_size=1000)
        _write_to_receivers(slow, today)
    return len(slow), len(late)


def _write_to_receivers(referrals: list[Referral], today: date) -> None:
    """One letter a structure and a day, with the numbers of its fiches; without account, a link to
    each."""
    by_place = defaultdict(list)
    for referral in referrals:
        by_place[referral.receiver_id, referral.receiver_region_id].append(referral)
    for (structure, region), waiting in by_place.items():
        managers = letters.managers(structure, region)
        for referral in waiting if not managers else ():
            write_link(referral)
        letters.write(
            key=f"referrals_waiting {structure} {region} {today}",
            to=managers,
            subject="sprocep : des fiches de liaison attendent votre réponse",
            template="referrals_waiting",
            context={"referrals": waiting, "days": REMINDER_DAYS},
        )


def _write_to_coordinators(referrals: list[Referral], today: date) -> None:
    by_region = defaultdict(list)
    for referral in referrals:
        by_region[referral.region_id].append(referral)
    for region, escalated in by_region.items():
        letters.write(
            key=f"referrals_escalated {region} {today}",
            to=letters.coordinators(region),
            subject="sprocep : des fiches de liaison restent sans réponse",
            template="referrals_escalated",
            context={"referrals": escalated, "days": ESCALATION_DAYS},
        )
