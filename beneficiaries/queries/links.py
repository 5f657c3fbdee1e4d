"""Links to a fiche: which are shown, which still open something, and where the next one goes."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from beneficiaries.models import Referral, ReferralLink
from operators.queries import address_of
from regions import letters
from regions.permissions import LinkHolder
from sprocep.tenancy import NATION, presenting, scope

OPENED_FOR = timedelta(minutes=30)
WAITING = (*Referral.UNANSWERED, *Referral.AGREED)


@contextmanager
def shown_link(fingerprint: bytes) -> Iterator[ReferralLink | None]:
    """The link of this fingerprint and, inside, the scope of who it was sent to. None without."""
    with presenting(fingerprint):
        link = ReferralLink.objects.filter(fingerprint=fingerprint).first()
        if link is None:
            yield None
            return
        with scope(regions=[link.receiver_region_id], structures=[link.receiver_id]):
            yield link


def holder_of(link: ReferralLink) -> LinkHolder:
    return LinkHolder(link.receiver_id, link.receiver_region_id)


def is_live(link: ReferralLink) -> bool:
    """Whether it opens its fiche: unused, in time, and the fiche waits for who has no account."""
    return (
        link.used_at is None
        and link.expires_at > timezone.now()
        and link.referral.state in WAITING
        and _is_theirs(link)
    )


def is_opened(link: ReferralLink) -> bool:
    """Whether what it opened is still open to the browser that did."""
    return (
        link.used_at is not None
        and link.used_at > timezone.now() - OPENED_FOR
        and link.referral.state != Referral.State.WITHDRAWN
        and _is_theirs(link)
    )


def link_address(referral: Referral) -> str:
    """Where a link to this fiche goes; nowhere once letters have a manager to go to."""
    place = referral.receiver_id, referral.receiver_region_id
    return "" if letters.managers(*place) else address_of(*place)


def undelivered(referrals: Iterable[Referral]) -> dict[int, ReferralLink]:
    """Of the fiches that wait without account, the last letter of each whose letter came back."""
    waiting = {one.pk: one for one in referrals if one.is_unanswered}
    if not waiting:
        return {}
    with scope(regions=[NATION], read_only=True):
        written = ReferralLink.objects.filter(referral__in=waiting).order_by("made_at")
        last = {link.referral_id: link for link in written}
    return {key: link for key, link in last.items() if link.lost_at and link_address(waiting[key])}


def links_to_send() -> QuerySet[ReferralLink]:
    """In the national scope, where workers write."""
    return ReferralLink.objects.filter(sent_at__isnull=True)


def _is_theirs(link: ReferralLink) -> bool:
    """An address that was mistyped, or left behind, opens nothing any more."""
    return link.address == link_address(link.referral)
