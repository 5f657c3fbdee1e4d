"""A base of made-up editions for the tests of the pages, in a clone of its own.

2015-T4 (transmitted) and 2016-T1 are sealed for all, 2016-T2 is in draft for two
Regions and the nation. What a test writes is
undone at its end.
"""

from collections.abc import Iterator

import pytest
from django.db import connections
from django.test import Client

from indicators import actions, queries
from indicators.computation import Borders, borders_of
from indicators.worklist import nation
from regions.models import Membership
from sprocep.periods import Period
from sprocep.tenancy import NATION
from tests.databases import cloned_database, pointed_at
from tests.fixtures import World
from tests.indicators.pages import fabricated
from tests.indicators.pages.fabricated import AFTER, BEFORE, DRAFT, DRAFTS


def seal_all(period: Period, by, *, transmit: bool) -> None:
    with nation():
        actions.validate_period(by=by, period=period)
        for edition in queries.editions(period.code):
            actions.seal_edition(by=by, edition=edition)
            if transmit:
                actions.transmit_edition(by=by, edition=edition)


@pytest.fixture(scope="session")
def made_up(world: World, django_db_blocker, worker_id) -> Iterator[str]:
    """The name of the base, filled once for all modules."""
    officer = world["dgefp_officer"].user
    name = f"pages_{worker_id}"
    with django_db_blocker.unblock():
        common = connections["owner"].settings_dict["NAME"]
        with cloned_database(name):
            fabricated.empty()
            structures = fabricated.one_structure_each()
            for period in (BEFORE, AFTER, DRAFT):
                fabricated.expect_returns(period, structures, missing="opacif")
            existing = [*borders_of(BEFORE, Borders.DATE), NATION]
            fabricated.protected(BEFORE, existing, Borders.OF_2016)
            seal_all(BEFORE, officer, transmit=True)
            fabricated.protected(AFTER, [*borders_of(AFTER, Borders.DATE), NATION])
            seal_all(AFTER, officer, transmit=False)
            fabricated.protected(DRAFT, DRAFTS)
            with pointed_at(common):
                yield name


@pytest.fixture(scope="module")
def base(world: World, made_up: str, django_db_blocker) -> Iterator[World]:
    """The base, in the place of the common one as long as the module runs."""
    with django_db_blocker.unblock(), pointed_at(made_up):
        yield world


@pytest.fixture
def browse(base: World):
    """A browser of this person: `browse("auditor").get("/nation/")`."""

    def as_member(key: str) -> Client:
        client = Client()
        member: Membership = base[key]
        client.force_login(member.user)
        return client

    return as_member
