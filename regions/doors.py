"""Doors that anybody may knock at: each address knocks so often, before anything else is done.

A door is a public page that is sent something: login, forgotten password, codes, links. What one
address may send is counted in this process, by a bucket that fills again; above it the answer is a
page made beforehand, without the base (docs/adr/0055). A known browser has a bucket of its own.
"""

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from regions.permissions import PUBLIC, SAFE
from regions.throttle import client_address, known_device
from sprocep import errors

TOO_OFTEN = "Trop de demandes en peu de temps. Attendez {seconds}\u00a0s, puis recommencez."
MOST_BUCKETS = 20_000


@dataclass
class Buckets:
    """How many sendings each address has left, the address heard of last at the end."""

    now: Callable[[], float] = time.monotonic
    left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def seconds_to_wait(self, key: str) -> int:
        """Take one; 0 where there was one, else in how many seconds there will be."""
        instant = self.now()
        with self.lock:
            count, at = self.left.pop(key, (settings.DOOR_BURST, instant))
            count = min(settings.DOOR_BURST, count + (instant - at) / settings.DOOR_SECONDS)
            self.left[key] = (count - 1 if count >= 1 else count, instant)
            while len(self.left) > MOST_BUCKETS:
                self.left.popitem(last=False)
        return 0 if count >= 1 else ceil((1 - count) * settings.DOOR_SECONDS)


BUCKETS = Buckets()


def limited_doors(get_response):
    def middleware(request: HttpRequest) -> HttpResponse:
        seconds = BUCKETS.seconds_to_wait(_knocker(request)) if _is_door(request) else 0
        if not seconds:
            return get_response(request)
        response = errors.page(request, 429, TOO_OFTEN.format(seconds=seconds))
        response["Retry-After"] = str(seconds)
        response["Content-Length"] = str(len(response.content))  # who sets it otherwise comes later
        return response

    return middleware


def _is_door(request: HttpRequest) -> bool:
    if request.method in SAFE:
        return False
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return getattr(view, "permission", None) == PUBLIC


def _knocker(request: HttpRequest) -> str:
    """A known browser, else an address: of IPv6, the network that a home is given."""
    if name := known_device(request).name:
        return name
    address = client_address(request) or ""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((address.partition("%")[0], 64), strict=False))
