"""Links that confirm where the fiches of a structure go: signed, and of one address alone.

Nothing of them is stored. Each names the row, whose word it asks for, and the instant at which the
new address was written: written again, confirmed or refused, the row has another.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.core import signing
from django.urls import reverse

from operators import queries
from operators.actions.capacity import LINK_LASTS, NEW
from operators.models import Capacity
from regions.queries import name_of
from sprocep import mail, periods, sms, tenancy
from sprocep.addresses import on_site

SALT = "operators.address_links"
SUBJECT = "sprocep : confirmez l’adresse des fiches de {structure}"
MAIL = (
    "Bonjour,\n\n{words}\n\n{address}\n\nCe lien sert {days} jours. Sprocep est la plateforme "
    "publique du conseil en évolution professionnelle. N’écrivez pas à cette adresse, personne ne "
    "la lit.\n"
)
WORDS = {
    True: "Les fiches de liaison de {structure} doivent arriver ici : confirmez-le si vous lisez "
    "ce courrier pour elle. Sinon, ne faites rien.",
    False: "Les fiches de liaison de {structure} arriveront ailleurs qu’ici dans sept jours, à la "
    "demande de sa direction ou de la coordination régionale. Acceptez, ou refusez.",
}


@dataclass(frozen=True)
class AddressLink:
    """What a link says: `capacity` with `structure_name`, and whose word it asks for."""

    capacity: Capacity
    is_of_new: bool
    wanted_at: datetime


def send(region: str, key: int, to: str) -> None:
    """Send the link of the new address, or of the former one; nothing where it is over.

    Raises:
        OSError: nothing left, and it may be tried again.
    """
    with tenancy.scope(regions=[region], read_only=True):
        capacity = _named(key)
        is_of_new = to == NEW
        reached = (
            capacity.wanted_address
            if is_of_new
            else queries.address_of(capacity.structure_id, region)
        )
    if not capacity.wanted_at or not reached:
        return
    text = signing.dumps([region, key, is_of_new, capacity.wanted_at.isoformat()], salt=SALT)
    address = on_site(reverse("operators:address_link", args=[text]))
    words = WORDS[is_of_new].format(structure=capacity.structure_name)
    if "@" not in reached:
        sms.send_sms(reached, f"{words} {address}")
        return
    body = MAIL.format(words=words, address=address, days=LINK_LASTS.days)
    subject = SUBJECT.format(structure=capacity.structure_name)
    mail.mail(reached, subject, body, name=sha256(text.encode()).hexdigest()).send()


@contextmanager
def opened(text: str, *, read_only: bool) -> Iterator[AddressLink | None]:
    """What this link says, in the scope of its Region; None once it is over, or never was."""
    try:
        region, key, is_of_new, instant = signing.loads(text, salt=SALT, max_age=LINK_LASTS)
    except signing.BadSignature:
        yield None
        return
    with tenancy.scope(regions=[region], read_only=read_only):
        capacity, wanted_at = _named(key), datetime.fromisoformat(instant)
        is_over = capacity.wanted_at != wanted_at or (is_of_new and capacity.proven_at)
        yield None if is_over else AddressLink(capacity, is_of_new, wanted_at)


def _named(key: int) -> Capacity:
    name = name_of("structure", periods.today(), "structure_id")
    return Capacity.objects.annotate(structure_name=name).get(pk=key)
