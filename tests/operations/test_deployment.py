"""docker-compose.yml without an engine: every word of it is held against what it speaks of."""

import os
import re
import secrets
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import yaml
from django.core.management import get_commands

from sprocep import demo, health
from sprocep.embedded.postgresql import APP, COMPILER, LOCALE, OWNER, SETTINGS
from sprocep.embedded.processes import (
    Account,
    Binaries,
    dies_with_parent,
    stop_process,
    wait_until,
)

ROOT = demo.ROOT
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if service["image"].startswith("sprocep:")}
ONCE = {"migrate", "backup"}
# Of the private server alone: no network, no replica.
PRIVATE = {"listen_addresses", "wal_level", "max_wal_senders"}


def test_images_are_pinned():
    others = {name: s["image"] for name, s in SERVICES.items() if name not in OURS}
    assert set(others) == {"tls", "db", "broker"}
    for image in others.values():
        assert re.fullmatch(r"[a-z/]+:\d+\.\d+(\.\d+)?-[a-z]+", image), image
    froms = re.findall(r"(?:FROM|--from=)\s*([\w./-]+:[\w.-]+)", (ROOT / "Dockerfile").read_text())
    assert froms
    assert all(re.search(r":\d+\.\d+\.\d+", image) for image in froms)


def test_only_tls_is_published_and_the_servers_are_inside():
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"tls"}
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert {n for n, s in SERVICES.items() if s["networks"] == ["inside"]} >= {"db", "broker"}


