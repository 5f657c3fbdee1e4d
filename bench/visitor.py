"""One person's browser: a connection that stays, cookies, and forms filled with what they offer.

It speaks HTTP by hand: what asks shares two cores with what answers, and Python's own client spends
as much on a page as the barest page costs.
"""

import socket
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode

OK, CREATED, FOUND = 200, 201, 302
SECONDS_TO_ANSWER = 60
SECONDS_KEPT = 1.5  # gunicorn closes a silent connection after two
AT_ONCE = 1 << 16  # bytes


@dataclass
class Visitor:
    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    _socket: socket.socket | None = None
    _answered_at: float = 0.0

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, bytes]:
        self._connect()
        self._socket.sendall(self._request(path, form))
        head, page = self._answer()
        self._answered_at = time.monotonic()
        status, *headers = head.decode("latin-1").split("\r\n")
        for name, _, value in (header.partition(": ") for header in headers):
            if name.lower() == "set-cookie":
                self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items()}
        return int(status.split()[1]), page

    def _connect(self) -> None:
        if self._socket and time.monotonic() - self._answered_at > SECONDS_KEPT:
            self._socket.close()  # the server has, or is about to
            self._socket = None
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), SECONDS_TO_ANSWER)

    def _request(self, path: str, form: dict[str, str] | None) -> bytes:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [f"Host: 127.0.0.1:{self.port}", f"Cookie: {cookies}"]
        if form is None:
            return "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode()
        body = urlencode(form)
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return "\r\n".join([f"POST {path} HTTP/1.1", *lines, "", body]).encode()

    def _answer(self) -> tuple[bytes, bytes]:
        """Head and body; every page of ours says how long it is."""
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, page = received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(None, 1)[0])
        parts, missing = [page], length - len(page)
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        return head, b"".join(parts)

    def _more(self) -> bytes:
        received = self._socket.recv(AT_ONCE)
        if not received:
            raise RuntimeError("the site closed the connection in the middle of an answer")
        return received

    def log_in(self, path: str, email: str, password: str) -> None:
        form = self.form(path) | {"username": email, "password": password}
        self._expect({FOUND}, path, self.ask(path, form)[0])

    def read(self, paths: list[str]) -> list[float]:
        """Milliseconds of each page, its last byte read."""
        milliseconds = []
        for path in paths:
            began = time.perf_counter()
            status, _ = self.ask(path)
            milliseconds.append((time.perf_counter() - began) * 1000)
            self._expect({OK}, path, status)
        return milliseconds

    def save(self, paths: list[str]) -> list[float]:
        """Milliseconds of the answer to each form; opening it before is not counted."""
        milliseconds = []
        for path in paths:
            form = self.form(path)
            began = time.perf_counter()
            status, _ = self.ask(path, form)
            milliseconds.append((time.perf_counter() - began) * 1000)
            self._expect({CREATED, FOUND}, path, status)
        return milliseconds

    def page(self, path: str) -> str:
        status, page = self.ask(path)
        self._expect({OK}, path, status)
        return page.decode()

    def form(self, path: str) -> dict[str, str]:
        """Open a page and fill its main form in (`fields_of`)."""
        return fields_of(self.page(path))

    def _expect(self, wanted: set[int], path: str, status: int) -> None:
        if status not in wanted:
            raise RuntimeError(f"{path}: {status} instead of {wanted}")


def fields_of(page: str) -> dict[str, str]:
    """Read what the main form of a page would send, its first choice taken everywhere."""
    fields = _Fields()
    fields.feed(page)
    return fields.values


class _Fields(HTMLParser):
    """Values of the inputs and lists of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._list = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "select":
            self._list = name
        elif tag == "option" and self._list:
            self._offer(self._list, value, "selected" in given)
        elif tag == "input" and name and given.get("type") == "radio":
            self._offer(name, value, "checked" in given)
        elif tag == "input" and name and given.get("type") != "checkbox":
            self.values[name] = value

    def _offer(self, name: str, value: str, is_chosen: bool) -> None:
        if is_chosen or name not in self.values:
            self.values[name] = value
