"""Trades that recruit, by keyboard alone: a Carif-Oref sends its file, refused then corrected, and
an adviser reads them during a session."""

import pytest
from playwright.sync_api import expect

from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
]
HEAD = "departement;code;metier;projets;difficile\n"
ROWS = "".join(
    f"13;N410{rank};Conduite de véhicules, métier {rank};{rank * 120};{40 + rank}\n"
    for rank in range(9)
)


def a_file(rows: str) -> dict:
    return {"name": "bmo.csv", "mimeType": "text/csv", "buffer": (HEAD + rows).encode("cp1252")}


@pytest.mark.parametrize("width", [1280, 375])
def test_a_list_is_sent_and_read_by_keyboard(visit, world, accessible, width):
    page = visit(world["carif_oref 93"], "/", width)
    hands = Keyboard(page)
    hands.open("Métiers qui recrutent")
    expect(page.locator(".empty__title")).to_have_text("Aucune liste pour votre Région.")
    hands.open("Enregistrer une liste")
    accessible(page)
    for rows in (f"{ROWS}75;M1805;Développement;12;\n", ROWS):
        if rows is ROWS:
            with page.expect_download() as taken:
                hands.tab_to("Prendre le fichier et ses raisons (CSV)")
                hands.press("Enter")
            assert taken.value.suggested_filename == "metiers-lignes-refusees.csv"
        else:
            hands.answer("Source…", "Enquête Besoins en main-d’œuvre, France Travail")
            hands.answer("Année des données…", "2026")
        page.get_by_label("Fichier CSV").set_input_files(a_file(rows))
        hands.tab_to("Fichier CSV…")
        hands.tab_to("Enregistrer la liste")
        hands.send()
        accessible(page)
        picture(page, f"trades-{'sent' if rows is ROWS else 'refused'}-{width}")
    expect(page.locator(".fr-alert--success")).to_contain_text("Métiers : 9.")
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")

    page = visit(world["adviser marseille"], "/parcours/nouvel-entretien/?person=new", width)
    hands = Keyboard(page)
    hands.tab_to("Métiers qui recrutent")
    hands.press("Enter")
    expect(page.locator(".trades li")).to_have_count(9)
    expect(page.locator(".trades li").first).to_contain_text("métier 8")
    accessible(page)
    picture(page, f"trades-session-{width}")
    hands.tab_to("Toute la liste, Bouches-du-Rhône (nouvel onglet)")
    with page.context.expect_page() as opened:
        hands.press("Enter")
    expect(opened.value.locator("h1")).to_have_text("Métiers qui recrutent")
    expect(page.locator("h1")).to_have_text("Nouvel entretien")  # what is typed there stays
