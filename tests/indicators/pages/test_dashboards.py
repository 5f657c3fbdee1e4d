"""Dashboards: who sees which, what they print, what may be downloaded."""

import gzip

import pytest

from indicators.exports.files import write_edition_files
from indicators.exports.formats import FORMATS
from indicators.exports.reading import rows_of
from indicators.exports.seal import seal_of
from indicators.models import Edition
from indicators.views.chapters import _kept
from indicators.worklist import nation
from regions.models import AccessEvent
from sprocep import tenancy
from tests.indicators.pages.fabricated import AFTER, BEFORE, DRAFT

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
LIST = "/tableaux-de-bord/"
COORDINATOR, OFFICER, AUDITOR = "regional_coordinator 93", "dgefp_officer", "auditor"


def page_of(period, territory: str) -> str:
    return f"{LIST}{period}/{territory}/"


# ── Who sees which ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("territory", ["93", "11", "FR"])
def test_a_sealed_edition_is_read_by_every_region(browse, territory):
    response = browse(COORDINATOR).get(page_of(AFTER, territory))
    assert response.status_code == 200
    assert f"{AFTER}/{territory}/1" in response.content.decode()


@pytest.mark.parametrize("territory", ["93", "11", "FR"])
def test_a_draft_is_read_by_the_nation_alone(browse, territory):
    address = page_of(DRAFT, territory)
    assert browse(OFFICER).get(address).status_code == 200
    assert browse(AUDITOR).get(address).status_code == 200
    refused = browse(COORDINATOR).get(address)
    unknown = browse(COORDINATOR).get(page_of("2016-T3", territory))
    assert refused.status_code == unknown.status_code == 404
    assert refused.content == unknown.content


@pytest.mark.parametrize("role", ["adviser marseille", "platform_administrator"])
def test_other_roles_have_no_dashboard(browse, role):
    assert browse(role).get(LIST).status_code == 403
    assert browse(role).get(page_of(AFTER, "93")).status_code == 403
    assert browse(role).get(f"{page_of(AFTER, '93')}pdf/").status_code == 403


def test_a_structure_manager_reads_what_is_sealed(browse):
    browser = browse("structure_manager marseille")
    assert browser.get(LIST).status_code == 200
    assert browser.get(page_of(AFTER, "93")).status_code == 200
    assert browser.get(page_of(DRAFT, "93")).status_code == 404


def test_nobody_reads_without_login(base, client):
    assert client.get(page_of(AFTER, "93")).status_code == 302


@pytest.mark.parametrize("word", ["2016-T5", "2016-13", "16-T1"])
def test_what_is_no_period_is_not_found(browse, word):
    assert browse(OFFICER).get(page_of(word, "93")).status_code == 404


def test_opening_is_remembered(browse, base):
    browse(COORDINATOR).get(page_of(AFTER, "11"))
    with tenancy.scope(regions=["93"], read_only=True):
        seen = AccessEvent.objects.get(page="edition", object_id=f"{AFTER}/11/1")
    assert seen.by_id == base[COORDINATOR].user_id


# ── The list ─────────────────────────────────────────────────────────────────────────────────


def listed(response) -> list[tuple[str, str]]:
    return [(row.edition.period, row.edition.territory) for row in response.context["rows"]]


def test_list_holds_own_region_newest_first(browse):
    assert listed(browse(COORDINATOR).get(LIST)) == [(AFTER.code, "93"), (BEFORE.code, "93")]


def test_list_of_a_merged_region_holds_its_predecessors(browse):
    response = browse("regional_coordinator 75").get(LIST)
    before = [(BEFORE.code, code) for code in ("54", "72", "74")]
    assert listed(response) == [(AFTER.code, "75"), *before]
    assert response.context["constant"] == [
        (
            "Nouvelle-Aquitaine, 4e trimestre 2015, limites du 1er janvier 2016",
            f"{page_of(BEFORE, '75')}?perimetre=2016",
        )
    ]


def test_list_filters_by_territory_and_period(browse):
    browser = browse(COORDINATOR)
    nation_wide = browser.get(f"{LIST}?territoire=FR&periode={BEFORE}")
    assert listed(nation_wide) == [(BEFORE.code, "FR")]
    everybody = browser.get(f"{LIST}?territoire=tous")
    assert everybody.context["list"].page.paginator.count == 28 + 19
    nothing = browser.get(f"{LIST}?territoire=02&periode={AFTER}&sort=-state&page=9")
    assert listed(nothing) == [(AFTER.code, "02")]
    unknown = browser.get(f"{LIST}?territoire=zz&periode=2016-T9")
    assert listed(unknown) == listed(browser.get(LIST))


