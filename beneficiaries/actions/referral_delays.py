"""No fiche de liaison dies in silence: a reminder at five days, the coordination at ten; fifteen
after it was accepted, both structures are asked whether the person came. Where its letter did not
arrive, its sender is told."""

from collections import defaultdict
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from beneficiaries.actions.link_letters import write_links
from beneficiaries.actions.referrals import write_to_sender
from beneficiaries.actions.webhooks import announce
from beneficiaries.models import Referral, ReferralLink
from beneficiaries.queries import link_address
from regions import letters, returned_mail
from regions.models import RefusedAddress
from regions.queries import national_regions
from sprocep import mail, periods, tenancy

REMINDER_DAYS, ESCALATION_DAYS, ABSENCE_DAYS = 5, 10, 15
_WAITING = (Referral.State.SENT, Referral.State.OPENED)
_SUBJECTS = {
    "referrals_waiting": "sprocep : des fiches de liaison attendent votre réponse",
    "referrals_expected": "sprocep : des personnes attendues sont-elles venues ?",
}


def follow_referrals(now: datetime | None = None) -> tuple[int, int]:
    """Remind the receivers and hand over to the coordination what is due at this instant.

    Idempotent: a fiche is reminded once and handed over once, however often this runs.

    Returns:
        how many were reminded, how many handed over.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    with tenancy.scope(regions=national_regions()):
        waiting = _not_held().filter(state__in=_WAITING)
        late = list(waiting.filter(sent_on__lte=periods.days_after(today, -ESCALATION_DAYS)))
        for referral in late:
            referral.state, referral.state_since = Referral.State.ESCALATED, now
        Referral.objects.bulk_update(late, ["state", "state_since"], batch_size=1000)
        announce(late)
        _write_to_coordinators(late, today)
        slow = waiting.filter(
            sent_on__lte=periods.days_after(today, -REMINDER_DAYS), reminded_on__isnull=True
        )
        reminded = _remind(slow, "referrals_waiting", REMINDER_DAYS, today)
    return len(reminded), len(late)


def ask_who_came(now: datetime | None = None) -> int:
    """Ask both structures of each fiche that was accepted long ago and waits for its person.

    Idempotent: each is asked about once.

    Returns:
        how many were asked about.
    """
    today = timezone.localdate(now)
    with tenancy.scope(regions=national_regions()):
        accepted_on = TruncDate("state_since")
        unasked = Q(reminded_on__isnull=True) | Q(reminded_on__lte=accepted_on)
        expected = _not_held().filter(
            unasked,
            state=Referral.State.ACCEPTED,
            state_since__date__lte=periods.days_after(today, -ABSENCE_DAYS),
        )
        asked = _remind(expected, "referrals_expected", ABSENCE_DAYS, today)
        for referral in asked:
            write_to_sender(referral, "personne attendue", "referral_expected", days=ABSENCE_DAYS)
    return len(asked)


def follow_lost_links(now: datetime | None = None) -> int:
    """Close the links whose letter came back; write again where the address was mended, else tell
    who sent the fiche.

    Idempotent: a letter is lost once.

    Returns:
        how many are found lost.
    """
    now = now or timezone.now()
    refused = returned_mail.all_unreached()
    with tenancy.scope(regions=national_regions()):
        lost = [link for link in _unused_links(now) if _came_back(link, refused)]
        for link in lost:
            link.lost_at, link.fingerprint, link.expires_at = now, None, None
        ReferralLink.objects.bulk_update(lost, ["lost_at", "fingerprint", "expires_at"])
        found = {link.pk for link in lost}
        for link in _last_and_lost():
            address = link_address(link.referral)
            if address and mail.fingerprint(address) not in refused:
                write_links([link.referral])
            elif address and link.pk in found:
                write_to_sender(link.referral, "non remise", "referral_undelivered", letter=link.pk)
    return len(lost)


def _unused_links(now: datetime) -> QuerySet[ReferralLink]:
    """Of fiches that nobody has read nor answered, those that left lately. One that is being used
    at this instant is left to the next run."""
    used = ReferralLink.objects.filter(referral=OuterRef("referral"), used_at__isnull=False)
    held = ReferralLink.objects.select_for_update(of=("self",), skip_locked=True)
    return held.select_related("referral").filter(
        ~Exists(used),
        sent_at__gt=now - returned_mail.HOLDS,
        lost_at__isnull=True,
        referral__state__in=(Referral.State.SENT, Referral.State.ESCALATED),
    )


def _came_back(link: ReferralLink, refused: dict[str, RefusedAddress]) -> bool:
    """Return whether the mail that came back is this one, or one that left at most some days after
    it. An older mail proves nothing of this one; one that is much newer, that this one arrived."""
    found = refused.get(mail.fingerprint(link.address))
    if found is None or found.status == mail.UNSAID:
        return False
    return link.sent_at <= found.made_at <= link.sent_at + returned_mail.GIVEN_UP_WITHIN


def _last_and_lost() -> QuerySet[ReferralLink]:
    """Letters that came back, of fiches that wait and to which none was written since."""
    later = ReferralLink.objects.filter(
        referral=OuterRef("referral"), made_at__gt=OuterRef("made_at")
    )
    return ReferralLink.objects.select_related("referral").filter(
        ~Exists(later), lost_at__isnull=False, referral__state__in=Referral.UNANSWERED
    )


def _not_held() -> QuerySet[Referral]:
    """One that is being answered at this instant is left to the next run."""
    return Referral.objects.select_for_update(of=("self",), skip_locked=True)


def _remind(found: QuerySet[Referral], template: str, days: int, today: date) -> list[Referral]:
    slow = list(found.order_by("sent_on", "pk"))
    for referral in slow:
        referral.reminded_on = today
    Referral.objects.bulk_update(slow, ["reminded_on"], batch_size=1000)
    _write_to_receivers(slow, template, days, today)
    return slow


def _write_to_receivers(referrals: list[Referral], template: str, days: int, today: date) -> None:
    """One letter a structure and a day, with the numbers of its fiches; without account, a link to
    each."""
    by_place = defaultdict(list)
    for referral in referrals:
        by_place[referral.receiver_id, referral.receiver_region_id].append(referral)
    for (structure, region), waiting in by_place.items():
        managers = letters.managers(structure, region)
        if not managers:
            write_links(waiting)
        letters.write(
            key=f"{template} {structure} {region} {today}",
            to=managers,
            subject=_SUBJECTS[template],
            template=template,
            context={"referrals": waiting, "days": days},
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
