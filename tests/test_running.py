"""`manage.py …` typed beside the demonstration finds its servers; elsewhere it says what to do."""

import os
import socket
import subprocess
import sys

import pytest

from sprocep import running
from sprocep.settings import BASE_DIR

ASKS = (
    "from django.db import connection; connection.ensure_connection(); "
    "print(connection.settings_dict['USER'])"
)
WORDS = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_COMPILER_URL", "BROKER_URL", "SECRET_KEY")


@pytest.fixture
def sockets(tmp_path):
    """Where a PostgreSQL would listen."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / ".s.PGSQL.5432"))
        listening.listen()
        yield tmp_path


def url(folder) -> str:
    return f"postgresql://app:word@/sprocep?host={folder}&port=5432"


def type_beside(folder, command: str) -> subprocess.CompletedProcess:
    """As in a shell that knows nothing of the servers."""
    bare = {name: value for name, value in os.environ.items() if name not in WORDS}
    return subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", command],
        cwd=BASE_DIR,
        env=bare | {"VAR_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_command_finds_the_servers_without_a_setting(tmp_path, monkeypatch):
    environment = {name: os.environ[name] for name in WORDS if name in os.environ}
    for name in environment:
        monkeypatch.delenv(name)
    running.publish(tmp_path, environment)
    done = type_beside(tmp_path, ASKS)
    assert (done.returncode, done.stdout) == (0, "sprocep_app\n"), done.stderr
    running.withdraw(tmp_path)
    refused = type_beside(tmp_path, ASKS)
    assert refused.returncode == 1
    assert refused.stderr == running.NOTHING_RUNS + "\n"


def test_what_is_written_is_for_one_account_and_holds_what_was_not_given(sockets, monkeypatch):
    monkeypatch.setenv("LANG", "C")
    running.publish(sockets, {"DATABASE_URL": url(sockets), "DEBUG": "0", "LANG": "C"})
    assert (sockets / running.NAME).stat().st_mode & 0o777 == 0o600
    environment = {"DEBUG": "1"}
    assert running.join(environment, sockets)
    assert environment == {"DATABASE_URL": url(sockets), "DEBUG": "1"}


@pytest.mark.parametrize("given", ["DATABASE_URL", "DATABASE_URL_FILE"])
def test_an_installation_that_names_its_servers_is_left_alone(sockets, given):
    running.publish(sockets, {"DATABASE_URL": url(sockets)})
    environment = {given: "elsewhere"}
    assert not running.join(environment, sockets)
    assert environment == {given: "elsewhere"}
    assert running.join({}, sockets)


def test_a_file_left_behind_or_open_to_others_leads_nowhere(sockets):
    running.publish(sockets, {"DATABASE_URL": url(sockets)})
    assert running.join({}, sockets)
    (sockets / running.NAME).chmod(0o640)
    assert not running.join({}, sockets)
    running.publish(sockets, {"DATABASE_URL": url(sockets / "stopped")})
    assert not running.join({}, sockets)
    running.publish(sockets, {"DATABASE_URL": "postgresql://app@db.example/sprocep"})
    assert not running.join({}, sockets)
