"""The kept cluster is that of the present code, and no other."""

import ast
import subprocess
from pathlib import Path

import pytest

from sprocep.embedded import EmbeddedServers
from sprocep.embedded.processes import Account, Binaries
from tests import template
from tests.template import PREPARED, REPOSITORY

APPS = ("sprocep", "regions", "operators", "beneficiaries", "indicators")


def of_the_project(path: Path) -> set[Path]:
    """The files of ours that this one imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    places = [REPOSITORY / name.replace(".", "/") for name in names if name.split(".")[0] in APPS]
    files = {place.with_suffix(".py") for place in places} | {p / "__init__.py" for p in places}
    return {file for file in files if file.is_file()}


def test_all_that_makes_the_schema_is_in_the_fingerprint():
    reached, waiting = set(), list(REPOSITORY.glob("*/migrations/*.py"))
    waiting += REPOSITORY.glob("*/models/*.py")
    waiting += REPOSITORY.glob("*/management/commands/load_reference.py")
    assert len(waiting) > 40
    while waiting:
        path = waiting.pop()
        reached.add(path)
        waiting += of_the_project(path) - reached
    # An empty file decides nothing.
    assert {path for path in reached if path.read_bytes()} <= template.sources()
    sql = set(REPOSITORY.glob("*/migrations/sql/*.sql"))
    assert len(sql) > 20
    assert sql <= template.sources()
    data = set(REPOSITORY.glob("*/data/*.csv"))
    assert len(data) > 20
    assert data <= template.sources()


def test_another_word_or_another_version_is_another_template(tmp_path, monkeypatch):
    monkeypatch.setattr(template, "REPOSITORY", tmp_path)
    file = tmp_path / "0001_initial.py"
    file.write_text("one")
    first = template.fingerprint([file], ["Django 5.2.1"])
    assert template.fingerprint([file], ["Django 5.2.1"]) == first
    assert template.fingerprint([file], ["Django 5.2.2"]) != first
    file.write_text("two")
    assert template.fingerprint([file], ["Django 5.2.1"]) != first


@pytest.mark.prove
def test_the_kept_database_is_what_migrations_make():
    """Made once more, from nothing, beside a copy of the kept one."""
    kept = EmbeddedServers.for_one_run()
    template.lay_under(kept.root)
    fresh = EmbeddedServers.for_one_run()
    with kept as there, fresh as here:
        template.prepare(here)
        assert schema(here) == schema(there)
        assert schema(here).count("CREATE TABLE") > 100


def schema(environment: dict[str, str]) -> str:
    """As `pg_dump` says it, without the lines that are drawn for one dump alone."""
    url = environment["DATABASE_OWNER_URL"].replace("/sprocep?", f"/{PREPARED}?")
    program = Binaries.for_account(Account.of_servers()).postgres.with_name("pg_dump")
    dumped = subprocess.run(
        [program, "--schema-only", url], capture_output=True, text=True, check=True
    )
    return "\n".join(
        line
        for line in dumped.stdout.splitlines()
        if not line.startswith(("\\restrict", "\\unrestrict"))
    )
