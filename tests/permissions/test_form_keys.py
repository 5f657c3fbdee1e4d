"""Every page whose form writes stores it once: its address carries the key of what is typed there
(docs/adr/0063)."""

import uuid
from html.parser import HTMLParser

import pytest
from django.db import transaction
from django.test import Client

from regions.permissions import PUBLIC
from sprocep.form_pages import SENT
from tests.permissions.routes import ACTORS, Addresses, lines, resolved

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

NAVIGATION = {"Sec-Fetch-Mode": "navigate"}
# Nothing may tell that somebody was there, not even to her own login.
NAMELESS = {"beneficiaries:log_contact", "beneficiaries:give_adviser_feedback"}


# The view says what it does not store of another text under a used key: test_drafts.py.
COMPARED = {"beneficiaries:log_session", "beneficiaries:log_workshop"}


class Forms(HTMLParser):
    """Forms of a page that are posted: their action, and the value of their key."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.posted: list[dict] = []
        self._is_posted = False
        self.feed(page)

    def handle_starttag(self, tag: str, attributes) -> None:
        values = dict(attributes)
        if tag == "form":
            self._is_posted = values.get("method") == "post"
            if self._is_posted:
                self.posted.append({"action": values.get("action"), "key": None})
        elif tag == "input" and self._is_posted and values.get("name") == "key":
            self.posted[-1]["key"] = values.get("value")


def form_routes() -> dict[str, tuple[str, str]]:
    """Of every route that somebody may both read and post to: who, and the place of its object."""
    read, posted = {}, set()
    for line in lines():
        for actor, status in line.statuses.items():
            if line.method == "GET" and status == 200 and actor != "anonymous":
                read.setdefault((line.route, line.place), actor)
            if line.method == "POST" and status in (200, 201, 302):
                posted.add((line.route, line.place, actor))
    found = {}
    for (route, place), actor in read.items():
        is_guarded = resolved()[route.partition("?")[0]].callback.permission != PUBLIC
        if (route, place, actor) in posted and is_guarded:
            found.setdefault(route, (actor, place))
    return found


def test_every_page_that_takes_a_form_has_its_key():
    keyless = [
        route
        for route in form_routes()
        if not getattr(resolved()[route.partition("?")[0]].callback, "is_form_page", False)
    ]
    assert keyless == []
    assert len(form_routes()) > 50


@pytest.fixture
def asked(filled):
    """A browser of who opens this route, and its address."""
    addresses = Addresses(filled)

    def ask(route: str) -> tuple[Client, str]:
        actor, place = form_routes()[route]
        browser = Client()
        browser.force_login(filled[ACTORS[actor]].user)
        return browser, addresses.of(route, place)

    return ask


def test_a_browser_is_sent_to_an_address_with_a_key_and_a_program_is_not(asked):
    for route in form_routes():
        browser, address = asked(route)
        sent = browser.get(address, headers=NAVIGATION)
        assert sent.status_code == 302, route
        assert sent["Location"].startswith(address), route
        page = browser.get(sent["Location"], headers=NAVIGATION)
        assert page.status_code == 200, route
        assert browser.get(address).status_code == 200, route


def test_what_is_typed_there_is_sent_with_the_key_of_the_address(asked):
    seen = 0
    for route in form_routes():
        browser, address = asked(route)
        key = str(uuid.uuid4())
        joined = f"{address}{'&' if '?' in address else '?'}k={key}"
        page = browser.get(joined, headers=NAVIGATION)
        for form in Forms(page.content.decode()).posted:
            if form["action"] in (None, address.partition("?")[0]):
                assert form["action"] is None or form["key"] == key, route
                assert form["key"] in (None, key), route
                seen += 1
    assert seen > 40


def test_once_stored_the_address_and_the_form_say_so_and_nothing_is_done(asked):
    for route in form_routes():
        browser, address = asked(route)
        key = str(uuid.uuid4())
        session = browser.session
        session[SENT] = {key: "/parcours/"}
        session.save()
        joined = f"{address}{'&' if '?' in address else '?'}k={key}"
        with transaction.atomic():
            back = browser.get(joined, headers=NAVIGATION)
            again = browser.post(joined, {})
            transaction.set_rollback(True)
        assert "Déjà enregistré" in back.content.decode(), route
        assert address.partition("?")[0] in back.content.decode(), route
        if route.partition("?")[0] not in COMPARED:
            assert (again.status_code, again["Location"]) == (302, "/parcours/"), route


def test_no_login_remembers_what_is_sent_without_a_name():
    for route in NAMELESS:
        assert resolved()[route].callback.is_remembered is False
    remembered = [route for route in form_routes() if route not in NAMELESS]
    for route in remembered:
        assert resolved()[route.partition("?")[0]].callback.is_remembered, route
