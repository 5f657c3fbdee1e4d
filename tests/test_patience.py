"""Who sends byte by byte holds no thread, and who does not hang up holds nobody up."""

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core import signing

from sprocep import patience
from sprocep.patience import Arrival, Refused

SECONDS = 60  # before a test gives up: the machine may be busy
SITE = [
    sys.executable, "-m", "gunicorn", "tests.patient_site:application", "--workers", "1",
    "--threads", "2", "--worker-class", "sprocep.patience.PatientWorker", "--log-level", "error",
    "--no-control-socket", "--keep-alive", "30",
]  # fmt: skip


@pytest.fixture(scope="module")
def site() -> Iterator[int]:
    """The port of the site, whose socket is made here: no other takes it meanwhile."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        bind = f"fd://{listener.fileno()}"
        process = subprocess.Popen([*SITE, "--bind", bind], pass_fds=[listener.fileno()])
        try:
            yield listener.getsockname()[1]
        finally:
            process.terminate()
            process.wait()


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), SECONDS)


def answer(browser: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += browser.recv(4096)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += browser.recv(4096)
    return head.split(b"\r\n")[0].removeprefix(b"HTTP/1.1 ") + b" | " + body


def ask(browser: socket.socket, path: str = "/") -> bytes:
    browser.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return answer(browser)


@pytest.mark.parametrize(
    "begun",
    [b"", b"G", b"GET / HTTP/1.1\r\nHost: x", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n1234"],
)
def test_requests_that_do_not_end_hold_no_thread(site, begun):
    with contextlib.ExitStack() as stack:
        for _ in range(30):
            stack.enter_context(connected(site)).sendall(begun)
        with connected(site) as browser:
            assert ask(browser, "/ici") == b"200 OK | GET /ici 0"
            assert ask(browser, "/encore") == b"200 OK | GET /encore 0"


def test_who_does_not_hang_up_holds_nobody_up(site):
    with contextlib.ExitStack() as stack:
        for _ in range(30):
            idle = stack.enter_context(connected(site))
            idle.sendall(b"GET / HTTP/1.0\r\n\r\n")
        with connected(site) as browser:
            browser.settimeout(20)  # thirty times two seconds otherwise
            assert ask(browser) == b"200 OK | GET / 0"


def test_a_request_in_pieces_is_one(site):
    with connected(site) as browser:
        for piece in (b"POST /a HT", b"TP/1.1\r\nContent-Le", b"ngth: 6\r\n\r\n", b"12", b"3456"):
            browser.sendall(piece)
        assert answer(browser) == b"200 OK | POST /a 6"
        browser.sendall(b"POST /b HTTP/1.1\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000)
        assert answer(browser) == b"200 OK | POST /b 300000"


def test_strangers_leave_a_thread_to_known_browsers(site):
    """All of them wait for one who waits; a browser that the site knows goes by."""
    cookie = signing.dumps(["a browser", []], salt=settings.DEVICE_COOKIE_SALT)
    with contextlib.ExitStack() as stack:
        strangers = [stack.enter_context(connected(site)) for _ in range(60)]
        for stranger in strangers:
            stranger.sendall(b"GET /attendre HTTP/1.1\r\nHost: x\r\n\r\n")
        known = stack.enter_context(connected(site))
        known.sendall(
            "GET /continuer HTTP/1.1\r\nCookie: a=b; "
            f"{settings.DEVICE_COOKIE_NAME}={cookie}\r\n\r\n".encode()
        )
        assert answer(known) == b"200 OK | GET /continuer 0"
        answers = [answer(stranger).split(b" | ")[0] for stranger in strangers]
        assert set(answers) <= {b"200 OK", b"503 Service Unavailable"}
        assert answers.count(b"200 OK") >= patience.MOST_STRANGERS


@pytest.mark.parametrize("text", ["", "x", "device=", "device=abc", "login=device=abc"])
def test_a_cookie_that_the_site_did_not_sign_proves_nothing(text):
    assert not patience.proves_itself(text.encode())
    signed = signing.dumps(["x", []], salt=settings.DEVICE_COOKIE_SALT)
    assert patience.proves_itself(f"a=b; {settings.DEVICE_COOKIE_NAME}={signed}; c=d".encode())


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411 Length Required"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413 Content Too Large"),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 70_000, b"431 Request Header Fields Too Large"),
    ],
)
def test_what_cannot_be_waited_for_is_refused(site, sent, status):
    with connected(site) as browser:
        browser.sendall(sent)
        assert answer(browser) == status + b" | "
    with connected(site) as browser:
        assert ask(browser) == b"200 OK | GET / 0"


def test_who_waits_to_be_told_to_go_on_is_told(site):
    with connected(site) as browser:
        browser.sendall(b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert browser.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        browser.sendall(b"abc")
        told_again = browser.recv(25)
        assert told_again == b"HTTP/1.1 100 Continue\r\n\r\n"  # by gunicorn, which is allowed
        assert answer(browser) == b"200 OK | PUT / 3"


def test_a_longer_body_has_more_time():
    short, long = (Arrival(connection=None, deadline=100.0) for _ in range(2))
    assert not short.take(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n")
    assert not long.take(b"POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n")
    assert round(short.deadline) == 100 + patience.SECONDS_OF_A_BODY
    assert round(long.deadline) == 100 + patience.SECONDS_OF_A_BODY + 100
    assert short.take(b"0123456789")
    with pytest.raises(Refused, match="400"):
        short.take(b"more")
