"""« Échanger par fichier »: there and back without losing a field, twice is once, and what is
refused comes back with its reason (docs/adr/0041)."""

import base64
import json
import re
import uuid

import jsonschema
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from beneficiaries import exports
from beneficiaries.models import ExchangeAct, Referral
from regions.middleware import scope_of
from regions.models import AccessEvent
from sprocep import periods, tenancy
from tests import factories
from tests.beneficiaries.test_exchange import ENTRIES, PERSON, demand, referrals
from tests.beneficiaries.test_referrals import SCHEMA, send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PAGE, FILE = "/fiches/fichier/", "/fiches/fichier/fiches.json"


@pytest.fixture
def there(world, logged_in):
    return logged_in(world["adviser marseille"])


@pytest.fixture
def here(world, logged_in):
    return logged_in(world["structure_manager aix"])


def key() -> str:
    return str(uuid.uuid4())


def lay_down(browser, entries) -> str:
    content = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    answer = browser.post(PAGE, {"file": SimpleUploadedFile("fiches.json", content)})
    assert answer.status_code == 200
    return answer.content.decode()


def take_away(browser, first=None, last=None) -> list[dict]:
    today = periods.today()
    answer = browser.get(FILE, {"first": first or today, "last": last or today})
    assert answer["Content-Disposition"].startswith("attachment"), answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    for one in answer.json():
        jsonschema.validate(one, SCHEMA, format_checker=jsonschema.FormatChecker())
    return answer.json()


def refused_file(page: str) -> list:
    encoded = re.search(r'href="data:application/json;base64,([^"]+)"\s+download', page)[1]
    return json.loads(base64.b64decode(encoded))


def test_files_go_and_come_back_without_losing_a_field(world, there, here):
    sent = [{"key": key(), "demand": demand(world)}]
    ENTRIES.validate(sent)
    assert "1 entrée enregistrée" in lay_down(there, sent)
    (read,) = take_away(here)
    assert read["person"] == PERSON
    declined = [{"key": key(), "referral": read["id"], "answer": "decline", "reason": "D03"}]
    ENTRIES.validate(declined)
    assert "refusée" in lay_down(here, declined)
    (back,) = take_away(there)
    assert (back["state"], back["decline_reason"]) == ("declined", "D03")
    assert [event["state"] for event in back["events"]] == ["sent", "opened", "declined"]
    moved = {"state", "decline_reason", "events"}
    assert {n: v for n, v in back.items() if n not in moved} == {
        n: v for n, v in read.items() if n not in moved
    }
    with scope_of(world["adviser marseille"], read_only=True):
        assert exports.referral_json(Referral.objects.get()) == back


def test_the_same_file_twice_changes_nothing(world, there):
    entries = [{"key": key(), "demand": demand(world)} for _ in range(3)]
    first = lay_down(there, entries)
    assert (first.count("déjà fait"), len(referrals(world))) == (0, 3)
    again = lay_down(there, entries)
    assert again.count("déjà fait") == 3
    assert len(referrals(world)) == 3
    with scope_of(world["adviser marseille"], read_only=True):
        assert ExchangeAct.objects.count() == 3


def test_what_is_refused_comes_back_with_its_reason_and_undoes_no_other(world, there):
    right, wrong = demand(world), demand(world, consent=False)
    entries = [
        {"key": key(), "demand": wrong},
        {"key": key(), "demand": right},
        {"key": "1", "demand": right},
        "x",
        {"key": key(), "referral": key(), "answer": "accept"},
        {"key": key(), "demand": right, "answer": "accept"},
        {"demand": right},
    ]
    page = lay_down(there, entries)
    assert "1 entrée enregistrée" in page
    assert "6 entrées refusées" in page
    back = refused_file(page)
    sentences = [entry.pop("error") for entry in back]
    assert back == [entries[0], entries[2], {"entry": "x"}, *entries[4:]]
    for said, expected in zip(
        sentences,
        (
            "Donnez l’accord de la personne", "« key » est un UUID", "est un objet",
            "aucune fiche de votre structure", "« answer » n’est pas attendu", "« key » manque",
        ),
        strict=True,
    ):  # fmt: skip
        assert expected in said
    assert len(referrals(world)) == 1
    # Corrected where it stands, its reason left beside it.
    corrected = [{**refused_file(page)[0], "demand": right}]
    ENTRIES.validate(corrected)
    assert "1 entrée enregistrée" in lay_down(there, corrected)
    assert len(referrals(world)) == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Ce fichier est vide"),
        (b"{", "du JSON en UTF-8"),
        (b"\xff\xfe[", "du JSON en UTF-8"),
        (b"{}", "une liste"),
        (b"[]", "une liste"),
        (b"[" * 90_000, "du JSON en UTF-8"),
        (b"[" + b",".join([b"{}"] * 101) + b"]", "plus de 100 entrées"),
        (b" " * 1_100_000, "dépasse 1 Mo"),
    ],
    ids=range(8),
)
def test_a_file_that_is_none_is_said_and_nothing_is_done(world, there, content, sentence):
    assert sentence in lay_down(there, content)
    assert "1 entrée enregistrée" in lay_down(
        there, b"\xef\xbb\xbf" + json.dumps([{"key": key(), "demand": demand(world)}]).encode()
    )


def test_the_fiches_of_a_structure_alone_of_these_days_alone(world, there, here, logged_in):
    sent = send(world["adviser marseille"], world["adviser aix"])
    old = periods.days_after(periods.today(), -40)
    with scope_of(world["adviser marseille"], read_only=False):
        past = factories.referral(world["adviser marseille"], world["adviser aix"], sent_on=old)
        Referral.objects.filter(pk=past.pk).update(state_since=f"{old}T12:00Z")
    assert [one["number"] for one in take_away(there)] == [sent.number]
    assert [one["number"] for one in take_away(there, old, old)] == [past.number]
    assert [one["number"] for one in take_away(there, old)] == [past.number, sent.number]
    assert take_away(logged_in(world["adviser paris"]), old) == []
    # Moved today, it is of today.
    here.post(f"/fiches/{past.public_id}/accord/")
    assert [one["number"] for one in take_away(there)] == [past.number, sent.number]
    for wrong in ({}, {"first": "x", "last": old}, {"first": periods.today(), "last": old}):
        page = there.get(FILE, wrong)
        assert page["Content-Type"].startswith("text/html")
        assert "fr-error-text" in page.content.decode() or "error" in page.content.decode()


def test_taken_away_is_read_and_each_leaves_its_trace(world, here):
    for _ in range(2):
        send(world["adviser marseille"], world["adviser aix"])
    take_away(here)
    assert {one.state for one in referrals(world, "aix")} == {Referral.State.OPENED}
    with tenancy.scope(regions=["93"], read_only=True):
        traced = set(AccessEvent.objects.filter(page="nominal:referral").values_list("object_id"))
    assert traced == {(str(one.public_id),) for one in referrals(world, "aix")}


@pytest.mark.parametrize("rows", [1, 20])
def test_a_file_costs_the_same_with_many_fiches(world, here, rows, django_assert_num_queries):
    for _ in range(rows):
        send(world["adviser marseille"], world["adviser aix"])
    take_away(here)
    with django_assert_num_queries(18):
        assert len(take_away(here)) == rows
