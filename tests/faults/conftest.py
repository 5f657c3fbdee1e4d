"""The arena, opened once, and the table at the end of `make faults`."""

from collections.abc import Iterator

import pytest

from tests.faults import tally
from tests.faults.crew import Crew, Undisturbed, undisturbed_run
from tests.faults.stage import Arena, Stage


@pytest.fixture(scope="session")
def arena(django_db_blocker) -> Iterator[Arena]:
    with django_db_blocker.unblock(), Arena.opened() as opened:
        yield opened


@pytest.fixture(scope="module")
def stage(arena: Arena, both_outcomes, django_db_blocker) -> Iterator[Stage]:
    """One data set for a module; the connections of the tests enter it."""
    with django_db_blocker.unblock(), arena.stage() as made:
        yield made


@pytest.fixture(scope="session")
def both_outcomes(arena, django_db_blocker) -> tuple[Undisturbed, Undisturbed]:
    """The oracle: what two undisturbed runs give, compiled alone, and with files."""
    with django_db_blocker.unblock(), arena.stage() as calm:
        crew = Crew.hired(calm)
        return undisturbed_run(crew, seals=False), undisturbed_run(crew, seals=True)


@pytest.fixture
def compiled(both_outcomes) -> Undisturbed:
    return both_outcomes[0]


@pytest.fixture
def filed(both_outcomes) -> Undisturbed:
    return both_outcomes[1]


def pytest_terminal_summary(terminalreporter) -> None:
    if tally.SCENARIOS:
        terminalreporter.section("faults")
        for line in tally.lines():
            terminalreporter.line(line)
