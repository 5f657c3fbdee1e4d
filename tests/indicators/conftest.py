"""A national data set in a database of its own, where tests commit, compile and seal for real.

A clone of the migrated test database: the tests that live in one transaction are not touched by
what is committed here.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from indicators.computation import Borders, borders_of
from sprocep.settings import BASE_DIR
from sprocep.tenancy import NATION
from tests.databases import VARIABLES, cloned_database, pointed_at
from tests.fixtures import World
from tests.indicators.pages import fabricated
from tests.template import PREPARED

JOURNEYS = 6_000
PRIMARY_RULE = "tests.indicators.primary_rule"
SEED = 7


@dataclass(frozen=True)
class National:
    """Where the generated base is, and what a process of its own needs to enter it; `untouched` is
    the base as generated, of which clones are made, whatever tests committed in it since."""

    name: str
    folder: Path
    report: str
    untouched: str = ""

    @property
    def environment(self) -> dict[str, str]:
        urls = {
            variable: os.environ[variable].replace("/sprocep?", f"/{self.name}?")
            for variable in VARIABLES.values()
        }
        return {
            **os.environ,
            **urls,
            "VAR_DIR": str(settings.VAR_DIR),
            "DJANGO_SETTINGS_MODULE": "sprocep.settings",
            "INSECURE_COOKIES": "1",
        }

    @property
    def truth(self) -> Path:
        return self.folder / "truth.csv"

    @contextmanager
    def worker(self, app: str = "sprocep") -> Iterator[subprocess.Popen]:
        """A real Celery worker, in a process of its own."""
        process = self.start_worker(app)
        try:
            yield process
        finally:
            # What it holds is in the list: nothing is lost by not letting it finish.
            kill(process)

    def start_worker(self, app: str = "sprocep") -> subprocess.Popen:
        log = (self.folder / "worker.log").open("a")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", app, "worker",
                 "--concurrency=2", "--loglevel=INFO", "--without-gossip", "--without-mingle",
                 f"--hostname=test-{self.name}@localhost", "-B",
                 f"--schedule={self.folder / 'beat'}"],
                cwd=BASE_DIR,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )  # fmt: skip


def kill(process: subprocess.Popen) -> None:
    """The worker with its children and its beat, at once."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="session")
def national(django_db_setup, django_db_blocker, tmp_path_factory, worker_id) -> Iterator[National]:
    """All Regions, 2015 to today, with facts that cross the merger."""
    folder = tmp_path_factory.mktemp("national")
    name, untouched = f"national_{worker_id}", f"generated_{worker_id}"
    report = StringIO()
    common = connections["owner"].settings_dict["NAME"]
    with django_db_blocker.unblock(), cloned_database(untouched, template=PREPARED):
        call_command(
            "generate_activity",
            journeys=JOURNEYS,
            seed=SEED,
            start="2015-T1",
            profile="merger",
            truth=str(folder / "truth.csv"),
            stdout=report,
        )
        with cloned_database(name), pointed_at(common):
            yield National(name, folder, report.getvalue(), untouched)


@pytest.fixture
def in_national(national, django_db_blocker) -> Iterator[National]:
    """The national base, open to the test for as long as it runs."""
    with django_db_blocker.unblock(), pointed_at(national.name):
        yield national


@pytest.fixture(scope="session")
def made_up(world: World, django_db_blocker, worker_id) -> Iterator[str]:
    """The name of a base of made-up editions, filled once for all modules.

    2015-T4 (transmitted) and 2016-T1 are sealed for all, 2016-T2 is in draft for two Regions and
    the nation.
    """
    officer = world["dgefp_officer"].user
    name = f"pages_{worker_id}"
    with django_db_blocker.unblock():
        common = connections["owner"].settings_dict["NAME"]
        with cloned_database(name):
            fabricated.empty()
            structures = fabricated.one_structure_each()
            for period in (fabricated.BEFORE, fabricated.AFTER, fabricated.DRAFT):
                fabricated.expect_returns(period, structures, missing="opacif")
            existing = [*borders_of(fabricated.BEFORE, Borders.DATE), NATION]
            fabricated.protected(fabricated.BEFORE, existing, Borders.OF_2016)
            fabricated.seal_all(fabricated.BEFORE, officer, transmit=True)
            fabricated.protected(
                fabricated.AFTER, [*borders_of(fabricated.AFTER, Borders.DATE), NATION]
            )
            fabricated.seal_all(fabricated.AFTER, officer, transmit=False)
            fabricated.protected(fabricated.DRAFT, fabricated.DRAFTS)
            with pointed_at(common):
                yield name
