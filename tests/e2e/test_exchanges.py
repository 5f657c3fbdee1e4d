"""Workshops between networks by keyboard alone: one is announced, advisers join it and wait, and
who came is noted."""

import pytest
from playwright.sync_api import expect

from operators.models import Exchange
from sprocep import periods
from tests import factories
from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
]


def looked_at(page, accessible, name: str) -> None:
    accessible(page)
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    picture(page, name)


@pytest.mark.parametrize("width", [1280, 375])
def test_a_workshop_is_announced_and_joined_by_keyboard(visit, world, accessible, width):
    page = visit(world["carif_oref 93"], "/", width)
    hands = Keyboard(page)
    hands.open("Échanges de pratique")
    hands.open("Annoncer un atelier")
    hands.answer("Intitulé", "Recevoir sans convoquer")
    page.get_by_label("Date").fill(periods.days_after(periods.today(), 1).isoformat())
    hands.answer("Commence à", "9h")
    hands.answer("Finit à", "12h")
    hands.answer("Lieu ou lien", "Maison de la Région, Marseille")
    hands.answer("Places", "6")
    looked_at(page, accessible, f"exchange-new-{width}")
    hands.send()
    expect(page.locator(".fr-alert--success")).to_contain_text("Atelier annoncé")
    looked_at(page, accessible, f"exchanges-{width}")
    host = page

    adviser = world["adviser marseille"]
    for _ in range(2):  # of her network, before her
        colleague = factories.member("adviser", region="93", at=adviser.site)
        other = visit(colleague, "/echanges/", width)
        Keyboard(other).open("Recevoir sans convoquer")
        Keyboard(other).open("M’inscrire")
    page = visit(adviser, "/", width)
    hands = Keyboard(page)
    hands.open("Échanges de pratique")
    hands.open("Recevoir sans convoquer")
    hands.open("M’inscrire")
    expect(page.locator(".fr-alert--success")).to_contain_text("en attente")
    looked_at(page, accessible, f"exchange-waits-{width}")

    Exchange.objects.using("owner").update(held_on=periods.today())  # the day has come
    host.reload()
    hands = Keyboard(host)
    hands.open("Recevoir sans convoquer")
    expect(host.get_by_role("region", name="En attente")).to_contain_text("Camille Adviser")
    hands.tick("Camille Adviser, Mission locale de Marseille")
    looked_at(host, accessible, f"exchange-roll-{width}")
    hands.open("Noter les présences")
    expect(host.locator(".fr-alert--success")).to_contain_text("Présences notées : 1 sur 2")
