"""`make demo`: the whole product on one machine, supervised until Ctrl-C.

Servers, migrations, reference data and a national data set, then web, worker and beat as
processes of their own. Whatever happens to this process, none of the others outlives it; when
one of the others dies, this process starts it again.
"""

import contextlib
import hashlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from sprocep import running
from sprocep.embedded import EmbeddedError, EmbeddedServers, are_given
from sprocep.embedded.processes import die_with_parent, dies_with_parent, write_secret
from sprocep.journal import say, timed

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("VAR_DIR", ROOT / "var")).resolve()
LOGS = VAR / "log"
ACCOUNTS = VAR / "accounts.json"
DEMO_FILE = VAR / "demo.json"
STATIC_STAMP = VAR / "static.stamp"
PORT = int(os.environ.get("PORT", "8000"))
URL = f"http://127.0.0.1:{PORT}"
JOURNEYS = os.environ.get("JOURNEYS", "240000")
# `make demo` tells when it began, so that the installation counts.
STARTED = float(os.environ.get("DEMO_STARTED", time.time()))
SECONDS_BEFORE_RESTART = 1.0
SECONDS_TO_STOP = 10
SECONDS_TO_ANSWER = 60
# What `manage.py demo_state` answers.
IS_READY, IS_FILLED = 0, 3

CELERY = [sys.executable, "-m", "celery", "--quiet", "--app", "sprocep.celery"]
WEB = [sys.executable, "-m", "gunicorn", "--config", "python:sprocep.web"]
WEB += ["--bind", f"127.0.0.1:{PORT}"]
WORKER = [*CELERY, "worker", "--pool", "prefork", "--concurrency", "2", "--loglevel", "INFO"]
WORKER += ["--without-gossip", "--without-mingle"]
BEAT = [*CELERY, "beat", "--loglevel", "INFO", "--pidfile", ""]


# Our pages serve their own cut of these from static/vendor: 65 MB to hash and to compress less.
UNUSED_STATIC = [
    word
    for folder in ("dsfr", "django-dsfr", "django_htmx", "rest_framework")
    for word in ("--ignore", folder)
]


class DemoError(RuntimeError):
    """The demonstration cannot go on; the message says why, in French."""


def command(*words: str) -> list[str]:
    return [sys.executable, "manage.py", *words]


def spawn(words: list[str], environment: dict, log: Path | None):
    """Start a process in a group of its own (Ctrl-C is for us alone), killed when we die.

    A Celery worker that is asked to stop when its broker is gone already never ends. A kill loses
    nothing: its work is a row of the list, which the next worker takes.
    """
    with contextlib.ExitStack() as stack:
        output = stack.enter_context(log.open("ab")) if log else None
        return subprocess.Popen(
            words,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            process_group=0,
            preexec_fn=dies_with_parent(signal.SIGKILL),
        )


