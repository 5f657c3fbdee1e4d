"""A base of a few made-up editions, in a clone of its own, and the programs that read it.

2015-T4 is transmitted and 2016-T1 sealed for the nation and two Regions; 2016-T2 is in draft.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from django.db import connections
from django.test import Client

from indicators.exports.seal import borders_seal
from indicators.models import Edition, EditionCell
from sprocep.api import counter
from sprocep.tenancy import NATION
from tests.databases import cloned_database, pointed_at
from tests.fixtures import World
from tests.indicators.pages import fabricated
from tests.indicators.pages.fabricated import AFTER, BEFORE, DRAFT, DRAFTS, seal_all
from tests.tokens import shown_token


@pytest.fixture(autouse=True)
def no_limit(settings) -> None:
    """But where a test sets one; what another test asked for is forgotten."""
    settings.API_REQUESTS_A_MINUTE = 100_000
    counter().flushdb()


@pytest.fixture(scope="session")
def published(world: World, django_db_blocker, worker_id) -> Iterator[str]:
    """The name of the base, filled once for all modules."""
    officer, name = world["dgefp_officer"].user, f"api_{worker_id}"
    with django_db_blocker.unblock():
        common = connections["owner"].settings_dict["NAME"]
        with cloned_database(name):
            fabricated.empty()
            structures = fabricated.one_structure_each()
            for period in (BEFORE, AFTER, DRAFT):
                fabricated.expect_returns(period, structures, missing="opacif")
            fabricated.protected(BEFORE, DRAFTS)
            _in_constant_borders()
            seal_all(BEFORE, officer, transmit=True)
            fabricated.protected(AFTER, DRAFTS)
            seal_all(AFTER, officer, transmit=False)
            fabricated.protected(DRAFT, DRAFTS)
            with pointed_at(common):
                yield name


def _in_constant_borders() -> None:
    """Cells of the nation of 2015, taken as those of a Region of 2016, and their seal."""
    editions = Edition.objects.using("owner")
    edition = editions.get(period=BEFORE.code, territory=NATION)
    for cell in EditionCell.objects.using("owner").filter(edition=edition, indicator="A1"):
        cell.pk, cell.territory, cell.borders = None, "75", "2016"
        cell.save(using="owner", force_insert=True)
    editions.filter(pk=edition.pk).update(borders_seal=borders_seal(edition, using="owner"))


@pytest.fixture(scope="module")
def base(world: World, published: str, django_db_blocker) -> Iterator[World]:
    with django_db_blocker.unblock(), pointed_at(published):
        yield world


@pytest.fixture
def program(base: World) -> Iterator[Callable[[str], Client]]:
    """A program with its token: `program("93").get("/api/v1/regions/")`."""
    with ExitStack() as tokens:

        def of(region: str) -> Client:
            headers = tokens.enter_context(shown_token(base, f"api_client {region}"))
            return Client(headers=headers)

        yield of


@pytest.fixture
def read(program) -> Callable[..., dict]:
    """The body of what Region 93's program is answered: `read("figures", edition=…)`."""
    client = program("93")

    def ask(resource: str, **parameters) -> dict:
        answer = client.get(f"/api/v1/{resource}/", parameters)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return ask


@pytest.fixture
def browse(base: World) -> Callable[[str], Client]:
    """A browser of this person."""

    def as_member(key: str) -> Client:
        client = Client()
        client.force_login(base[key].user)
        return client

    return as_member
