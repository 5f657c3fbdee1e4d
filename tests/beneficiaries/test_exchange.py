"""Fiches between the softwares of two structures, through the API: nothing lost, nothing twice,
nothing told to anybody else (docs/adr/0041)."""

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from datetime import timezone as offset

import jsonschema
import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.utils import timezone
from referencing import Registry, Resource

from beneficiaries import actions, api
from beneficiaries.models import ExchangeAct, Referral, ReferralPerson
from operators.routing import offers
from regions import actions as people
from regions.middleware import scope_of
from regions.models import AccessEvent, AuditEvent, Letter
from regions.queries import national_regions
from sprocep import tenancy
from sprocep.api import counter
from sprocep.settings import BASE_DIR
from sprocep.tenancy import NATION
from tests import factories
from tests.beneficiaries.test_referrals import SCHEMA, send
from tests.fixtures import World
from tests.tokens import shown_token, tokens

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

FICHES = "/api/v1/fiches/"
ENTRIES = jsonschema.Draft202012Validator(
    json.loads((BASE_DIR / "static/schemas/exchange-1.json").read_text()),
    registry=Registry().with_resource(SCHEMA["$id"], Resource.from_contents(SCHEMA)),
    format_checker=jsonschema.FormatChecker(),
)
# Every field that the national format has of a person.
PERSON = {
    "last_name": "Kanarivogel",
    "first_name": "Inès",
    "birth_name": "d'Œuvre",
    "birth_date": "1985-03-12",
    "sex": "F",
    "phone": "06 12 34 56 78",
    "email": "ines@exemple.fr",
    "commune": "13001",
    "situation": "CDI",
    "education_level": "4",
    "socio_professional_category": "5",
    "sector": "J",
    "contract_type": "K01",
    "message": "Disponible le matin.\nVient à pied.",
}


@pytest.fixture(autouse=True)
def no_limit(settings) -> None:
    settings.API_REQUESTS_A_MINUTE = 100_000
    counter().flushdb()


@pytest.fixture
def program(world) -> Iterator:
    """The software of a structure: `program("marseille").get(FICHES)`."""
    with ExitStack() as tokens:

        def of(place: str, role: str = "structure_program") -> Client:
            return Client(headers=tokens.enter_context(shown_token(world, f"{role} {place}")))

        yield of


def demand(world: World, to: str = "aix", department: str = "13", **changes) -> dict:
    receiver = {"siret": getattr(world, to).siret, "department": department}
    asked = {"level": "N3", "reason": "M05", "consent": True, "person": dict(PERSON)}
    return {"receiver": receiver, **asked} | changes


def post(client: Client, address: str, body, key: str | None = None):
    return client.post(
        address,
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": key or str(uuid.uuid4())},
    )


def sent(client: Client, body: dict) -> str:
    """The address of a fiche that was taken."""
    ENTRIES.validate([{"key": str(uuid.uuid4()), "demand": body}])
    taken = post(client, FICHES, body)
    assert taken.status_code == 201, taken.content
    return f"{FICHES}{taken.json()['id']}/"


def refused(client: Client, body, sentence: str, status: int = 400, address: str = FICHES) -> None:
    answer = post(client, address, body)
    assert (answer.status_code, list(answer.json())) == (status, ["error"]), answer.content
    assert sentence in answer.json()["error"]


def document(client: Client, address: str) -> dict:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    jsonschema.validate(found, SCHEMA, format_checker=jsonschema.FormatChecker())
    return found


# ── There and back ───────────────────────────────────────────────────────────────────────────


def test_a_fiche_goes_and_comes_back_declined_without_losing_a_field(world, program):
    """And to another Region."""
    there, here = program("marseille"), program("paris")
    asked = demand(world, "paris", "75")
    address = sent(there, asked)
    read = document(here, address)
    assert read["person"] == PERSON
    assert set(PERSON) == set(SCHEMA["$defs"]["person"]["properties"])
    assert [read[name] for name in ("level", "reason", "state")] == ["N3", "M05", "sent"]
    assert read["receiver"] == {"siret": world.paris.siret, "region": "11"}
    assert read["sender"] == {"siret": world.marseille.siret, "region": "93"}
    declined = post(here, f"{address}answers/", {"answer": "decline", "reason": "D03"})
    assert (declined.status_code, declined.json()["state"]) == (200, "declined")
    back = document(there, address)
    assert back == document(here, address)
    assert (back["state"], back["decline_reason"]) == ("declined", "D03")
    assert [event["state"] for event in back["events"]] == ["sent", "opened", "declined"]
    same = ("$schema", "version", "id", "number", "thread_number", "sender", "receiver", "level")
    same += ("department", "reason", "sent_on", "consented_on", "person")
    assert {name: back[name] for name in same} == {name: read[name] for name in same}
    assert set(back) == {*same, "state", "decline_reason", "events"}


