"""A person before the real site: pages read by HTTP, forms sent with all that they hold."""

import http.client
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode

Fields = list[tuple[str, str]]


class _Reader(HTMLParser):
    """The forms of a page that write, with the values that a browser would send."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, Fields]] = []
        self.text: list[str] = []
        self._inside = False
        self._select = self._textarea = ""
        self._options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = given.get("method", "").lower() == "post"
            if self._inside:
                self.forms.append((given.get("action", ""), []))
        elif not self._inside:
            return
        elif tag == "input" and given.get("name") and self._is_sent(given):
            self.forms[-1][1].append((given["name"], given.get("value") or ""))
        elif tag == "select":
            self._select, self._options = given.get("name", ""), []
        elif tag == "option" and self._select:
            self._options.append((given.get("value") or "", "selected" in given))
        elif tag == "textarea":
            self._textarea = given.get("name", "")
            self.forms[-1][1].append((self._textarea, ""))

    @staticmethod
    def _is_sent(given: dict) -> bool:
        if given.get("type") in ("radio", "checkbox"):
            return "checked" in given
        return given.get("type") not in ("submit", "button")

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self._textarea:
            name, typed = self.forms[-1][1].pop()
            self.forms[-1][1].append((name, typed + data))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._textarea = ""
        elif tag == "select" and self._select:
            chosen = [value for value, is_selected in self._options if is_selected]
            first = [value for value, _ in self._options[:1]]
            self.forms[-1][1].extend((self._select, value) for value in (chosen or first)[:1])
            self._select = ""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: str

    @property
    def location(self) -> str:
        return self.headers["Location"] or ""

    @property
    def text(self) -> str:
        """What one reads, spaces made one."""
        reader = _Reader()
        reader.feed(self.body)
        return " ".join(" ".join(reader.text).split())

    def form(self, action: str = "") -> tuple[str, Fields]:
        """(address, fields) of the form that goes to `action`, else of the page's last one."""
        reader = _Reader()
        reader.feed(self.body)
        found = [form for form in reader.forms if not action or form[0] == action]
        assert found, (self.status, self.text)
        return found[-1]


def typed(fields: Fields, **values: str) -> Fields:
    """The fields of a form, with what somebody typed or chose in their place."""
    return [(n, v) for n, v in fields if n not in values] + list(values.items())


@dataclass
class Browser:
    site: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, fields: Fields) -> Answer:
        return self._ask("POST", path, urlencode(fields))

    def is_answered(self) -> bool:
        try:
            return self.get("/connexion/").status == 200
        except OSError:
            return False

    def log_in(self, email: str, password: str) -> None:
        _, fields = self.get("/connexion/").form()
        answer = self.post("/connexion/", typed(fields, username=email, password=password))
        assert answer.status == 302, answer.text

    def again(self) -> "Browser":
        """Another tab of the same person."""
        return Browser(self.site, dict(self.cookies))

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        link = http.client.HTTPConnection(self.site, timeout=90)
        try:
            link.request(method, path, body, headers)
            got = link.getresponse()
            answer = Answer(got.status, got.headers, got.read().decode())
        finally:
            link.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer
