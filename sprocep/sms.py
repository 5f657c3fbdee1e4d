"""Short messages: one function, and where it sends (`SMS_URL`, docs/adr/0037).

A message holds what a person must type, and nothing of her. What leaves is not kept here; a gateway
that refuses raises `OSError`, as a mail server does.
"""

import json
import re
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPException
from uuid import uuid4

from django.conf import settings
from django.utils.module_loading import import_string

SECONDS_TO_ANSWER = 10
# The mobile numbers of overseas départements are written like the others, and called otherwise.
_OVERSEAS = {
    "690": "590", "691": "590", "694": "594", "696": "596", "697": "596",
    "692": "262", "693": "262", "639": "262",
}  # fmt: skip
_FRENCH = re.compile(r"(?:\+33|0033|0)([67]\d{8})")
_ABROAD = re.compile(r"\+(?!33)\d{8,15}")

# What `in_memory` was given, the newest last.
outbox: list[tuple[str, str]] = []


def is_available() -> bool:
    return bool(settings.SMS_BACKEND)


def number_of(phone: str) -> str | None:
    """The mobile number written so, as gateways want it (E.164); None for any other."""
    digits = re.sub(r"[\s.\-]", "", phone)
    if found := _FRENCH.fullmatch(digits):
        return f"+{_OVERSEAS.get(found[1][:3], '33')}{found[1]}"
    return digits if _ABROAD.fullmatch(digits) else None


def send_sms(number: str, text: str) -> None:
    """Raises `OSError` where it did not leave."""
    send: Callable[[str, str], None] = import_string(settings.SMS_BACKEND)
    send(number, text)


def in_a_file(number: str, text: str) -> None:
    """One file a message, as `filebased` does of mails: where no gateway is named."""
    settings.SMS_FILE_PATH.mkdir(parents=True, exist_ok=True)
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid4().hex[:8]}.txt"
    (settings.SMS_FILE_PATH / name).write_text(f"{number}\n\n{text}\n", encoding="utf-8")


def in_memory(number: str, text: str) -> None:
    outbox.append((number, text))


def by_http(number: str, text: str) -> None:
    """A gateway, or the relay in front of it: `{"to": "+33…", "text": "…"}` by POST, its token as a
    bearer; any answer but 2xx is a refusal."""
    request = urllib.request.Request(
        settings.SMS_URL,
        data=json.dumps({"to": number, "text": text}).encode(),
        headers={
            "Content-Type": "application/json",
            "Authorization": f"Bearer {settings.SMS_TOKEN}",
        },
    )
    try:
        with _no_redirection.open(request, timeout=SECONDS_TO_ANSWER):
            pass
    except HTTPException as exc:
        raise OSError(f"no answer of a gateway: {type(exc).__name__}") from exc


class _Refused(urllib.request.HTTPRedirectHandler):
    """The token and the message go where they were told to, and nowhere else."""

    def redirect_request(self, *args) -> None:
        return None


_no_redirection = urllib.request.build_opener(_Refused)