def test_it_is_the_fiche_of_the_screens(world, program, logged_in):
    """The same document, the same log, the same act from the other side."""
    address = sent(program("marseille"), demand(world))
    page = f"/fiches/{address.split('/')[-2]}/"
    adviser = logged_in(world["adviser aix"])
    assert "KANARIVOGEL" in adviser.get(page).content.decode().upper()
    assert adviser.post(f"{page}accord/").status_code == 302
    read = document(program("marseille"), address)
    assert read == adviser.get(f"{page}fiche.json").json()
    assert read["state"] == "accepted"


def test_of_level_2_nothing_of_level_3_is_taken_nor_dropped(world, program):
    there = program("marseille")
    level_3 = ("education_level", "socio_professional_category", "sector", "contract_type")
    second = {name: value for name, value in PERSON.items() if name not in level_3}
    body = demand(world, level="N2", person=second | {"sector": "J"})
    refused(there, body, "« person.sector » ne se transmet qu’au niveau 3")
    assert (
        document(there, sent(there, demand(world, level="N2", person=second)))["person"] == second
    )


def test_what_is_not_said_is_noted_as_not_said(world, program):
    least = {name: PERSON[name] for name in ("last_name", "first_name", "phone")}
    there = program("marseille")
    read = document(there, sent(there, demand(world, person=least)))
    unsaid = {"sex": "NR", "situation": "NR", "education_level": "NR", "sector": "NR"}
    unsaid |= {"socio_professional_category": "NR", "contract_type": "K99"}
    assert read["person"] == least | unsaid


def test_every_answer_moves_the_fiche_as_the_screens_do(world, program):
    there, here = program("marseille"), program("aix")
    first = sent(there, demand(world))
    answers = f"{first}answers/"
    refused(here, {"answer": "absence"}, "Acceptez d’abord", 409, answers)
    assert post(here, answers, {"answer": "accept"}).json()["state"] == "accepted"
    refused(here, {"answer": "decline", "reason": "D03"}, "a déjà sa réponse", 409, answers)
    assert post(here, answers, {"answer": "absence"}).json()["state"] == "missed"
    refused(here, {"answer": "withdraw"}, "Seule la structure qui a envoyé", 409, answers)
    refused(there, {"answer": "accept"}, "Seule la structure à qui", 409, answers)
    assert post(there, answers, {"answer": "withdraw"}).json()["state"] == "withdrawn"
    assert document(here, first)["person"] is None
    with scope_of(world["adviser marseille"], read_only=True):
        assert not ReferralPerson.objects.exists()


# ── Once ─────────────────────────────────────────────────────────────────────────────────────


def referrals(world, place: str = "marseille") -> list[Referral]:
    with scope_of(world[f"adviser {place}"], read_only=True):
        return list(Referral.objects.order_by("pk"))


def test_the_same_key_three_times_is_one_fiche_and_one_answer(world, program):
    there, here, body = program("marseille"), program("aix"), demand(world)
    key = str(uuid.uuid4())
    taken = [post(there, FICHES, body, key) for _ in range(3)]
    assert {answer.status_code for answer in taken} == {201}
    assert len({answer.content for answer in taken}) == 1
    assert [answer.headers.get("Idempotency-Replayed") for answer in taken] == [
        None, "true", "true",
    ]  # fmt: skip
    (one,) = referrals(world)
    address, key = f"{FICHES}{one.public_id}/answers/", str(uuid.uuid4())
    refusal = {"answer": "decline", "reason": "D03"}
    answered = [post(here, address, refusal, key) for _ in range(3)]
    assert {(answer.status_code, answer.content) for answer in answered} == {
        (200, answered[0].content)
    }
    assert [e["state"] for e in document(there, f"{FICHES}{one.public_id}/")["events"]] == [
        "sent", "declined",
    ]  # fmt: skip
    # Long after, and whatever became of it, the first receipt.
    assert post(there, FICHES, body, key=key_of(world)).content == taken[0].content
    assert len(referrals(world)) == 1
    with scope_of(world["adviser marseille"], read_only=True):
        assert AuditEvent.objects.filter(action="send_referral").count() == 1


def key_of(world) -> str:
    with scope_of(world["adviser marseille"], read_only=True):
        return str(ExchangeAct.objects.get().key)


