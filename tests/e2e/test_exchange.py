"""A direction authorises a software and gives it an address; an adviser exchanges by file."""

import json
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.beneficiaries.test_exchange import demand
from tests.e2e.keyboard import Keyboard, picture
from tests.e2e.test_merges import fits

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
]


@pytest.fixture(params=[1280, 375])
def looked_at(request, accessible):
    def look(page: Page, name: str) -> None:
        accessible(page)
        assert fits(page)
        picture(page, f"{name}-{request.param}")

    look.width = request.param
    return look


def test_a_direction_authorises_a_software_by_keyboard(visit, world, settings, looked_at):
    settings.WEBHOOKS_TO_LOOPBACK = True
    page = visit(world["structure_manager marseille"], "/equipe/", looked_at.width)
    hands = Keyboard(page)
    hands.open("Logiciels")
    expect(page.locator("h1")).to_have_text("Logiciels")
    looked_at(page, "software-none")
    hands.open("Autoriser un logiciel")
    page.get_by_label("Nom du logiciel").fill("Suivi ML")
    looked_at(page, "software-new")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    page.get_by_label("Usage").fill("import de nuit")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_have_text("Jeton créé")
    assert len(page.locator("#secret").input_value()) == 43
    looked_at(page, "software-token")
    hands.open("C’est copié, revenir à la liste")
    expect(page.get_by_role("heading", name="Suivi ML")).to_be_visible()
    hands.open("Donner une adresse")
    page.get_by_label("Adresse").fill("https://10.0.0.1/")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.locator(".fr-error-text").first).to_contain_text("réseau interne")
    looked_at(page, "software-address-refused")
    page.get_by_label("Adresse").fill("http://127.0.0.1:9/fiches")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_have_text("Adresse gardée")
    looked_at(page, "software-secret")
    hands.open("C’est copié, revenir aux logiciels")
    expect(page.get_by_text("http://127.0.0.1:9/fiches")).to_be_visible()
    looked_at(page, "software-all")
    hands = Keyboard(page)
    hands.tab_to("Retirer le logiciel Suivi ML")
    hands.press("Enter")
    looked_at(page, "software-end")
    hands.open("Retirer ce logiciel")
    expect(page.locator(".fr-alert--success")).to_contain_text("Suivi ML n’ouvre plus rien")
    looked_at(page, "software-ended")


def test_an_adviser_exchanges_by_file(visit, world, looked_at, tmp_path):
    wrong = demand(world, consent=False)
    entries = [{"key": str(uuid.uuid4()), "demand": one} for one in (demand(world), wrong)]
    file = tmp_path / "fiches.json"
    file.write_text(json.dumps(entries), encoding="utf-8")
    page = visit(world["adviser marseille"], "/fiches/", looked_at.width)
    Keyboard(page).open("Échanger par fichier")
    looked_at(page, "exchange-files")
    page.get_by_label("Fichier JSON").set_input_files(file)
    with page.expect_navigation():
        page.get_by_role("button", name="Déposer le fichier").click()
    expect(page.get_by_text("1 entrée enregistrée")).to_be_visible()
    looked_at(page, "exchange-files-done")
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger les refus").click()
    (refused,) = json.loads(download.value.path().read_text("utf-8"))
    assert refused["demand"] == wrong
    assert "accord de la personne" in refused["error"]
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger les fiches").click()
    (taken,) = json.loads(download.value.path().read_text("utf-8"))
    assert taken["person"]["last_name"] == "Kanarivogel"
