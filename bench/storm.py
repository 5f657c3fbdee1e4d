"""Two storms of two minutes: what a hundred anonymous attackers leave to those who work.

`make bench SUBJECTS=storm`, or `python -m bench.storm 100 OUTPUT`. First each attacker comes from
an address of its own, then all come from the one that the advisers share. Meanwhile eight advisers
read their pages, known browsers and a stranger log in.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from bench import machine
from bench.base import ROOT, Base, manage, running_base
from bench.measures import Results, Target, percentile
from bench.memory import watched
from bench.visitor import FOUND, Visitor, fields_of

SUBJECT = "Storm"
SECONDS = int(os.environ.get("STORM_SECONDS", "120"))
BUSY = 503  # too many strangers wait already
PAUSE = 0.5  # between two pages of an adviser
LOGIN, LOGOUT, PAGE = "/connexion/", "/deconnexion/", "/parcours/"
PAGES_P95 = Target(1000)  # milliseconds
MEMORY_OF_WEB = Target(1024)  # what docker-compose.yml gives
TO_GET_IN = Target(10)  # seconds


@dataclass
class Entries:
    """How logins with the right password went: seconds until each was in, and refusals met."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0


@contextmanager
def attacked(port: int, kind: str) -> Iterator[subprocess.Popen]:
    words = [sys.executable, "-m", "bench.attackers", str(port), str(SECONDS), kind]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def read_pages(visitor: Visitor, over: Event) -> list[float]:
    waits = []
    while not over.is_set():
        waits += visitor.read([PAGE])
        over.wait(PAUSE)
    return waits


def log_in_again(visitors: list[Visitor], people: list, over: Event) -> Entries:
    """One after the other, until the storm is over: out, then in by the right password."""
    entries = Entries()
    while not over.is_set():
        for visitor, person in zip(visitors, people, strict=True):
            began = time.monotonic()
            while not _try_to_log_in(visitor, person) and not over.is_set():
                entries.refused += 1
                over.wait(PAUSE)
            if not over.is_set():
                entries.seconds.append(time.monotonic() - began)
            _leave(visitor)
            over.wait(PAUSE)
    return entries


def _try_to_log_in(visitor: Visitor, person) -> bool:
    """Tell whether she is in. The form itself may be refused to a stranger (ADR 56)."""
    status, page = visitor.ask(LOGIN)
    if status == BUSY:
        return False
    form = fields_of(page.decode()) | {"username": person.email, "password": person.password}
    return visitor.ask(LOGIN, form)[0] == FOUND


def _leave(visitor: Visitor) -> None:
    """Without a login, and known or not as before."""
    visitor.cookies.pop("login", None)


def storm(site, people: list, kind: str) -> tuple[list[float], Entries, Entries, dict]:
    """Milliseconds of pages, logins of known browsers and of a stranger, answers to attackers."""
    readers = [_logged_in(site.port, person) for person in people]
    known = [_logged_in(site.port, person) for person in people[:2]]
    for visitor in known:
        _leave(visitor)
    over = Event()
    with attacked(site.port, kind) as attackers, ThreadPoolExecutor(len(people) + 2) as pool:
        pages = [pool.submit(read_pages, visitor, over) for visitor in readers]
        by_known = pool.submit(log_in_again, known, people[:2], over)
        by_stranger = pool.submit(log_in_as_stranger, site.port, people[2], over)
        try:
            answers = json.loads(attackers.communicate(timeout=SECONDS * 2)[0])
        finally:
            over.set()
        waits = [wait for reading in pages for wait in reading.result()]
    return waits, by_known.result(), by_stranger.result(), answers


def log_in_as_stranger(port: int, person, over: Event) -> Entries:
    """Each time in a new browser."""
    entries = Entries()
    while not over.is_set():
        once = log_in_once(Visitor(port), person, over)
        entries.seconds += once.seconds
        entries.refused += once.refused
        over.wait(5)
    return entries


def log_in_once(visitor: Visitor, person, over: Event) -> Entries:
    entries, began = Entries(), time.monotonic()
    while not over.is_set():
        if _try_to_log_in(visitor, person):
            entries.seconds.append(time.monotonic() - began)
            break
        entries.refused += 1
        over.wait(1)
    return entries


def _logged_in(port: int, person) -> Visitor:
    visitor = Visitor(port)
    visitor.log_in(LOGIN, person.email, person.password)
    return visitor


def measure(base: Base, results: Results) -> None:
    from bench import accounts, pages

    people = accounts.advisers()
    for kind, name in (("apart", "from 100 addresses"), ("shared", "from the advisers' address")):
        with pages.served(base) as site, watched(site.web) as peak:
            waits, known, stranger, answers = storm(site, people, kind)
        results.add(SUBJECT, f"{name}: pages, median", "ms", percentile(waits, 0.5))
        results.add(SUBJECT, f"{name}: pages, p95", "ms", percentile(waits, 0.95), target=PAGES_P95)
        results.add(SUBJECT, f"{name}: gunicorn", "MB", peak.python, target=MEMORY_OF_WEB)
        longest = max(known.seconds, default=float(SECONDS))
        results.add(
            SUBJECT, f"{name}: known browsers, longest login", "s", longest, target=TO_GET_IN
        )
        results.add(SUBJECT, f"{name}: strangers let in", "", len(stranger.seconds))
        results.add(SUBJECT, f"{name}: strangers sent back", "", stranger.refused)
        results.facts[f"storm {kind}"] = ", ".join(f"{k}: {n:,}" for k, n in answers.items())


def main(attackers: int, output: Path) -> None:
    results = Results(attackers, machine.describe(), counted="attackers")
    with running_base() as base:
        manage("generate_activity", "--journeys", "6000", "--seed", "5", "--to", "2016-T1")
        import django

        django.setup()
        measure(base, results)
    output.write_text(json.dumps(results.as_json()))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
