"""Days at desks, lived over HTTP: people who come without a name, some of whom are received by name
a few minutes later. What each of them said is known here, and to nobody who attacks."""

import json
import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.apps import apps
from django.db import connections
from django.test import Client

from sprocep import periods
from sprocep.logs import JsonLines
from tests.anonymity.attacker import Answer, Row
from tests.beneficiaries.test_views_referrals import typed
from tests.beneficiaries.test_views_sessions import NEW as NEW_SESSION
from tests.beneficiaries.test_views_sessions import new_person

DESK, FICHE = "/accueil-anonyme/", "/fiches/nouvelle/"
NAVIGATION = {"Sec-Fetch-Mode": "navigate"}  # as a browser says that it opens a page
PUBLICS = ("P01", "P02", "P03", "P04", "P05", "P06", "P07")
RESULTS = ("R01", "R02", "R03", "R04", "R05")
THEMES = ("T01", "T02", "T03", "T04", "T06")
AGES = ("A1", "A2", "A3", "A4", "A5")
COMMUNES = ("", "13055", "13001")
PLACES = ("marseille", "aix")
# Of ten who come, one is received by name; as many others are who never came.
FOLLOWED = 0.1


@dataclass(frozen=True)
class Came:
    """A contact, with what only who lived it knows of it."""

    structure: int
    transaction: int
    at: str
    answer: Answer


@dataclass
class Lived:
    """`named`: of each person received by name, in their order, the contact she was, if any."""

    contacts: list[Came] = field(default_factory=list)
    named: list[Came | None] = field(default_factory=list)
    log: list[Row] = field(default_factory=list)


class Desks:
    def __init__(self, world, logged_in, seed: int) -> None:
        self._world, self._chance = world, random.Random(seed)
        self._people = [world[f"adviser {place}"] for place in PLACES]
        self._browsers: list[Client] = [logged_in(person) for person in self._people]
        self._forms = [browser.get(DESK) for browser in self._browsers]
        self._lived = Lived()

    def live(self, contacts: int) -> Lived:
        """So many come; who is received by name is so before the next one comes to that desk."""
        waiting: list[list[tuple[Came | None, dict]]] = [[] for _ in PLACES]
        with written_lines() as self._lived.log:
            for _ in range(contacts):
                place = self._chance.randrange(len(PLACES))
                self._follow(place, waiting[place])
                received = self._receive(place)
                if self._chance.random() < FOLLOWED:
                    waiting[place].append(received)
                if self._chance.random() < FOLLOWED:
                    waiting[place].append((None, {}))
            for place, those in enumerate(waiting):
                self._follow(place, those)
        return self._lived

    def _receive(self, place: int) -> tuple[Came, dict]:
        form = self._forms[place].context["form"]
        same = {name: form[name].value() for name in ("key", "channel", "site", "held_on")}
        draw = self._chance.choice
        answer = draw(PUBLICS), draw(RESULTS)
        data = same | {
            "audience": answer[0],
            "result": answer[1],
            "theme": draw(THEMES),
            "age_band": draw(AGES),
            "commune": draw(COMMUNES),
        }
        page = self._forms[place] = self._browsers[place].post(DESK, data)
        assert page.status_code == 201
        self._lived.contacts.append(Came(self._people[place].structure_id, *now(), answer))
        return self._lived.contacts[-1], page.context["onward"]

    def _follow(self, place: int, those: list[tuple[Came | None, dict]]) -> None:
        """By a fiche that the desk sends, or by a first session."""
        self._chance.shuffle(those)
        for contact, onward in those:
            self._lived.named.append(contact)
            follow = self._chance.choice((self._send_fiche, self._open_journey))
            follow(place, letters(len(self._lived.named)), onward)
        those.clear()

    def _send_fiche(self, place: int, name: str, onward: dict) -> None:
        """Begun from the page that answers a contact, or from the menu."""
        browser, other = self._browsers[place], self._people[1 - place].structure
        if onward:
            page = browser.post(FICHE, onward | {"chercher": "1"})
        else:
            page = browser.get(FICHE, follow=True, headers=NAVIGATION)
        assert page.status_code == 200
        data = typed(self._world, last_name=name, receiver=str(other.public_id))
        data |= {name: text for name, text in onward.items() if text}
        assert browser.post(FICHE, data).status_code == 302

    def _open_journey(self, place: int, name: str, _: dict) -> None:
        data = new_person(
            self._people[place],
            last_name=name,
            birth_date="",
            is_somebody_else="on",
            held_on=str(periods.today()),
            requested_on="",
        )
        assert self._browsers[place].post(NEW_SESSION, data).status_code == 302


def dumped() -> dict[str, list[Row]]:
    """All tables, as owner."""
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    return {table: list(rows_of(table)) for table in tables}


def rows_of(table: str) -> Iterator[Row]:
    """In the order of the disk, with the transactions that wrote each version."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            f"""SELECT to_jsonb(t) || jsonb_build_object('xmin', xmin::text, 'xmax', xmax::text,
                                                         'ctid', ctid::text) FROM "{table}" t"""
        )
        for (row,) in cursor.fetchall():
            yield json.loads(row)


def now() -> tuple[int, str]:
    """The transaction and the instant of PostgreSQL."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text, clock_timestamp()")
        transaction, at = cursor.fetchone()
        return int(transaction), at.isoformat()


def letters(number: int) -> str:
    return "Nom" + str(number).translate(str.maketrans("0123456789", "abcdefghij"))


@contextmanager
def written_lines() -> Iterator[list[Row]]:
    """The lines that the site writes meanwhile."""
    lines: list[Row] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(self.format(record)))

    handler, root = Kept(), logging.getLogger()
    handler.setFormatter(JsonLines())
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
