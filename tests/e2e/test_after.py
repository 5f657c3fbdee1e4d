"""After the CEP, by keyboard alone: her agreement at the closing, the mail, three questions, and
what a Region reads of them all."""

import re

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from beneficiaries import actions
from indicators.actions import publish_surveys
from regions.middleware import scope_of
from sprocep import periods
from tests import factories
from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
]


def looked_at(page: Page, accessible, name: str) -> None:
    picture(page, name)
    accessible(page)
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@pytest.mark.parametrize("width", [1280, 375])
def test_from_the_closing_to_her_answer_by_keyboard(
    visit, world, accessible, live_server, chromium, width
):
    adviser, today = world["adviser marseille"], periods.today()
    ended = periods.months_after(today, -6)
    with scope_of(adviser, read_only=False):
        person = factories.beneficiary(adviser, last_name="Bellanger", email="ines@exemple.fr")
        journey = factories.journey(adviser, of=person, opened_on=periods.days_after(ended, -40))
    address = f"/parcours/{journey.public_id}/"
    page = visit(adviser, f"{address}cloture/", width)
    hands = Keyboard(page)
    page.fill("[name=closed_on]", ended.isoformat())
    hands.answer("Issue…", "Ent")
    hands.answer("Situation à la sortie…", "Demandeur")
    hands.send()
    expect(page.locator("main")).to_contain_text("accepte d’être interrogée")
    looked_at(page, accessible, f"after-closing-{width}")
    hands.pick("oui")
    hands.send()
    expect(page.locator("main")).to_contain_text("La question lui sera posée le")

    assert actions.ask_after_exit() == 1
    actions.send_exit_letters()
    link = re.search(r"/six-mois/[^/\s]+/", mail.outbox[-1].body)[0]
    page.goto(address)
    expect(page.locator("main")).to_contain_text("sans réponse")
    looked_at(page, accessible, f"after-journey-{width}")
    page.goto(f"{address}six-mois/")
    looked_at(page, accessible, f"after-noted-{width}")

    page = visit(None, link, width)
    hands = Keyboard(page)
    hands.open("Envoyer ma réponse")
    expect(page.locator("main")).to_contain_text("Choisissez la situation")
    looked_at(page, accessible, f"after-wrong-{width}")
    page.goto(link)
    looked_at(page, accessible, f"after-question-{width}")
    hands.answer("Où en êtes-vous aujourd’hui ?…", "Salarié du privé en CDI")
    hands.pick("en partie")
    hands.send()
    expect(page.locator("h1")).to_contain_text("Merci")
    looked_at(page, accessible, f"after-thanks-{width}")
    assert page.goto(link).status == 410
    expect(page.locator("h1")).to_have_text("Ce lien n’ouvre plus rien")
    looked_at(page, accessible, f"after-used-{width}")
    page = visit(adviser, address, width)
    expect(page.locator("main")).to_contain_text("en partie")
    looked_at(page, accessible, f"after-answered-{width}")


@pytest.mark.parametrize("width", [1280, 375])
def test_a_region_and_the_nation_read_the_results(visit, world, accessible, width):
    day = periods.Period.parse("2025-T3").starts
    for place, answered, silent in (("marseille", 23, 9), ("aix", 4, 3), ("paris", 16, 14)):
        adviser = world[f"adviser {place}"]
        with scope_of(adviser, read_only=False):
            for rank in range(answered + silent):
                answer = {
                    "situation_id": ("CDI", "CDD", "CDI", "DEI", "APP")[rank % 5],
                    "project": ("yes", "partly", "yes", "no")[rank % 4],
                    "usefulness": (4, 3, 2, 4, 1)[rank % 5],
                }
                factories.exit_question(
                    adviser, exit_on=day, answer=answer if rank < answered else None
                )
    publish_surveys(periods.months_after(day, 12))
    for role in ("regional_coordinator 93", "dgefp_officer", "structure_manager marseille"):
        page = visit(world[role], "/resultats-a-six-mois/", width)
        expect(page.locator("h1")).to_contain_text("Résultats à six mois")
        looked_at(page, accessible, f"after-results-{role.split()[0]}-{width}")


@pytest.mark.parametrize("width", [1280, 375])
def test_a_region_and_the_nation_read_the_opinions(visit, world, accessible, width):
    for place, sheets in (("marseille", 2), ("aix", 1), ("paris", 3)):
        adviser = world[f"adviser {place}"]
        for _ in range(sheets):
            with scope_of(adviser, read_only=False):
                codes = actions.draw_feedback_codes(by=adviser.user, membership=adviser)
            for rank, code in enumerate(codes):
                grades = {"listened": 4 - rank % 2, "clear": 1 + rank % 4, "useful": 4 - rank % 3}
                assert actions.count_feedback(code=code, grades=grades)
    publish_surveys(periods.months_after(periods.quarter_of(periods.today()).ends, 1))
    for role in ("regional_coordinator 93", "dgefp_officer", "structure_manager marseille"):
        page = visit(world[role], "/avis-apres-entretien/", width)
        expect(page.locator("h1")).to_contain_text("Avis après un entretien")
        expect(page.locator("main")).to_contain_text("L’entretien a été utile")
        looked_at(page, accessible, f"after-opinions-{role.split()[0]}-{width}")


@pytest.mark.parametrize("width", [1280, 375])
def test_a_sheet_of_codes_and_an_opinion_by_keyboard(visit, world, accessible, width):
    page = visit(world["adviser marseille"], "/avis/codes/", width)
    hands = Keyboard(page)
    looked_at(page, accessible, f"feedback-before-{width}")
    hands.open("Montrer une feuille de codes")
    looked_at(page, accessible, f"feedback-sheet-{width}")
    code = " ".join(page.locator(".sheet li").first.locator(".slip__code span").all_inner_texts())

    page = visit(None, "/avis/", width)
    hers = Keyboard(page)
    looked_at(page, accessible, f"feedback-form-{width}")
    hers.answer("Votre code d’avis…", code)
    for answer in ("tout à fait", "plutôt oui", "plutôt non"):
        hers.pick(answer)
    hers.send()
    expect(page.locator("h1")).to_have_text("Merci")
    looked_at(page, accessible, f"feedback-thanks-{width}")


@pytest.mark.parametrize("width", [1280, 375])
def test_an_adviser_gives_her_own_without_a_name_by_keyboard(visit, world, accessible, width):
    adviser = world["adviser marseille"]
    with scope_of(adviser, read_only=False):
        journey = factories.journey(adviser, opened_on=periods.today())
    page = visit(adviser, f"/parcours/{journey.public_id}/", width)
    hands = Keyboard(page)
    hands.open("Votre avis sur un entretien, sans nom")
    hands.pick("tout à fait")
    hands.send()
    expect(page.locator(".error-summary")).to_be_visible()
    looked_at(page, accessible, f"adviser-feedback-missing-{width}")
    hands.pick("plutôt oui")
    hands.pick("plutôt non")
    looked_at(page, accessible, f"adviser-feedback-{width}")
    hands.send()
    expect(page.locator("main")).to_contain_text("Votre avis est compté")
