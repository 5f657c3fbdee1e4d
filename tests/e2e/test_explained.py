"""From a dashboard to what a figure is, and to a recount, without leaving the keyboard."""

import re
from collections.abc import Iterator

import pytest
from django.db import connections
from django.test import Client
from playwright.sync_api import expect

from indicators import actions
from indicators.models import Recount, Work
from indicators.worklist import nation
from tests.databases import cloned_database, pointed_at
from tests.e2e.keyboard import Keyboard, picture
from tests.fixtures import World
from tests.indicators.pages import fabricated
from tests.indicators.pages.fabricated import AFTER, BEFORE, DRAFTS, seal_all

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, databases=["default", "owner", "compiler"]),
]


@pytest.fixture(scope="module")
def made(world: World, django_db_blocker, worker_id) -> Iterator[str]:
    """Two quarters of two Regions and the nation, sealed, in a base of their own."""
    with django_db_blocker.unblock():
        common = connections["owner"].settings_dict["NAME"]
        with cloned_database(f"explained_{worker_id}"):
            fabricated.empty()
            structures = fabricated.one_structure_each()
            for period in (BEFORE, AFTER):
                fabricated.expect_returns(period, structures, missing="opacif")
                fabricated.protected(period, DRAFTS)
                seal_all(period, world["dgefp_officer"].user, transmit=False)
            with pointed_at(common):
                yield f"explained_{worker_id}"


@pytest.fixture
def base(world: World, made: str, worker_id) -> Iterator[World]:
    """A copy for each test, which loses all at its end."""
    with pointed_at(made), cloned_database(f"opened_{worker_id}"):
        yield world


@pytest.fixture
def logged_in(base: World):
    def as_member(membership) -> Client:
        client = Client()
        client.force_login(membership.user)
        return client

    return as_member


@pytest.mark.parametrize("width", [1280, 375])
def test_a_figure_is_opened_and_left_by_keyboard(base, visit, accessible, width):
    page = visit(base["regional_coordinator 93"], f"/tableaux-de-bord/{AFTER}/93/", width)
    hands = Keyboard(page)
    hands.open("Entrées en CEP")
    expect(page.get_by_text("Nombre de parcours ouverts du 1er janvier")).to_be_visible()
    accessible(page)
    picture(page, f"explained-{width}")
    hands.tab_to("Par niveau, 3 valeurs publiées")
    hands.press("Enter")
    hands.open("Conseil personnalisé")
    expect(page.get_by_text("premier entretien de niveau 2")).to_be_visible()
    hands.open("Ensemble")
    expect(page).to_have_url(re.compile(r"/expliquer/A1/$"))
    hands.open("Revenir au tableau de bord")
    expect(page).to_have_url(re.compile(r"/93/$"))


@pytest.mark.parametrize("width", [1280, 375])
def test_the_audit_has_a_figure_counted_again_by_keyboard(base, visit, accessible, width):
    page = visit(base["auditor"], f"/tableaux-de-bord/{AFTER}/93/expliquer/A1/", width)
    hands = Keyboard(page)
    hands.open("Recompter")
    accessible(page)
    picture(page, f"recount-form-{width}")
    hands.answer("Motif du recomptage…", "Contrôle annuel")
    hands.send()
    expect(page.get_by_text("Recomptage en cours")).to_be_visible()
    with nation(read_only=True):
        work = Work.objects.get(step=Work.Step.RECOUNT)
        assert Recount.objects.get().reason == "Contrôle annuel"
    actions.carry_out(work=work)
    hands.open("Actualiser")
    expect(page.get_by_text("Les faits ne donnent pas la valeur publiée")).to_be_visible()
    accessible(page)
    picture(page, f"recount-{width}")
    hands.open("Recomptages")
    expect(page.get_by_text("1 recomptage")).to_be_visible()
    accessible(page)
    picture(page, f"recounts-{width}")