def test_an_empty_list_says_why(browse):
    page = browse(COORDINATOR).get(f"{LIST}?territoire=76&periode={BEFORE}").content.decode()
    assert "languedoc" not in page


@pytest.mark.parametrize("role", [OFFICER, AUDITOR])
def test_those_who_read_all_go_to_the_grid(browse, role):
    response = browse(role).get(LIST)
    assert (response.status_code, response["Location"]) == (302, "/nation/")


def test_list_queries_are_the_same_for_few_rows_and_for_many(browse, django_assert_num_queries):
    browser = browse(COORDINATOR)
    browser.get(LIST)
    with django_assert_num_queries(15):
        assert len(listed(browser.get(f"{LIST}?territoire=tous&periode={AFTER}"))) == 19
    with django_assert_num_queries(15):
        assert len(listed(browser.get(f"{LIST}?territoire=tous"))) == 47


# ── Borders ──────────────────────────────────────────────────────────────────────────────────


def test_constant_borders_are_no_edition(browse):
    browser = browse("regional_coordinator 75")
    address = page_of(BEFORE, "75")
    assert browser.get(address).status_code == 404
    for word in ("2016", "today"):
        page = browser.get(f"{address}?perimetre={word}").content.decode()
        assert "ce n’est pas une édition" in page
        assert f"{BEFORE}/75/1" not in page
    assert browser.get(f"{address}?perimetre=2015").status_code == 404


def test_a_region_that_never_moved_is_the_same_in_all_borders(browse):
    page = browse(COORDINATOR).get(f"{page_of(BEFORE, '93')}?perimetre=2016").content.decode()
    assert f"{BEFORE}/93/1" in page


def borders_of_page(response) -> dict[str, list[str]]:
    """Where each choice of borders leads; nowhere for the one that is open."""
    return {one.words: [url for _, url in one.places] for one in response.context["borders"]}


@pytest.mark.parametrize(
    ("address", "led"),
    [
        (
            page_of(BEFORE, "72"),
            {
                "Régions de l’époque et du 31 décembre 2015": [],
                "d’aujourd’hui et du 1er janvier 2016": [
                    f"{page_of(BEFORE, '75')}?perimetre=today"
                ],
            },
        ),
        (
            f"{page_of(BEFORE, '75')}?perimetre=2016",
            {
                "Régions de l’époque et du 31 décembre 2015": [
                    page_of(BEFORE, code) for code in ("54", "72", "74")
                ],
                "d’aujourd’hui et du 1er janvier 2016": [],
            },
        ),
        (
            page_of(BEFORE, "FR"),
            {
                "Régions de l’époque et du 31 décembre 2015": [],
                "d’aujourd’hui et du 1er janvier 2016": [
                    f"{page_of(BEFORE, 'FR')}?perimetre=today"
                ],
            },
        ),
        (page_of(BEFORE, "93"), {}),
    ],
)
def test_each_choice_of_borders_leads_to_the_same_ground(browse, address, led):
    browser = browse("regional_coordinator 75")
    assert borders_of_page(browser.get(address)) == led
    for address in [one for urls in led.values() for one in urls]:
        assert browser.get(address).status_code == 200


def test_a_region_that_borders_do_not_know_leads_to_the_one_on_its_ground(browse):
    response = browse("regional_coordinator 75").get(f"{page_of(BEFORE, '72')}?perimetre=today")
    assert response.status_code == 302
    assert response["Location"] == f"{page_of(BEFORE, '75')}?perimetre=today"


def test_the_nation_lists_its_regions_in_the_borders_chosen(browse):
    browser = browse(COORDINATOR)
    at_date = browser.get(page_of(BEFORE, "FR")).content.decode()
    today = browser.get(f"{page_of(BEFORE, 'FR')}?perimetre=today").content.decode()
    assert regions_named(at_date) == {"Aquitaine", "Limousin", "Poitou-Charentes"}
    assert regions_named(today) == {"Nouvelle-Aquitaine"}
    assert "limites d’aujourd’hui" in today


def regions_named(page: str) -> set[str]:
    every = ("Aquitaine", "Limousin", "Poitou-Charentes", "Nouvelle-Aquitaine")
    return {name for name in every if f'<th scope="row">{name}</th>' in page}


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx", "ods"])
def test_constant_borders_are_downloaded_and_say_so(browse, kind):
    address = f"{page_of(BEFORE, '75')}{kind}/?perimetre=2016"
    response = browse("regional_coordinator 75").get(address)
    assert response.status_code == 200
    assert response["Content-Disposition"] == (
        f'attachment; filename="sprocep-2015-T4-75-b2016.{kind}"'
    )
    rows = rows_of(response.content)
    assert {row[0] for row in rows} == {"2015-T4/75/b2016"}
    assert len(rows) > 2_000
    page = browse("regional_coordinator 75").get(f"{page_of(BEFORE, '75')}?perimetre=2016")
    assert f'href="{address}"' in page.content.decode()