def test_every_service_is_bounded_and_watched():
    for name, service in SERVICES.items():
        assert service["read_only"] is True, name
        assert service["mem_limit"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        if name not in ONCE | {"tls"}:
            assert service["healthcheck"]["test"][0] == "CMD", name


def test_every_variable_is_one_that_is_read():
    source = "".join((ROOT / "sprocep" / f"{n}.py").read_text() for n in ("settings", "web"))
    read = set(re.findall(r'environ\.get\(\s*"(\w+)"', source))
    secret = set(re.findall(r'\bsecret\(\s*"(\w+)"', source))
    assert {"DATABASE_URL", "SECRET_KEY", "BROKER_URL"} <= secret
    known = read | secret | {f"{name}_FILE" for name in secret}
    for name in OURS:
        assert set(SERVICES[name]["environment"]) <= known, name
    for name in OURS - ONCE:
        assert "DATABASE_OWNER_URL_FILE" not in SERVICES[name]["environment"]


def test_each_service_is_given_what_it_uses_alone():
    """Backups and the address of the compilation are not where requests are answered."""

    def mounted(name: str) -> set[str]:
        return {volume.split(":")[0] for volume in SERVICES[name].get("volumes", ())}

    assert {name: mounted(name) for name in OURS} == {
        "web": {"mail", "keys"},
        "worker": {"mail", "keys", "editions"},
        "beat": {"schedule"},
        "migrate": set(),
        "backup": {"backups", "editions", "keys"},
    }
    of_compiler = {name for name in OURS if "compiler_url" in SERVICES[name]["secrets"]}
    assert of_compiler == {"worker", *ONCE}
    assert set(SERVICES["beat"]["secrets"]) == {"broker_url", "secret_key"}
    for name in OURS:
        read = {
            v.rpartition("/")[2] for v in SERVICES[name]["environment"].values() if "/run/" in v
        }
        assert read == set(SERVICES[name]["secrets"]), name
    folders = {v.split(":")[1] for name in OURS for v in SERVICES[name].get("volumes", ())}
    made = (ROOT / "Dockerfile").read_text()
    assert all(f" {folder}" in made for folder in folders), (
        "a volume takes its owner from the image"
    )


def test_every_secret_is_made_and_none_is_written_here(tmp_path):
    subprocess.run(
        [sys.executable, ROOT / "deploy" / "make_secrets.py", tmp_path / "secrets"], check=True
    )
    folder = tmp_path / "secrets"
    made = {path.name: path.read_text() for path in folder.iterdir()}
    assert set(made) == set(COMPOSE["secrets"])
    assert {s["file"] for s in COMPOSE["secrets"].values()} == {
        f"./deploy/secrets/{name}" for name in made
    }
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    used = {name for service in SERVICES.values() for name in service.get("secrets", ())}
    assert used == set(made)
    subprocess.run([sys.executable, ROOT / "deploy" / "make_secrets.py", folder], check=True)
    assert {path.name: path.read_text() for path in folder.iterdir()} == made
    assert made["app_url"] == f"postgresql://{APP}:{made['app_password']}@db:5432/sprocep"
    assert "/deploy/secrets/" in (ROOT / ".gitignore").read_text().split()
    assert "deploy/secrets" in (ROOT / ".dockerignore").read_text().split()


def test_commands_are_those_of_the_demonstration():
    def words(name: str) -> list[str]:
        return SERVICES[name]["command"]

    def of_demo(command: list[str]) -> list[str]:
        return command[2:]  # without the interpreter and its -m

    assert words("web") == of_demo(demo.WEB)[:3]
    left_to_logs = {"--loglevel", "INFO"}
    for name, command in (("worker", demo.WORKER), ("beat", demo.BEAT)):
        assert words(name) == [word for word in of_demo(command) if word not in left_to_logs]
    asked = re.findall(r"manage\.py\s+(\w+)", SERVICES["migrate"]["command"][-1])
    assert asked == ["migrate", "load_reference", "check"]
    assert set(asked) <= set(get_commands())


def test_health_is_asked_where_it_is_answered():
    for name, of in (("worker", health.WORKER), ("beat", health.BEAT)):
        check = SERVICES[name]["healthcheck"]["test"][-1]
        assert check == f"from sprocep.health import {name.upper()}, leave; leave({name.upper()})"
        assert of == name
    assert "http://127.0.0.1:8000/sante/" in SERVICES["web"]["healthcheck"]["test"][-1]
    assert SERVICES["web"]["environment"]["WEB_BIND"] == "0.0.0.0:8000"
    assert "127.0.0.1" in SERVICES["web"]["environment"]["ALLOWED_HOSTS"]


def test_postgresql_is_set_as_the_private_one():
    command = SERVICES["db"]["command"]
    given = dict(word[2:].split("=", 1) for word in command[1:])
    assert given.pop("hba_file") == "/etc/sprocep/pg_hba.conf"
    # The private one takes a share of the machine that it finds.
    assert given.pop("shared_buffers").endswith("MB")
    apart = {*PRIVATE, "shared_buffers"}
    assert given == {name: value for name, value in SETTINGS.items() if name not in apart}
    arguments = SERVICES["db"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    assert arguments == list(LOCALE)


def test_the_image_installs_what_the_set_up_names():
    setup, dockerfile = (
        (ROOT / "bin" / "setup.py").read_text(),
        (ROOT / "Dockerfile").read_text(),
    )
    for package in re.search(r"DEBIAN_PANGO = \(([^)]*)\)", setup)[1].replace('"', "").split(","):
        assert package.strip() in dockerfile
    version = re.search(r'UV_VERSION = "([\d.]+)"', setup)[1]
    assert f"uv:{version} " in dockerfile
    for folder in demo.UNUSED_STATIC[1::2]:
        assert f"--ignore {folder}" in dockerfile


def test_caddy_keeps_no_address_and_says_hsts():
    caddy = (ROOT / "deploy" / "Caddyfile").read_text()
    directives = [line.split()[0] for line in caddy.splitlines() if line.strip()]
    assert "log" not in directives
    assert "reverse_proxy web:8000" in caddy
    assert {"read_header", "read_body", "write", "idle", "request_buffers"} <= set(directives)
    assert "?Strict-Transport-Security" in caddy
    assert SERVICES["web"]["environment"]["PROXIES"] == "1"


# ── The roles, on a cluster that has nothing yet ─────────────────────────────────────────────


@contextmanager
def empty_cluster() -> Iterator[tuple[Account, Path, Path]]:
    """As the image leaves it: a superuser who enters by the socket, and nothing else."""
    account = Account.of_servers()
    postgres = Binaries.for_account(account).postgres
    home = Path(f"/tmp/spro-d-{secrets.token_hex(4)}")
    account.own(home)
    options = account.process_options
    try:
        subprocess.run(
            [postgres.with_name("initdb"), "-D", home / "data", "-U", "postgres", "--auth=trust",
             "--no-sync", *LOCALE],
            check=True, capture_output=True, **options,
        )  # fmt: skip
        log = home / "log"
        with log.open("wb") as output:
            server = subprocess.Popen(
                [postgres, "-D", home / "data", "-k", home, "-c", "listen_addresses="],
                stdout=output, stderr=output, preexec_fn=dies_with_parent(signal.SIGINT), **options,
            )  # fmt: skip
        try:
            wait_until(lambda: answers(home), server, log)
            yield account, postgres, home
        finally:
            stop_process(server, signal.SIGINT)
    finally:
        shutil.rmtree(home)


def answers(home: Path) -> bool:
    try:
        psycopg.connect(f"host={home} user=postgres dbname=postgres").close()
    except psycopg.OperationalError:
        return False
    return True


ROLES = """
SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls
  FROM pg_roles WHERE rolname LIKE 'sprocep%' ORDER BY 1
"""
SETTINGS_OF_ROLES = "SELECT setrole::regrole::text, setconfig FROM pg_db_role_setting ORDER BY 1"
# Besides its owner, who may do what with the base and its schema; the owner of the tables too.
RIGHTS = """
SELECT pg_get_userbyid(datdba), a.grantee::regrole::text, a.privilege_type
  FROM pg_database, aclexplode(datacl) a WHERE datname = 'sprocep' ORDER BY 2, 3
"""
PARAMETERS = "SELECT parname, paracl::text FROM pg_parameter_acl"
# Functions of PostgreSQL that not everybody runs, and whether a dump says so.
FUNCTIONS = """
SELECT p.oid::regprocedure::text, proacl::text = initprivs::text
  FROM pg_proc p LEFT JOIN pg_init_privs ON objoid = p.oid AND classoid = 'pg_proc'::regclass
 WHERE proname ~ '^lo' AND proacl IS NOT NULL ORDER BY 1
"""
QUERIES = (ROLES, RIGHTS, PARAMETERS, SETTINGS_OF_ROLES, FUNCTIONS)


def test_the_roles_are_made_and_serve(tmp_path):
    secret_files = tmp_path / "secrets"
    subprocess.run([sys.executable, ROOT / "deploy" / "make_secrets.py", secret_files], check=True)
    with empty_cluster() as (account, postgres, home):
        # psql runs as the account of the servers, which may not enter our temporary folder.
        shutil.copytree(secret_files, home / "secrets")
        shutil.copy(ROOT / "deploy" / "roles.sql", home / "roles.sql")
        for path in (home / "secrets", *(home / "secrets").iterdir(), home / "roles.sql"):
            shutil.chown(path, account.uid, account.gid)
        options = account.process_options
        options["env"] = options["env"] | {"SECRETS_DIR": str(home / "secrets")}
        subprocess.run(
            [postgres.with_name("psql"), "-h", home, "-U", "postgres", "-d", "postgres",
             "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-q", "-f", home / "roles.sql"],
            check=True, capture_output=True, **options,
        )  # fmt: skip
        urls = {
            variable: f"postgresql://{role}@/sprocep?host={home}&port=5432"
            for variable, role in (
                ("DATABASE_URL", APP),
                ("DATABASE_OWNER_URL", OWNER),
                ("DATABASE_COMPILER_URL", COMPILER),
            )
        }
        environment = {
            **os.environ,
            **urls,
            "INSECURE_COOKIES": "0",
            "SECRET_KEY": secrets.token_urlsafe(64),
            "DJANGO_SETTINGS_MODULE": "sprocep.settings",
            "VAR_DIR": str(tmp_path),
        }
        commands = SERVICES["migrate"]["command"][-1].replace("python ", f"{sys.executable} ")
        subprocess.run(["sh", "-ec", commands], cwd=ROOT, env=environment, check=True)
        here = f"host={home} user=postgres dbname=sprocep"
        found = [rows(here, query) for query in QUERIES]
    private = os.environ["DATABASE_OWNER_URL"]
    assert found[0] == rows(private, ROLES)
    assert [row[1:5] for row in found[0]] == [
        (False, False, False, True),
        (False, False, False, True),
        (False, False, True, True),
    ]
    assert found[1:] == [rows(private, query) for query in QUERIES[1:]]
    assert found[3] == [("sprocep_app", ["track_activities=off"])]
    assert len(found[4]) == 12, "of large objects"


def rows(url: str, query: str) -> list[tuple]:
    with psycopg.connect(url) as link:
        return link.execute(query).fetchall()


@pytest.mark.parametrize("name", ["roles.sql", "pg_hba.conf", "Caddyfile"])
def test_what_is_mounted_exists(name):
    mounted = [v for s in SERVICES.values() for v in s.get("volumes", ()) if v.startswith("./")]
    assert [v for v in mounted if v.startswith(f"./deploy/{name}:")]
    assert all((ROOT / v.split(":")[0]).exists() for v in mounted)
