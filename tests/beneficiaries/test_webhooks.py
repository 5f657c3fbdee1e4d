"""Moves told to the software of a structure: signed, in order, at least once, nothing of the
person; and never to an address inside (docs/adr/0041)."""

import hashlib
import hmac
import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.db import ProgrammingError, connections, transaction
from django.utils import timezone

from beneficiaries import actions
from beneficiaries.actions.webhooks import FIRST_REST, secret_of
from beneficiaries.models import Referral, ReferralEvent, Webhook, WebhookEvent
from regions.middleware import scope_of
from regions.models import AuditEvent
from regions.queries import national_regions
from sprocep import tenancy, webhooks
from sprocep.errors import ActionRefused
from tests import factories
from tests.beneficiaries.test_referrals import send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PAGE, SET = "/equipe/logiciels/", "/equipe/logiciels/adresse/"


class Software:
    """What a program of a structure hears: `statuses` are its next answers, then 204."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict, bytes]] = []
        self.statuses: list[int] = []
        software = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                software.heard.append((dict(self.headers), body))
                self.send_response(software.statuses.pop(0) if software.statuses else 204)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *args) -> None:
                """Not on the screen."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/fiches?de=sprocep"

    @property
    def bodies(self) -> list[dict]:
        return [json.loads(body) for _, body in self.heard]


@contextmanager
def listening() -> Iterator[Software]:
    software = Software()
    thread = threading.Thread(target=software.server.serve_forever, daemon=True)
    thread.start()
    yield software
    software.server.shutdown()
    software.server.server_close()


@pytest.fixture
def software(settings) -> Iterator[Software]:
    settings.WEBHOOKS_TO_LOOPBACK = True
    with listening() as one:
        yield one


@pytest.fixture
def sender(world):
    return world["adviser marseille"]


@pytest.fixture
def receiver(world):
    return world["adviser aix"]


def give_address(world, url: str, place: str = "marseille") -> str:
    """Its secret."""
    direction = world[f"structure_manager {place}"]
    with scope_of(direction, read_only=False):
        return actions.set_webhook(by=direction.user, membership=direction, url=url)[1]


def events(place=None) -> list[WebhookEvent]:
    with tenancy.scope(regions=national_regions()):
        return list(WebhookEvent.objects.order_by("pk"))


def rested() -> None:
    """As if the rest of those that failed were over."""
    with tenancy.scope(regions=national_regions()):
        WebhookEvent.objects.filter(sent_at__isnull=True).update(due_at=timezone.now())


def is_signed(secret: str, headers: dict, body: bytes) -> bool:
    """As docs/api.md tells a program to verify: written apart from what signs."""
    timestamp = headers["Sprocep-Timestamp"]
    if abs(time.time() - int(timestamp)) > 300:
        return False
    expected = hmac.new(
        secret.encode("ascii"), timestamp.encode("ascii") + b"." + body, hashlib.sha256
    ).hexdigest()
    return hmac.compare_digest(headers["Sprocep-Signature"], f"v1={expected}")


def answer(act, member, sent, **values) -> None:
    with scope_of(member, read_only=False):
        act(by=member.user, membership=member, referral=sent, **values)


# ── What is told ─────────────────────────────────────────────────────────────────────────────


def test_each_move_is_told_in_order_signed_and_says_nobody(world, software, sender, receiver):
    secret = give_address(world, software.url)
    sent = send(sender, receiver)
    answer(actions.open_referral, receiver, sent)
    answer(actions.decline_referral, receiver, sent, reason="D03")
    actions.send_webhooks()
    assert [(b["state"], b["sequence"]) for b in software.bodies] == [
        ("sent", 1), ("opened", 2), ("declined", 3),
    ]  # fmt: skip
    for headers, body in software.heard:
        assert set(json.loads(body)) == {"referral", "number", "state", "at", "sequence"}
        assert headers["Content-Type"] == "application/json"
        assert is_signed(secret, headers, body)
        assert not is_signed("of another", headers, body)
        assert not is_signed(secret, headers, body.replace(b"opened", b"denied"[:6]) + b" ")
        assert not is_signed(secret, headers | {"Sprocep-Timestamp": "1"}, body)
        assert b"anarivogel" not in body
    assert software.bodies[0]["referral"] == str(sent.public_id)
    actions.send_webhooks()
    assert len(software.heard) == 3


