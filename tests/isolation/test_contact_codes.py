"""From all that is stored no anonymous contact is tied to a journey; with the person's code it is.

The same afternoon is lived twice over HTTP: three contacts at a desk, three journeys opened there
the same day, one of them with a code, once that of the first contact and once that of the second.
What is stored is read as owner, with what PostgreSQL itself adds to a row. It has the same shape
both times: whoever reads it answers the same both times, and is wrong once.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.apps import apps
from django.db import connections
from django.db.models import F

from beneficiaries import contact_codes
from beneficiaries.actions import journeys
from beneficiaries.contact_codes import contact_fingerprint, groups_of, journey_fingerprint
from beneficiaries.models import Contact, Journey, Session
from sprocep import periods
from sprocep.checks import TABLES_WITHOUT_TENANT
from tests import fixtures
from tests.beneficiaries.test_views_sessions import NEW, new_person

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

Row = dict[str, object]
COMMON = {"audience": "P04", "age_band": "A2", "theme": "T01", "result": "R01", "commune": ""}
RARE = COMMON | {"audience": "P07", "age_band": "A5", "theme": "T03", "commune": "13055"}
# The first is of a rare profile, and so is the journey that brings a code.
CONTACTS = [RARE, COMMON, COMMON]
PERSONS = [
    {"last_name": "Roux", "birth_date": "12/03/1958", "commune": "Marseille (13)"},
    {"last_name": "Petit", "birth_date": "13/03/1985"},
    {"last_name": "Blanc", "birth_date": ""},
]
CODED = 0
DESK = "/accueil-anonyme/"
TABLES = [
    model._meta.db_table
    for model in apps.get_models(include_auto_created=True)
    if model._meta.label not in set(TABLES_WITHOUT_TENANT) - fixtures.LOST
    and model not in fixtures.PEOPLED
]
CONTACT, JOURNEY, SESSION = (model._meta.db_table for model in (Contact, Journey, Session))
TRACES = ("regions_auditevent", "regions_accessevent")


@dataclass(frozen=True)
class Afternoon:
    """What three persons took away, and all that is stored, as it lies on the disk."""

    codes: list[str]
    dump: dict[str, list[Row]]

    @property
    def contacts(self) -> list[Row]:
        return sorted(self.dump[CONTACT], key=lambda row: row["id"])

    @property
    def journey(self) -> Row:
        return min(self.dump[JOURNEY], key=lambda row: row["id"])


def lived(world, logged_in, given: int) -> Afternoon:
    """`given`: whose code the first journey brings."""
    fixtures.clear_all_but_the_world()
    desk = logged_in(world["level1_receptionist marseille"])
    codes = [received(desk, contact) for contact in CONTACTS]
    adviser = world["adviser marseille"]
    browser = logged_in(adviser)
    for rank, person in enumerate(PERSONS):
        code = codes[given] if rank == CODED else ""
        data = new_person(
            adviser,
            is_somebody_else="on",
            held_on=str(periods.today()),
            contact_code=code,
            **person,
        )
        assert browser.post(NEW, data, follow=True).redirect_chain
    return Afternoon(codes, {table: list(rows_of(table)) for table in TABLES})


def received(desk, contact: Row) -> str:
    form = desk.get(DESK).context["form"]
    same = {name: form[name].value() for name in ("key", "channel", "site", "held_on")}
    return "".join(desk.post(DESK, same | contact).context["code"])


def rows_of(table: str) -> Iterator[Row]:
    """In the order of the disk, with the transactions that wrote each version."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            f"""SELECT to_jsonb(t) || jsonb_build_object('xmin', xmin::text, 'xmax', xmax::text,
                                                         'ctid', ctid::text) FROM "{table}" t"""
        )
        for (row,) in cursor.fetchall():
            yield json.loads(row)


# ── The shape of what is stored ──────────────────────────────────────────────────────────────

SECRET = re.compile(r"\\x[0-9a-f]{8,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[\w:.=+/-]{24,}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:.*")
NUMBER = re.compile(r"\d+|xm(in|ax)|ctid")


def shape(dump: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """The same rows, where what is drawn, counted or clocked is named by its first appearance.

    Equal values keep equal names: a value that two rows share, an order, a version, a row too many
    all stay visible.
    """
    names: dict[tuple, str] = {}

    def named(table: str, column: str, value: object) -> object:
        text = str(value)
        if SECRET.fullmatch(text):
            space = "secret"
        elif INSTANT.fullmatch(text) or column in ("xmin", "xmax", "ctid"):
            space = column
        elif NUMBER.fullmatch(text) and (column == "id" or column.endswith("_id")):
            space = f"{table}.{column}"
        else:
            return value
        return names.setdefault((space, text), f"{space} {len(names)}")

    return {
        table: [{c: named(table, c, value) for c, value in row.items()} for row in rows]
        for table, rows in dump.items()
    }


@pytest.fixture
def afternoons(world, logged_in) -> list[Afternoon]:
    return [lived(world, logged_in, given) for given in (0, 1)]


def test_what_is_stored_is_the_same_whoever_gave_the_code(afternoons):
    one, other = (shape(afternoon.dump) for afternoon in afternoons)
    assert sum(map(len, one.values())) > 30
    for table in TABLES:
        assert one[table] == other[table], table


def _same_fingerprint(code: str) -> bytes:
    return contact_fingerprint(code)


def _contact_touched(code: str) -> bytes:
    given = Contact.objects.filter(code_fingerprint=contact_fingerprint(code))
    assert given.update(result=F("result")) == 1
    return journey_fingerprint(code)


@pytest.mark.parametrize("leak", [_same_fingerprint, _contact_touched])
def test_a_leak_would_be_seen(world, logged_in, monkeypatch, leak):
    monkeypatch.setattr(journeys, "journey_fingerprint", leak)
    one, other = (shape(lived(world, logged_in, given).dump) for given in (0, 1))
    assert one != other


# ── Who tries, by everything that is stored ──────────────────────────────────────────────────


def _by_profile(seen: Afternoon) -> int | None:
    """The only contact of an older person, for the only journey of one."""
    rare = [n for n, row in enumerate(seen.contacts) if row["age_band_id"] == "A5"]
    return rare[0] if len(rare) == 1 and seen.journey["age"] >= 60 else None


def _by_commune(seen: Afternoon) -> int | None:
    found = [n for n, row in enumerate(seen.contacts) if row["commune_id"] == "13055"]
    return found[0] if len(found) == 1 else None


def _by_day_place_and_operator(seen: Afternoon) -> int | None:
    shared = ("structure_id", "region_id", "department_id")
    found = [
        n
        for n, row in enumerate(seen.contacts)
        if row["held_on"] == seen.journey["opened_on"]
        and all(row[name] == seen.journey[name] for name in shared)
    ]
    assert len(found) == len(CONTACTS)
    return found[-1]


def _by_order(seen: Afternoon) -> int | None:
    """The first to leave the desk is the first to be received; ids, and places on the disk."""
    lies = [row["id"] for row in seen.dump[CONTACT]]
    return lies.index(min(lies))


def _by_version(seen: Afternoon) -> int | None:
    """A contact that the opening of the journey would have locked or written again."""
    marks = [{row["xmin"], row["xmax"]} for row in seen.contacts]
    found = [n for n, mark in enumerate(marks) if seen.journey["xmin"] in mark]
    return found[0] if found else None


def _by_shared_value(seen: Afternoon) -> int | None:
    """What is a contact's alone, in the journey or in what says who did or read what of it."""
    traces = [row for table in TRACES for row in seen.dump[table]]
    session = next(row for row in seen.dump[SESSION] if row["journey_id"] == seen.journey["id"])
    own = (seen.journey["public_id"], session["public_id"])
    about = [row for row in traces if row["object_id"] in own]
    assert len(about) == len(TRACES)  # one who wrote, one who read
    text = f"{seen.journey} {session} {about}"
    for n, row in enumerate(seen.contacts):
        if any(row[name] in text for name in ("public_id", "idempotency_key", "code_fingerprint")):
            return n
    return None


