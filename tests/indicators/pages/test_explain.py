"""One figure, opened: what is told of it, to whom, and what is never told of a hidden one."""

import re
from urllib.parse import urljoin

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators.explain.opening import address_of
from indicators.exports.blocks import own_block
from indicators.exports.wording import lowered
from indicators.models import Edition, EditionCell, Figure
from indicators.views.explain import figure_url
from indicators.worklist import nation
from sprocep import tenancy
from sprocep.templatetags import french
from tests.indicators.pages.fabricated import AFTER, BEFORE, DRAFT

pytestmark = pytest.mark.django_db(databases=["default", "owner", "compiler"])

COORDINATOR, OFFICER = "regional_coordinator 93", "dgefp_officer"


def of(period, territory: str, key: str = "A1") -> str:
    return f"/tableaux-de-bord/{period}/{territory}/expliquer/{key}/"


def text_of(page: bytes) -> str:
    """The words of a page without its tags; no-break spaces stay."""
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", page.decode()))


def cells(period, territory: str, **columns) -> list[EditionCell]:
    with nation(read_only=True):
        edition = Edition.objects.get(period=period.code, territory=territory)
        found = own_block(edition).cells.filter(**columns).select_related("edition")
        return list(found.order_by("pk"))


def test_a_published_figure_says_where_it_comes_from(browse):
    (cell,) = cells(AFTER, "93", indicator="A1", level="N2", department="total", breakdown="total")
    page = text_of(browse(COORDINATOR).get(of(AFTER, "93", "A1,l=N2")).content)
    edition = cell.edition
    for expected in (
        "Nombre de parcours ouverts du 1er janvier au 31 mars 2016, Région Provence-Alpes-Côte "
        "d&#x27;Azur, premier entretien de niveau 2.",
        french.cell(cell),
        "A1, définition version 1 du 1er janvier 2015",
        "arrêté du 16 juillet 2014",
        "Régions de l’époque",
        "2016-T1/93/1",
        edition.figures_seal,
        edition.chained_seal,
        "83,3\N{NO-BREAK SPACE}% des remontées attendues",
        "11 unités",
    ):
        assert expected in page, expected


