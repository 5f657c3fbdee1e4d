"""A real Chromium on the live site, logged in as one person of the world."""

import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connections
from playwright.sync_api import Browser, Page, sync_playwright

from regions.models import Membership
from tests import walks

HERE = Path(__file__).parent
_NO_PARAMETERS = SimpleNamespace(params={})
CHROMIUM = "/usr/bin/chromium"
# The address bar, which nobody sees here, makes two more pages in every window: half of the work of
# a test. Chromium reads the last of two such lists only, so this one repeats Playwright's.
SWITCHED_OFF = (
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"),
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "AimEnabled"),
    *("TcpPortRandomizationWin", "OptimizationHints", "NetworkTimeServiceQuerying"),
    "PreconnectToSearch",
)
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    f"--disable-features={','.join(SWITCHED_OFF)}",
]
# What Chromium says and that is no fault: of a page that answers « this link opens nothing any
# more », and of who was in a field before the page led there by itself.
EXPECTED = {
    "Failed to load resource: the server responded with a status of 410 (Gone)",
    "Autofocus processing was blocked because a document already has a focused element.",
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep a third of the files that open a browser, and one of two widths: those of the day. Keep
    all by night."""
    files = sorted({item.path for item in items if item.path.parent == HERE})
    drawn = walks.draw("files in the browser", [file.name for file in files], -(-len(files) // 3))
    left_out = {id(item) for item in items if item.path in files and item.path.name not in drawn}
    left_out |= _at_other_widths(items)
    config.hook.pytest_deselected(items=[item for item in items if id(item) in left_out])
    items[:] = [item for item in items if id(item) not in left_out]


def _at_other_widths(items: list[pytest.Item]) -> set[int]:
    """Return the ids of tests whose width is not the one of the day."""
    by_test: dict[str, list[pytest.Item]] = {}
    for item in items:
        if "width" in getattr(item, "callspec", _NO_PARAMETERS).params:
            rest = {k: v for k, v in item.callspec.params.items() if k != "width"}
            test = f"{item.nodeid.partition('[')[0]} {rest}"
            by_test.setdefault(test, []).append(item)
    of_the_day = {id(item) for test, both in by_test.items() for item in walks.one_of(test, both)}
    return {id(item) for both in by_test.values() for item in both} - of_the_day


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Open one browser a file, not one a process: while Playwright's loop runs, Django keeps
    connections that nobody can close, and PostgreSQL clones no base that somebody is in."""
    # Playwright's loop runs in this thread: Django would refuse every query of the tests.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    # CPython 3.11 now and then refuses to trace a thread while it begins to trace another: requests
    # of a browser are not measured.
    traced = threading.gettrace()
    threading.settrace(None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
    threading.settrace(traced)
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def visit(chromium, live_server, logged_in, settings) -> Iterator[Callable[..., Page]]:
    """`visit(membership, "/parcours/", width=375)`, or None for who has no account; any word of the
    console fails the test."""
    console_words: list[str] = []
    contexts = []

    def open_page(
        membership: Membership | None,
        address: str = "/",
        width: int = 1280,
        touch: bool = False,
    ) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            viewport={"width": width, "height": 900},
            has_touch=touch,
            is_mobile=touch,
        )
        contexts.append(context)
        if membership:
            name = settings.SESSION_COOKIE_NAME
            value = logged_in(membership).cookies[name].value
            context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(30_000)  # machines of CI are busy
        page.on(
            "console",
            lambda message: message.text in EXPECTED or console_words.append(message.text),
        )
        page.on("pageerror", lambda error: console_words.append(str(error)))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    wait_for_requests()
    assert console_words == []


def wait_for_requests() -> None:
    """What a page asked for last may still be answered when it is closed; tables are emptied next,
    and each would wait for the other."""
    deadline = time.monotonic() + 5
    with connections["owner"].cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'relation' "
                "AND pid <> pg_backend_pid() AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            if cursor.fetchone()[0] == 0:
                return
            time.sleep(0.05)


@pytest.fixture
def accessible(request: pytest.FixtureRequest) -> Callable[[Page], None]:
    """No violation of axe on the page as it stands: one in three a day, each of them by night."""
    rank = itertools.count()

    def check(page: Page) -> None:
        if not walks.is_drawn(f"axe {request.node.nodeid} {next(rank)}", 3):
            return
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()

    return check
