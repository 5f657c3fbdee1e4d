"""A coordinator reads and downloads; the DGEFP compiles, watches, seals, transmits.

The site is a process of its own on a national base of its own, beside a real Celery worker.
"""

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from indicators import actions, queries
from indicators.models import Compilation, Edition, EditionFile, Work
from indicators.worklist import nation
from regions.models import Membership
from regions.queries import regions_on
from sprocep.periods import Period
from sprocep.settings import BASE_DIR
from sprocep.tenancy import NATION
from tests import walks
from tests.databases import cloned_database
from tests.e2e.keyboard import Keyboard, picture
from tests.fixtures import World
from tests.indicators.conftest import PRIMARY_RULE, National
from tests.statics import collected
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

READ, WATCHED = Period.parse("2016-T1"), Period.parse("2015-T4")
JOURNEYS, SECONDS = 3_000, 240


@dataclass(frozen=True)
class Site:
    url: str
    world: World


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def is_left(database: str) -> bool:
    """Nobody but us is in it: it can be dropped."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [database])
        return cursor.fetchone() == (1,)


def all_done(**work) -> bool:
    with nation(read_only=True):
        units = Work.objects.filter(**work)
        assert not units.filter(state=Work.State.FAILED).exists(), units.values_list("cause")
        return not units.exclude(state=Work.State.DONE).exists()


def sealed_with_files(by: Membership) -> None:
    """The edition of Region 93, from its facts to its files, by the worker."""
    with nation():
        compilation = actions.request_compilation(by=by.user, period=READ)
    wait_until(lambda: all_done(compilation=compilation), SECONDS)
    with nation():
        actions.validate_period(by=by.user, period=READ)
        for edition in queries.editions(READ.code).filter(territory="93"):
            actions.seal_edition(by=by.user, edition=edition)
    wait_until(lambda: all_done(step=Work.Step.FILES), SECONDS)


@pytest.fixture(scope="module")
def site(world: World, django_db_blocker, tmp_path_factory, worker_id) -> Iterator[Site]:
    name, folder = f"dashboards_{worker_id}", tmp_path_factory.mktemp("dashboards")
    with django_db_blocker.unblock(), cloned_database(name):
        call_command("generate_activity", *arguments(folder), stdout=StringIO())
        connections.close_all()
        base = National(name, folder, "")
        with base.worker(PRIMARY_RULE):
            sealed_with_files(world["dgefp_officer"])
            with served(base, folder) as url:
                yield Site(url, world)
        connections.close_all()
        wait_until(lambda: is_left(name), 60)


def arguments(folder: Path) -> list[str]:
    return [
        f"--journeys={JOURNEYS}",
        "--seed=11",
        "--from=2015-T1",
        "--to=2016-T2",
        f"--truth={folder / 'truth.csv'}",
    ]


@contextmanager
def served(base: National, folder: Path) -> Iterator[str]:
    """The site by gunicorn, as in production; gives its address."""
    port, environment = free_port(), {**base.environment, "STATIC_ROOT": str(collected())}
    words = ["-m", "gunicorn", "sprocep.wsgi", "--bind", f"127.0.0.1:{port}"]
    words += ["--worker-class", "gthread", "--threads", "4", "--no-control-socket"]
    with (folder / "web.log").open("w") as log:
        web = subprocess.Popen(
            [sys.executable, *words], cwd=BASE_DIR, env=environment, stdout=log, stderr=log
        )
    try:
        wait_until(lambda: answers(port), 60)
        yield f"http://127.0.0.1:{port}"
    finally:
        web.send_signal(signal.SIGTERM)
        web.wait(timeout=30)


@pytest.fixture
def enter(site: Site, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`enter("auditor", "/nation/", width=375)`; any word of the console fails the test."""
    console_messages: list[str] = []
    contexts = []

    def open_page(key: str, address: str, width: int = 1280) -> Page:
        context = chromium.new_context(
            base_url=site.url, locale="fr-FR", viewport={"width": width, "height": 900}
        )
        contexts.append(context)
        login, client = settings.SESSION_COOKIE_NAME, Client()
        client.force_login(site.world[key].user)
        cookie = {"name": login, "value": client.cookies[login].value, "url": site.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: console_messages.append(message.text))
        page.on("pageerror", lambda error: console_messages.append(str(error)))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    # While Playwright's loop runs, Django keeps connections that nobody could close after it.
    connections.close_all()
    assert console_messages == []


# What the focused link, button or fold says; a list of choices is none of these.
FOCUSED = (
    "document.activeElement.matches('a, button, summary') ? document.activeElement.innerText : ''"
)


