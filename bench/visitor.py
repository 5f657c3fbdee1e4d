"""One person's browser: a connection that stays, cookies, and forms filled with what they offer."""

import http.client
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode

OK, FOUND = 200, 302
SECONDS_TO_ANSWER = 60
SECONDS_KEPT = 1.5  # gunicorn closes a silent connection after two


@dataclass
class Visitor:
    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._answered_at = time.monotonic()
        self.connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=SECONDS_TO_ANSWER
        )

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        method, body = ("GET", None) if form is None else ("POST", urlencode(form))
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if time.monotonic() - self._answered_at > SECONDS_KEPT:
            self.connection.close()  # the server has, or is about to; asking opens another
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        for value in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(value).items()}
        page = answer.read().decode()
        self._answered_at = time.monotonic()
        return answer.status, page

    def log_in(self, path: str, email: str, password: str) -> None:
        form = self.form(path) | {"username": email, "password": password}
        self._expect(FOUND, path, self.ask(path, form)[0])

    def read(self, paths: list[str]) -> list[float]:
        """Milliseconds of each page, its last byte read."""
        found = []
        for path in paths:
            began = time.perf_counter()
            status, _ = self.ask(path)
            found.append((time.perf_counter() - began) * 1000)
            self._expect(OK, path, status)
        return found

    def save(self, paths: list[str]) -> list[float]:
        """Milliseconds of the answer to each form; opening it before is not counted."""
        found = []
        for path in paths:
            form = self.form(path)
            began = time.perf_counter()
            status, _ = self.ask(path, form)
            found.append((time.perf_counter() - began) * 1000)
            self._expect(FOUND, path, status)
        return found

    def form(self, path: str) -> dict[str, str]:
        """What the main form of the page would send, its first choice taken everywhere."""
        status, page = self.ask(path)
        self._expect(OK, path, status)
        fields = _Fields()
        fields.feed(page)
        return fields.values

    def _expect(self, wanted: int, path: str, status: int) -> None:
        if status != wanted:
            raise RuntimeError(f"{path}: {status} instead of {wanted}")


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