def test_a_key_serves_one_demand(world, program):
    there, key = program("marseille"), str(uuid.uuid4())
    assert post(there, FICHES, demand(world), key).status_code == 201
    other = post(there, FICHES, demand(world, reason="M06"), key)
    assert (other.status_code, "a déjà servi" in other.json()["error"]) == (409, True)
    assert post(program("aix"), FICHES, demand(world, "marseille"), key).status_code == 201
    assert len(referrals(world)) == 2  # one sent, one received


def test_a_refused_demand_leaves_its_key_free(world, program):
    there, key = program("marseille"), str(uuid.uuid4())
    assert post(there, FICHES, demand(world, consent=False), key).status_code == 400
    assert post(there, FICHES, demand(world), key).status_code == 201


@pytest.mark.parametrize("key", ["", "1", "x" * 5_000, "é"])
def test_without_a_key_nothing_is_done(world, program, key):
    there = program("marseille")
    answer = post(there, FICHES, demand(world), key or " ")
    assert (answer.status_code, referrals(world)) == (400, [])
    assert "Idempotency-Key" in answer.json()["error"]
    assert post(there, FICHES, demand(world)).status_code == 201


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_the_same_demand_four_times_at_once_is_one_fiche(world):
    with shown_token(world, "structure_program marseille") as headers:
        body, key = demand(world), str(uuid.uuid4())

        def request(_) -> tuple[int, bytes]:
            try:
                answer = post(Client(headers=headers), FICHES, body, key)
                return answer.status_code, answer.content
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as pool:
            answers = set(pool.map(request, range(4)))
    assert [status for status, _ in answers] == [201]
    assert len(referrals(world)) == 1


# ── What is refused ──────────────────────────────────────────────────────────────────────────

WRONG = [
    ({"consent": False}, "« consent » : Donnez l’accord de la personne"),
    ({"consent": "true"}, "« consent » : Donnez l’accord de la personne"),
    ({"level": "N9"}, "« level » : Ce code n’est pas dans la liste"),
    ({"level": "N1"}, "« level »"),
    ({"reason": "M98"}, "« reason » : Ce motif n’est pas dans la liste"),
    ({"reason": None}, "« reason » est un texte"),
    ({"person": []}, "« person » est un objet"),
    ({"person": {"last_name": "A"}}, "« person.first_name » manque"),
    ({"person": PERSON | {"boeth": "O"}}, "« person.boeth » n’est pas attendu"),
    ({"person": PERSON | {"sex": 1}}, "« person.sex » est un texte"),
    ({"person": PERSON | {"birth_date": "12/03/1985"}}, "Écrivez un jour qui existe"),
    ({"person": PERSON | {"commune": "99999"}}, "Ce code Insee n’est celui d’aucune commune"),
    ({"person": PERSON | {"email": "ines"}}, "« person.email »"),
    ({"person": PERSON | {"message": "x" * 501}}, "« person.message »"),
    ({"person": PERSON | {"message": "2 85 03 13 055 123 61"}}, "numéro de sécurité sociale"),
    ({"person": PERSON | {"last_name": "a\0b"}}, "« person.last_name »"),
    ({"person": PERSON | {"phone": "", "email": ""}}, "Donnez un téléphone ou une adresse"),
    ({"receiver": {"siret": "1" * 14, "department": "13"}}, "Aucune structure de ce Siret"),
    ({"receiver": {"siret": "1" * 14, "department": "99"}}, "ce département n’existe pas"),
    ({"receiver": {"siret": "1" * 14}}, "« receiver.department » manque"),
    ({"sender": "moi"}, "« sender » n’est pas attendu"),
]


@pytest.mark.parametrize(("changes", "sentence"), WRONG, ids=[w[1][:40] for w in WRONG])
def test_what_is_wrong_is_named_and_nothing_leaves(world, program, changes, sentence):
    there = program("marseille")
    status = 409 if sentence.startswith("Donnez un tél") else 400
    refused(there, demand(world, **changes), sentence, status)
    assert referrals(world) == []
    assert post(there, FICHES, demand(world)).status_code == 201


def test_another_choice_says_why_as_on_the_screen(world, program, monkeypatch):
    monkeypatch.setattr(offers, "PROPOSALS", 0)
    there = program("marseille")
    refused(there, demand(world), "« other_choice » : Dites pourquoi")
    assert post(there, FICHES, demand(world, other_choice="Déjà suivie")).status_code == 201
    with scope_of(world["adviser marseille"], read_only=True):
        assert ReferralPerson.objects.get().other_choice == "Déjà suivie"