def _by_hashes(seen: Afternoon) -> int | None:
    """One fingerprint made from the other, or from what the contact holds."""
    wanted = bytes.fromhex(seen.journey["contact_code_fingerprint"][2:])
    for n, row in enumerate(seen.contacts):
        held = bytes.fromhex(row["code_fingerprint"][2:])
        texts = [held, held.hex().encode(), *(str(value).encode() for value in row.values())]
        made = {held} | {hashlib.sha256(p + t).digest() for t in texts for p in (b"", b"journey|")}
        made |= {contact_codes._fingerprint("journey", text.decode("latin-1")) for text in texts}
        if wanted in made:
            return n
    return None


ATTACKS = [
    _by_profile, _by_commune, _by_day_place_and_operator, _by_order, _by_version,
    _by_shared_value, _by_hashes,
]  # fmt: skip


def by_code(seen: Afternoon, code: str) -> int | None:
    """Who holds the code, and the secret, makes both fingerprints."""
    made = [f"\\x{make(code).hex()}" for make in (contact_fingerprint, journey_fingerprint)]
    if seen.journey["contact_code_fingerprint"] != made[1]:
        return None
    return [row["code_fingerprint"] for row in seen.contacts].index(made[0])


def test_no_attack_tells_whose_the_code_was_and_the_code_does(afternoons):
    for attack in ATTACKS:
        assert attack(afternoons[0]) == attack(afternoons[1]), attack.__name__
    for attack in (_by_version, _by_shared_value, _by_hashes):
        assert attack(afternoons[0]) is None, attack.__name__
    for given, seen in enumerate(afternoons):
        assert [by_code(seen, code) for code in seen.codes] == [
            given if n == given else None for n in range(len(CONTACTS))
        ]


def test_the_code_itself_is_nowhere(afternoons):
    seen = afternoons[0]
    text = re.sub(r"[^0-9A-Z]", "", str(seen.dump).upper())
    assert re.sub(r"[^0-9A-Z]", "", seen.contacts[0]["code_fingerprint"].upper()) in text
    for code in seen.codes:
        first, second, *_ = groups_of(code)
        assert first + second not in text
