import pytest

from sprocep import health
from tests.filled import filled

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