@pytest.mark.parametrize(
    "told",
    [{}, {"answer": "receive"}, {"answer": "decline"}, {"answer": "decline", "reason": "D98"},
     {"answer": "accept", "reason": "D03"}, {"answer": 1}, {"answer": "accept", "by": "x"}],
)  # fmt: skip
def test_an_answer_that_is_none_moves_nothing(world, program, told):
    there, here = program("marseille"), program("aix")
    address = sent(there, demand(world))
    assert post(here, f"{address}answers/", told).status_code == 400
    assert document(there, address)["state"] == "sent"
    assert post(here, f"{address}answers/", {"answer": "accept"}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"\xff", b'{"a": NaN}', b'{"level": "\\ud800"}', b"[" * 60_000,
     b'{"consent": false, "consent": true}', b'{"a": 1e999}',
     b'{"a": "' + b"x" * 70_000 + b'"}'],
    ids=range(11),
)  # fmt: skip
def test_what_is_no_object_is_said_in_french(world, program, body):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    there = program("marseille")
    answer = there.post(FICHES, body, content_type="application/json", headers=key)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    form = there.post(FICHES, demand(world)["receiver"], headers=key)
    assert (form.status_code, "JSON" in form.json()["error"]) == (415, True)
    assert post(there, FICHES, demand(world)).status_code == 201


# ── Lists ────────────────────────────────────────────────────────────────────────────────────


def test_the_list_tells_what_moved_and_nobody(world, program):
    there, here = program("marseille"), program("aix")
    first, second = (sent(there, demand(world)) for _ in range(2))
    moved = timezone.now()
    post(here, f"{first}answers/", {"answer": "accept"})
    back = sent(here, demand(world, "marseille"))

    def ids(client, **asked) -> list[str]:
        answer = client.get(FICHES, asked)
        assert answer.status_code == 200, answer.content
        assert "kanarivogel" not in answer.content.decode().lower()
        return [row["url"].removeprefix(settings.SITE_URL) for row in answer.json()["results"]]

    assert ids(there) == [second, first, back]  # the last that moved is the last
    assert ids(there, side="sent") == [second, first]
    assert ids(there, side="received") == ids(here, side="sent") == [back]
    assert ids(there, state="accepted") == [first]
    since = moved.isoformat().replace("+00:00", "Z")
    assert ids(there, changed_since=since) == [first, back]
    far = moved.astimezone(offset(timedelta(hours=16, seconds=1)))  # PostgreSQL knows no such one
    assert ids(there, changed_since=far.isoformat()) == [first, back]
    row = there.get(FICHES, {"state": "accepted"}).json()["results"][0]
    assert (row["side"], row["sender"]["siret"]) == ("sent", world.marseille.siret)
    for wrong in (
        {"state": "open"},
        {"side": "x"},
        {"changed_since": "2026-01-01"},
        {"q": "x"},
        {"changed_since": "9999-12-31T23:59:59-23:00"},
    ):
        assert there.get(FICHES, wrong).status_code == 400
    assert there.get(f"{FICHES}?page_size=1").json()["next"]


def test_pages_hold_every_fiche_once(world, program):
    with scope_of(world["adviser marseille"], read_only=False):
        for _ in range(7):
            factories.referral(world["adviser marseille"], world["adviser aix"])
    there, address, found = program("marseille"), f"{FICHES}?page_size=3", []
    while address:
        page = there.get(address).json()
        found += [row["id"] for row in page["results"]]
        address = page["next"]
    assert len(found) == len(set(found)) == 7


# ── Who ──────────────────────────────────────────────────────────────────────────────────────


def test_nobody_else_reads_nor_answers(world, program, logged_in):
    there = program("marseille")
    address = sent(there, demand(world))
    answers = f"{address}answers/"
    strangers = {
        "another structure": program("cio"),
        "another Region": program("paris"),
        "a program of the Region": program("93", "api_client"),
        "coordination": logged_in(world["regional_coordinator 93"]),
        "DGEFP": logged_in(world["dgefp_officer"]),
        "auditor": logged_in(world["auditor"]),
    }
    for who, client in strangers.items():
        assert client.get(address).status_code == 404, who
        assert post(client, answers, {"answer": "accept"}).status_code == 404, who
    for who in ("another structure", "another Region"):
        assert strangers[who].get(FICHES).json()["results"] == []
    for who in ("a program of the Region", "coordination", "DGEFP"):
        assert strangers[who].get(FICHES).status_code == 404, who
        assert post(strangers[who], FICHES, demand(world)).status_code == 404, who
    # Who reads it on the screens reads it there: a cookie opens nothing that writes here.
    assert post(logged_in(world["adviser aix"]), answers, {"answer": "accept"}).status_code == 403
    assert post(Client(), answers, {"answer": "accept"}).status_code == 401
    assert document(there, address)["state"] == "sent"
    assert post(program("aix"), answers, {"answer": "accept"}).status_code == 200


