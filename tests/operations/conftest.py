"""A base of its own, lived in for a day by persons nobody else knows."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connections

from regions.models import User
from tests import factories, fixtures, servers
from tests.databases import VARIABLES, cloned_database, pointed_at
from tests.operations.day import Day, live
from tests.operations.site import Site, running
from tests.statics import collected
from tests.template import PREPARED

PASSWORD = factories.PASSWORD


@dataclass(frozen=True)
class Lived:
    site: Site
    day: Day
    database: str
    broker: str
    servers_logs: Path


@pytest.fixture(scope="package")
def lived(django_db_setup, django_db_blocker, tmp_path_factory, worker_id):
    """The site is stopped before anybody looks: what it says last is looked at too."""
    folder = tmp_path_factory.mktemp("canaries")
    name, common = f"canaries_{worker_id}", connections["owner"].settings_dict["NAME"]
    broker = servers.broker(2)
    with django_db_blocker.unblock(), cloned_database(name, template=PREPARED):
        world = fixtures.make_world()
        _give_passwords(world)
        with running(folder, _environment(name, folder, broker)) as site:
            day = live(site, world, broker)
        with pointed_at(common):
            yield Lived(site, day, name, broker, Path(os.environ["SERVERS_LOGS"]))


@pytest.fixture
def in_lived(lived, django_db_blocker):
    """The base of that day, open to the test for as long as it runs."""
    with django_db_blocker.unblock(), pointed_at(lived.database):
        yield lived


def _environment(name: str, folder: Path, broker: str) -> dict[str, str]:
    urls = {v: os.environ[v].replace("/sprocep?", f"/{name}?") for v in VARIABLES.values()}
    return {
        **os.environ,
        **urls,
        "BROKER_URL": broker,
        "VAR_DIR": str(folder),
        "STATIC_ROOT": str(collected()),
        "DJANGO_SETTINGS_MODULE": "sprocep.settings",
        "DEBUG": "0",
        "INSECURE_COOKIES": "1",
        "LOG_LEVEL": "INFO",
        "PYTHONUNBUFFERED": "1",
    }


def _give_passwords(world) -> None:
    for member in world.members.values():
        user = User.objects.using("owner").get(pk=member.user_id)
        user.set_password(PASSWORD)
        user.save(using="owner")
