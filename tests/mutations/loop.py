"""`make mutate`: breaks each rule in turn and runs the tests of it until one is red.

One process and one database: pytest collects once, and its loop is this one. A test that turned red
must be green once the change is undone, or it proves nothing. A rule that can be broken with every
test green is a hole in the tests: it is named, and the run fails.
"""

import os
import time
from collections import Counter

import pytest
from _pytest.runner import runtestprotocol
from pytest_django.plugin import blocking_manager_key

from tests.mutations.changes import ISOLATION, Change, every_change
from tests.mutations.code import faults_in_code

KINDS = os.environ.get("MUTATIONS", "")


class Runner:
    """Runs single tests out of order; what they share stays up from one to the next."""

    def __init__(self, session: pytest.Session) -> None:
        self.state, self.items = session._setupstate, session.items
        self.known_green: set[str] = set()
        self.folder = self.why = ""

    def is_red(self, item: pytest.Item) -> bool:
        self.state.teardown_exact(item)
        reports = runtestprotocol(item, log=False, nextitem=self._sibling(item))
        self.why = "\n".join(report.longreprtext for report in reports if report.failed)
        return bool(self.why)

    def _sibling(self, item: pytest.Item) -> pytest.Item:
        """Another test of its module: what is of this test alone is torn down, and no more."""
        return next(i for i in self.items if i.parent is item.parent and i is not item)

    def tests_of(self, change: Change) -> list[pytest.Item]:
        """Those that name the rule's table or route first; then all of its folder."""
        here = [item for item in self.items if item.nodeid.startswith(change.folder)]
        return sorted(here, key=lambda i: not any(word in i.nodeid for word in change.words))

    def bring_up(self, folder: str) -> None:
        """What its tests share is made before anything is broken."""
        if folder == self.folder:
            return
        here = [item for item in self.items if item.nodeid.startswith(folder)]
        first = next((item for item in here if "filled" in item.fixturenames), here[0])
        if self.is_red(first):
            self.give_up(first)
        self.folder = folder

    def seen_by(self, change: Change) -> pytest.Item | None:
        self.bring_up(change.folder)
        change.apply()
        try:
            found = next((item for item in self.tests_of(change) if self.is_red(item)), None)
        finally:
            change.undo()
        if found and found.nodeid not in self.known_green:
            if self.is_red(found):
                self.give_up(found)
            self.known_green.add(found.nodeid)
        return found

    def give_up(self, item: pytest.Item) -> None:
        pytest.exit(f"{item.nodeid} is red without any change:\n{self.why}", returncode=2)

    def close(self) -> None:
        self.state.teardown_exact(None)


def run(session: pytest.Session) -> bool:
    """In place of pytest's own loop; the exit code tells whether a change went unseen."""
    began, runner = time.monotonic(), Runner(session)
    runner.bring_up(ISOLATION)
    with session.config.stash[blocking_manager_key].unblock():
        every = [*every_change(), *faults_in_code()]
        changes = [change for change in every if change.kind.startswith(KINDS)]
        tried, survived = Counter(), []
        for change in changes:
            tried[change.kind] += 1
            if runner.seen_by(change) is None:
                survived.append(f"{change.kind}: {change.name}")
                print(f"SURVIVED {survived[-1]}", flush=True)
        runner.close()
    _tell(tried, survived, time.monotonic() - began)
    session.testsfailed = len(survived)
    session.testscollected = len(changes)
    return True


def _tell(tried: Counter, survived: list[str], seconds: float) -> None:
    print()
    for kind, count in tried.items():
        lost = sum(line.startswith(f"{kind}: ") for line in survived)
        print(f"{kind:24} {count:5} tried {count - lost:5} seen {lost:3} survived")
    print(f"{sum(tried.values())} changes in {seconds:.0f} s")
