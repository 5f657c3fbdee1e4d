"""Rights end at the next request, whatever it is: a page, a poll of htmx, a file, a token."""

import pytest
from django.test import Client

from regions import actions
from regions.models import Membership
from sprocep import periods
from sprocep.tenancy import NATION, scope
from tests.tokens import shown_token

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NATIONAL = ["11", "93", NATION]
# What each role may ask for, and what it asks for while doing nothing, or takes away.
ASKED = {
    "network_head ML": ["/", "/remontees/", "/remontees/structures/?format=xlsx"],
    "elected_referent 93": ["/", "/tableaux-de-bord/"],
    "carif_oref 93": ["/", "/tableaux-de-bord/"],
    "regional_coordinator 93": ["/", "/tableaux-de-bord/"],
    "dgefp_officer": ["/", "/nation/"],
    "auditor": ["/traces/", "/consultations/"],
    "structure_manager aix": ["/parcours/", "/parcours/fichier/?state=open"],
}


def end(world, membership: Membership) -> None:
    with scope(regions=NATIONAL):
        actions.end_membership(by=world["platform_administrator"].user, membership=membership)


@pytest.mark.parametrize("key", ASKED)
def test_pages_polls_and_files_stop_at_once(world, logged_in, key):
    browsers = [(path, logged_in(world[key])) for path in ASKED[key]]
    for path, browser in browsers:
        assert browser.get(path).status_code == 200, path
        assert browser.get(path, headers={"HX-Request": "true"}).status_code == 200, path
    end(world, world[key])
    for path, browser in browsers:
        answer = browser.get(path, headers={"HX-Request": "true"})
        assert (answer.status_code, answer["HX-Redirect"]) == (204, "/connexion/"), path
        assert answer.content == b""
        assert browser.get(path)["Location"].startswith("/connexion/"), path


def test_a_file_asked_for_is_not_served_to_who_lost_the_right_meanwhile(world, logged_in):
    browser = logged_in(world["network_head ML"])
    path = "/remontees/?format=csv"
    assert browser.get(path)["Content-Type"].startswith("text/csv")
    end(world, world["network_head ML"])
    answer = browser.get(path)
    assert (answer.status_code, answer.content) == (302, b"")


def test_the_last_day_of_a_network_head_is_the_day_before(world, logged_in, monkeypatch):
    browser, today = logged_in(world["network_head ML"]), periods.today()
    end(world, world["network_head ML"])
    monkeypatch.setattr(periods, "today", lambda: periods.days_after(today, -1))
    assert browser.get("/remontees/").status_code == 200
    monkeypatch.setattr(periods, "today", lambda: today)
    assert browser.get("/remontees/").status_code == 302


def test_a_token_stops_with_the_membership_of_its_program(world):
    with shown_token(world, "api_client 93") as headers:
        assert Client().get("/api/v1/regions/", headers=headers).status_code == 200
        end(world, world["api_client 93"])
        answer = Client().get("/api/v1/regions/", headers=headers)
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
