"""Private PostgreSQL and Valkey out of PyPI wheels: for the demonstration, the tests, the checks.

Nothing here knows Django or the domain. Linux only: the servers' life is tied to the process
that starts them by PR_SET_PDEATHSIG, so even a `kill -9` leaves nothing running behind.

    with EmbeddedServers(Path("var/servers")) as environment: ...
    python -m sprocep.embedded --root var/servers -- python manage.py shell
    python -m sprocep.embedded --ephemeral -- python manage.py check
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TextIO

from sprocep.embedded.postgresql import (
    APP,
    COMPILER,
    OWNER,
    SETTINGS,
    THROWAWAY_SETTINGS,
    PrivatePostgres,
)
from sprocep.embedded.processes import Account, Binaries, EmbeddedError
from sprocep.embedded.valkey import PrivateValkey

__all__ = ["EmbeddedError", "EmbeddedServers", "are_given"]

ROLE_OF_VARIABLE = {
    "DATABASE_URL": APP,
    "DATABASE_OWNER_URL": OWNER,
    "DATABASE_COMPILER_URL": COMPILER,
}
VARIABLES = (*ROLE_OF_VARIABLE, "BROKER_URL")
THROWAWAY_PREFIX = "sprocep-throwaway-"


def are_given(environment: Mapping[str, str]) -> bool:
    """Whether the environment names real servers: all of them, or it is another project's."""
    return all(environment.get(name) for name in VARIABLES)


@dataclass
class EmbeddedServers:
    """Both servers under one folder; one running instance per folder."""

    root: Path
    throwaway: bool = False

    @classmethod
    def for_one_run(cls) -> "EmbeddedServers":
        """Servers of a test run: own folder, no care for power cuts, erased by `stop`."""
        erase_forgotten_roots()
        root = Path(tempfile.mkdtemp(prefix=THROWAWAY_PREFIX, dir="/var/tmp"))
        root.chmod(0o711)  # the servers' account passes through; what it must not read is 600
        return cls(root, throwaway=True)

    def start(self) -> dict[str, str]:
        """Environment variables of the started servers; raises `EmbeddedError`."""
        if threading.current_thread() is not threading.main_thread():
            raise EmbeddedError("Les serveurs meurent avec le fil qui les lance : fil principal.")
        self.root = self.root.resolve()
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / "log").mkdir(mode=0o700, exist_ok=True)
        self._lock = take_lock(self.root)
        account = Account.of_servers()
        binaries = Binaries.for_account(account)
        self.postgres = PrivatePostgres(
            data=self._home(account) / "data",
            sockets=sockets_of(self.root),
            passwords=self.root / "passwords.json",
            log=self.root / "log" / "postgresql.log",
            account=account,
            binaries=binaries,
            settings=SETTINGS | (THROWAWAY_SETTINGS if self.throwaway else {}),
        )
        self.valkey = PrivateValkey(self.root / "log" / "valkey.log", account, binaries)
        try:
            self.postgres.start()
            self.valkey.start()
        except BaseException:
            self.stop()
            raise
        urls = {name: self.postgres.url(role) for name, role in ROLE_OF_VARIABLE.items()}
        return urls | {"BROKER_URL": self.valkey.url}

    def stop(self) -> None:
        self.valkey.stop()
        self.postgres.stop()
        self._lock.close()
        if self.throwaway:
            shutil.rmtree(self.root)

    def revive(self) -> list[str]:
        """Start again whichever server died, at the same address; names those that had."""
        dead = {
            name: server
            for name, server in (("PostgreSQL", self.postgres), ("Valkey", self.valkey))
            if server.process.poll() is not None
        }
        for server in dead.values():
            server.start()
        return list(dead)

    def _home(self, account: Account) -> Path:
        """Where the data lie: under the root, unless the servers' account cannot come there."""
        if account.reaches(self.root):
            return self.root
        elsewhere = Path(f"/var/tmp/sprocep-{digest(self.root)}")
        account.own(elsewhere)
        return elsewhere

    def __enter__(self) -> dict[str, str]:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def digest(root: Path) -> str:
    return hashlib.sha256(f"{os.geteuid()} {root}".encode()).hexdigest()[:16]


def sockets_of(root: Path) -> Path:
    """Not under the root: the path of a socket is 107 bytes at most."""
    return Path(f"/tmp/spro-{digest(root)}")


def take_lock(root: Path) -> TextIO:
    lock = (root / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise EmbeddedError(f"Les serveurs de {root} tournent déjà.") from None
    return lock


def erase_forgotten_roots() -> None:
    """Folders of test runs that were killed: nobody holds their lock any more."""
    for root in Path("/var/tmp").glob(THROWAWAY_PREFIX + "*"):
        found = root.lstat()
        if found.st_uid != os.geteuid() or time.time() - found.st_mtime < 600:
            continue
        with contextlib.suppress(EmbeddedError), take_lock(root):
            shutil.rmtree(sockets_of(root), ignore_errors=True)
            shutil.rmtree(root)
