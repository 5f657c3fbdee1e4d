"""The test run's own servers, and two rules that every test is held to.

Imported before any other conftest of the suite: those may import models at the top.
"""

import gc
import os
import secrets
import sys
import tempfile

import django
import pytest

from tests import servers, statics, template, walks

VAR_DIR = tempfile.TemporaryDirectory(prefix="sprocep-var-", ignore_cleanup_errors=True)
# Loopback over plain http cannot carry Secure cookies; no shell variable changes a test.
os.environ.update({"DEBUG": "0", "INSECURE_COOKIES": "1", "LOG_LEVEL": "WARNING"})
os.environ["VAR_DIR"] = VAR_DIR.name
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(64))  # one for all processes of a run
os.environ["DOOR_BURST"] = "1000000"  # a walk comes from one address
os.environ.setdefault(walks.DRAWN, f"{VAR_DIR.name}/drawn")  # of the run, and not of a process
os.environ.setdefault(statics.FOLDER, f"{VAR_DIR.name}/collected")
os.environ.pop("PERSON_KEYS_FILE", None)
servers.start()
os.environ["DJANGO_SETTINGS_MODULE"] = "sprocep.settings"
django.setup()
del os.environ["DJANGO_SETTINGS_MODULE"]  # an xdist worker goes through this file before settings

pytest_plugins = ["tests.fixtures"]

from django.conf import settings  # noqa: E402 — only readable now
from django.db import connection  # noqa: E402
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402
from hypothesis import HealthCheck  # noqa: E402
from hypothesis import settings as hypothesis_settings  # noqa: E402
from xdist.remote import Producer  # noqa: E402
from xdist.scheduler import LoadFileScheduling  # noqa: E402

from sprocep import memory  # noqa: E402
from tests import clearing  # noqa: E402
from tests.databases import clone, point  # noqa: E402

# Served from the sources: nothing is collected before a test run.
settings.STATIC_ROOT.mkdir()
settings.STORAGES["staticfiles"]["BACKEND"] = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
)

# Whole files go to one process or the other; with the longest begun first, both end together.
LONGEST = (
    "tests/attack/test_product.py",
    "tests/indicators/pages/test_formats_equal.py",
    "tests/permissions/",
    "tests/operations/",
    "tests/indicators/pages/",
    "tests/indicators/",
    "tests/e2e/",
)


# A base that takes a minute to fill is filled by one process, for all files that read it.
ONE_BASE = (
    ("tests/operations/",),
    ("tests/indicators/pages/", "tests/indicators/explain/", "tests/indicators/regional/"),
)


class ByBase(LoadFileScheduling):
    """Give each file to one process, and all files of one base to the same."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return next((folders[0] for folders in ONE_BASE if file.startswith(folders)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByBase:
    return ByBase(config, log)


def _rank(item: pytest.Item) -> int:
    return next((r for r, path in enumerate(LONGEST) if item.nodeid.startswith(path)), len(LONGEST))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_rank)


def pytest_collection_finish() -> None:
    """Modules and items stay to the end: no look through them for what may be freed."""
    gc.freeze()


def pytest_report_header() -> str:
    return "walks: whole" if walks.IS_WHOLE else f"walks: a sample, WALK_SEED={walks.SEED}"


def pytest_terminal_summary(terminalreporter) -> None:
    drawn = walks.told()
    if drawn:
        terminalreporter.section(f"drawn by WALK_SEED={walks.SEED} (make prove walks all)")
        for line in drawn:
            terminalreporter.write_line(line)


# A loaded machine draws and runs examples slowly: that is no fault of what is tested.
hypothesis_settings.register_profile(
    "any_load", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("any_load")

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def refuse_network(event: str, arguments: tuple) -> None:
    if event != "socket.connect" or not isinstance(arguments[1], tuple):
        return
    if arguments[1][0] not in LOOPBACK:
        raise RuntimeError(f"Les tests ne vont pas sur le réseau : {arguments[1]}")


sys.addaudithook(refuse_network)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, worker_id) -> None:
    """One database a process, cloned from the prepared one, whatever the collected tests name."""
    with django_db_blocker.unblock():
        name = f"test_{worker_id}"
        clone(name, template.PREPARED)
        point(name)
        clearing.mark()


ROLE_AND_POWER = """
    SELECT current_user, rolsuper OR rolbypassrls OR pg_roles.oid = datdba
    FROM pg_roles, pg_database
    WHERE rolname = current_user AND datname = current_database()
"""


def refuse_owner(link: BaseDatabaseWrapper) -> None:
    """A superuser or the owner sees every row, silently: a test run as them proves nothing."""
    with link.cursor() as cursor:
        cursor.execute(ROLE_AND_POWER)
        role, sees_every_row = cursor.fetchone()
    if sees_every_row:
        pytest.fail(f"Ce test tourne sous {role} sans être marqué « owner ».")


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch) -> None:
    """Reference data that another test read may have been undone; no minute ends within a test."""
    memory.forget()
    monkeypatch.setattr(memory, "SECONDS", 10**9)


@pytest.fixture(autouse=True)
def not_as_owner(request: pytest.FixtureRequest) -> None:
    marker = request.node.get_closest_marker
    uses_database = {"_django_db_helper", "live_server"} & set(request.fixturenames)
    if marker("owner") or not (uses_database or marker("django_db")):
        return
    request.getfixturevalue("_django_db_helper")
    refuse_owner(connection)