def end(processes: list[subprocess.Popen]) -> None:
    """Wait for all of them together, then kill what is left of their groups."""
    deadline = time.monotonic() + SECONDS_TO_STOP
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(0.0, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@dataclass
class Service:
    """A process that is started again whenever it ends."""

    name: str
    words: list[str]
    stop_signal: int
    environment: dict[str, str]
    process: subprocess.Popen | None = None
    died_at: float | None = None

    @property
    def log(self) -> Path:
        return LOGS / f"{self.name}.log"

    def start(self) -> None:
        self.process = spawn(self.words, self.environment, self.log)
        self.died_at = None

    def restart_if_dead(self) -> bool:
        if self.process.poll() is None:
            return False
        if self.died_at is None:
            self.died_at = time.monotonic()
            # Its children must be gone before others take their place.
            end([self.process])
            say(f"{self.name} s’est arrêté (code {self.process.returncode}) : il est relancé.")
        if time.monotonic() - self.died_at < SECONDS_BEFORE_RESTART:
            return False
        self.start()
        return True


@dataclass
class Supervisor:
    servers: EmbeddedServers | None
    environment: dict[str, str]
    services: list[Service] = field(default_factory=list)
    steps: list[subprocess.Popen] = field(default_factory=list)

    def serve(self, name: str, words: list[str], stop_signal: int) -> Service:
        service = Service(name, words, stop_signal, self.environment)
        self.services.append(service)
        service.start()
        return service

    def begin(self, words: list[str], log: Path | None = None) -> subprocess.Popen:
        step = spawn(words, self.environment, log)
        self.steps.append(step)
        return step

    def finish(self, step: subprocess.Popen, log: Path | None = None) -> None:
        while step.poll() is None:
            self.tend()
        if step.returncode:
            where = f" : voir {log}" if log else ""
            raise DemoError(f"« {' '.join(step.args[1:])} » a échoué{where}.")

    def step(self, label: str, words: list[str]) -> None:
        with timed(label):
            self.finish(self.begin(words))

    def tend(self) -> None:
        """One look at everything that must be alive, and a short rest."""
        for name in self.servers.revive() if self.servers else ():
            say(f"{name} s’était arrêté : il est relancé.")
        restarted = [service.name for service in self.services if service.restart_if_dead()]
        if "worker" in restarted and DEMO_FILE.exists():
            self.write_demo_file()
        time.sleep(0.1)

    def stop(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        running = [step for step in self.steps if step.poll() is None]
        for step in running:
            step.terminate()
        for service in self.services:
            if service.process.poll() is None:
                service.process.send_signal(service.stop_signal)
        end(running + [service.process for service in self.services])

    def write_demo_file(self) -> None:
        """What a test or a curious visitor needs to enter: addresses and accounts."""
        content = {
            "url": URL,
            "databases": {
                "owner": self.environment["DATABASE_OWNER_URL"],
                "app": self.environment["DATABASE_URL"],
                "compiler": self.environment["DATABASE_COMPILER_URL"],
            },
            "worker_pid": next(s.process.pid for s in self.services if s.name == "worker"),
            "accounts": json.loads(ACCOUNTS.read_text()),
        }
        write_secret(DEMO_FILE, json.dumps(content, ensure_ascii=False, indent=2))


def secret_key() -> str:
    path = VAR / "secret_key"
    if not path.exists():
        write_secret(path, secrets.token_urlsafe(64))
    return path.read_text()


def environment_of(databases: dict[str, str]) -> dict[str, str]:
    return {
        **os.environ,
        **databases,
        "DJANGO_SETTINGS_MODULE": "sprocep.settings",
        "SECRET_KEY": secret_key(),
        "PERSON_KEYS_FILE": str(VAR / "person_keys.json"),
        "VAR_DIR": str(VAR),
        "DEBUG": "0",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "INSECURE_COOKIES": "1",  # plain http on the loopback
        "SMS_URL": os.environ.get("SMS_URL", "file:"),
        "WEBHOOKS_TO_LOOPBACK": "1",
        "SITE_URL": f"http://127.0.0.1:{PORT}",
        "PYTHONUNBUFFERED": "1",
    }


def state_of_static() -> str:
    """Changes when a static file, or a dependency, does."""
    files = sorted(path for path in (ROOT / "static").rglob("*") if path.is_file())
    digest = hashlib.sha256((ROOT / "uv.lock").read_bytes())
    for path in files:
        digest.update(f"{path} {path.stat().st_mtime_ns}\n".encode())
    return digest.hexdigest()


@contextlib.contextmanager
def static_files(supervisor: Supervisor) -> Iterator[None]:
    """Collected while the block prepares the data: the two do not need each other."""
    state = state_of_static()
    collected = (VAR / "static" / "staticfiles.json").exists() and STATIC_STAMP.exists()
    if collected and STATIC_STAMP.read_text() == state:
        yield
        return
    log = LOGS / "static.log"
    collecting = supervisor.begin(
        command("collectstatic", "--noinput", "--clear", "-v", "0", *UNUSED_STATIC), log
    )
    yield
    with timed("Fichiers statiques (fin)"):
        supervisor.finish(collecting, log)
    STATIC_STAMP.write_text(state)


def prepare_data(supervisor: Supervisor) -> bool:
    """Servers up to date, and the data in them.

    Returns:
        whether the last quarter can be read already: somebody has been here before.
    """
    supervisor.step("Migrations", command("migrate", "--database", "owner", "--noinput", "-v", "0"))
    known = supervisor.begin(command("demo_state"), LOGS / "state.log")
    with contextlib.suppress(DemoError):
        supervisor.finish(known)
    if known.returncode in (IS_READY, IS_FILLED):
        say("  Les données sont déjà là.")
        return known.returncode == IS_READY and ACCOUNTS.exists()
    supervisor.step("Données de référence", command("load_reference"))
    volume = ["--journeys", JOURNEYS, "--seed", "2015", "--from", "2015-T1", "--profile", "demo"]
    supervisor.step(f"{JOURNEYS} parcours", command("generate_activity", *volume))
    return False


def web_answers() -> bool:
    try:
        urllib.request.urlopen(URL, timeout=5).close()
    except urllib.error.HTTPError as answer:
        answer.close()
        return answer.code < 500
    except OSError:
        return False
    return True


def start_services(supervisor: Supervisor) -> None:
    supervisor.serve("worker", WORKER, signal.SIGQUIT)  # puts its running task back
    supervisor.serve("beat", BEAT, signal.SIGTERM)
    web = supervisor.serve("web", WEB, signal.SIGTERM)
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    while not web_answers():
        if time.monotonic() > deadline:
            raise DemoError(f"Le site ne répond pas : voir {web.log}.")
        rest_until = time.monotonic() + 0.5
        while time.monotonic() < rest_until:
            supervisor.tend()


_PLACE = ("region", "structure", "network")


def announce() -> None:
    say(f"\nsprocep est prêt : {URL} ({time.time() - STARTED:.0f} s)\n")
    for account in json.loads(ACCOUNTS.read_text()):
        place = " · ".join(account[key] for key in _PLACE if account.get(key))
        say(f"  {account['role']:<24} {account['email']:<44} {account['password']}  {place}")
    say(f"\nTout est dans {DEMO_FILE} ; les journaux dans {LOGS}. Ctrl-C arrête tout.\n")


def run(supervisor: Supervisor) -> None:
    with static_files(supervisor):
        is_ready = prepare_data(supervisor)
    with timed("Site, travailleur et calendrier"):
        start_services(supervisor)
    if not is_ready:
        supervisor.finish(supervisor.begin(command("prepare_demo", "--accounts", str(ACCOUNTS))))
        ACCOUNTS.chmod(0o600)
    supervisor.write_demo_file()
    announce()
    supervisor.finish(supervisor.begin(command("demo_editions")))
    say(f"Éditions dans {VAR / 'editions'} ({time.time() - STARTED:.0f} s).")
    if os.environ.get("ONCE") == "1":
        return
    supervisor.finish(supervisor.begin(command("demo_editions", "--older")))
    while True:
        supervisor.tend()


def refuse_taken_port() -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            raise DemoError(f"Le port {PORT} est pris. Tapez : make demo PORT={PORT + 1}") from None


def prepare_folders() -> None:
    LOGS.mkdir(mode=0o700, parents=True, exist_ok=True)
    for log in LOGS.glob("*.log"):
        log.unlink()
    DEMO_FILE.unlink(missing_ok=True)


@contextlib.contextmanager
def databases() -> Iterator[tuple[EmbeddedServers | None, dict[str, str]]]:
    if are_given(os.environ):
        yield None, {}
        return
    servers = EmbeddedServers(VAR / "servers")
    with timed("Serveurs PostgreSQL et Valkey"):
        urls = servers.start()
    try:
        yield servers, urls
    finally:
        servers.stop()


def leave_on_signal(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def listen_to_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)
    if "MAKELEVEL" in os.environ:  # a `kill -9` of make is an order to stop too
        die_with_parent(signal.SIGTERM)


def main() -> int:
    listen_to_signals(leave_on_signal)
    try:
        refuse_taken_port()
        VAR.mkdir(parents=True, exist_ok=True)
        with databases() as (servers, urls):
            os.umask(0o077)  # names and secrets: nothing below is for another account
            prepare_folders()
            supervisor = Supervisor(servers, environment_of(urls))
            running.publish(VAR, supervisor.environment)
            try:
                run(supervisor)
            finally:
                running.withdraw(VAR)
                supervisor.stop()
    except (DemoError, EmbeddedError) as error:
        say(f"\n{error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
