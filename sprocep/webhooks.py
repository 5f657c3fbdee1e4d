"""What leaves for an address that somebody gave: signed, to the outside alone, once and no further.

An address is looked up as it is used, and the connection goes to what was found and checked:
neither a name that moved meanwhile nor a redirection leads inside (docs/adr/0041).
"""

import hashlib
import hmac
import http.client
import ipaddress
import queue
import socket
import ssl
import threading
from contextlib import closing, suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

SECONDS_TO_ANSWER = 5
SECONDS_TO_LOOK_UP = 5
SECONDS_IN_ALL = 10  # whoever answers byte by byte is cut
# What the internet gives out; the rest of IPv6 is local, or stands for addresses of IPv4.
_OF_PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")  # RFC 6890; Python lets parts of it through
_OUTSIDE_V6 = ipaddress.ip_network("2000::/3")


class NotDelivered(OSError):
    """Why it did not arrive, in French."""


class Answered(NotDelivered):
    """Something answers there, and not yes."""


class AddressRefused(NotDelivered):
    """Nothing is sent there."""


@dataclass(frozen=True)
class _Target:
    host: str
    port: int
    address: str  # where the connection goes
    path: str
    is_tls: bool


def refuse_address(url: str) -> None:
    """Raises `AddressRefused` where nothing is sent, `NotDelivered` for an unknown name."""
    _target(url)


def deliver(url: str, body: bytes, headers: dict[str, str]) -> None:
    """Post this; anything but an answer 2xx in time raises `NotDelivered`."""
    target = _target(url)
    connection = _Secure(target) if target.is_tls else _Plain(target)
    watch = threading.Timer(SECONDS_IN_ALL, _cut, [connection])
    with closing(connection):
        watch.start()
        try:
            connection.request("POST", target.path, body, headers)
            status = connection.getresponse().status
        except TimeoutError as exc:
            raise NotDelivered(f"pas de réponse en {SECONDS_TO_ANSWER} s") from exc
        except ssl.SSLCertVerificationError as exc:
            raise NotDelivered("connexion chiffrée impossible : certificat refusé") from exc
        except (OSError, http.client.HTTPException) as exc:
            raise NotDelivered("connexion impossible, ou coupée") from exc
        finally:
            watch.cancel()
    if not 200 <= status < 300:
        raise Answered(f"réponse {status}")


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """Of the instant and the body: neither is changed, nor sent again later (docs/api.md)."""
    signed = f"{timestamp}.".encode() + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


# ── Where ────────────────────────────────────────────────────────────────────────────────────


def _target(url: str) -> _Target:
    parts, port = _parts(url)
    if _is_own_loopback(parts):
        return _Target(parts.hostname, port or 80, parts.hostname, _path(parts), is_tls=False)
    if parts.scheme != "https":
        raise AddressRefused("l’adresse ne commence pas par https://")
    found = _looked_up(parts.hostname, port or 443)
    if not all(_is_outside(address) for address in found):
        raise AddressRefused("l’adresse mène à un réseau interne")
    return _Target(parts.hostname, port or 443, found[0], _path(parts), is_tls=True)


def _parts(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as exc:
        raise AddressRefused("l’adresse n’est pas lisible") from exc
    is_plain = url.isascii() and url.isprintable() and " " not in url
    if not is_plain or not parts.hostname or parts.username is not None or parts.fragment:
        raise AddressRefused("l’adresse n’est pas lisible, ou porte autre chose qu’une adresse")
    return parts, port


def _is_own_loopback(parts: SplitResult) -> bool:
    """For tests and the demonstration."""
    own = parts.scheme == "http" and parts.hostname == "127.0.0.1"
    return settings.WEBHOOKS_TO_LOOPBACK and own


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _looked_up(host: str, port: int) -> list[str]:
    """Addresses of a name. The system looks it up for as long as it likes: beside this thread."""
    answers: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
    threading.Thread(target=_look_up, args=(host, port, answers), daemon=True).start()
    try:
        addresses = answers.get(timeout=SECONDS_TO_LOOK_UP)
    except queue.Empty as exc:
        raise NotDelivered(f"ce nom n’est pas trouvé en {SECONDS_TO_LOOK_UP} s") from exc
    if not addresses:
        raise NotDelivered("ce nom ne mène à aucune machine")
    return addresses


def _look_up(host: str, port: int, answers: queue.SimpleQueue) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        found = []
    answers.put([address[0] for *_, address in found])


def _is_outside(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if address.version == 4:
        is_of_protocols = address in _OF_PROTOCOLS
        return address.is_global and not address.is_multicast and not is_of_protocols
    stands_for_another = address.sixtofour or address.teredo
    return address.is_global and address in _OUTSIDE_V6 and not stands_for_another


# ── How ──────────────────────────────────────────────────────────────────────────────────────


class _Plain(http.client.HTTPConnection):
    def __init__(self, target: _Target) -> None:
        super().__init__(target.host, target.port, timeout=SECONDS_TO_ANSWER)
        self.address = target.address

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), self.timeout)


class _Secure(_Plain):
    """To the address that was checked, under the certificate of the name."""

    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        super().connect()
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host)


def _cut(connection: _Plain) -> None:
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)
