"""What django-axes asks of us: who tries passwords and codes waits, and who is innocent does not.

Three counts of the last quarter of an hour, kept by fingerprints: nothing names an account, nor a
browser. A success erases the first, and so does the next try of anybody once it is over.

- five failures for one account from one address: a quarter of an hour without a try;
- twenty from one address, whatever the accounts, or fifty for one account, whatever the addresses:
  the next try waits one second, then two, four… a minute at most.

A browser that an account was opened from is known by a cookie. Its failures are counted apart, so
that nobody else's tries make it wait (docs/adr/0055).
"""

import ipaddress
import secrets
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.core import signing
from django.db.models import Max, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

TOO_MANY = (
    "Trop d’essais pour cette adresse depuis votre poste. Attendez un quart d’heure, ou choisissez "
    "un autre mot de passe par «\u00a0Mot de passe oublié\u00a0»."
)
WAIT = (
    "Trop d’essais en peu de temps. Attendez {seconds}\u00a0s avant le prochain, ou choisissez un "
    "autre mot de passe par «\u00a0Mot de passe oublié\u00a0»."
)


class FewTraces(AxesDatabaseHandler):
    """Counts without keeping the browser's name, nor what else was posted."""

    def is_allowed(self, request: HttpRequest, credentials: dict | None = None) -> bool:
        if not super().is_allowed(request, credentials):
            return False
        request.seconds_to_wait = _seconds_to_wait(request, credentials)
        return not request.seconds_to_wait

    def user_login_failed(self, sender, credentials: dict, request=None, **kwargs):
        if request is not None:
            request.axes_user_agent = request.axes_http_accept = ""
        return super().user_login_failed(sender, credentials, request, **kwargs)


def fingerprint(email: str) -> str:
    return salted_hmac("regions.throttle", email.strip().lower(), algorithm="sha256").hexdigest()


def account_key(request: HttpRequest, credentials: dict | None) -> str:
    """Whom the tries are counted for, known account or not; from a known browser, apart."""
    email = (credentials or {}).get("username") or ""
    device = known_device(request)
    return fingerprint(f"{device.name} {email}" if device.opened(email) else email)


def client_address(request: HttpRequest) -> str | None:
    """Where a request comes from: what the first of our own proxies says, else the other end.

    `PROXIES` is how many we have in front; what stands before them in the header is anybody's word.
    """
    other_end = request.META.get("REMOTE_ADDR") or None
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if not 0 < settings.PROXIES <= len(told):
        return other_end
    try:
        return str(ipaddress.ip_address(told[-settings.PROXIES].strip()))
    except ValueError:
        return other_end


def refusal_words(request: HttpRequest) -> str:
    """Why the try of this request was not looked at; empty when it was."""
    if not getattr(request, "axes_locked_out", False):
        return ""
    seconds = getattr(request, "seconds_to_wait", 0)
    return WAIT.format(seconds=seconds) if seconds else TOO_MANY


def refused(request: HttpRequest, response: HttpResponse, credentials: dict) -> HttpResponse:
    """The page of the login says it already (`LoginForm`): only its status changes."""
    response.status_code = 429
    if seconds := getattr(request, "seconds_to_wait", 0):
        response["Retry-After"] = str(seconds)
    return response


def may_try(request: HttpRequest, key: str) -> bool:
    """For what is no account: whether one more try for this key is looked at."""
    return AxesProxyHandler.is_allowed(request, {"username": key})


def count_failure(request: HttpRequest, key: str) -> None:
    AxesProxyHandler.user_login_failed(__name__, {"username": key}, request)


def forget(email: str) -> None:
    """Who could read the mailbox of an account may try at once."""
    reset(username=fingerprint(email))


# ── Growing delays ───────────────────────────────────────────────────────────────────────────


def _seconds_to_wait(request: HttpRequest, credentials: dict | None) -> int:
    """Before one more try from this address, and before one more for this account."""
    email = (credentials or {}).get("username") or ""
    if known_device(request).opened(email):
        return 0
    here, account = Q(ip_address=client_address(request)), Q(username=fingerprint(email))
    now = timezone.now()
    recent = AccessAttempt.objects.filter(
        here | account, attempt_time__gt=now - settings.AXES_COOLOFF_TIME
    )
    counted = recent.aggregate(
        here=Sum("failures_since_start", filter=here),
        last_here=Max("attempt_time", filter=here),
        account=Sum("failures_since_start", filter=account),
        last_account=Max("attempt_time", filter=account),
    )
    ends = [
        last + delay_after(failures, free) - now
        for failures, last, free in (
            (counted["here"], counted["last_here"], settings.FREE_FAILURES_OF_AN_ADDRESS),
            (counted["account"], counted["last_account"], settings.FREE_FAILURES_OF_AN_ACCOUNT),
        )
        if failures
    ]
    return max(0, ceil(max(ends, default=timedelta(0)).total_seconds()))


def delay_after(failures: int, free: int) -> timedelta:
    """None up to `free` failures; then one second, doubled by each failure more."""
    if failures < free:
        return timedelta(0)
    seconds = 2 ** min(failures - free, 20)
    return min(timedelta(seconds=seconds), settings.LONGEST_DELAY)


# ── Known browsers ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Device:
    """A browser, by a name that was drawn for it, and the accounts that were opened from it."""

    name: str = ""
    accounts: tuple[str, ...] = ()

    def opened(self, email: str) -> bool:
        return fingerprint(email) in self.accounts


def known_device(request: HttpRequest) -> Device:
    text = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    try:
        name, accounts = signing.loads(
            text, salt=settings.DEVICE_COOKIE_SALT, max_age=settings.DEVICE_COOKIE_SECONDS
        )
    except signing.BadSignature:
        return Device()
    return Device(name, tuple(accounts))


def remember_device(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """This browser opened this account: it is known from now on, as of the last few accounts."""
    device, account = known_device(request), fingerprint(email)
    others = [other for other in device.accounts if other != account]
    content = [device.name or secrets.token_hex(8), [account, *others][: settings.DEVICE_ACCOUNTS]]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(content, salt=settings.DEVICE_COOKIE_SALT),
        max_age=settings.DEVICE_COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
