"""Letters to structures without account: written with the act (docs/adr/0029)."""

from datetime import timedelta

from django.db import transaction

from beneficiaries.actions.secret_letters import secret_mail, send_waiting
from beneficiaries.links import link_fingerprint, new_secret
from beneficiaries.models import Referral, ReferralLink
from beneficiaries.queries import WAITING, link_address, links_to_send
from regions.queries import name_of, national_regions
from sprocep import periods, tenancy
from sprocep.celery import app
from sprocep.tenancy import NATION

LASTS = timedelta(days=10)
# What leaves while a fiche waits, and once its person took her consent back.
_TEMPLATES = dict.fromkeys(WAITING, "referral_link") | {
    Referral.State.WITHDRAWN: "referral_withdrawn"
}


def write_link(referral: Referral) -> None:
    """A letter to the structure's address, in the present transaction; none without an address, nor
    while another waits to leave."""
    email = link_address(referral)
    if not email:
        return
    with tenancy.scope(regions=[NATION]):
        if links_to_send().filter(referral=referral.pk).exists():
            return
        ReferralLink.objects.create(
            referral=referral,
            region_id=referral.region_id,
            structure_id=referral.structure_id,
            receiver_id=referral.receiver_id,
            receiver_region_id=referral.receiver_region_id,
            email=email,
        )
    transaction.on_commit(lambda: app.send_task("beneficiaries.tasks.send_links"), robust=True)


def send_links() -> None:
    send_waiting(links_to_send, _leave, regions=national_regions())


def _leave(link: ReferralLink) -> list[str]:
    """Of a fiche that was answered meanwhile, nothing leaves."""
    template = _TEMPLATES.get(link.referral.state)
    if template is None:
        return []
    referral = Referral.objects.annotate(
        sender_name=name_of("structure", periods.today(), "structure_id")
    ).get(pk=link.referral_id)
    subject, secret = f"sprocep : fiche de liaison {referral.number}", new_secret()
    secret_mail(link.email, subject, template, secret, referral=referral, days=LASTS.days).send()
    if template != "referral_link":
        return []
    link.fingerprint, link.expires_at = link_fingerprint(secret), link.sent_at + LASTS
    return ["fingerprint", "expires_at"]
