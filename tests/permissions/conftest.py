"""Who asks: a browser of each person of the table, a program with its token."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.test import Client

from sprocep import health
from tests.filled import filled
from tests.permissions.routes import ACTORS, PROGRAMS
from tests.tokens import shown_token

__all__ = ["filled"]


@pytest.fixture(autouse=True)
def worker_and_beat_give_signs() -> None:
    """Whether one runs beside this test is no matter of rights."""
    health.give_sign(health.WORKER)
    health.give_sign(health.BEAT)


@pytest.fixture(autouse=True)
def no_limit(settings) -> None:
    """The whole table is asked for within a minute."""
    settings.API_REQUESTS_A_MINUTE = 10_000


@pytest.fixture(scope="module")
def browsers(filled, django_db_blocker) -> Iterator[dict[str, Client]]:
    """One login each for the whole table; programs show their token instead."""
    found = {actor: Client() for actor in ACTORS}
    with django_db_blocker.unblock():
        for actor, key in ACTORS.items():
            if key and actor not in PROGRAMS:
                found[actor].force_login(filled[key].user)
        with ExitStack() as tokens:
            for actor in PROGRAMS:
                headers = tokens.enter_context(shown_token(filled, ACTORS[actor]))
                found[actor] = Client(headers=headers)
            yield found
