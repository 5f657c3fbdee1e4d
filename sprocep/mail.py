"""Mails that leave, and what comes back of them: the one way by which a mail is made.

Each bears a `Message-ID` that says of which address it is and when it was made, and that we alone
can have written; a report of non-delivery quotes it (RFC 3464). An address that a report names is
only compared with it: anybody may write to the mailbox where reports come. Who has one of our mails
proves by it what became of that mail, and of no later one.
"""

import math
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, message_from_string
from email.message import Message
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.encoding import punycode

# Characters of a name, of a fingerprint and of a proof; an instant, in milliseconds, takes eleven.
_SIZE = 12
_PART = f"([0-9a-f]{{{_SIZE}}})"
_OURS = re.compile(rf"<{_PART}\.{_PART}\.([0-9a-f]{{11}})\.{_PART}@")
_STATUS = re.compile(r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])", re.ASCII)
_OF_THE_MAILBOX = re.compile(r"5\.1\.([01236]|10)|5\.2\.1")
_NO_SUCH_MAILBOX = (550, 551, 553)  # without a status, and of the mailbox (RFC 5321, 4.2.3)
UNSAID = "5.0.0"


@dataclass(frozen=True)
class Refusal:
    """An address that refuses, by its fingerprint, why (RFC 3463), and when the mail that shows it
    was made."""

    fingerprint: str
    status: str
    made_at: datetime


def fingerprint(address: str) -> str:
    """An address that nobody reads in it; the same however it is written."""
    local, _, domain = address.strip().lower().rpartition("@")
    return _proof("address", f"{local}@{punycode(domain)}")


def mail(
    to: str, subject: str, body: str, *, name: str = "", made_at: datetime | None = None
) -> EmailMessage:
    """One mail to one address. Of the same name and instant twice, a mail server keeps one.

    Args:
        name: hexadecimal; without one, this mail is like no other.
        made_at: now, unless it is sent again.
    """
    name = (name or uuid.uuid4().hex)[:_SIZE]
    of_whom = fingerprint(to)
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    # Rounded up: never before what is dated as it leaves.
    milliseconds = math.ceil((made_at or timezone.now()).timestamp() * 1000)
    said = f"{name}.{of_whom}.{milliseconds:011x}"
    words = f"<{said}.{_proof('mail', said)}@{host}>"
    return EmailMessage(
        subject=subject,
        body=body,
        to=[to],
        headers={"Message-ID": words, "Auto-Submitted": "auto-generated"},
    )


def _proof(of: str, value: str) -> str:
    return salted_hmac(f"sprocep.mail.{of}", value, algorithm="sha256").hexdigest()[:_SIZE]


# ── Said at once by the server ───────────────────────────────────────────────────────────────


def refused_for_good(exc: OSError) -> list[Refusal]:
    """Mailboxes that the server says do not exist; none where it refuses us, or for now: a relay
    that is closed to us for an hour says nothing of an address."""
    if not isinstance(exc, SMTPRecipientsRefused):
        return []
    said = {
        address: (code, _status_in(words.decode(errors="replace")))
        for address, (code, words) in exc.recipients.items()
    }
    return [
        Refusal(fingerprint(address), status if status != UNSAID else "5.1.1", timezone.now())
        for address, (code, status) in said.items()
        if _OF_THE_MAILBOX.fullmatch(status) or (status == UNSAID and code in _NO_SUCH_MAILBOX)
    ]


# ── Said later, in a report ──────────────────────────────────────────────────────────────────


def is_report(headers: bytes) -> bool:
    """Whether this mail reports on the delivery of another."""
    head = message_from_bytes(headers)
    is_of_delivery = str(head.get_param("report-type", "")).lower() == "delivery-status"
    return head.get_content_type() == "multipart/report" and is_of_delivery


def refusal_in(report: bytes) -> Refusal | None:
    """What a report says of a mail of ours that was not delivered; None of any other.

    Where it names another address than that of the mail, a redirection failed, and others may have
    received it: the status is then `UNSAID`.
    """
    message = message_from_bytes(report)
    failed = [block for block in _blocks(message) if _word(block, "action").startswith("failed")]
    letter = next((ours for words in _quoted(message) if (ours := _letter_in(words))), None)
    if not failed or letter is None:
        return None
    of_whom, made_at = letter
    named = [_word(failed[0], name) for name in ("original-recipient", "final-recipient")]
    prints = {fingerprint(one.rpartition(";")[2]) for one in named if one}
    is_hers = not prints or of_whom in prints
    status = _status_in(_word(failed[0], "status")) if is_hers else UNSAID
    return Refusal(of_whom, status, made_at)


def _blocks(message: Message) -> list[Message]:
    """What is said of the mail and of each address that it went to."""
    kinds = ("message/delivery-status", "message/global-delivery-status")
    told = [part for part in message.walk() if part.get_content_type() in kinds]
    blocks = [block for part in told for block in part.walk()]
    # The library cuts the first kind into blocks, and leaves of the second the others as a text.
    texts = [block.get_payload() for block in blocks if isinstance(block.get_payload(), str)]
    return blocks + [message_from_string(one) for text in texts for one in text.split("\n\n")]


def _word(block: Message, name: str) -> str:
    return str(block.get(name, "")).strip().lower()


def _quoted(report: Message) -> list[str]:
    """What may hold the name of the mail that the report is of."""
    found = [str(report.get("in-reply-to", "")), str(report.get("references", ""))]
    for part in report.walk():
        found.append(str(part.get("message-id", "")))
        if part.get_content_type() in ("text/rfc822-headers", "message/global-headers"):
            head = message_from_bytes(part.get_payload(decode=True) or b"")
            found.append(str(head.get("message-id", "")))
    return found


def _letter_in(words: str) -> tuple[str, datetime] | None:
    """Return whose address a mail of ours went to, and when it was made; None of any other."""
    for name, of_whom, made_at, proof in _OURS.findall(words):
        if constant_time_compare(proof, _proof("mail", f"{name}.{of_whom}.{made_at}")):
            return of_whom, datetime.fromtimestamp(int(made_at, 16) / 1000, UTC)
    return None


def _status_in(words: str) -> str:
    found = _STATUS.search(words)
    return found[0] if found else UNSAID
