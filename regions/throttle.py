"""What django-axes asks of us: five wrong passwords, then a quarter of an hour without a try.

What it keeps to count is a fingerprint of the address typed, where it came from and when: nothing
that names an account, nor the browser. A success erases it, and so does the next try of anybody
once the quarter of an hour is over.
"""

import ipaddress

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.utils import reset
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

TOO_MANY = (
    "Trop d'essais pour cette adresse depuis votre poste. Attendez un quart d'heure, ou choisissez "
    "un autre mot de passe par «\u00a0Mot de passe oublié\u00a0»."
)


class FewTraces(AxesDatabaseHandler):
    """Counts without keeping the browser's name, nor what else was posted."""

    def user_login_failed(self, sender, credentials: dict, request=None, **kwargs):
        if request is not None:
            request.axes_user_agent = request.axes_http_accept = ""
        return super().user_login_failed(sender, credentials, request, **kwargs)


def fingerprint(email: str) -> str:
    return salted_hmac("regions.throttle", email.strip().lower(), algorithm="sha256").hexdigest()


def account_key(request: HttpRequest, credentials: dict | None) -> str:
    """Whom the tries are counted for, known account or not."""
    return fingerprint((credentials or {}).get("username") or "")


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


def is_locked(request: HttpRequest) -> bool:
    """Whether django-axes refused the try of this request, whatever the password was."""
    return getattr(request, "axes_locked_out", False)


def refused(request: HttpRequest, response: HttpResponse, credentials: dict) -> HttpResponse:
    """The page of the login says it already (`LoginForm`): only its status changes."""
    response.status_code = 429
    return response


def may_try(request: HttpRequest, key: str) -> bool:
    """For what is no account: whether one more try for this key is looked at."""
    return AxesProxyHandler.is_allowed(request, {"username": key})


def count_failure(request: HttpRequest, key: str) -> None:
    AxesProxyHandler.user_login_failed(__name__, {"username": key}, request)


def forget(email: str) -> None:
    """Who could read the mailbox of an account may try at once."""
    reset(username=fingerprint(email))
