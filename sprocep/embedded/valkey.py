"""A private Valkey, the Celery broker: loopback, a password, nothing kept on disk."""

import secrets
import signal
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from sprocep.embedded.processes import (
    Account,
    Binaries,
    EmbeddedError,
    dies_with_parent,
    stop_process,
    wait_until,
)

NO_RETRY = Retry(NoBackoff(), 0)
PATCHED_VALKEY = (9, 1, 2)


@dataclass
class PrivateValkey:
    log: Path
    account: Account
    binaries: Binaries
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    port: int = 0
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"redis://:{quote(self.password, safe='')}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Started again it keeps its port: those who hold the address find it back."""
        for _ in range(5):
            self.port = self.port or free_port()
            self._launch()
            try:
                wait_until(self._answers, self.process, self.log)
            except EmbeddedError:
                self.port = 0  # somebody took the port in between
            else:
                return
        raise EmbeddedError(f"Valkey n’a pas démarré : {self.log}")

    def stop(self) -> None:
        stop_process(self.process, signal.SIGTERM)

    def _launch(self) -> None:
        configuration = (
            f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\n"
            'save ""\nappendonly no\nmaxmemory 256mb\nmaxmemory-policy noeviction\n'
        )
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.binaries.valkey, "-"],
                stdin=subprocess.PIPE,  # in the arguments, `ps` would show the password
                stdout=log,
                stderr=log,
                process_group=0,
                preexec_fn=dies_with_parent(signal.SIGTERM),
                **self.account.process_options,
            )
            self.process.stdin.write(configuration.encode())
            self.process.stdin.close()

    def _answers(self) -> bool:
        client = redis.Redis.from_url(self.url, retry=NO_RETRY)  # `wait_until` does that
        try:
            version = client.info("server")["valkey_version"]
        except redis.ConnectionError:
            return False
        finally:
            client.close()
        if tuple(map(int, version.split("."))) < PATCHED_VALKEY:
            raise EmbeddedError(f"Valkey {version} n’a pas les derniers correctifs de sécurité.")
        return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
