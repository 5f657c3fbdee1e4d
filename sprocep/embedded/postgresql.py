"""A private PostgreSQL with three roles, none of them superuser, on a Unix socket only."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from sprocep.embedded.processes import (
    Account,
    Binaries,
    EmbeddedError,
    dies_with_parent,
    stop_process,
    wait_until,
    write_secret,
)

DATABASE = "sprocep"
OWNER, APP, COMPILER = "sprocep_owner", "sprocep_app", "sprocep_compiler"


def _shared_megabytes() -> int:
    """A quarter of the memory, as PostgreSQL's manual advises, and 4 GB at most."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return min(memory // 4, 4096)


SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": f"{_shared_megabytes()}MB",
    "work_mem": "32MB",
    "max_wal_size": "4GB",
    # No replica reads this server: a bulk load into a table of its own transaction needs no log.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # An advisory lock held by a killed worker is free again two seconds later.
    "client_connection_check_interval": "2s",
    "idle_in_transaction_session_timeout": "5min",
    # Names and birth dates must not reach the log: no error of a statement at all, whose words may
    # repeat a value (the application writes its code and its constraint), nor DETAIL, nor itself.
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}
THROWAWAY_SETTINGS = {
    "shared_buffers": "128MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
# The superuser cannot log in at all: roles are created in single-user mode.
HOST_BASED_ACCESS = f"local all {OWNER},{APP},{COMPILER} scram-sha-256\nlocal all all reject\n"
LOCALE = (
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)
# Objects that no row security reaches: nobody makes, opens or writes one.
LARGE_OBJECTS = (
    "lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea), lo_open(oid, integer), "
    "lo_put(oid, bigint, bytea), lo_truncate(integer, integer), lo_truncate64(integer, bigint), "
    "lo_unlink(oid), lowrite(integer, bytea)"
)
# A dump of the owner would else hold what the owner may not restore: pg_dump writes a right on a
# function of PostgreSQL where it differs from these.
RIGHTS_AT_BIRTH = (
    "INSERT INTO pg_init_privs (objoid, classoid, objsubid, privtype, initprivs) "
    "SELECT oid, 'pg_proc'::regclass, 0, 'i', proacl FROM pg_proc "
    "WHERE proname ~ '^lo' AND proacl IS NOT NULL AND oid NOT IN "
    "(SELECT objoid FROM pg_init_privs WHERE classoid = 'pg_proc'::regclass)"
)


def roles_and_database(passwords: dict[str, str]) -> str:
    """One statement a line: single-user mode reads them so.

    What lives *inside* a database is prepared in template1, where this runs, so that a test
    database is born with it. Sessions of the app are one role, and would read each other's
    statements, which hold names: none is kept (docs/adr/0058). The owner may let foreign keys sleep
    during a bulk load, which checks them by set queries: it could drop them anyway.
    """
    plain = "NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    return f"""\
CREATE ROLE {OWNER} LOGIN CREATEDB {plain} PASSWORD '{passwords[OWNER]}'
CREATE ROLE {APP} LOGIN NOCREATEDB {plain} PASSWORD '{passwords[APP]}'
CREATE ROLE {COMPILER} LOGIN NOCREATEDB {plain} PASSWORD '{passwords[COMPILER]}'
ALTER ROLE {APP} SET track_activities = off
REVOKE EXECUTE ON FUNCTION {LARGE_OBJECTS} FROM PUBLIC
{RIGHTS_AT_BIRTH}
ALTER SCHEMA public OWNER TO {OWNER}
REVOKE ALL ON SCHEMA public FROM PUBLIC
GRANT USAGE ON SCHEMA public TO {APP}, {COMPILER}
CREATE DATABASE {DATABASE} OWNER {OWNER}
REVOKE ALL ON DATABASE {DATABASE}, postgres, template1 FROM PUBLIC
GRANT CONNECT ON DATABASE {DATABASE} TO {APP}, {COMPILER}
GRANT TEMPORARY ON DATABASE {DATABASE} TO {COMPILER}
GRANT CONNECT ON DATABASE postgres TO {OWNER}
GRANT SET ON PARAMETER session_replication_role TO {OWNER}
"""


@dataclass
class PrivatePostgres:
    data: Path
    sockets: Path
    passwords: Path
    log: Path
    account: Account
    binaries: Binaries
    settings: dict[str, str]
    process: subprocess.Popen | None = None

    def url(self, role: str) -> str:
        password = json.loads(self.passwords.read_text())[role]
        return (
            f"postgresql://{role}:{quote(password, safe='')}@/{DATABASE}"
            f"?host={quote(str(self.sockets), safe='/')}&port=5432"
        )

    def start(self) -> None:
        if not self.data.exists():
            self._create()
        elif not self.passwords.exists():
            raise EmbeddedError(
                f"{self.passwords} manque : sans lui la base {self.data} ne s’ouvre plus. "
                "Rétablissez-le, ou supprimez la base."
            )
        self.account.own(self.sockets)
        self._clear_stale_locks()
        options = [part for item in self.settings.items() for part in ("-c", "=".join(item))]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.binaries.postgres, "-D", self.data, "-k", self.sockets, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,  # Ctrl-C is for the supervisor, which stops in order
                preexec_fn=dies_with_parent(signal.SIGINT),
                **self.account.process_options,
            )
        wait_until(self._answers, self.process, self.log)

    def stop(self) -> None:
        stop_process(self.process, signal.SIGINT)
        if self.sockets.exists():
            shutil.rmtree(self.sockets)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(OWNER), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _create(self) -> None:
        """Build aside and rename at the end: a folder named `data` is a whole cluster."""
        part = self.data.with_name("data.part")
        if part.exists():
            shutil.rmtree(part)
        self.account.own(part)
        account = ["--username=postgres", "--auth=reject", "--no-sync"]
        self._run([self.binaries.initdb, "-D", part, *account, *LOCALE])
        (part / "pg_hba.conf").write_text(HOST_BASED_ACCESS)
        passwords = {role: secrets.token_urlsafe(24) for role in (OWNER, APP, COMPILER)}
        self._run(
            [self.binaries.postgres, "--single", "-D", part, "-c", "exit_on_error=on", "template1"],
            typed=roles_and_database(passwords),
        )
        write_secret(self.passwords, json.dumps(passwords))
        part.rename(self.data)

    def _run(self, command: list, typed: str = "") -> None:
        done = subprocess.run(
            command,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            **self.account.process_options,
        )
        if done.returncode:
            raise EmbeddedError(f"{Path(command[0]).name} a échoué :\n{done.stderr}")

    def _clear_stale_locks(self) -> None:
        """An empty lock, or one whose number lives again elsewhere, would refuse the start.

        We hold the lock of the root: a process that still serves this data is an orphan on its way
        out, and is waited for.
        """
        self._end_orphans()
        for stale in (self.data / "postmaster.pid", *self.sockets.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)

    def _end_orphans(self) -> None:
        """A server whose parent died, or back ends whose server was killed in a long query: these
        would keep the shared memory, and the start would be refused."""
        deadline = time.monotonic() + 20
        while orphans := [pid for pid in _running() if self._serves_this_data(pid)]:
            if time.monotonic() > deadline:
                named = ", ".join(map(str, orphans))
                raise EmbeddedError(f"PostgreSQL (processus {named}) tient encore {self.data}.")
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGINT)
            time.sleep(0.1)

    def _serves_this_data(self, pid: int) -> bool:
        try:
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            return name == "postgres" and Path(f"/proc/{pid}/cwd").samefile(self.data)
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            return False


def _running() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
