"""The pages of the base `made_up`. What a test writes is undone at its end."""

from collections.abc import Iterator

import pytest
from django.test import Client

from regions.models import Membership
from tests.databases import pointed_at
from tests.fixtures import World


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
