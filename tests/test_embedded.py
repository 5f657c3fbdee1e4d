"""The private servers: their roles, and every way of dying and coming back."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import redis

from sprocep.embedded import EmbeddedError, EmbeddedServers, are_given, sockets_of
from sprocep.embedded.valkey import NO_RETRY
from tests.waiting import is_running, wait_until

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def servers():
    """One pair of servers for the tests that only look at them."""
    running = EmbeddedServers.for_one_run()
    running.environment = running.start()
    yield running
    running.stop()


@pytest.fixture
def folder():
    """A folder that the servers' account can reach, unlike pytest's own when root."""
    with tempfile.TemporaryDirectory(prefix="sprocep-test-", dir="/var/tmp") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def ask(url: str, sql: str):
    with psycopg.connect(url, autocommit=True) as link:
        return link.execute(sql).fetchone()


def command_line(root: Path, *command: str) -> list[str]:
    return [sys.executable, "-m", "sprocep.embedded", "--root", str(root), "--", *command]


def without_servers() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}


ROLES = {
    "DATABASE_URL": ("sprocep_app", False),
    "DATABASE_OWNER_URL": ("sprocep_owner", True),
    "DATABASE_COMPILER_URL": ("sprocep_compiler", False),
}


@pytest.mark.parametrize("variable", ROLES)
def test_role_is_not_powerful(servers, variable):
    role = ask(
        servers.environment[variable],
        "SELECT rolname, rolcreatedb, rolsuper OR rolcreaterole OR rolbypassrls OR rolreplication"
        " FROM pg_roles WHERE rolname = current_user",
    )
    assert role == (*ROLES[variable], False)


@pytest.mark.parametrize("variable", ["DATABASE_URL", "DATABASE_COMPILER_URL"])
@pytest.mark.parametrize("statement", ["CREATE TABLE intruder ()", "CREATE SCHEMA intruder"])
def test_only_the_owner_creates(servers, variable, statement):
    with (
        psycopg.connect(servers.environment["DATABASE_OWNER_URL"]) as owner,
        psycopg.connect(servers.environment[variable]) as link,
    ):
        owner.execute(statement)
        owner.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            link.execute(statement)


def test_temporary_tables_are_for_the_compiler(servers):
    statement = "CREATE TEMPORARY TABLE scratch ()"
    with psycopg.connect(servers.environment["DATABASE_COMPILER_URL"]) as compiler:
        compiler.execute(statement)
    with (
        psycopg.connect(servers.environment["DATABASE_URL"]) as app,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute(statement)


def test_a_fresh_database_is_as_strict(servers):
    with psycopg.connect(servers.environment["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("CREATE DATABASE test_fresh")
    fresh = servers.environment["DATABASE_URL"].replace("/sprocep?", "/test_fresh?")
    with (
        psycopg.connect(fresh) as app,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="schema public"),
    ):
        app.execute("CREATE TABLE public.intruder ()")


def test_nobody_enters_without_the_right_password(servers):
    for role in ("sprocep_app", "postgres"):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(f"postgresql://{role}:wrong@/sprocep?host={servers.postgres.sockets}")
    client = redis.Redis(port=servers.valkey.port, retry=NO_RETRY)
    with pytest.raises(redis.AuthenticationError):
        client.ping()
    client.close()


def test_folders_and_passwords_are_private(servers):
    for path, mode in ((servers.postgres.sockets, 0o700), (servers.postgres.passwords, 0o600)):
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_second_start_on_the_same_folder_is_refused(servers):
    with pytest.raises(EmbeddedError, match="tournent déjà"):
        EmbeddedServers(servers.root).start()


def test_dead_servers_come_back_at_the_same_address(servers):
    for server in (servers.postgres, servers.valkey):
        server.process.kill()
        server.process.wait()
    assert servers.revive() == ["PostgreSQL", "Valkey"]
    assert servers.revive() == []
    assert ask(servers.environment["DATABASE_URL"], "SELECT 1") == (1,)
    with redis.Redis.from_url(servers.environment["BROKER_URL"]) as client:
        assert client.ping()


def test_server_killed_in_the_middle_of_a_query_comes_back(servers):
    """Its back end goes on alone, and holds the memory that the next start needs."""
    url = servers.environment["DATABASE_OWNER_URL"]  # what the app runs is not shown
    with psycopg.connect(url, autocommit=True) as link, ThreadPoolExecutor(1) as pool:
        alone = link.info.backend_pid
        counting = "SELECT count(*) FROM generate_series(1, 10000000000)"
        long_query = pool.submit(lambda: link.execute(counting))
        wait_until(
            lambda: (
                ask(url, f"SELECT state FROM pg_stat_activity WHERE pid = {alone}")[0] == "active"
            )
        )
        servers.postgres.process.kill()
        servers.postgres.process.wait()
        assert is_running(str(alone))
        assert servers.revive() == ["PostgreSQL"]
        with pytest.raises(psycopg.OperationalError):
            long_query.result()
    assert not is_running(str(alone))
    assert ask(url, "SELECT 1") == (1,)


def test_strange_path_keeps_its_data_and_survives_a_stale_lock(folder):
    root = folder / "l'été \"50 $HOME%"
    servers = EmbeddedServers(root)
    with servers as environment:
        with psycopg.connect(environment["DATABASE_OWNER_URL"]) as owner:
            owner.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        data = servers.postgres.data
    # A process number that lives again, and belongs to somebody else.
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n")
    with EmbeddedServers(root) as environment:
        assert ask(environment["DATABASE_OWNER_URL"], "SELECT answer FROM kept") == (42,)
    (data / "postmaster.pid").write_text("")
    with EmbeddedServers(root) as environment:
        assert ask(environment["DATABASE_OWNER_URL"], "SELECT answer FROM kept") == (42,)


def test_lost_passwords_are_said_and_nothing_is_erased(folder):
    servers = EmbeddedServers(folder)
    with servers:
        pass
    servers.postgres.passwords.unlink()
    with pytest.raises(EmbeddedError, match="ne s’ouvre plus"):
        servers.start()
    assert (servers.postgres.data / "PG_VERSION").exists()


def test_killed_parent_leaves_no_server(folder):
    told = folder / "told"
    script = f"echo started > '{told}'; sleep 60"
    parent = subprocess.Popen(
        command_line(folder / "root", "sh", "-c", script), cwd=REPOSITORY, env=without_servers()
    )
    wait_until(told.exists)
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
    assert len(children) == 3  # PostgreSQL, Valkey, the command
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_until(lambda: not any(is_running(pid) for pid in children))
    shutil.rmtree(sockets_of(folder / "root"))  # nobody was left to do it


def test_command_line_gives_the_code_of_its_command(folder):
    done = subprocess.run(
        command_line(folder, "sh", "-c", 'test -n "$DATABASE_COMPILER_URL" && exit 7'),
        cwd=REPOSITORY,
        env=without_servers(),
        check=False,
    )
    assert done.returncode == 7


def test_given_servers_are_all_or_nothing():
    whole = dict.fromkeys([*ROLES, "BROKER_URL"], "x")
    assert are_given(whole)
    assert not are_given({"DATABASE_URL": "another project's"})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has servers under another account")
def test_unreachable_folder_keeps_its_data_elsewhere(folder):
    folder.chmod(0o700)
    servers = EmbeddedServers(folder)
    with servers as environment:
        home = servers.postgres.data.parent
        assert home.parent == Path("/var/tmp")
        assert ask(environment["DATABASE_URL"], "SELECT 1") == (1,)
    shutil.rmtree(home)
