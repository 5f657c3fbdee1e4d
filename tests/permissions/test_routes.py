"""`tests/permissions.csv`: every route × method × role × place, and the status it must answer.

A route without its lines fails, and so does a line without its route. The suite asks for a sample
of the day, in which every answer of every route is; `make prove` for the whole.
"""

import copy
import uuid

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import converters, reverse

from indicators import worklist
from indicators.models import Work
from regions import letters
from regions.models import Letter, Membership
from regions.permissions import PUBLIC, ROLES, Permission
from tests import walks
from tests.filled import CANARY
from tests.permissions.routes import (
    ACTORS,
    STRUCTURES,
    Addresses,
    Line,
    lines,
    places_of,
    resolved,
)

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

TABLE = lines()
ROUTES = sorted({line.route for line in TABLE})


def app_of(route: str) -> str:
    return route.partition(":")[0]


def classes_of(asked: tuple[Line, str]) -> list[tuple]:
    """Every answer and method of each route; every role at every place of each app."""
    line, actor = asked
    return [
        (line.route, line.statuses[actor]),
        (line.route, line.method),
        (app_of(line.route), actor, line.place),
    ]


EVERY_ANSWER = [(line, actor) for line in TABLE for actor in ACTORS]
DRAWN = walks.draw("answers of routes", EVERY_ANSWER, 1_000, classes_of)


def ask(browser: Client, method: str, address: str) -> int:
    """What it did is undone, logging out included: the next line finds everything as it was."""
    cookies = copy.deepcopy(browser.cookies)
    with transaction.atomic():
        status = browser.generic(method, address).status_code
        transaction.set_rollback(True)
    browser.cookies = cookies
    return status


@pytest.mark.parametrize("route", ROUTES)
def test_the_table_holds(filled, browsers, route):
    addresses = Addresses(filled)
    wrong = []
    for line, actor in DRAWN:
        if line.route == route:
            expected = line.statuses[actor]
            status = ask(browsers[actor], line.method, addresses.of(route, line.place))
            if status != expected:
                wrong.append(f"{line.method} {line.place} {actor}: {status}, not {expected}")
    assert wrong == []


def test_nothing_grows_late_while_the_table_is_walked(filled):
    """What is due now is stuck in minutes, and then the site is not ready."""
    with worklist.nation():
        assert Work.objects.filter(state=Work.State.WAITING).count() == 2
        assert Letter.objects.filter(sent_at=None).exists()
    assert (worklist.is_any_due(), letters.are_any_due()) == (False, False)


def test_every_route_has_its_lines_and_every_line_its_route():
    expected = {
        (route, method, place)
        for route in {*resolved(), *(line.route for line in TABLE if "?" in line.route)}
        for method in ("GET", "POST")
        for place in places_of(route)
    }
    written = [(line.route, line.method, line.place) for line in TABLE]
    assert set(written) == expected
    assert len(written) == len(set(written))


def test_every_view_says_its_right():
    """Closed by default: a view without `@require` or `@public` is a mistake."""
    rights = {name: getattr(p.callback, "permission", None) for name, p in resolved().items()}
    assert [name for name, right in rights.items() if right is None] == []
    assert {name for name, right in rights.items() if right == PUBLIC} == {
        "regions:login",
        "regions:logout",
        "regions:accept_invitation",
        "regions:forgotten_password",
        "regions:reset_password",
        "beneficiaries:open_link",
        "beneficiaries:answer_exit",
        "beneficiaries:decline_exit",
        "beneficiaries:give_feedback",
        "beneficiaries:renew_link",
        "beneficiaries:linked_referral",
        "beneficiaries:accept_by_link",
        "beneficiaries:decline_by_link",
        "beneficiaries:absence_by_link",
        "beneficiaries:receive_by_link",
        "indicators:alive",
        "indicators:ready",
        "indicators:verifier",
        "operators:address_link",
        "operators:receptions_nearby",
        "indicators:definitions",
        "indicators:definition",
        "api:schema",
        "beneficiaries:enter_journey",
        "beneficiaries:confirm_entry",
        "beneficiaries:leave_journey",
        "beneficiaries:own_journey",
        "beneficiaries:own_version",
        "beneficiaries:own_version_pdf",
        "beneficiaries:own_version_file",
        "beneficiaries:approve_own_document",
        "beneficiaries:share_own_document",
        "beneficiaries:revoke_own_code",
        "beneficiaries:withdraw_own_consent",
    }


