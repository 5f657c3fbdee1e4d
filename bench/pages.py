"""Pages under eight people at once, served as in `make demo`, beside the barest page there is."""

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from urllib.parse import urlencode

from django.db import connections
from django.urls import reverse

from bench import accounts
from bench.accounts import Account
from bench.base import QUARTER, ROOT, Base
from bench.machine import processor_seconds
from bench.measures import Results, Target, percentile
from bench.visitor import Visitor
from regions.queries import region_scope
from sprocep import demo
from sprocep.embedded.processes import dies_with_parent, stop_process

SUBJECT = "Pages"
USERS = accounts.COUNT
SECONDS_TO_ANSWER = 60
REQUESTS = 320  # of each page, by all of them together
WARMING = 4  # pages that each person opens before the clock starts
MEDIAN, P95, DASHBOARD_P95 = Target(50), Target(150), Target(200)
BARE = "login page, nobody logged in (the bare one)"

OPEN = """
SELECT count(*) FROM beneficiaries_followup f JOIN beneficiaries_journey j ON j.id = f.journey_id
 WHERE f.referent_id = %s AND f.ends_on IS NULL AND j.closed_on IS NULL
"""
# Names that people of the structure bear, and journeys of the structure that one may open.
NAMES = """
SELECT DISTINCT split_part(sort_key, ' ', 1) FROM beneficiaries_beneficiary
 WHERE structure_id = %s AND region_id = ANY (%s) ORDER BY 1 LIMIT 50
"""
JOURNEYS = """
SELECT public_id FROM beneficiaries_journey
 WHERE structure_id = %s AND region_id = ANY (%s) ORDER BY id DESC LIMIT 50
"""


Route = Callable[[Account | None], list[str]]
Visit = Callable[[Visitor, list[str]], list[float]]


@dataclass(frozen=True)
class Site:
    port: int
    web: int  # process ids; what they started answers
    postgresql: int

    def spent(self) -> tuple[float, float]:
        """Seconds of processor so far, of gunicorn and of PostgreSQL."""
        return processor_seconds(self.web), processor_seconds(self.postgresql)


@dataclass(frozen=True)
class Timed:
    """Milliseconds of each page, and of processor a page: gunicorn's, PostgreSQL's."""

    waits: list[float]
    web: float
    postgresql: float


def measure(base: Base, results: Results) -> None:
    advisers, coordinators = accounts.advisers(), accounts.coordinators()
    busiest = max(_open_journeys(adviser) for adviser in advisers)
    results.facts["open journeys of the busiest adviser"] = f"{busiest:,}"
    results.facts["requests"] = f"{REQUESTS} requests a page after {WARMING * USERS} to warm up"
    with served(base) as site:
        bare = timed(site, [None] * USERS, lambda _: [reverse("regions:login")])
        _add(results, BARE, bare, None, None)
        for name, people, route, p95 in (
            ("« Mes parcours », own open ones", advisers, lambda _: [_list()], P95),
            ("« Mes parcours », all of the structure", advisers, _whole_list, P95),
            ("search by name", advisers, _searches, P95),
            ("one journey", advisers, _journeys, P95),
            ("new session, empty form", advisers, lambda _: [_form()], P95),
            ("a Region's dashboard", coordinators, _dashboard, DASHBOARD_P95),
        ):
            _add(results, name, timed(site, people, route), percentile(bare.waits, 0.5), p95)
        saved = timed(site, advisers, lambda _: [_contact()], Visitor.save)
        name = "saving an anonymous contact (the answer, not the form before it)"
        _add(results, name, saved, percentile(bare.waits, 0.5), P95)


def _add(results: Results, name: str, found: Timed, bare: float | None, p95: Target | None) -> None:
    middle = percentile(found.waits, 0.5)
    limit = MEDIAN if p95 is P95 else None
    results.add(SUBJECT, f"{name}: median", "ms", middle, target=limit)
    results.add(SUBJECT, f"{name}: p95", "ms", percentile(found.waits, 0.95), target=p95)
    if bare:
        results.add(SUBJECT, f"{name}: median ÷ bare page", "×", middle / bare)
    results.add(SUBJECT, f"{name}: processor of gunicorn", "ms", found.web)
    results.add(SUBJECT, f"{name}: processor of PostgreSQL", "ms", found.postgresql)


def timed(
    site: Site, people: list[Account | None], route: Route, visit: Visit = Visitor.read
) -> Timed:
    """All at once, each waiting for a page before asking for the next; logins come before."""
    with ThreadPoolExecutor(len(people)) as pool:
        ready = list(pool.map(lambda person: _ready(site.port, person, route, visit), people))
        web, postgresql = site.spent()
        rounds = pool.map(
            lambda one: visit(one[0], list(islice(cycle(one[1]), REQUESTS // USERS))), ready
        )
        waits = [wait for found in rounds for wait in found]
        web, postgresql = site.spent()[0] - web, site.spent()[1] - postgresql
    return Timed(waits, web * 1000 / len(waits), postgresql * 1000 / len(waits))


def _ready(
    port: int, person: Account | None, route: Route, visit: Visit
) -> tuple[Visitor, list[str]]:
    """Logged in, a few pages opened, and the addresses that this person goes through."""
    paths = route(person)
    connections.close_all()  # of this thread
    visitor = Visitor(port)
    if person:
        visitor.log_in(reverse("regions:login"), person.email, person.password)
    visit(visitor, list(islice(cycle(paths), WARMING)))
    return visitor, paths


# ── Which addresses ──────────────────────────────────────────────────────────────────────────


def _list() -> str:
    return reverse("beneficiaries:journeys")


def _form() -> str:
    return reverse("beneficiaries:log_session")


def _contact() -> str:
    return reverse("beneficiaries:log_contact")


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
        cursor.execute(statement, [account.structure.pk, region_scope(account.region)])
        return [row[0] for row in cursor.fetchall()]


def _open_journeys(account: Account) -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute(OPEN, [account.membership])
        return cursor.fetchone()[0]


# ── The site ─────────────────────────────────────────────────────────────────────────────────


@contextmanager
def served(base: Base) -> Iterator[Site]:
    """gunicorn as `make demo` starts it, on a free port."""
    port = _free_port()
    words = [word.replace(f"127.0.0.1:{demo.PORT}", f"127.0.0.1:{port}") for word in demo.WEB]
    with (base.folder / "web.log").open("wb") as log:
        process = subprocess.Popen(
            words, cwd=ROOT, stdout=log, stderr=log, preexec_fn=dies_with_parent(signal.SIGTERM)
        )
    try:
        _wait_for(port, process)
        postmaster = next((base.folder / "servers").rglob("postmaster.pid"))
        yield Site(port, process.pid, int(postmaster.read_text().split()[0]))
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
