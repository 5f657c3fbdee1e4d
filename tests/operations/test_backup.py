"""Kept during a compilation, brought back on a new cluster: all is equal, and work goes on."""

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connections
from django.utils import timezone

from indicators import worklist
from indicators.models import Compilation, Work
from indicators.worklist import nation
from sprocep import backup, demo, periods
from sprocep.embedded import EmbeddedServers
from tests.databases import pointed_at
from tests.operations.people import CANARIES
from tests.operations.site import served

BEGUN = periods.quarter(2016, 2)
TERRITORIES = ("11", "93")


def owner_url() -> str:
    name = connections["owner"].settings_dict["NAME"]
    return os.environ["DATABASE_OWNER_URL"].replace("/sprocep?", f"/{name}?")


@pytest.fixture(scope="module")
def kept(lived, tmp_path_factory, django_db_blocker) -> Path:
    """A backup taken while one unit of a compilation is held and another one waits."""
    folder = tmp_path_factory.mktemp("backups") / "one"
    with django_db_blocker.unblock(), pointed_at(lived.database):
        _begin_a_compilation()
        backup.keep(owner_url(), folder)
    return folder


def _begin_a_compilation() -> None:
    with nation():
        begun = Compilation.objects.create(period=BEGUN.code)
        for territory in TERRITORIES:
            Work.objects.create(
                compilation=begun,
                step=Work.Step.COMPUTE,
                period=BEGUN.code,
                starts_on=BEGUN.starts,
                territory=territory,
                regions=[territory],
            )
    assert worklist.take("a worker of the old cluster")


@pytest.fixture(scope="module")
def new_cluster(kept):
    """Fresh servers, with the three roles and an empty base, that the backup was restored into."""
    with EmbeddedServers.for_one_run() as urls:
        backup.bring_back(urls["DATABASE_OWNER_URL"], kept)
        # Before any test goes on working there: they come in any order.
        backup.compare(urls["DATABASE_OWNER_URL"], backup.read(kept))
        with psycopg.connect(of_base(urls, "postgres"), autocommit=True) as link:
            _copy(link, "sprocep", "untouched")
        yield urls


def of_base(urls: dict, name: str) -> str:
    return urls["DATABASE_OWNER_URL"].replace("/sprocep?", f"/{name}?")


def _copy(link: psycopg.Connection, base: str, name: str) -> None:
    """Rights on a database are not copied with it."""
    link.execute(f"CREATE DATABASE {name} TEMPLATE {base}")
    link.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    link.execute(f"GRANT CONNECT ON DATABASE {name} TO sprocep_app, sprocep_compiler")
    link.execute(f"GRANT TEMPORARY ON DATABASE {name} TO sprocep_compiler")


def rows(url: str, sql: str) -> list[tuple]:
    with psycopg.connect(url) as link:
        return link.execute(sql).fetchall()


def test_the_backup_says_what_it_holds(kept):
    manifest = json.loads((kept / "manifest.json").read_text())
    assert manifest["tables"]["beneficiaries_beneficiary"][0] == str(len(CANARIES))
    assert any(line.startswith("policy beneficiaries_session ") for line in manifest["catalogue"])
    assert "regions.0001_initial" in manifest["migrations"]
    assert {oct(file.stat().st_mode)[-3:] for file in kept.iterdir()} == {"600"}
    assert {file.name for file in kept.iterdir()} == {"database.dump", "manifest.json"}


def test_all_is_equal_on_the_new_cluster(kept, new_cluster):
    backup.compare(of_base(new_cluster, "untouched"), backup.read(kept))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DROP POLICY session_structure ON beneficiaries_session", "catalogue : policy"),
        ("GRANT SELECT ON beneficiaries_personkey TO sprocep_app", "catalogue : right"),
        ("UPDATE beneficiaries_beneficiary SET note = note || 'x'", "tables : benef"),
        ("ALTER TABLE beneficiaries_session ALTER id RESTART WITH 1", "en retard : beneficiaries"),
    ],
)
def test_a_difference_is_told(kept, new_cluster, change, told):
    changed = of_base(new_cluster, "changed")
    with psycopg.connect(of_base(new_cluster, "postgres"), autocommit=True) as link:
        _copy(link, "untouched", "changed")
        try:
            backup.compare(changed, backup.read(kept))
            with psycopg.connect(changed) as inside:
                inside.execute(change)
            with pytest.raises(backup.BackupError, match=told):
                backup.compare(changed, backup.read(kept))
        finally:
            link.execute("DROP DATABASE changed")


def test_a_base_that_is_not_empty_is_left_alone(kept, new_cluster):
    with pytest.raises(backup.BackupError, match="n’est pas vide"):
        backup.bring_back(new_cluster["DATABASE_OWNER_URL"], kept)


def test_a_dump_that_changed_is_not_trusted(kept, tmp_path):
    assert backup.read(kept)
    for name in ("manifest.json", "database.dump"):
        (tmp_path / name).write_bytes((kept / name).read_bytes())
    content = bytearray((kept / "database.dump").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "database.dump").write_bytes(content)
    with pytest.raises(backup.BackupError, match="a changé"):
        backup.read(tmp_path)
    (tmp_path / "manifest.json").unlink()
    with pytest.raises(backup.BackupError, match="pas une sauvegarde achevée"):
        backup.read(tmp_path)


def test_every_seal_verifies_there(lived, new_cluster):
    environment = lived.site.environment | new_cluster
    said = subprocess.run(
        [sys.executable, "manage.py", "verify_edition", "--all"],
        cwd=demo.ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.startswith("2 éditions scellées et ")
    checked = demo.command("check", "--database", "default", "--database", "compiler")
    subprocess.run(checked, cwd=demo.ROOT, env=environment, check=True, capture_output=True)


def test_the_next_row_is_taken_there(new_cluster):
    with psycopg.connect(new_cluster["DATABASE_OWNER_URL"]) as link:
        [last] = link.execute("SELECT max(id) FROM indicators_compilation").fetchone()
        [taken] = link.execute(
            "INSERT INTO indicators_compilation (period, requested_at) VALUES ('2016-T3', now()) "
            "RETURNING id"
        ).fetchone()
        assert taken > last
        link.rollback()


def test_the_compilation_goes_on_there(lived, new_cluster, tmp_path):
    """The one who held a unit is not of this cluster: its lease runs out, another one takes it."""
    url = new_cluster["DATABASE_OWNER_URL"]
    of_begun = f"SELECT territory, state FROM indicators_work WHERE period = '{BEGUN.code}'"
    assert sorted(rows(url, of_begun)) == [("11", "running"), ("93", "waiting")]
    words = [*demo.WORKER, "--beat", "--schedule", str(tmp_path / "beat")]
    deadline = timezone.now() + timedelta(seconds=300)
    with served(words, lived.site.environment | new_cluster, tmp_path / "worker.log"):
        while {state for _, state in rows(url, of_begun)} != {"done"}:
            assert timezone.now() < deadline, (tmp_path / "worker.log").read_text()[-2000:]
            time.sleep(0.3)
    counted = rows(
        url,
        f"SELECT DISTINCT territory FROM indicators_figure WHERE period = '{BEGUN.code}' "
        "AND territory IN ('11', '93')",
    )
    assert sorted(counted) == [("11",), ("93",)]