def test_a_revoked_token_opens_nothing_more(world):
    with shown_token(world, "structure_program marseille") as headers:
        there = Client(headers=headers)
        address = sent(there, demand(world))
        with tenancy.scope(regions=national_regions()):
            (token,) = tokens()
            people.revoke_token(by=world["structure_manager marseille"].user, token=token)
        for answer in (there.get(address), there.get(FICHES), post(there, FICHES, demand(world))):
            assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert len(referrals(world)) == 1


def test_a_token_opens_no_page_and_writes_nowhere_else(world, program, logged_in):
    there = program("marseille")
    address = sent(there, demand(world))
    page = f"/fiches/{address.split('/')[-2]}/"
    for path in ("/", page, "/fiches/", "/equipe/", "/parcours/"):
        assert there.get(path)["Location"].startswith("/connexion/"), path
    assert there.post(f"{page}retrait/").status_code == 302
    assert there.get("/api/v1/editions/").status_code == 403
    for path in ("operators/", "nomenclatures/", "nomenclatures/decline_reason/"):
        assert there.get(f"/api/v1/{path}").status_code == 200
    assert logged_in(world["adviser marseille"]).get(page).status_code == 200
    assert document(there, address)["state"] == "sent"


def test_its_reading_is_read_only_in_postgresql(world, program, monkeypatch):
    """And its writing is not: of exactly the routes that exchange."""
    seen = {}

    def setting(name):
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('transaction_read_only')")
            seen[name] = cursor.fetchone()[0]

    read, write = api.Fiches._own, api.exchange.send
    monkeypatch.setattr(api.Fiches, "_own", lambda self, pk: (setting("GET"), read(self, pk))[1])
    monkeypatch.setattr(api.exchange, "send", lambda **v: (setting("POST"), write(**v))[1])
    there = program("marseille")
    document(there, sent(there, demand(world)))
    assert seen == {"GET": "on", "POST": "off"}


def test_each_reading_and_each_act_leaves_its_trace(world, program):
    there, here = program("marseille"), program("aix")
    address = sent(there, demand(world))
    document(here, address)
    post(here, f"{address}answers/", {"answer": "accept"})
    with tenancy.scope(regions=["93"], read_only=True):
        read = AccessEvent.objects.get(page="nominal:referral")
        acts = AuditEvent.objects.filter(object_type="beneficiaries.referral").order_by("pk")
        done = [(event.action, event.by_id) for event in acts]
    here_by, there_by = (world[f"structure_program {p}"].user_id for p in ("aix", "marseille"))
    assert (read.by_id, read.structure_id) == (here_by, world.aix.pk)
    assert done == [
        ("send_referral", there_by), ("open_referral", here_by), ("accept_referral", here_by),
    ]  # fmt: skip


def test_what_a_program_sent_is_answered_by_letter_to_its_direction(world, program):
    there, here = program("marseille"), program("aix")
    address = sent(there, demand(world))
    post(here, f"{address}answers/", {"answer": "accept"})
    with tenancy.scope(regions=[NATION], read_only=True):
        (letter,) = Letter.objects.filter(key__startswith="referral_answered")
    assert letter.recipient_id == world["structure_manager marseille"].user_id


def test_a_fiche_of_a_screen_is_answered_by_a_program(world, program):
    of_desk = send(world["adviser marseille"], world["adviser aix"])
    here = program("aix")
    assert document(here, f"{FICHES}{of_desk.public_id}/")["person"]["last_name"] == "Kanarivogel"
    assert referrals(world)[0].state == Referral.State.OPENED
    answer = post(here, f"{FICHES}{of_desk.public_id}/answers/", {"answer": "accept"})
    assert answer.status_code == 200


def test_what_is_kept_of_a_demand_says_nobody(world, program):
    sent(program("marseille"), demand(world))
    with scope_of(world["adviser marseille"], read_only=True), connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(a)::text FROM beneficiaries_exchangeact a")
        (kept,) = cursor.fetchone()
    assert "Kanarivogel" not in kept
    assert "L2" in kept


def test_a_fiche_of_a_program_is_followed_like_the_others(world, program):
    sent(program("marseille"), demand(world))
    later = timezone.now() + timedelta(days=10, hours=1)
    assert actions.follow_referrals(later) == (0, 1)
    assert referrals(world)[0].state == Referral.State.ESCALATED