def test_twice_refused_then_taken_in_order_and_nothing_lost(world, software, sender, receiver):
    give_address(world, software.url)
    software.statuses = [500, 302]
    sent = send(sender, receiver)
    answer(actions.accept_referral, receiver, sent)
    for expected in (["sent"], ["sent", "sent"], ["sent", "sent", "sent", "accepted"]):
        actions.send_webhooks()
        assert [body["state"] for body in software.bodies] == expected
        actions.send_webhooks()  # it rests: nothing is sent before
        assert len(software.heard) == len(expected)
        rested()
    first, second = events()
    assert (first.tries, first.cause, second.tries) == (3, "", 1)
    assert first.sent_at
    assert second.sent_at
    deliveries = [headers["Sprocep-Delivery"] for headers, _ in software.heard]
    assert deliveries == [str(first.public_id)] * 3 + [str(second.public_id)]


def test_it_waits_longer_each_time_and_is_given_up_and_said(
    world, software, sender, receiver, logged_in, monkeypatch
):
    give_address(world, software.url)
    software.statuses = [503] * 5
    sent = send(sender, receiver)
    rests = []
    for _ in range(4):
        actions.send_webhooks()
        (event,) = events()
        rests.append(round((event.due_at - timezone.now()) / FIRST_REST))
        rested()
    assert rests == [1, 2, 4, 8]
    direction = logged_in(world["structure_manager marseille"])
    page = direction.get(PAGE).content.decode()
    assert "1 avertissement attend" in page
    assert "réponse 503" in page
    monkeypatch.setattr("beneficiaries.actions.webhooks.GIVEN_UP_AFTER", timedelta(0))
    actions.send_webhooks()
    (event,) = events()
    assert event.given_up_at
    page = direction.get(PAGE).content.decode()
    assert "1 avertissement abandonné" in page
    assert "attend depuis" not in page
    # What comes after goes on.
    answer(actions.accept_referral, receiver, sent)
    actions.send_webhooks()
    assert software.bodies[-1]["state"] == "accepted"
    assert events()[-1].sent_at


def test_an_address_that_is_dead_holds_up_nobody_else(world, software, sender, receiver):
    """One try for its many fiches; the neighbour hears all of its own."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        give_address(world, f"http://127.0.0.1:{closed.getsockname()[1]}/")
        give_address(world, software.url, "aix")
        for _ in range(3):
            send(sender, receiver)
        actions.send_webhooks()
    assert len(software.heard) == 3
    tried = [event.tries for event in events() if event.structure_id == world.marseille.pk]
    assert sorted(tried) == [0, 0, 1]


def test_an_address_that_does_not_answer_rests_whole(world, software, sender, receiver):
    """One round later it is not tried again for another of its fiches."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        give_address(world, f"http://127.0.0.1:{closed.getsockname()[1]}/")
        for _ in range(3):
            send(sender, receiver)
        actions.send_webhooks()
        actions.send_webhooks()
    assert sorted(event.tries for event in events()) == [0, 0, 1]
    assert all(event.due_at > timezone.now() for event in events())


def test_an_address_that_is_changed_says_from_when_to_read_again(
    world, software, sender, receiver, logged_in
):
    give_address(world, software.url)
    send(sender, receiver)
    send(sender, receiver)
    with tenancy.scope(regions=national_regions()):
        WebhookEvent.objects.update(due_at=timezone.now() + timedelta(hours=1))
    give_address(world, software.url)
    page = logged_in(world["structure_manager marseille"]).get(PAGE).content.decode()
    assert "2 avertissements abandonnés en trente jours" in page
    send(sender, receiver)
    actions.send_webhooks()
    assert [event.sent_at is not None for event in events()] == [False, False, True]


