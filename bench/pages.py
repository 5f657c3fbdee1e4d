"""Pages under eight people at once, served as in `make demo`, beside the barest page there is."""

import http.client
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from itertools import cycle, islice
from urllib.parse import urlencode

from django.db import connections
from django.urls import reverse

from bench import accounts
from bench.accounts import Account
from bench.base import QUARTER, ROOT, Base
from bench.measures import Results, Target, percentile
from sprocep import demo
from sprocep.embedded.processes import dies_with_parent, stop_process

SUBJECT = "Pages"
USERS = accounts.COUNT
SECONDS_TO_ANSWER = 60
REQUESTS = 400
WARMING = 5  # pages that each person opens before the clock starts
MEDIAN, P95, DASHBOARD_P95 = Target(50), Target(150), Target(200)
BARE = "login page, nobody logged in (the bare one)"

OPEN = """
SELECT count(*) FROM beneficiaries_followup f JOIN beneficiaries_journey j ON j.id = f.journey_id
 WHERE f.referent_id = %s AND f.ends_on IS NULL AND j.closed_on IS NULL
"""
# Names that people of the structure bear, and journeys of the structure that one may open.
NAMES = """
SELECT DISTINCT split_part(sort_key, ' ', 1) FROM beneficiaries_beneficiary
 WHERE structure_id = %s ORDER BY 1 LIMIT 50
"""
JOURNEYS = """
SELECT public_id FROM beneficiaries_journey WHERE structure_id = %s ORDER BY id DESC LIMIT 50
"""


@dataclass
class Visitor:
    """One person's browser: a connection that stays, and cookies."""

    port: int
    account: Account | None = None
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, path: str, body: str | None = None) -> tuple[int, bytes]:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Referer"] = f"http://127.0.0.1:{self.port}{path}"
        self.connection.request("GET" if body is None else "POST", path, body, headers)
        answer = self.connection.getresponse()
        for value in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(value).items():
                self.cookies[name] = morsel.value
        content = answer.read()
        return answer.status, content

    def log_in(self) -> None:
        path = reverse("regions:login")
        _, page = self.ask(path)
        token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1].decode()
        form = {
            "csrfmiddlewaretoken": token,
            "username": self.account.email,
            "password": self.account.password,
        }
        status, _ = self.ask(path, urlencode(form))
        if status != 302:
            raise RuntimeError(f"{self.account.email} could not log in: {status}")

    def visit(self, paths: list[str]) -> list[float]:
        """Milliseconds of each page, its last byte read."""
        found = []
        for path in paths:
            began = time.perf_counter()
            status, _ = self.ask(path)
            found.append((time.perf_counter() - began) * 1000)
            if status != 200:
                raise RuntimeError(f"{path}: {status}")
        return found


Route = Callable[[Account | None], list[str]]


def measure(base: Base, results: Results) -> None:
    advisers, coordinators = accounts.advisers(), accounts.coordinators()
    busiest = max(_open_journeys(adviser) for adviser in advisers)
    results.facts["open journeys of the busiest adviser"] = f"{busiest:,}"
    with served(base) as port:
        bare = timed(port, [None] * USERS, lambda _: [reverse("regions:login")])
        _add(results, BARE, bare, None, None)
        for name, people, route, p95 in (
            ("« Mes parcours », own open ones", advisers, lambda _: [_list()], P95),
            ("« Mes parcours », all of the structure", advisers, _whole_list, P95),
            ("search by name", advisers, _searches, P95),
            ("one journey", advisers, _journeys, P95),
            ("new session, empty form", advisers, lambda _: [_form()], P95),
            ("a Region's dashboard", coordinators, _dashboard, DASHBOARD_P95),
        ):
            _add(results, name, timed(port, people, route), percentile(bare, 0.5), p95)


def _add(
    results: Results, name: str, found: list[float], bare: float | None, p95: Target | None
) -> None:
    middle = percentile(found, 0.5)
    limit = MEDIAN if p95 is P95 else None
    results.add(SUBJECT, f"{name}: median", "ms", middle, target=limit)
    results.add(SUBJECT, f"{name}: p95", "ms", percentile(found, 0.95), target=p95)
    if bare:
        results.add(SUBJECT, f"{name}: median ÷ bare page", "×", middle / bare)


def timed(port: int, people: list[Account | None], route: Route) -> list[float]:
    """All at once, each waiting for a page before asking for the next; milliseconds a page."""
    with ThreadPoolExecutor(len(people)) as pool:
        return [
            duration
            for found in pool.map(lambda person: _visit(port, person, route), people)
            for duration in found
        ]


def _visit(port: int, person: Account | None, route: Route) -> list[float]:
    paths = route(person)
    visitor = Visitor(port, person)
    if person:
        visitor.log_in()
    visitor.visit(list(islice(cycle(paths), WARMING)))
    found = visitor.visit(list(islice(cycle(paths), REQUESTS // USERS)))
    visitor.connection.close()
    connections.close_all()
    return found


# ── Which addresses ──────────────────────────────────────────────────────────────────────────


def _list() -> str:
    return reverse("beneficiaries:journeys")


def _form() -> str:
    return reverse("beneficiaries:log_session")


def _whole_list(account: Account) -> list[str]:
    return [f"{_list()}?{urlencode({'state': 'open', 'page': page})}" for page in (1, 2)]


def _searches(account: Account) -> list[str]:
    return [f"{_list()}?{urlencode({'q': name.lower()})}" for name in _rows(NAMES, account)]


def _journeys(account: Account) -> list[str]:
    return [reverse("beneficiaries:journey", args=[pk]) for pk in _rows(JOURNEYS, account)]


def _dashboard(account: Account) -> list[str]:
    return [reverse("indicators:dashboard", args=[QUARTER, account.region])]


def _rows(statement: str, account: Account) -> list[str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, [account.structure.pk])
        return [row[0] for row in cursor.fetchall()]


def _open_journeys(account: Account) -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute(OPEN, [account.membership])
        return cursor.fetchone()[0]


# ── The site ─────────────────────────────────────────────────────────────────────────────────


@contextmanager
def served(base: Base) -> Iterator[int]:
    """gunicorn as `make demo` starts it, on a free port; the port."""
    port = _free_port()
    words = [word.replace(f"127.0.0.1:{demo.PORT}", f"127.0.0.1:{port}") for word in demo.WEB]
    words[words.index("--access-logfile") + 1] = str(base.folder / "access.log")
    with (base.folder / "web.log").open("wb") as log:
        process = subprocess.Popen(
            words, cwd=ROOT, stdout=log, stderr=log, preexec_fn=dies_with_parent(signal.SIGTERM)
        )
    try:
        _wait_for(port, process)
        yield port
    finally:
        stop_process(process, signal.SIGTERM)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(port: int, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the site does not answer")
