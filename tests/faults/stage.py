"""A place of its own for each scenario: servers that really store, a data set, real processes.

The servers are not those of the run: they are stopped in the middle, and what they said to be
stored must be there afterwards, so that commits wait for the disk.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis
from django.conf import settings
from django.db import connections

from indicators import demonstration
from sprocep import demo
from sprocep.celery import app
from sprocep.embedded import EmbeddedServers
from sprocep.embedded.valkey import free_port
from sprocep.settings import database
from tests import factories
from tests.faults.browser import Browser
from tests.statics import collected
from tests.waiting import wait_until

ALIASES = {
    "default": "DATABASE_URL",
    "owner": "DATABASE_OWNER_URL",
    "compiler": "DATABASE_COMPILER_URL",
}
TEMPLATE = "sprocep"
JOURNEYS = "3000"
SEED = "11"


@dataclass
class Arena:
    """Servers with a generated data set, which each scenario clones."""

    root: Path
    servers: EmbeddedServers
    environment: dict[str, str]
    stages: int = 0

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator["Arena"]:
        root = Path(tempfile.mkdtemp(prefix="sprocep-faults-", dir="/var/tmp"))
        root.chmod(0o711)  # the servers' account passes through
        servers = EmbeddedServers(root / "servers")
        try:
            urls = servers.start()
            arena = cls(root, servers, os.environ | urls)
            arena.environment |= {
                "DJANGO_SETTINGS_MODULE": "sprocep.settings",
                "INSECURE_COOKIES": "1",
                "LOG_LEVEL": "WARNING",
                "PERSON_KEYS_FILE": str(root / "person_keys.json"),
                "VAR_DIR": str(root),
            }
            arena.fill()
            yield arena
        finally:
            servers.stop()
            shutil.rmtree(root)

    @property
    def accounts(self) -> Path:
        return self.root / "accounts.json"

    def fill(self) -> None:
        self.manage("migrate", "--database", "owner", "--noinput", "-v", "0")
        self.manage("load_reference")
        volume = [
            "--journeys",
            JOURNEYS,
            "--seed",
            SEED,
            "--from",
            "2015-T1",
            "--profile",
            "merger",
        ]
        self.manage("generate_activity", *volume)
        with pointed_at(self.environment):
            demonstration.open_accounts(self.accounts)
            other = factories.user("dgefp-bis@sprocep.example", factories.PASSWORD)
            factories.member("dgefp_officer", of=other)

    def manage(self, *words: str) -> None:
        subprocess.run(
            demo.command(*words),
            cwd=demo.ROOT,
            env=self.environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    @contextmanager
    def stage(self) -> Iterator["Stage"]:
        """A clone of the data set, which the connections of this process enter too."""
        self.stages += 1
        stage = Stage(self, f"stage_{self.stages}")
        # Nobody clones a database while somebody is in it, so as owner, from beside.
        owner = self.environment["DATABASE_OWNER_URL"]
        beside = owner.replace(f"/{TEMPLATE}?", "/postgres?")
        with psycopg.connect(beside, autocommit=True) as link:
            # The other strategy copies counters that a crash then sets back: ids come twice.
            link.execute(f"CREATE DATABASE {stage.name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
            link.execute(f"REVOKE ALL ON DATABASE {stage.name} FROM PUBLIC")
            link.execute(f"GRANT CONNECT ON DATABASE {stage.name} TO sprocep_app")
            link.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {stage.name} TO sprocep_compiler")
        stage.broker.flushall()
        try:
            with pointed_at(stage.environment):
                yield stage
        finally:
            stage.end_processes()


@contextmanager
def pointed_at(environment: dict[str, str]) -> Iterator[None]:
    """Django's three connections go to these servers, and its keys are those of their site; then
    back to where they were."""
    former = {alias: dict(connections[alias].settings_dict) for alias in ALIASES}
    former_keys = settings.PERSON_KEYS_FILE
    connections.close_all()
    try:
        settings.PERSON_KEYS_FILE = Path(environment["PERSON_KEYS_FILE"])
        for alias, variable in ALIASES.items():
            connections[alias].settings_dict.update(database(environment[variable]))
        yield
    finally:
        connections.close_all()
        settings.PERSON_KEYS_FILE = former_keys
        for alias, its_settings in former.items():
            connections[alias].settings_dict.update(its_settings)


@dataclass
class Stage:
    arena: Arena
    name: str
    processes: list[subprocess.Popen] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        made = self.arena.root / self.name
        made.mkdir(exist_ok=True)
        return made

    @property
    def editions(self) -> Path:
        return self.folder / "editions"

    @property
    def environment(self) -> dict[str, str]:
        environment = self.arena.environment | {"VAR_DIR": str(self.folder)}
        for variable in ALIASES.values():
            environment[variable] = environment[variable].replace(f"/{TEMPLATE}?", f"/{self.name}?")
        return environment

    @property
    def broker(self) -> redis.Redis:
        return redis.Redis.from_url(self.arena.environment["BROKER_URL"])

    def ring(self, times: int = 2, task_id: str | None = None) -> None:
        """What `actions.ring` does; in this process it would reach the broker of the test run."""
        with app.connection_for_write(url=self.arena.environment["BROKER_URL"]) as link:
            for _ in range(times):
                app.send_task("indicators.tasks.carry_on", connection=link, task_id=task_id)

    # ── Processes, as `make demo` starts them ────────────────────────────────────────────────

    def start(self, words: list[str], name: str, **environment: str) -> subprocess.Popen:
        process = demo.spawn(words, self.environment | environment, self.folder / f"{name}.log")
        self.processes.append(process)
        return process

    def worker(self, **environment: str) -> subprocess.Popen:
        words = [*demo.WORKER, "--hostname", f"{self.name}-{len(self.processes)}@localhost"]
        if environment:
            words[words.index("sprocep.celery")] = "tests.faults.troubled"
        return self.start(words, "worker", **environment)

    def beat(self) -> subprocess.Popen:
        return self.start(demo.BEAT, "beat")

    def site(self) -> str:
        """The address of a web server that answers."""
        port = free_port()
        bound = f"127.0.0.1:{port}"
        words = [bound if word == f"127.0.0.1:{demo.PORT}" else word for word in demo.WEB]
        self.start(words, "web", STATIC_ROOT=str(collected()))
        wait_until(lambda: Browser(bound).is_answered(), 60)
        return bound

    def end_processes(self) -> None:
        for process in self.processes:
            kill(process)

    def account(self, role: str, rank: int = 0) -> dict[str, str]:
        accounts = json.loads(self.arena.accounts.read_text())
        return [account for account in accounts if account["role"] == role][rank]

    def browser_of(self, role: str, site: str, rank: int = 0) -> Browser:
        """Somebody of this role, logged in by the form."""
        account = self.account(role, rank)
        browser = Browser(site)
        browser.log_in(account["email"], account["password"])
        return browser


def kill(process: subprocess.Popen) -> None:
    """The process with its children, at once."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def children(process: subprocess.Popen) -> list[int]:
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(pid) for pid in listed.split()]
