"""A base of made-up editions for the tests of the pages, in a clone of its own.

2015-T4 (transmitted) and 2016-T1 are sealed for all, 2016-T2 is in draft. What a test writes is
undone at its end.
"""

from collections.abc import Iterator

import pytest
from django.db import connections
from django.test import Client

from indicators import actions, queries
from indicators.worklist import nation
from regions.models import Membership
from sprocep.periods import Period
from tests.fixtures import World
from tests.indicators import fabricated
from tests.indicators.conftest import cloned_database

BEFORE, AFTER, DRAFT = (Period.parse(code) for code in ("2015-T4", "2016-T1", "2016-T2"))


def seal_all(period: Period, by, *, transmit: bool) -> None:
    with nation():
        for edition in queries.editions(period.code):
            actions.seal_edition(by=by, edition=edition)
            if transmit:
                actions.transmit_edition(by=by, edition=edition)


@pytest.fixture(scope="module")
def base(world: World, django_db_blocker, worker_id) -> Iterator[World]:
    officer = world["dgefp_officer"].user
    with django_db_blocker.unblock(), cloned_database(f"pages_{worker_id}"):
        structures = fabricated.one_structure_each()
        for period in (BEFORE, AFTER, DRAFT):
            fabricated.expect_returns(period, structures, missing="opacif")
            fabricated.protected(period)
        seal_all(BEFORE, officer, transmit=True)
        seal_all(AFTER, officer, transmit=False)
        connections.close_all()
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