# Each holds the lock of its own number; what it runs is not shown (docs/adr/0058).
OPEN_TRANSACTIONS = """
SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
 WHERE locktype = 'virtualxid' AND datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_nothing_is_held_while_an_address_is_waited_for(world, software, sender, receiver):
    """Neither the row nor a transaction; and of two rounds at once, one does nothing."""
    give_address(world, software.url)
    send(sender, receiver)
    seen = []

    def look(url, body, headers) -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute(OPEN_TRANSACTIONS)
            seen.append(cursor.fetchone()[0])
            cursor.execute("SELECT pg_try_advisory_lock(hashtext('send_webhooks'))")
            seen.append(cursor.fetchone()[0])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(webhooks, "deliver", look)
        actions.send_webhooks()
    assert seen == [0, False]
    assert events()[0].sent_at


def test_one_fiche_that_is_refused_holds_up_no_other(world, software, sender, receiver):
    give_address(world, software.url)
    software.statuses = [400]
    for _ in range(3):
        send(sender, receiver)
    actions.send_webhooks()
    actions.send_webhooks()
    assert [event.sent_at is not None for event in events()] == [False, True, True]


def test_both_parties_are_told_and_nobody_else(world, software, sender, receiver):
    for place in ("marseille", "aix", "paris"):
        give_address(world, f"{software.url}&place={place}", place)
    send(sender, receiver)
    assert {event.structure_id for event in events()} == {world.marseille.pk, world.aix.pk}


def test_every_move_of_a_fiche_is_told(world, software, sender, receiver):
    """Whoever moves it: the worker, the person herself, a link; as many as the log has."""
    give_address(world, software.url)
    first, second, third = (send(sender, receiver) for _ in range(3))
    answer(actions.accept_referral, receiver, first)
    answer(actions.note_absence, receiver, first)
    answer(actions.withdraw_referral, sender, first)
    answer(actions.open_referral, receiver, second)
    later = timezone.now() + timedelta(days=10, hours=1)
    actions.follow_referrals(later)
    answer(actions.decline_referral, receiver, third, reason="D03")
    told = [(event.referral_id, event.state, event.at) for event in events()]
    with tenancy.scope(regions=national_regions()):
        logged = list(ReferralEvent.objects.values_list("referral_id", "state", "at"))
    assert sorted(told) == sorted(logged)
    assert {state for _, state, _ in told} == set(Referral.State.values) - {"received"}


def test_it_goes_with_its_move_or_not_at_all(world, software, sender, receiver):
    give_address(world, software.url)
    sent = send(sender, receiver)
    with transaction.atomic():
        answer(actions.accept_referral, receiver, sent)
        assert len(events()) == 2
        transaction.set_rollback(True)
    assert len(events()) == 1
    answer(actions.accept_referral, receiver, sent)
    assert len(events()) == 2


# ── The address and its secret ───────────────────────────────────────────────────────────────


def test_a_direction_gives_changes_and_takes_back_an_address(
    world, software, sender, receiver, logged_in
):
    direction = logged_in(world["structure_manager marseille"])
    given = direction.post(SET, {"url": software.url})
    page = given.content.decode()
    secret = re.search(r'id="secret"\s+type="text"\s+value="([^"]+)"', page)[1]
    assert (given["Cache-Control"], len(secret)) == ("no-store", 43)
    listed = direction.get(PAGE).content.decode()
    assert software.url.partition("?")[0] in listed
    assert secret not in listed
    with tenancy.scope(regions=national_regions()):
        (kept,) = Webhook.objects.all()
        assert secret not in str(Webhook.objects.values())
    assert secret_of(kept) == secret
    again = direction.post(SET, {"url": software.url}).content.decode()
    other = re.search(r'id="secret"\s+type="text"\s+value="([^"]+)"', again)[1]
    assert other != secret
    send(sender, receiver)
    actions.send_webhooks()
    ((headers, body),) = software.heard
    assert is_signed(other, headers, body)
    assert not is_signed(secret, headers, body)
    send(sender, receiver)
    assert direction.post(f"{SET}fin/").status_code == 302
    actions.send_webhooks()
    assert len(software.heard) == 1
    assert "Donner une adresse" in direction.get(PAGE).content.decode()
    with tenancy.scope(regions=["93"], read_only=True):
        acts = AuditEvent.objects.filter(object_type="beneficiaries.webhook").order_by("pk")
        assert [a.action for a in acts] == ["set_webhook", "set_webhook", "end_webhook"]
        assert {a.fields for a in acts} == {"url", ""}


def test_nobody_tells_an_address_but_the_direction_and_in_its_own_name(world, software, sender):
    give_address(world, software.url)
    with scope_of(sender, read_only=False), pytest.raises(ActionRefused):
        actions.set_webhook(by=sender.user, membership=sender, url=software.url)
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
        scope_of(world["structure_manager aix"], read_only=False),
    ):
        factories.webhook(world["structure_manager marseille"])


@pytest.mark.parametrize(
    "url",
    [
        "http://logiciel.example/",
        "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://10.1.2.3/",
        "https://192.168.0.1/", "https://172.16.9.9/", "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/", "https://192.0.0.8/", "https://192.0.0.9/",
        "https://0.0.0.0/", "https://2130706433/", "https://0x7f.1/",
        "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
        "https://[fd00::1]/", "https://[fe80::1]/", "https://224.0.0.1/", "https://255.255.255.255/",
        "https://moi:mot@1.1.1.1/", "https://1.1.1.1/#a", "https://1.1.1.1/ a", "https://1.1.1.1:x/",
        "https://", "ftp://1.1.1.1/", "file:///etc/passwd", "gopher://1.1.1.1/", "https://[::1",
        "https://1.1.1.1/\r\nHost: x", "http://127.0.0.1:1/",
    ],
)  # fmt: skip
def test_nothing_is_sent_inside(world, settings, logged_in, url):
    settings.WEBHOOKS_TO_LOOPBACK = False
    direction = logged_in(world["structure_manager marseille"])
    page = direction.post(SET, {"url": url}).content.decode()
    assert "Rien ne peut y être envoyé" in page
    with pytest.raises(webhooks.AddressRefused):
        webhooks.deliver(url, b"{}", {})
    with tenancy.scope(regions=national_regions()):
        assert not Webhook.objects.exists()
    assert "Adresse gardée" in direction.post(SET, {"url": "https://1.1.1.1/"}).content.decode()


def test_a_name_is_looked_up_as_it_is_used(world, settings, software, sender, receiver):
    """Kept while the loopback was allowed, it is refused once it is not: nothing leaves."""
    give_address(world, software.url)
    send(sender, receiver)
    settings.WEBHOOKS_TO_LOOPBACK = False
    actions.send_webhooks()
    assert software.heard == []
    assert events()[0].cause == "l’adresse ne commence pas par https://"
    settings.WEBHOOKS_TO_LOOPBACK = True
    rested()
    actions.send_webhooks()
    assert len(software.heard) == 1


def test_the_connection_goes_where_the_name_was_found(monkeypatch):
    """Not where it is found a moment later: the second answer would lead inside."""
    found = iter(["93.184.216.34", "127.0.0.1"])

    def getaddrinfo(host, port, *args, **options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(found), port))]

    reached = []

    def create_connection(address, *args, **options):
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket, "create_connection", create_connection)
    with pytest.raises(webhooks.NotDelivered, match="connexion impossible"):
        webhooks.deliver("https://logiciel.example/fiches", b"{}", {})
    assert reached == [("93.184.216.34", 443)]
    with pytest.raises(webhooks.AddressRefused, match="réseau interne"):
        webhooks.deliver("https://logiciel.example/fiches", b"{}", {})


def test_a_name_that_is_never_found_is_given_up(monkeypatch):
    """The system's own limit may be minutes: the worker goes on with the others."""
    silence = threading.Event()

    def getaddrinfo(host, port, *args, **options):
        silence.wait(30)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(webhooks, "SECONDS_TO_LOOK_UP", 0.05)
    with pytest.raises(webhooks.NotDelivered, match="n’est pas trouvé"):
        webhooks.refuse_address("https://logiciel.example/fiches")
    silence.set()
    monkeypatch.setattr(webhooks, "SECONDS_TO_LOOK_UP", 5)
    webhooks.refuse_address("https://logiciel.example/fiches")


