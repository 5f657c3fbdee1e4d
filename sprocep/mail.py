"""Mails that leave, and what comes back of them: the one way by which a mail is made.

Each bears a `Message-ID` that says of which address it is, and that we alone can have written; a
report of non-delivery quotes it (RFC 3464). The address itself is read nowhere: anybody may write
to the mailbox where reports come.
"""

import re
import uuid
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.crypto import constant_time_compare, salted_hmac

_NAME, _PROOF = 24, 20
_OURS = re.compile(
    rf"<([0-9a-f]{{{_NAME}}})\.([0-9a-f]{{{_PROOF}}})\.([0-9a-f]{{{_PROOF}}})@", re.ASCII
)
_STATUS = re.compile(r"\b[45]\.\d{1,3}\.\d{1,3}\b", re.ASCII)
UNSAID = "5.0.0"


@dataclass(frozen=True)
class Refusal:
    """An address that refuses, by its fingerprint, and why (RFC 3463)."""

    fingerprint: str
    status: str


def fingerprint(address: str) -> str:
    """An address that nobody reads in it; the same whatever its case."""
    return _proof("address", address.strip().lower())


def mail(to: str, subject: str, body: str, name: str = "", **headers: str) -> EmailMessage:
    """One mail to one address. Of the same name twice, a mail server keeps one.

    Args:
        name: hexadecimal; without one, this mail is like no other.
    """
    name = (name or uuid.uuid4().hex)[:_NAME]
    of_whom = fingerprint(to)
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    words = f"<{name}.{of_whom}.{_proof('mail', name + of_whom)}@{host}>"
    return EmailMessage(
        subject=subject,
        body=body,
        to=[to],
        headers={"Message-ID": words, "Auto-Submitted": "auto-generated", **headers},
    )


def _proof(of: str, value: str) -> str:
    return salted_hmac(f"sprocep.mail.{of}", value, algorithm="sha256").hexdigest()[:_PROOF]


# ── Said at once by the server ───────────────────────────────────────────────────────────────


def refused_for_good(exc: OSError) -> list[Refusal]:
    """Addresses that the server will never take; none where it may take them later."""
    if not isinstance(exc, SMTPRecipientsRefused):
        return []
    return [
        Refusal(fingerprint(address), _status_in(words.decode(errors="replace")))
        for address, (code, words) in exc.recipients.items()
        if code >= 500
    ]


# ── Said later, in a report ──────────────────────────────────────────────────────────────────


def is_report(headers: bytes) -> bool:
    """Whether this mail reports on the delivery of another."""
    return message_from_bytes(headers).get_content_type() == "multipart/report"


def refusal_in(report: bytes) -> Refusal | None:
    """What a report says of a mail of ours that was not delivered; None of any other."""
    message = message_from_bytes(report)
    parts = {part.get_content_type(): part for part in message.walk()}
    told = parts.get("message/delivery-status")
    if told is None:
        return None
    failed = [block for block in told.walk() if _word(block, "action") == "failed"]
    of_whom = next((found for words in _quoted(message) if (found := _address_of(words))), None)
    if not failed or of_whom is None:
        return None
    return Refusal(of_whom, _status_in(_word(failed[0], "status")))


def _word(block: Message, name: str) -> str:
    return str(block.get(name, "")).strip().lower()


def _quoted(report: Message) -> list[str]:
    """What may hold the name of the mail that the report is of."""
    found = [str(report.get("in-reply-to", "")), str(report.get("references", ""))]
    for part in report.walk():
        found.append(str(part.get("message-id", "")))
        if part.get_content_type() == "text/rfc822-headers":
            found.append(str(message_from_string(str(part.get_payload())).get("message-id", "")))
    return found


def _address_of(words: str) -> str | None:
    for name, of_whom, proof in _OURS.findall(words):
        if constant_time_compare(proof, _proof("mail", name + of_whom)):
            return of_whom
    return None


def _status_in(words: str) -> str:
    found = _STATUS.search(words)
    return found[0] if found else UNSAID
