"""Nobody ties an anonymous contact to the person who is received by name just after it, from all
that is stored and logged (docs/adr/0061).

Days are lived over HTTP, then attacked by whoever holds the dump and the logs (`attacker.py`): the
guess is right no more often than by the counts of the desk alone. With each leak that was there
once put back, it is right nearly always.
"""

import math
import random
import re
import uuid

import pytest

from beneficiaries import actions
from beneficiaries.contact_codes import groups_of, is_contact_code_of, journey_fingerprint
from beneficiaries.models import Journey
from sprocep import logs, periods, tenancy
from tests import clearing
from tests.anonymity.attacker import Attacker, Dump, Row, persons
from tests.anonymity.desks import DESK, NEW_SESSION, Desks, Lived, dumped
from tests.beneficiaries.test_views_sessions import new_person

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
SEED = 61


@pytest.fixture
def desks(world, logged_in) -> Desks:
    clearing.clear_all_but_the_world()
    return Desks(world, logged_in, SEED)


def told(lived: Lived, dump: Dump) -> tuple[int, float, float]:
    """Of those who came before they were received by name: how many guesses are right, how many
    chance gives, and three standard deviations of it."""
    attacker, people = Attacker(dump), persons(dump)
    assert len(people) == len(lived.named) > 10
    came = [(who, contact) for who, contact in zip(people, lived.named, strict=True) if contact]
    right = sum(attacker.answer_of(who) == contact.answer for who, contact in came)
    chances = [attacker.chance_of(who) for who, _ in came]
    spread = math.sqrt(sum(chance * (1 - chance) for chance in chances))
    return right, sum(chances), 3 * spread


def recognised(lived: Lived, dump: Dump) -> tuple[int, int]:
    """Of how many persons received by name the attacker rightly says whether they came before."""
    attacker, people = Attacker(dump), persons(dump)
    right = sum(
        attacker.came(who) == (contact is not None)
        for who, contact in zip(people, lived.named, strict=True)
    )
    return right, len(people)


# ── Leaks that were there, put back into a true dump ─────────────────────────────────────────


def _rows(lived: Lived, **more) -> list[Row]:
    """A row a contact, as long ago."""
    return [
        {
            "public_id": str(uuid.UUID(int=rank)),
            "structure_id": contact.structure,
            "audience_id": contact.answer[0],
            "result_id": contact.answer[1],
        }
        | {name: value(contact) for name, value in more.items()}
        for rank, contact in enumerate(lived.contacts)
    ]


def versions(lived: Lived, dump: Dump) -> Dump:
    rows = _rows(lived, xmin=lambda contact: contact.transaction)
    random.Random(SEED).shuffle(rows)
    return Dump(dump.tables | {"beneficiaries_contact": rows}, dump.log)


def traces(lived: Lived, dump: Dump) -> Dump:
    rows = _rows(lived)
    kind = {"object_type": "beneficiaries.contact", "action": "log_contact"}
    added = [
        kind | {"object_id": row["public_id"], "at": contact.at}
        for row, contact in zip(rows, lived.contacts, strict=True)
    ]
    random.Random(SEED).shuffle(rows)
    events = dump.tables["regions_auditevent"] + added
    return Dump(
        dump.tables | {"beneficiaries_contact": rows, "regions_auditevent": events}, dump.log
    )


def lines(lived: Lived, dump: Dump) -> Dump:
    added = [
        {"route": "beneficiaries:log_contact", "status": 201, "at": contact.at}
        for contact in lived.contacts
    ]
    return Dump(dump.tables | {"beneficiaries_contact": _rows(lived)}, dump.log + added)


LEAKS = (versions, traces, lines)
COUNTS = ("beneficiaries_contacttally", "beneficiaries_contactforms")


def attack(lived: Lived) -> None:
    """Before the hour is over: each tally still has a version of its own."""
    dump = Dump(dumped(), lived.log)
    right, by_chance, spread = told(lived, dump)
    assert right <= by_chance + spread
    came = sum(contact is not None for contact in lived.named)
    assert by_chance + spread < 0.8 * came
    for leak in LEAKS:
        seen, *_ = told(lived, leak(lived, dump))
        assert seen >= 0.9 * came, leak.__name__
    right, of_all = recognised(lived, dump)
    assert right == of_all - came  # it says of nobody that she came


def test_nothing_tells_what_she_said_nor_that_she_came_and_each_leak_would(desks):
    attack(desks.live(110))


@pytest.mark.prove
def test_twenty_thousand_contacts_two_thousand_of_them_followed(desks):
    lived = desks.live(20_000)
    assert sum(contact is not None for contact in lived.named) > 1_800
    attack(lived)


def test_a_journal_that_tells_all_requests_would_say_who_came(desks, monkeypatch):
    monkeypatch.setattr(logs, "_is_told", lambda request, response: True)
    lived = desks.live(50)
    right, of_all = recognised(lived, Dump(dumped(), lived.log))
    assert right > sum(contact is None for contact in lived.named)
    assert of_all == len(lived.named)


def versions_of_counts() -> set[str]:
    tables = dumped()
    return {row["xmin"] for table in COUNTS for row in tables[table]}


def test_counts_are_of_one_version_once_the_hour_is_over(desks):
    """The last contact of a place is the one whose instant its tally would tell."""
    desks.live(10)
    assert len(versions_of_counts()) > 1
    actions.settle_contacts()
    assert len(versions_of_counts()) == 1
    assert len(dumped()["indicators_rollupmark"]) < 10


# ── The code, which only the person has ──────────────────────────────────────────────────────


def test_the_code_is_nowhere_and_ties_a_journey_to_no_contact(world, logged_in):
    """Whoever has it, and the secret, says which structure gave it, and which journey it opened."""
    clearing.clear_all_but_the_world()
    adviser = world["adviser marseille"]
    browser = logged_in(adviser)
    form = browser.get(DESK).context["form"]
    same = {name: form[name].value() for name in ("key", "channel", "site", "held_on")}
    answers = {"audience": "P04", "age_band": "A2", "theme": "T01", "result": "R01", "commune": ""}
    code = "".join(browser.post(DESK, same | answers).context["code"])
    data = new_person(adviser, held_on=str(periods.today()), requested_on="", contact_code=code)
    assert browser.post(NEW_SESSION, data).status_code == 302
    assert is_contact_code_of(code, adviser.structure_id, "93")
    with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
        assert Journey.objects.get().contact_code_fingerprint == journey_fingerprint(code)
    tables = dumped()
    text = re.sub(r"[^0-9A-Z]", "", str(tables).upper())
    first, second, *_ = groups_of(code)
    assert first + second not in text
    assert journey_fingerprint(code).hex().upper() in text
    of_contacts = str([tables[name] for name in tables if "contact" in name])
    assert journey_fingerprint(code).hex() not in of_contacts
    assert same["key"] not in of_contacts
