"""What a link does once: it opens its fiche. What it does over: another one is sent."""

from datetime import timedelta

from django.utils import timezone

from beneficiaries.actions.referrals import open_referral, record_on, write_to_receiver
from beneficiaries.actions.rules import writing
from beneficiaries.models import Referral, ReferralLink
from beneficiaries.queries import WAITING, holder_of, is_live
from regions.models import User
from regions.permissions import Permission
from sprocep import tenancy
from sprocep.errors import ActionRefused
from sprocep.tenancy import NATION

MOST_AN_HOUR = 3


def open_link(*, by: User | None, link: ReferralLink) -> None:
    """Use it: from here on, whoever else holds it reads nothing."""
    holder = holder_of(link)
    with writing(holder, Permission.ANSWER_REFERRALS):
        held = ReferralLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
        if not is_live(held):
            raise ActionRefused("Ce lien n’ouvre plus rien. Demandez-en un autre.")
        held.used_at = timezone.now()
        held.save(update_fields=["used_at"])
        record_on(held.referral, by, holder, "open_link")
        open_referral(by=by, membership=holder, referral=held.referral)


def renew_link(*, by: User | None, link: ReferralLink) -> None:
    """Another link to the structure's address; three an hour at most.

    Says nothing of what it does: who asks may not be who it is for.
    """
    holder = holder_of(link)
    with writing(holder, Permission.ANSWER_REFERRALS):
        referral = Referral.objects.select_for_update(of=("self",)).get(pk=link.referral_id)
        if referral.state in WAITING and not _asked_too_often(referral):
            write_to_receiver(referral)
            record_on(referral, by, holder, "renew_link")


def _asked_too_often(referral: Referral) -> bool:
    with tenancy.scope(regions=[NATION]):
        since = timezone.now() - timedelta(hours=1)
        return (
            ReferralLink.objects.filter(referral=referral.pk, made_at__gt=since).count()
            >= MOST_AN_HOUR
        )
