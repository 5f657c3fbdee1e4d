"""The worker that serves requests: a thread is given a request once the whole of it has come.

Who sends byte by byte holds a place in a list and no thread, until its time is over or the place
is needed. Strangers never hold the last thread: a browser that an account was opened from, which
its signed cookie proves, is answered beside them (docs/adr/0056).
"""

import socket
import struct
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from selectors import EVENT_READ

from django.conf import settings
from django.core import signing
from gunicorn.workers.gthread import TConn, ThreadWorker

SECONDS_OF_A_HEAD = 10
SECONDS_OF_A_BODY = 20
BYTES_A_SECOND = 10_000  # a body has this much more time for its length
SECONDS_OF_A_SENDING = 20  # without a byte taken by who reads the answer
MOST_OF_A_HEAD = 1 << 16
MOST_OF_A_BODY = 11 << 20  # a little more than what deploy/Caddyfile lets through
MOST_WAITING = 48 << 20  # bytes, of all requests that arrive in one process
MOST_STRANGERS = 50  # requests that wait for a thread
_AT_ONCE = 1 << 16
_END_OF_HEAD = b"\r\n\r\n"


_BUSY = "Le site est très sollicité. Rechargez cette page dans un instant."


class Refused(Exception):
    """What arrives is answered by this status and goes no further."""


class Connection(TConn):
    is_of_stranger = False  # while its request holds a thread

    def close(self, graceful: bool = False) -> None:
        """Close at once. gunicorn waits two seconds, in the main loop, for who does not hang up, so
        that what was not read cuts no answer; here the whole request was read."""
        super().close()


@dataclass
class Arrival:
    """A request of which a part has come."""

    connection: Connection
    deadline: float
    received: bytearray = field(default_factory=bytearray)
    size: int | None = None  # of the whole, once its head has come
    fields: dict[bytes, bytes] = field(default_factory=dict)

    def take(self, content: bytes) -> bool:
        """Add what came; whether the request is whole.

        Raises:
            Refused: too long, of unknown length, or followed by another.
        """
        self.received += content
        if self.size is None:
            self._read_head()
        if self.size is not None and len(self.received) > self.size:
            raise Refused("400 Bad Request")
        return len(self.received) == self.size

    def _read_head(self) -> None:
        end = self.received.find(_END_OF_HEAD)
        if end < 0:
            if len(self.received) > MOST_OF_A_HEAD:
                raise Refused("431 Request Header Fields Too Large")
            return
        self.fields = _fields(bytes(self.received[:end]))
        length = _length(self.fields)
        self.size = end + len(_END_OF_HEAD) + length
        self.deadline += SECONDS_OF_A_BODY + length / BYTES_A_SECOND if length else 0
        if b"expect" in self.fields and len(self.received) < self.size:
            self.connection.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")


def _fields(head: bytes) -> dict[bytes, bytes]:
    """The fields of a head, of which gunicorn judges the form later."""
    lines = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    return {name.strip().lower(): value.strip() for name, _, value in lines}


def _length(fields: dict[bytes, bytes]) -> int:
    if b"transfer-encoding" in fields:
        raise Refused("411 Length Required")
    digits = fields.get(b"content-length", b"0")
    if not digits.isdigit():
        raise Refused("400 Bad Request")
    length = int(digits[:20])
    if length > MOST_OF_A_BODY:
        raise Refused("413 Content Too Large")
    return length


def proves_itself(cookies: bytes) -> bool:
    """Whether these cookies hold one that the site signed for a browser."""
    wanted = f"{settings.DEVICE_COOKIE_NAME}="
    for cookie in cookies.decode("latin-1").split(";"):
        if cookie.strip().startswith(wanted):
            text = cookie.strip().removeprefix(wanted).strip('"')
            return is_signed(text)
    return False


def is_signed(text: str) -> bool:
    try:
        signing.loads(
            text, salt=settings.DEVICE_COOKIE_SALT, max_age=settings.DEVICE_COOKIE_SECONDS
        )
    except signing.BadSignature:
        return False
    return True


