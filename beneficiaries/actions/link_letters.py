"""Letters to structures without account: written with the act (docs/adr/0029)."""

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from beneficiaries.actions.secret_letters import secret_mail, send_waiting
from beneficiaries.links import link_fingerprint, new_secret
from beneficiaries.models import Referral, ReferralLink
from beneficiaries.queries import WAITING, link_address, links_to_send
from regions.queries import name_of, national_regions
from sprocep import periods, sms, tenancy
from sprocep.celery import app
from sprocep.tenancy import NATION

LASTS = timedelta(days=10)
SHORT_TEXTS = {
    "referral_link": "Fiche de liaison {number} : une personne demande à être reçue chez vous. Ce "
    "lien l’ouvre une fois, sans compte : {link}",
    "referral_link_agreed": "Fiche de liaison {number}, acceptée chez vous : dites si la personne "
    "est venue. Ce lien l’ouvre une fois, sans compte : {link}",
    "referral_withdrawn": "Fiche de liaison {number} : retirée, la personne a repris son accord.",
}
# What leaves while a fiche waits for an answer, for its person, and once she took her consent back.
_TEMPLATES = (
    dict.fromkeys(Referral.UNANSWERED, "referral_link")
    | dict.fromkeys(Referral.AGREED, "referral_link_agreed")
    | {Referral.State.WITHDRAWN: "referral_withdrawn"}
)


def write_links(referrals: list[Referral]) -> None:
    """A letter for each of these fiches, of one receiver in one Region, to its address and in the
    present transaction; none without an address, nor while another waits to leave."""
    address = link_address(referrals[0])
    if not address:
        return
    with tenancy.scope(regions=[NATION]):
        waiting = links_to_send().filter(referral__in=[one.pk for one in referrals])
        told = set(waiting.filter(address=address).values_list("referral", flat=True))
        written = ReferralLink.objects.bulk_create(
            _link(one, address) for one in referrals if one.pk not in told
        )
    if written:
        ring = partial(app.send_task, "beneficiaries.tasks.send_links")
        transaction.on_commit(ring, robust=True)


def _link(referral: Referral, address: str) -> ReferralLink:
    return ReferralLink(
        referral=referral,
        region_id=referral.region_id,
        structure_id=referral.structure_id,
        receiver_id=referral.receiver_id,
        receiver_region_id=referral.receiver_region_id,
        address=address,
    )


def send_links() -> None:
    send_waiting(links_to_send, _leave, regions=national_regions())


def _leave(link: ReferralLink) -> list[str]:
    """Of a fiche that was answered meanwhile, nothing leaves; to an address that was replaced
    neither, and another link waits for the new one."""
    template = _TEMPLATES.get(link.referral.state)
    if template is None:
        return []
    if link.address != link_address(link.referral):
        write_links([link.referral])
        return []
    referral = Referral.objects.annotate(
        sender_name=name_of("structure", periods.today(), "structure_id")
    ).get(pk=link.referral_id)
    secret = new_secret()
    if "@" in link.address:
        subject = f"sprocep : fiche de liaison {referral.number}"
        context = {"referral": referral, "days": LASTS.days}
        secret_mail(link.address, subject, template, secret, **context).send()
    else:
        sms.send_sms(link.address, _short(template, referral, secret))
    if link.referral.state not in WAITING:
        return []
    link.fingerprint, link.expires_at = link_fingerprint(secret), link.sent_at + LASTS
    return ["fingerprint", "expires_at"]


def _short(template: str, referral: Referral, secret: str) -> str:
    link = settings.SITE_URL + reverse("beneficiaries:open_link", args=[secret])
    return SHORT_TEXTS[template].format(number=referral.number, link=link)
