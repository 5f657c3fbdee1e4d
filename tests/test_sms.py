"""Where short messages go: nowhere, a file, a list, or a gateway by HTTP."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from sprocep import sms

NUMBER, TEXT = "+33612345678", "123456 : vos six chiffres."


@pytest.mark.parametrize(
    ("phone", "number"),
    [
        ("06 12 34 56 78", NUMBER),
        ("07.12.34.56.78", "+33712345678"),
        ("+33 6 12 34 56 78", NUMBER),
        ("0033612345678", NUMBER),
        ("0690 12 34 56", "+590690123456"),
        ("06 92 12 34 56", "+262692123456"),
        ("+32 470 12 34 56", "+32470123456"),
        ("04 91 00 00 00", None),
        ("+33 4 91 00 00 00", None),
        ("12345", None),
        ("", None),
    ],
)
def test_a_mobile_number_is_written_as_gateways_want_it(phone, number):
    assert sms.number_of(phone) == number


def test_without_a_gateway_none_leaves(settings):
    assert not sms.is_available()
    settings.SMS_BACKEND = "sprocep.sms.in_a_file"
    assert sms.is_available()


def test_in_a_file(settings, tmp_path):
    settings.SMS_BACKEND, settings.SMS_FILE_PATH = "sprocep.sms.in_a_file", tmp_path / "sms"
    for _ in range(2):
        sms.send_sms(NUMBER, TEXT)
    assert [path.read_text() for path in settings.SMS_FILE_PATH.iterdir()] == [
        f"{NUMBER}\n\n{TEXT}\n"
    ] * 2


# ── A gateway ────────────────────────────────────────────────────────────────────────────────


class Gateway(BaseHTTPRequestHandler):
    status, heard = 202, []

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append((self.path, self.headers["Authorization"], json.loads(content)))
        self.send_response(self.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def gateway(settings) -> Iterator[type[Gateway]]:
    class Here(Gateway):
        heard: list = []

    with HTTPServer(("127.0.0.1", 0), Here) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        settings.SMS_BACKEND, settings.SMS_TOKEN = "sprocep.sms.by_http", "secret"
        settings.SMS_URL = f"http://127.0.0.1:{server.server_port}/messages"
        yield Here
        server.shutdown()
        thread.join()


def test_by_http(gateway):
    sms.send_sms(NUMBER, TEXT)
    assert gateway.heard == [("/messages", "Bearer secret", {"to": NUMBER, "text": TEXT})]


@pytest.mark.parametrize("status", [302, 401, 503])
def test_a_gateway_that_refuses_is_an_error_and_is_followed_nowhere(gateway, status):
    gateway.status = status
    with pytest.raises(OSError, match=str(status)):
        sms.send_sms(NUMBER, TEXT)
    assert [path for path, *_ in gateway.heard] == ["/messages"]


def test_a_gateway_that_is_away_is_an_error(gateway, settings):
    settings.SMS_URL = "http://127.0.0.1:9/messages"
    with pytest.raises(OSError, match="refused"):
        sms.send_sms(NUMBER, TEXT)
