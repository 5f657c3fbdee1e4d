"""Addresses where a mail did not arrive: noted by fingerprint, for a month.

The server says it at once, or a report comes to the mailbox of `EMAIL_FROM`, read by POP3 where
`RETURNED_MAIL_URL` names it. A mailbox that was full is tried again like any other.
"""

import logging
import poplib
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from regions.models import RefusedAddress
from sprocep import mail, tenancy

HOLDS = timedelta(days=30)
# A mail waits five days in the queue of a server (RFC 5321): what is told of an older one is a
# report of another day, sent again.
GIVEN_UP_WITHIN = timedelta(days=6)
SECONDS_TO_ANSWER = 10
MOST_OF_A_ROUND, LARGEST = 1_000, 1_000_000  # mails; bytes of one
# The library gives up, in the middle of a mail, at a line beyond 2,048 bytes: some have one.
poplib._MAXLINE = LARGEST
log = logging.getLogger(__name__)


# ── Known of an address ──────────────────────────────────────────────────────────────────────


def unreached(addresses: Iterable[str]) -> dict[str, RefusedAddress]:
    """Of these addresses, those where a mail did not arrive lately."""
    prints = {address: mail.fingerprint(address) for address in addresses if address}
    if not prints:
        return {}
    with tenancy.scope(regions=[tenancy.NATION], read_only=True):
        held = {one.fingerprint: one for one in _held().filter(fingerprint__in=prints.values())}
    return {address: held[it] for address, it in prints.items() if it in held}


def all_unreached() -> dict[str, RefusedAddress]:
    """All of them, by fingerprint."""
    with tenancy.scope(regions=[tenancy.NATION], read_only=True):
        return {one.fingerprint: one for one in _held()}


def _held() -> QuerySet[RefusedAddress]:
    recent = RefusedAddress.objects.filter(noted_at__gt=timezone.now() - HOLDS)
    return recent.filter(receives_since__isnull=True)


def note(refusals: Iterable[mail.Refusal]) -> None:
    """Keep what the newest mail of each address shows, unless its holder said since then that the
    address receives, or the mail is older than any server waits."""
    now = timezone.now()
    recent = [refusal for refusal in refusals if refusal.made_at > now - GIVEN_UP_WITHIN]
    newest = {refusal.fingerprint: refusal for refusal in sorted(recent, key=lambda r: r.made_at)}
    with tenancy.scope(regions=[tenancy.NATION]):
        known = RefusedAddress.objects.select_for_update().filter(fingerprint__in=newest)
        proven = {address.fingerprint: _proven_until(address) for address in known}
        RefusedAddress.objects.bulk_create(
            [
                RefusedAddress(
                    fingerprint=of_whom, status=refusal.status, noted_at=now,
                    made_at=refusal.made_at,
                )
                for of_whom, refusal in newest.items()
                if of_whom not in proven or refusal.made_at >= proven[of_whom]
            ],
            update_conflicts=True,
            unique_fields=["fingerprint"],
            update_fields=["status", "noted_at", "made_at", "receives_since"],
        )  # fmt: skip


def _proven_until(address: RefusedAddress) -> datetime:
    """Return the instant before which a mail shows nothing new of this address."""
    return max(address.made_at, address.receives_since or address.made_at)


def note_refusal(exc: OSError) -> list[mail.Refusal]:
    """What the server said for good of a mailbox as a mail left, noted; nothing where it may take
    it later."""
    refusal = mail.refused_for_good(exc)
    note(refusal)
    return refusal


def forget(address: str) -> None:
    """Somebody says that it is the right one, and that it receives."""
    with tenancy.scope(regions=[tenancy.NATION]):
        known = RefusedAddress.objects.filter(fingerprint=mail.fingerprint(address))
        known.update(receives_since=timezone.now())


# ── Read in the mailbox ──────────────────────────────────────────────────────────────────────


def read_returned_mail() -> int:
    """Note what the reports of the mailbox say, and take them out of it; whatever else came there
    stays. Read again after a fault, they say the same.

    Returns:
        how many mails of ours were not delivered.
    """
    found = []
    with _mailbox() as box:
        for number in _newest(box):
            if mail.is_report(_whole(box.top(number, 0))):
                found.append(_refusal_in(_whole(box.retr(number))))
                box.dele(number)
        known = [one for one in found if one is not None]
        note(known)  # before the mailbox lets them go
    return len(known)


def _newest(box: poplib.POP3) -> list[int]:
    """Numbers of those that are read in this round: were it full of others, new reports pass."""
    sizes = [line.split() for line in box.list()[1]]
    readable = [int(number) for number, size in sizes if int(size) <= LARGEST]
    if left := len(sizes) - len(readable[-MOST_OF_A_ROUND:]):
        log.warning("returned mail: %d mails are left unread in the mailbox", left)
    return readable[-MOST_OF_A_ROUND:]


def _refusal_in(report: bytes) -> mail.Refusal | None:
    """Anybody may write one: whatever it does to the parser, the others are read."""
    try:
        return mail.refusal_in(report)
    except Exception:
        log.warning("returned mail: a report is not understood", exc_info=True)
        return None


@contextmanager
def _mailbox() -> Iterator[poplib.POP3]:
    """What was taken out of it goes as this ends, and stays where this fails."""
    place = urlsplit(settings.RETURNED_MAIL_URL)
    if place.scheme == "pop3s":
        secured = {"context": ssl.create_default_context(), "timeout": SECONDS_TO_ANSWER}
        box = poplib.POP3_SSL(place.hostname, place.port or poplib.POP3_SSL_PORT, **secured)
    else:
        port = place.port or poplib.POP3_PORT
        box = poplib.POP3(place.hostname, port, timeout=SECONDS_TO_ANSWER)
    try:
        box.user(unquote(place.username or ""))
        box.pass_(unquote(place.password or ""))
        yield box
        box.quit()
    finally:
        box.close()


def _whole(answer: tuple[bytes, list[bytes], int]) -> bytes:
    return b"\r\n".join(answer[1])