class PatientWorker(ThreadWorker):
    """gunicorn's worker of threads; its main loop reads requests as they come, without waiting."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.arrivals: dict[socket.socket, Arrival] = {}  # the first that came first
        self.strangers: deque[Connection] = deque()  # whole, and waiting for a thread
        self.served_strangers = 0

    def accept(self, listener: socket.socket) -> None:
        """Take a connection; where there is no place left, of the one that has arrived longest."""
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        client.setsockopt(
            socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SECONDS_OF_A_SENDING, 0)
        )
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections:
            self._drop_oldest()
        self._await(Connection(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """A connection that was kept brings its next request."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._await(conn)

    def murder_pending(self) -> None:
        """Close what has not come in its time; the loop asks once a second at least."""
        now = time.monotonic()
        for arrival in [one for one in self.arrivals.values() if one.deadline < now]:
            self._close(arrival)

    def _await(self, conn: Connection) -> None:
        arrival = Arrival(conn, time.monotonic() + SECONDS_OF_A_HEAD)
        self.arrivals[conn.sock] = arrival
        self.poller.register(conn.sock, EVENT_READ, self._reader(arrival))

    def _reader(self, arrival: Arrival) -> Callable[[socket.socket], None]:
        return partial(self._read, arrival)

    def _read(self, arrival: Arrival, client: socket.socket) -> None:
        if client not in self.arrivals:  # dropped by another event of the same round
            return
        try:
            content = client.recv(_AT_ONCE)
            is_whole = arrival.take(content)
        except BlockingIOError:
            return
        except Refused as refusal:
            self._answer(arrival, str(refusal))
            return
        except OSError:
            self._close(arrival)
            return
        if not content:
            self._close(arrival)
        elif is_whole:
            self._hand_over(arrival)
        elif sum(len(one.received) for one in self.arrivals.values()) > MOST_WAITING:
            self._drop_oldest()

    def finish_request(self, conn: Connection, fs: Future) -> None:
        """A thread is free again: of a stranger, for the next of them."""
        if conn.is_of_stranger:
            conn.is_of_stranger = False
            self.served_strangers -= 1
        super().finish_request(conn, fs)
        self._serve_strangers()

    def _hand_over(self, arrival: Arrival) -> None:
        conn, is_known = arrival.connection, proves_itself(arrival.fields.get(b"cookie", b""))
        if not is_known and len(self.strangers) >= MOST_STRANGERS:
            self._answer(arrival, "503 Service Unavailable", _BUSY)
            return
        self._forget(arrival)
        conn.init()
        conn.data_ready = True
        conn.parser.unreader.unread(bytes(arrival.received))
        if is_known:
            self.enqueue_req(conn)
        else:
            self.strangers.append(conn)
            self._serve_strangers()

    def _serve_strangers(self) -> None:
        while self.strangers and self.served_strangers < max(1, self.cfg.threads - 1):
            conn = self.strangers.popleft()
            conn.is_of_stranger = True
            self.served_strangers += 1
            self.enqueue_req(conn)

    def _answer(self, arrival: Arrival, status: str, sentence: str = "") -> None:
        body = sentence.encode()
        head = (
            f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nRetry-After: 1\r\n\r\n"
        )
        try:
            arrival.connection.sock.send(head.encode() + body)
        except OSError:
            self.log.debug("Refused, and gone already.")
        self._close(arrival)

    def _drop_oldest(self) -> None:
        for arrival in list(self.arrivals.values())[:1]:
            self._close(arrival)

    def _close(self, arrival: Arrival) -> None:
        self._forget(arrival)
        self.nr_conns -= 1
        arrival.connection.close()

    def _forget(self, arrival: Arrival) -> None:
        del self.arrivals[arrival.connection.sock]
        self.poller.unregister(arrival.connection.sock)