def test_every_right_is_given_and_used():
    used: set[Permission] = set()
    for pattern in resolved().values():
        right = pattern.callback.permission
        used |= right if isinstance(right, frozenset) else {right}
    assert used - {PUBLIC} == set(Permission)
    assert set().union(*ROLES.values()) == set(Permission)


def test_no_address_holds_a_serial_id():
    """Public ids are UUIDs; a compilation belongs to the nation, whose rows nobody else sees."""
    serial = {
        name
        for name, pattern in resolved().items()
        if any(isinstance(c, converters.IntConverter) for c in pattern.pattern.converters.values())
    }
    assert serial <= {"indicators:compilation", "indicators:retry"}


def who_may(route: str) -> list[str]:
    """Actors whose role opens this route, wherever the object is."""
    right = resolved()[route.partition("?")[0]].callback.permission
    asked = right if isinstance(right, frozenset) else {right}
    named = [actor for actor in ACTORS if actor != "anonymous"]
    return [actor for actor in named if right == PUBLIC or ROLES[Membership.Role(actor)] & asked]


def test_no_route_takes_another_method(filled, browsers):
    addresses = Addresses(filled)
    methods = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
    asked = [(route, method) for route in resolved() for method in methods]
    for route, method in walks.draw(
        "other methods", asked, 120, lambda item: [(app_of(item[0]), item[1])]
    ):
        address = addresses.of(route, places_of(route)[0])
        browser = browsers[who_may(route)[0]]
        assert ask(browser, method, address) in {302, 405}, (method, route)


def test_a_post_without_its_token_does_nothing(filled):
    addresses, checked = Addresses(filled), set()
    for line in TABLE:
        actor = who_may(line.route)[0]
        if line.method != "POST" or line.statuses[actor] == 405 or line.route in checked:
            continue
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(filled[ACTORS[actor]].user)
        # A program has no login: there a cookie opens nothing at all.
        closed = 401 if line.route.startswith("api:") else 403
        assert ask(browser, "POST", addresses.of(line.route, line.place)) == closed, line
        checked.add(line.route)
    assert len(checked) > 10


# ── Names ────────────────────────────────────────────────────────────────────────────────────

WITHOUT_NAMES = (
    "regional_coordinator",
    "elected_referent",
    "carif_oref",
    "network_head",
    "dgefp_officer",
    "auditor",
    "platform_administrator",
    "api_client",
)


def names_someone(answer) -> bool:
    return CANARY.lower().encode() in answer.content.lower()


def test_who_has_no_structure_is_shown_no_name_anywhere(filled, browsers):
    addresses = Addresses(filled)
    own = addresses.of("beneficiaries:journey", "own structure")
    assert names_someone(browsers["adviser"].get(own))
    asked = [(r, place, actor) for r in ROUTES for place in places_of(r) for actor in WITHOUT_NAMES]
    for route, place, actor in walks.draw(
        "pages without a name", asked, 350, lambda item: [item[0], (app_of(item[0]), item[2])]
    ):
        answer = browsers[actor].get(addresses.of(route, place))
        assert not names_someone(answer), (route, actor)


UUID_ROUTES = [
    r
    for r in ROUTES
    if "?" not in r
    and "public_id" in resolved()[r].pattern.converters
    and places_of(r) == list(STRUCTURES)
]


@pytest.mark.parametrize("route", walks.draw("foreign objects", UUID_ROUTES, 20))
def test_a_foreign_object_is_one_that_never_existed(filled, browsers, route):
    """Same body, same number of queries: nothing tells that somebody else holds it."""
    opened_to = who_may(route)
    actor = "adviser" if "adviser" in opened_to else opened_to[0]
    addresses, browser = Addresses(filled), browsers[actor]
    unknown = reverse(
        route, kwargs=dict.fromkeys(resolved()[route].pattern.converters, uuid.uuid4())
    )
    told = []
    browser.get("/")  # the first request of a login writes it down
    for address in (
        unknown,
        *(addresses.of(route, p) for p in ("other structure", "other Region")),
    ):
        browser.get(address)  # what is remembered for a minute may just have been forgotten
        with CaptureQueriesContext(connection) as queries:
            answer = browser.get(address)
        told.append((answer.status_code, answer.content, len(queries)))
    assert told[0] == told[1] == told[2]
    if told[0][0] != 405:
        assert told[0][0] == 404
        assert browser.get(addresses.of(route, "own structure")).status_code == 200
