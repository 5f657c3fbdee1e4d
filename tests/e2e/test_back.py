"""« Back » in a real browser: what was stored is not stored again, and the page says so."""

import pytest
from playwright.sync_api import expect

from beneficiaries.models import PlanCost, Session
from regions.middleware import scope_of
from sprocep import periods
from tests import factories

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
]


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


@pytest.fixture
def journey(adviser):
    with scope_of(adviser, read_only=False):
        return factories.journey(adviser, opened_on=periods.today(), level="N3", service="S12")


def counted(adviser, model) -> int:
    with scope_of(adviser, read_only=True):
        return model.objects.count()


def test_back_then_save_is_one_session(visit, accessible, adviser, journey):
    page = visit(adviser, f"/parcours/nouvel-entretien/?journey={journey.public_id}")
    assert "k=" in page.url
    page.get_by_label("Service principal").select_option("S07")
    page.get_by_label("Note", exact=False).first.fill("Projet précisé.")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/parcours/{journey.public_id}/")
    assert counted(adviser, Session) == 2
    page.go_back()
    expect(page.get_by_role("heading", name="Déjà enregistré")).to_be_visible()
    accessible(page)
    page.reload()
    expect(page.get_by_role("heading", name="Déjà enregistré")).to_be_visible()
    page.get_by_role("link", name="Voir ce qui est enregistré").click()
    page.wait_for_url(f"**/parcours/{journey.public_id}/")
    page.go_back()
    page.get_by_role("link", name="En commencer un autre").click()
    expect(page.get_by_label("Service principal")).to_have_value("")
    assert counted(adviser, Session) == 2


def test_back_then_save_is_one_line_of_a_plan(visit, adviser, journey):
    page = visit(adviser, f"/parcours/{journey.public_id}/plan-de-financement/cout/", width=375)
    page.get_by_label("Nature").or_(page.locator("[name=kind]")).first.select_option("CP")
    page.locator("[name=amount]").fill("120")
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url("**/plan-de-financement/")
    page.go_back()
    expect(page.get_by_role("heading", name="Déjà enregistré")).to_be_visible()
    assert counted(adviser, PlanCost) == 1


def test_ctrl_enter_saves_what_was_repeated_without_a_field_in_focus(visit, adviser, journey):
    page = visit(adviser, f"/parcours/nouvel-entretien/?journey={journey.public_id}")
    page.get_by_role("link", name="Comme la dernière fois").click()
    expect(page.get_by_label("Service principal")).to_have_value("S12")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/parcours/{journey.public_id}/")
    assert counted(adviser, Session) == 2


def test_letters_shown_on_home_act_at_once(visit, adviser):
    page = visit(adviser, "/")
    page.keyboard.press("n")
    page.wait_for_url("**/parcours/nouvel-entretien/**")
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("nao")
    expect(page.locator("#search")).to_have_value("nao")
