"""gunicorn and a Celery worker of their own, as in production, and browsers that remember."""

import gzip
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

import redis
import requests

from sprocep import demo
from sprocep.embedded.processes import dies_with_parent, stop_process
from sprocep.settings import BASE_DIR

FETCHED = re.compile(r"""(?:(?<=href=")|(?<=src="))/static/[^"]+|(?<=url\(")[^")]+\.woff2""")


@dataclass
class Site:
    """Its folder holds what it writes: `log/` and whatever lies under VAR_DIR."""

    folder: Path
    environment: dict[str, str]
    port: int
    answers: list[requests.Response] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def browser(self, email: str, password: str) -> "Browser":
        browser = Browser(self)
        browser.get("/connexion/")
        answer = browser.post("/connexion/", {"username": email, "password": password})
        assert answer.status_code == 302, answer.text
        return browser


class Browser:
    """Every answer is kept, redirections included: what was sent is what is looked through."""

    def __init__(self, site: Site) -> None:
        self.site, self.session = site, requests.Session()

    def get(self, path: str, **query) -> requests.Response:
        return self._ask("GET", path, params=query)

    def post(self, path: str, data: dict, token: str = "") -> requests.Response:
        headers = {"X-CSRFToken": token or self.session.cookies["csrf"]}
        return self._ask("POST", path, data=data, headers=headers)

    def weigh(self, path: str) -> dict[str, int]:
        """Bytes that a browser receives for a page that it has never seen, by address: the page,
        its style sheets, scripts and icon, and their fonts."""
        weights: dict[str, int] = {}
        waiting = [path]
        while waiting:
            address = waiting.pop()
            if address in weights:
                continue
            headers = {"Accept-Encoding": "gzip"}
            answer = self.session.get(self.site.url + address, headers=headers, stream=True)
            assert answer.ok, address
            content = answer.raw.read()
            weights[address] = len(content)
            if answer.headers["Content-Type"].startswith("text/"):
                assert answer.headers["Content-Encoding"] == "gzip", address
                text = gzip.decompress(content).decode()
                waiting += [urljoin(address, link) for link in FETCHED.findall(text)]
        return weights

    def _ask(self, method: str, path: str, **options) -> requests.Response:
        answer = self.session.request(
            method,
            self.site.url + path,
            allow_redirects=False,
            timeout=120,
            **options,
        )
        self.site.answers.append(answer)
        return answer


@contextmanager
def running(folder: Path, environment: dict[str, str]) -> Iterator[Site]:
    """The processes of `make demo`, with its words, on this base."""
    (folder / "log").mkdir(parents=True)
    site = Site(folder, environment, _free_port())
    web = [word.replace(f"127.0.0.1:{demo.PORT}", f"127.0.0.1:{site.port}") for word in demo.WEB]
    services = {"web": web, "worker": [*demo.WORKER, "--hostname", "canaries"], "beat": demo.BEAT}
    with ExitStack() as stack:
        for name, words in services.items():
            stack.enter_context(served(words, environment, folder / "log" / f"{name}.log"))
        _wait_for(site)
        yield site


@contextmanager
def served(words: list[str], environment: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            words,
            cwd=BASE_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=dies_with_parent(signal.SIGKILL),
        )
    try:
        yield
    finally:
        stop_process(process, signal.SIGTERM)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(site: Site) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{site.url}/sante/prete/", timeout=60).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.2)
    logs = "\n".join(path.read_text()[-2000:] for path in (site.folder / "log").iterdir())
    raise AssertionError(f"the site is not ready:\n{logs}")


def dump(broker_url: str) -> bytes:
    """Every key and value of the broker, in whatever type."""
    readers = {
        b"string": lambda c, k: [c.get(k)],
        b"list": lambda c, k: c.lrange(k, 0, -1),
        b"set": lambda c, k: list(c.smembers(k)),
        b"hash": lambda c, k: [part for pair in c.hgetall(k).items() for part in pair],
        b"zset": lambda c, k: c.zrange(k, 0, -1),
    }
    lines: list[bytes] = []
    with redis.Redis.from_url(broker_url) as client:
        for key in client.scan_iter():
            read = readers.get(client.type(key))
            lines += [key, *(value for value in (read(client, key) if read else []) if value)]
    return b"\n".join(lines)