def focus_on(page: Page, words: str) -> None:
    """Tab on until the focus is on the control that says these words."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if words in page.evaluate(FOCUSED):
            return
    pytest.fail(f"La tabulation n’atteint pas « {words} ».")


def test_a_coordinator_opens_her_dashboard_and_downloads_it(site, enter, accessible):
    page = enter("regional_coordinator 93", "/tableaux-de-bord/")
    accessible(page)
    focus_on(page, READ.label)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(f"Provence-Alpes-Côte d'Azur, {READ.label}")
    expect(page.locator(".band")).to_contain_text("2016-T1/93/1")
    drawings = page.locator(".drawing img")
    assert drawings.count() > 10
    drawings.last.scroll_into_view_if_needed()
    broken = "[...document.images].filter(i => i.complete && !i.naturalWidth).length"
    assert page.evaluate(broken) == 0
    accessible(page)

    focus_on(page, "Voir le tableau")
    page.keyboard.press("Enter")
    expect(page.locator("details[open] table").first).to_be_visible()
    accessible(page)

    with nation(read_only=True):
        kept = dict(
            EditionFile.objects.filter(edition__territory="93").values_list("name", "sha256")
        )
    for kind in ("pdf", "xlsx", "csv", "json"):
        with page.expect_download() as download:
            page.locator(".band").get_by_role("link", name=kind.upper()).click()
        assert download.value.suggested_filename == f"sprocep-2016-T1-93-1.{kind}"
        content = Path(download.value.path()).read_bytes()
        assert sha256(content).hexdigest() == kept[f"edition.{kind}"]


@pytest.mark.parametrize("width", [1280, 375])
def test_the_map_says_in_a_table_what_it_shades(enter, accessible, width):
    page = enter("regional_coordinator 93", f"/tableaux-de-bord/{READ}/93/", width)
    expect(page.get_by_role("img", name="Carte :")).to_have_count(1)
    # A drawing that comes late moves nothing: its place is kept.
    places = "[...document.images].map((image) => image.getBoundingClientRect().height)"
    kept = page.evaluate(places)
    page.evaluate("for (const image of document.images) image.loading = 'eager'")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("[...document.images].every((i) => i.complete && i.naturalWidth)")
    assert page.evaluate(places) == kept
    hands = Keyboard(page)
    hands.tab_to("Territoires")
    hands.press("Enter")
    hands.tab_to("Voir le tableau : Entrées pour 100 000 habitants…")
    hands.press("Enter")
    table = page.get_by_role("table", name="Entrées pour 100 000 habitants, par département")
    departments = table.get_by_role("rowheader", name=re.compile(r"\(\w{2,3}\)$"))
    expect(departments).to_have_count(6)
    accessible(page)
    picture(page, f"map-{width}")


SMALL_SCREENS = [
    ("regional_coordinator 93", "/tableaux-de-bord/"),
    ("regional_coordinator 93", "/tableaux-de-bord/2016-T1/93/"),
    ("dgefp_officer", "/tableaux-de-bord/2016-T1/FR/"),
    ("dgefp_officer", "/nation/"),
    ("auditor", "/nation/"),
]


@pytest.mark.parametrize(
    ("role", "address"),
    walks.draw("small screens", SMALL_SCREENS, 2),
)
def test_a_small_screen_is_never_wider_than_itself(enter, accessible, role, address):
    page = enter(role, address, width=375)
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    accessible(page)


def test_the_dgefp_compiles_watches_seals_and_transmits(site, enter, accessible):
    page = enter("dgefp_officer", "/nation/")
    accessible(page)
    page.get_by_label("Trimestre à compiler").focus()
    page.keyboard.type(WATCHED.label)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(f"Compilation du {WATCHED.label}")
    accessible(page)
    expect(page.locator(".compilation")).to_contain_text(
        "La compilation est finie", timeout=SECONDS * 1000
    )
    expect(page.locator("progress")).to_have_attribute(
        "value", page.locator("progress").get_attribute("max")
    )
    accessible(page)
    with nation(read_only=True):
        compilation = Compilation.objects.filter(period=WATCHED.code).latest("pk")
        assert queries.progress(compilation).failed == 0
        seals = dict(queries.editions(WATCHED.code).values_list("territory", "figures_seal"))
    expected = {region.code for region in regions_on(WATCHED.last_day)}
    assert len(expected) == 27
    assert seals.keys() == expected | {NATION}
    assert all(len(seal) == 64 for seal in seals.values())

    focus_on(page, "Ouvrir la relecture (28 éditions)")
    page.keyboard.press("Enter")
    for label, state in (
        ("Ouvrir la relecture", "en relecture"),
        ("Valider", "validées"),
        ("Sceller", "scellées"),
        ("Transmettre", "transmises"),
    ):
        expect(page.locator("h1")).to_have_text(f"{label}, {WATCHED.label}")
        accessible(page)
        began = time.monotonic()
        page.get_by_role("button", name=label).click()
        expect(page.locator("main")).to_contain_text(f"28 éditions sont {state}")
        print(f"28 éditions {state} en {time.monotonic() - began:.1f} s")
        if label == "Sceller":
            leave_their_files_out()
        if label != "Transmettre":
            page.locator("a.fr-btn", has_text=WATCHED.label).click()
    accessible(page)
    with nation(read_only=True):
        states = set(Edition.objects.filter(period=WATCHED.code).values_list("state", flat=True))
    assert states == {Edition.State.TRANSMITTED}


def leave_their_files_out() -> None:
    """Of 28 editions: a minute and a half of a worker, for what no test here opens."""
    with nation():
        waiting = Work.objects.filter(step=Work.Step.FILES, period=WATCHED.code)
        waiting.filter(state=Work.State.WAITING).update(state=Work.State.DONE)
