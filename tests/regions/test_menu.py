"""The main menu: six entries at most; each page of a role is one of them or behind « Plus »."""

import re

import pytest
from django.test import RequestFactory

from regions.context import IN_LINE, MENU, address, who_and_where
from regions.permissions import ROLES, Permission
from tests.fixtures import ALL_DATABASES

pytestmark = pytest.mark.django_db(databases=ALL_DATABASES)


def menus_of(world) -> dict[str, tuple[list[str], list[str]]]:
    """By role, the labels in the line and those behind « Plus »."""
    found = {}
    for member in world.members.values():
        request = RequestFactory().get("/")
        request.membership, request.memberships, request.ends_login = member, [member], False
        context = who_and_where(request)
        found[member.role] = tuple(
            [entry.label for entry in context[part]] for part in ("menu", "more_menu")
        )
    return found


def test_six_in_the_line_and_nothing_lost(world):
    menus = menus_of(world)
    assert menus.keys() == set(ROLES)
    for role, (line, more) in menus.items():
        assert len(line) + bool(more) <= IN_LINE
        assert line + more == [label for right, label, _ in MENU if right in ROLES[role]]
    assert {role for role, (_, more) in menus.items() if more} == {
        "structure_manager",
        "regional_coordinator",
        "dgefp_officer",
        "auditor",
    }


def test_workshops_and_team_are_in_the_menu_of_those_who_may(world, logged_in):
    for label, right in (("Ateliers", "read_journeys"), ("Équipe", "manage_team")):
        assert {role for role, (line, more) in menus_of(world).items() if label in line + more} == {
            role for role, rights in ROLES.items() if Permission(right) in rights
        }
    page = logged_in(world["structure_manager marseille"]).get("/equipe/").content.decode()
    menu = page[page.index("Menu principal") : page.index("</nav>", page.index("Menu principal"))]
    links = re.findall(r'href="([^"]+)"\s*(aria-current="page")?', menu)
    assert (address("regions:team"), 'aria-current="page"') in links
    assert (address("beneficiaries:workshops"), "") in links
