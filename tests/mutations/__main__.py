"""`python -m tests.mutations`: the isolation and rights tests, once per rule broken."""

import sys

import pytest

TESTS = ["tests/isolation", "tests/permissions/test_routes.py"]


class Loop:
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        # Only now are there settings to import models with: the conftest starts the servers first.
        from tests.mutations.loop import run

        return run(session)


sys.exit(pytest.main(["-p", "no:randomly", "-q", "--tb=short", *TESTS], plugins=[Loop()]))
