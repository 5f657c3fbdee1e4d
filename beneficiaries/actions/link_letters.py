"""Letters to structures without account: written with the act, their link drawn as they leave.

The outbox keeps the text of what it sends (`regions.letters`); the text of these is a secret.
"""

from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from beneficiaries.links import link_fingerprint, new_secret
from beneficiaries.models import Referral, ReferralLink
from beneficiaries.queries import WAITING, link_address, links_to_send
from regions.queries import name_of, national_regions
from sprocep import periods, tenancy
from sprocep.celery import app
from sprocep.tenancy import NATION

LASTS = timedelta(days=10)
# A server that refuses is asked again after this.
REST = timedelta(minutes=15)
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
    """What waits to leave, each in a transaction of its own; of two workers, one sends it.

    A refusal ends the round, as the server may be down; what was refused rests, and the others are
    of the next round.
    """
    with tenancy.scope(regions=[NATION], read_only=True):
        due = list(links_to_send().filter(due_at__lte=timezone.now()).values_list("pk", flat=True))
    for key in due:
        with tenancy.scope(regions=national_regions()):
            is_gone = _send(key)
        if not is_gone:
            return


def _send(key: int) -> bool:
    """Whether it left, by whichever worker."""
    held = links_to_send().select_for_update(of=("self",), skip_locked=True)
    link = held.select_related("referral").filter(pk=key).first()
    if link is None:
        return True
    try:
        _leave(link)
    except OSError:  # what smtplib raises too
        link.due_at = timezone.now() + REST
    link.save(update_fields=["due_at", "sent_at", "fingerprint", "expires_at"])
    return link.sent_at is not None


def _leave(link: ReferralLink) -> None:
    """Of a fiche that was answered meanwhile, nothing leaves."""
    template = _TEMPLATES.get(link.referral.state)
    secret = new_secret()
    if template:
        _mail(link, template, secret).send()
    link.sent_at = timezone.now()
    if template == "referral_link":
        link.fingerprint, link.expires_at = link_fingerprint(secret), link.sent_at + LASTS


def _mail(link: ReferralLink, template: str, secret: str) -> EmailMessage:
    """Of the person, nothing: a number, who sends, a link."""
    referral = Referral.objects.annotate(
        sender_name=name_of("structure", periods.today(), "structure_id")
    ).get(pk=link.referral_id)
    context = {
        "referral": referral,
        "secret": secret,
        "site": settings.SITE_URL,
        "days": LASTS.days,
    }
    return EmailMessage(
        subject=f"sprocep : fiche de liaison {referral.number}",
        body=render_to_string(f"mail/{template}.txt", context).strip(),
        to=[link.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
