"""No room left: no cut file, no half row, and all goes on once there is room."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from django.db import connections

from indicators.models import Work
from indicators.worklist import nation
from tests.faults.crew import Crew
from tests.faults.run import Outcome, Run, forget_runs
from tests.faults.stage import Stage
from tests.faults.storm import Storm
from tests.faults.tally import scenario
from tests.waiting import wait_until


def may_mount() -> bool:
    """Root in a container often may not."""
    if os.geteuid() != 0:
        return False
    tried = subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
        check=False,
        capture_output=True,
    )
    return tried.returncode == 0


pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not may_mount(), reason="a small disk is mounted by root alone"),
]


def size(folder: Path, said: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={said}", folder], check=True)


@contextmanager
def small_disk(folder: Path, said: str) -> Iterator[Path]:
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={said}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def causes() -> set[str]:
    with nation(read_only=True):
        return set(Work.objects.exclude(cause="").values_list("cause", flat=True))


def test_full_disk_of_editions(stage, filed):
    crew = Crew.hired(stage)
    forget_runs(stage)
    with scenario("disk of editions full") as count, small_disk(stage.editions, "160k"):
        run = Run(stage, seals=True)
        wait_until(lambda: run.units_done() < run.units and causes(), 180)
        assert any("No space left" in cause for cause in causes()), causes()
        # The site serves the kept files, whole; in the folder none is cut.
        found = Outcome.of(stage)
        laid = {name: digest for name, digest in found.laid.items() if not name.endswith(".part")}
        count.wrong += len(found.kept.items() - filed.outcome.kept.items())
        count.wrong += len(laid.items() - filed.outcome.laid.items())
        size(stage.editions, "100m")
        run.wait()
        run.judge(count, filed.outcome)
    crew.leave()


@contextmanager
def base_on_a_small_disk(stage: Stage, room: int) -> Iterator[None]:
    """The files of this database on a disk of its own, with `room` bytes to spare."""
    postgres = stage.arena.servers.postgres
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        [[oid]] = cursor.fetchall()
    home = postgres.data / "base" / str(oid)
    aside = home.with_name("aside")
    used = sum(path.stat().st_size for path in home.iterdir())
    stop_in_order(stage)
    home.rename(aside)
    with small_disk(home, f"{(used + room) // 1024}k"):
        move(aside, home)
        stage.arena.servers.revive()
        try:
            yield
        finally:
            stop_in_order(stage)
            aside.mkdir()
            move(home, aside)
    home.rmdir()
    aside.rename(home)
    stage.arena.servers.revive()


def move(source: Path, target: Path) -> None:
    """With its owner, which is not root."""
    subprocess.run(["cp", "--archive", f"{source}/.", target], check=True)
    shutil.rmtree(source, ignore_errors=True)  # a mounted folder stays, empty


def stop_in_order(stage: Stage) -> None:
    connections.close_all()
    process = stage.arena.servers.postgres.process
    process.send_signal(signal.SIGINT)
    process.wait(30)


def test_full_disk_of_postgresql(stage):
    site = stage.site()
    storm = Storm.of(stage, site, forms_each=4)
    with (
        scenario("disk of PostgreSQL full under 50 posts") as count,
        base_on_a_small_disk(stage, 2**22),
    ):
        url = stage.environment["DATABASE_OWNER_URL"]
        with psycopg.connect(url, autocommit=True) as owner:
            fill(owner)

            def make_room(blowing: Storm) -> None:
                wait_until(lambda: len(blowing.interrupted) > 20, 60)
                owner.execute("DROP TABLE filler")

            storm.blow(make_room)
        storm.judge(count)


def fill(owner: psycopg.Connection) -> None:
    """Until not one page more can be had."""
    owner.execute("CREATE TABLE filler (word text)")
    lines = "INSERT INTO filler SELECT repeat(md5(n::text), 3) FROM generate_series(1, %s) n"
    for at_once in (10_000, 100, 1):
        with suppress(psycopg.errors.DiskFull):
            while True:
                owner.execute(lines, [at_once])