def test_constant_borders_have_no_pdf(browse):
    address = f"{page_of(BEFORE, '75')}pdf/?perimetre=2016"
    assert browse("regional_coordinator 75").get(address).status_code == 404


# ── Weight ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("territory", ["94", "11"])
def test_queries_are_the_same_for_a_small_and_a_large_territory(
    browse, django_assert_num_queries, territory
):
    browser, address = browse(COORDINATOR), page_of(AFTER, territory)
    browser.get("/")
    _kept.cache_clear()
    with django_assert_num_queries(29):
        first = browser.get(address)
    with django_assert_num_queries(19):
        again = browser.get(address)
    assert chapters_of(again.content.decode()) == chapters_of(first.content.decode())


def test_kept_chapters_follow_what_they_are_compared_with(browse):
    address = page_of(DRAFT, "93")
    browser = browse(OFFICER)
    for step in ("relecture", "valider", "sceller"):
        browser.post(f"{address}{step}/")
    alone = browser.get(address).content.decode()
    for step in ("relecture", "valider", "sceller"):
        browser.post(f"{page_of(DRAFT, 'FR')}{step}/")
    beside_the_nation = browser.get(address).content.decode()
    assert "<dt>France</dt>" not in alone
    assert "<dt>France</dt>" in beside_the_nation
    assert chapters_of(alone).count("France</th>") < chapters_of(beside_the_nation).count(
        "France</th>"
    )


def chapters_of(page: str) -> str:
    return page[page.index('<nav class="chapters"') :]


@pytest.mark.parametrize("territory", ["75", "FR"])
def test_page_weighs_less_than_40_kilobytes(browse, territory):
    page = browse(COORDINATOR).get(page_of(AFTER, territory)).content
    assert len(gzip.compress(page)) <= 40_000


# ── Files ────────────────────────────────────────────────────────────────────────────────────


def test_files_that_are_not_written_yet_are_said_to_be(browse):
    response = browse(COORDINATOR).get(f"{page_of(AFTER, '93')}pdf/")
    assert response.status_code == 409
    assert "en préparation" in response.content.decode()
    assert "en préparation" in browse(COORDINATOR).get(page_of(AFTER, "93")).content.decode()


def test_files_of_a_draft_are_made_for_whoever_reads_it(browse):
    officer, address = browse(OFFICER), f"{page_of(DRAFT, '93')}csv/"
    page = officer.get(page_of(DRAFT, "93")).content.decode()
    for kind in FORMATS:
        assert f'href="{page_of(DRAFT, "93")}{kind}/?edition=1"' in page
    response = officer.get(address)
    assert response["Content-Disposition"].endswith('"sprocep-2016-T2-93-1-brouillon.csv"')
    with nation(read_only=True):
        draft = Edition.objects.get(period=DRAFT.code, territory="93")
        own = [row for row in rows_of(response.content) if row[0] == draft.code]
        assert seal_of(own) == draft.figures_seal
    assert officer.get(f"{page_of(DRAFT, '93')}secret/").status_code == 404
    assert browse(COORDINATOR).get(address).status_code == 404
    officer.post(f"{page_of(DRAFT, '93')}relecture/")
    assert browse(COORDINATOR).get(address).content == officer.get(address).content


def test_each_kept_file_is_delivered_as_it_is_kept(browse):
    assert "/graphiques/" not in browse(COORDINATOR).get(page_of(AFTER, "94")).content.decode()
    with nation():
        kept = {
            file.name: bytes(file.content)
            for file in write_edition_files(Edition.objects.get(period=AFTER.code, territory="94"))
        }
    browser = browse(COORDINATOR)
    for kind in ("pdf", "xlsx", "csv", "json"):
        response = browser.get(f"{page_of(AFTER, '94')}{kind}/")
        assert response.content == kept[f"edition.{kind}"]
        assert response["Content-Disposition"] == (
            f'attachment; filename="sprocep-2016-T1-94-1.{kind}"'
        )
    page = browser.get(page_of(AFTER, "94")).content.decode()
    drawings = [name for name in kept if name.endswith(".svg")]
    assert drawings
    for name in drawings:
        address = f"{page_of(AFTER, '94')}graphiques/{name}"
        assert address in page
        response = browser.get(address)
        assert (response["Content-Type"], response.content) == ("image/svg+xml", kept[name])
    assert browser.get(f"{page_of(AFTER, '94')}graphiques/edition.pdf").status_code == 404
    assert browser.get(f"{page_of(AFTER, '94')}odt/").status_code == 404