def test_its_value_is_that_of_its_cell_in_all_its_addresses(browse):
    """Sixty cells of all kinds, the page equal to the cell, sign or value."""
    every = cells(AFTER, "93")
    browser = browse(COORDINATOR)
    for cell in every[:: len(every) // 60]:
        answer = browser.get(figure_url(own_block(cell.edition), cell))
        assert answer.status_code == 200
        assert value_of(answer) == str(french.cell(cell)), cell


def test_what_is_no_cell_is_not_found(browse):
    browser = browse(COORDINATOR)
    for key in ("A1,d=75", "Z9,p=sessions", "A1,l=N9", "A1,p=journeys_opened", "a", "A1,d=1'3"):
        assert browser.get(of(AFTER, "93", key)).status_code == 404
    assert browser.get(of(AFTER, "ZZ")).status_code == 404


def test_a_draft_is_explained_to_the_nation_alone(browse):
    assert browse(OFFICER).get(of(DRAFT, "93")).status_code == 200
    assert browse(COORDINATOR).get(of(DRAFT, "93")).status_code == 404


def test_constant_borders_are_said(browse):
    page = text_of(browse(COORDINATOR).get(f"{of(BEFORE, '75')}?perimetre=2016").content)
    assert "limites constantes du 1er janvier 2016" in page
    assert "ce n’est pas une édition" in page
    assert "Sceau" not in page


# ── Returns ──────────────────────────────────────────────────────────────────────────────────


def test_a_region_sees_its_returns_one_by_one_and_not_those_of_others(browse):
    own = text_of(browse(COORDINATOR).get(of(BEFORE, "93")).content)
    assert "5 reçues sur 6" in own
    assert "Opérateur apec" in own
    other = text_of(browse(COORDINATOR).get(of(BEFORE, "11")).content)
    assert "83,3\N{NO-BREAK SPACE}%" in other
    assert "reçues sur" not in other
    assert "Opérateur apec" not in other


def test_the_nation_sees_all_returns_by_region(browse):
    page = text_of(browse(OFFICER).get(of(BEFORE, "FR")).content)
    assert "135 reçues sur 162" in page
    assert "Région par Région" in page


def test_a_network_sees_no_count_of_the_region(browse):
    page = text_of(browse("network_head ML").get(of(BEFORE, "93")).content)
    assert "83,3\N{NO-BREAK SPACE}%" in page
    assert "reçues sur" not in page


# ── What is hidden ───────────────────────────────────────────────────────────────────────────


def hidden(period, territory: str) -> list[EditionCell]:
    return cells(period, territory, status="secret", indicator="B3", level="N2",
                 population="journeys_opened", breakdown="situation")  # fmt: skip


def raw_units(cell: EditionCell) -> int:
    with tenancy.scope(regions=[cell.territory], using="compiler"):
        return (
            Figure.objects.using("compiler")
            .get(
                period=cell.edition.period,
                territory=cell.territory,
                borders=cell.borders,
                **address_of(cell).columns,
            )
            .units
        )


def told(browser, cell: EditionCell) -> tuple[str, int]:
    """The page without the words of the cell itself, and how many queries it took."""
    address = figure_url(own_block(cell.edition), cell)
    browser.get(address)
    with CaptureQueriesContext(connection) as queries:
        page = browser.get(address).content.decode()
    page = re.sub(r"\b[A-Za-z0-9]{64}\b", "", page)  # tokens of forms, and the seals
    own_words = r"<dt>Situation</dt>\s*<dd>\s*(.*?)\s*</dd>"
    label = re.search(own_words, page, re.S)[1]
    own_sentence = re.search(r'<p class="lead">.*?</p>', page, re.S)[0]
    assert lowered(label) in own_sentence
    page = re.sub(own_words, "…", page, flags=re.S)
    for words in (own_sentence, address_of(cell).key, f"case={cell.pk}"):
        page = page.replace(words, "…")
    return page, len(queries)


@pytest.mark.parametrize("who", [COORDINATOR, OFFICER, "auditor", "carif_oref 93"])
def test_every_secret_cell_has_the_same_page(browse, who):
    """Small, smaller, or hidden to protect another: the same bytes but for the cell's own words."""
    rows = hidden(BEFORE, "93")
    assert len({raw_units(cell) for cell in rows}) > 1
    browser = browse(who)
    pages = {told(browser, cell) for cell in rows}
    assert len(pages) == 1
    ((page, _),) = pages
    assert "Secrète." in page
    for silent in ("Autour d’elle", "Dans le temps", "primaire", "secondaire"):
        assert silent not in page


def test_a_published_cell_shows_no_hidden_part(browse):
    page = browse(COORDINATOR).get(of(BEFORE, "93", "B3,l=N2")).content.decode()
    parts = cells(BEFORE, "93", indicator="B3", breakdown="situation", level="N2",
                  population="journeys_opened")  # fmt: skip
    for cell in parts:
        href = f"../{address_of(cell).key}/"
        assert (href in page) == (cell.status == "published"), cell
    assert {cell.status for cell in parts} == {"published", "secret"}


# ── Around it ────────────────────────────────────────────────────────────────────────────────


def test_its_series_stops_at_a_merger(browse):
    """2015-T4 in constant borders stands before 2016-T1 in Region 75, and the break is written."""
    page = text_of(browse(COORDINATOR).get(of(AFTER, "75")).content)
    assert "Rupture de série" in page
    assert "deviennent" in page
    unmoved = text_of(browse(COORDINATOR).get(of(AFTER, "93")).content)
    assert "Rupture de série" not in unmoved
    assert "4e trimestre 2015" in unmoved


def test_a_draft_stands_at_the_end_of_its_series_and_is_not_said_to_be_published(browse):
    response = browse(OFFICER).get(of(DRAFT, "93"))
    moment, url = response.context["moments"][-1]
    assert moment.cell == response.context["told"].cell
    assert url == ""
    assert "Pas encore publiée." in text_of(response.content)


@pytest.mark.parametrize(
    ("who", "address", "queries"),
    [
        (OFFICER, of(AFTER, "94"), 15),
        (OFFICER, of(AFTER, "93"), 15),
        (OFFICER, of(AFTER, "75"), 15),
        (OFFICER, of(AFTER, "FR"), 15),
        (OFFICER, of(BEFORE, "75") + "?perimetre=2016", 15),
        (OFFICER, of(AFTER, "93", "A1,l=N2"), 15),
        (COORDINATOR, of(AFTER, "93"), 14),
        (COORDINATOR, of(AFTER, "75"), 13),  # the returns of others are not read
    ],
)
def test_queries_are_the_same_for_a_small_and_a_large_territory(
    browse, django_assert_num_queries, who, address, queries
):
    browser = browse(who)
    browser.get(address)
    with django_assert_num_queries(queries):
        assert browser.get(address).status_code == 200


# ── From the dashboard ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "address", [f"{AFTER}/93/", f"{AFTER}/FR/", f"{BEFORE}/75/?perimetre=2016", f"{AFTER}/75/"]
)
def test_figures_of_a_dashboard_lead_to_what_they_are(browse, address):
    """Every address that the page gives, a few opened: the figure there led there."""
    browser, page_address = browse(COORDINATOR), f"/tableaux-de-bord/{address}"
    page = browser.get(page_address).content.decode()
    links = re.findall(r'<td><a href="([^"]+)">(.*?)</a></td>', page)
    assert len(links) > 400
    for href, shown in links[:: len(links) // 25]:
        answer = browser.get(urljoin(page_address, href))
        assert answer.status_code == 200, href
        assert first_word(value_of(answer)) == first_word(shown), href


def value_of(answer) -> str:
    return re.search(r"explained__value[^>]*>\s*(.*?)\s*</span>", answer.content.decode(), re.S)[1]


def first_word(text: str) -> str:
    """Of days, the unit follows; in a table it is in the head, and « 9,0 » under « 10,5 »."""
    return text_of(text.encode()).split()[0].removesuffix(",0")
