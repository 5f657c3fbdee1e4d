"""`python -m tests.mutations`: the tests of a rule, once per rule broken."""

import sys

import pytest

TESTS = [
    "tests/isolation",
    "tests/permissions/test_routes.py",
    "tests/test_html_in_python.py",
    "tests/test_periods.py",
    "tests/beneficiaries/test_writing.py",
    "tests/indicators/pages/test_declarations.py",
    "tests/indicators/pages/test_rounding.py",
    "tests/indicators/secrecy/test_threshold.py",
    "tests/indicators/test_declared.py",
    "tests/indicators/test_worklist.py",
]


class Loop:
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        # Only now are there settings to import models with: the conftest starts the servers first.
        from tests.mutations.loop import run

        return run(session)


sys.exit(pytest.main(["-p", "no:randomly", "-q", "--tb=short", *TESTS], plugins=[Loop()]))
