"""A base of its own: private servers in a temporary folder, all tables, no activity yet.

The servers are those of `make demo`, with its settings and not those of the tests: what is written
is on the disk when a commit returns.
"""

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sprocep.demo import UNUSED_STATIC
from sprocep.embedded import EmbeddedServers

ROOT = Path(__file__).resolve().parent.parent
QUARTER = "2016-T1"
FOLDERS = Path("/var/tmp")  # where each base has its own


@dataclass(frozen=True)
class Base:
    folder: Path
    environment: dict[str, str]

    @property
    def editions(self) -> Path:
        return self.folder / "editions"


def manage(*words: str) -> None:
    """A command of the product, in a process of its own as in real life."""
    subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, stdin=subprocess.DEVNULL, check=True
    )


@contextlib.contextmanager
def running_base() -> Iterator[Base]:
    """Servers, roles and tables, named in this process's environment; erased at the end."""
    folder = Path(tempfile.mkdtemp(prefix="sprocep-bench-", dir=FOLDERS))
    folder.chmod(0o711)  # the servers' account passes through; what it must not read is 600
    try:
        with EmbeddedServers(folder / "servers") as urls:
            os.environ.update(urls | _settings(folder))
            manage("migrate", "--database", "owner", "--noinput", "-v", "0")
            manage("load_reference", "-v", "0")
            manage("collectstatic", "--noinput", "-v", "0", *UNUSED_STATIC)
            yield Base(folder, dict(os.environ))
    finally:
        shutil.rmtree(folder)


def _settings(folder: Path) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "sprocep.settings",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "VAR_DIR": str(folder),
        "PERSON_KEYS_FILE": str(folder / "person_keys.json"),
        "DEBUG": "0",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "INSECURE_COOKIES": "1",  # plain http on the loopback
        "LOG_LEVEL": "WARNING",
    }