@pytest.fixture
def certificate(tmp_path) -> Path:
    """Of `logiciel.example`, signed by itself, with its key."""
    file = tmp_path / "both.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    made += ["-nodes", "-days", "2", "-subj", "/CN=logiciel.example"]
    made += ["-addext", "subjectAltName=DNS:logiciel.example"]
    subprocess.run(
        [*made, "-keyout", file, "-out", tmp_path / "c"], check=True, capture_output=True
    )
    file.write_bytes(file.read_bytes() + (tmp_path / "c").read_bytes())
    return file


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")
def test_a_certificate_that_nobody_vouches_for_is_refused(certificate, monkeypatch):
    """Real TLS, to the address that was checked, under the certificate of the name."""
    connect, addresses = socket.create_connection, socket.getaddrinfo
    outside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
    with listening() as software:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        software.server.socket = context.wrap_socket(software.server.socket, server_side=True)
        port = software.server.server_port
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, *rest, **more: (
                outside if host.endswith(".example") else addresses(host, *rest, **more)
            ),
        )
        monkeypatch.setattr(
            socket, "create_connection", lambda _, timeout: connect(("127.0.0.1", port), timeout)
        )
        with pytest.raises(webhooks.NotDelivered, match="certificat refusé"):
            webhooks.deliver("https://logiciel.example/fiches", b"{}", {})
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        webhooks.deliver("https://logiciel.example/fiches", b"{}", {})
        with pytest.raises(webhooks.NotDelivered, match="certificat refusé"):
            webhooks.deliver("https://autre.example/fiches", b"{}", {})
    assert [body for _, body in software.heard] == [b"{}"]


def test_who_answers_byte_by_byte_is_cut(settings, monkeypatch):
    settings.WEBHOOKS_TO_LOOPBACK = True
    monkeypatch.setattr(webhooks, "SECONDS_IN_ALL", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            talk, _ = server.accept()
            with talk:
                try:
                    while True:
                        talk.send(b"H")
                        time.sleep(0.1)
                except OSError:
                    return

        threading.Thread(target=drip, daemon=True).start()
        began = time.monotonic()
        with pytest.raises(webhooks.NotDelivered):
            webhooks.deliver(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
    assert time.monotonic() - began < 4
