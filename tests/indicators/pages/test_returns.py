"""The returns of a network: counts that agree with the rows, and files with what is shown."""

import re
from datetime import date

import pytest

from indicators.models import CalendarEntry, ExpectedReturn
from sprocep import periods
from sprocep.rendering.spreadsheets import read_sheet
from tests.factories import deadlines

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PAGE, ONE_BY_ONE = "/remontees/", "/remontees/structures/"
QUERIES = {PAGE: 17, ONE_BY_ONE: 16}


@pytest.fixture(scope="module", autouse=True)
def owed(base, django_db_blocker):
    """Returns of missions locales of three Regions, and of France Travail: committed, then gone.

    2015-T4: all received in 93, one of two in 11. 2016-T1: none received, in 93 and 75.
    """
    rows = [
        (base.marseille, "2015-T4", "93", True),
        (base.aix, "2015-T4", "93", True),
        (base.paris, "2015-T4", "11", True),
        (base.aix, "2015-T4", "11", False),
        (base.marseille, "2016-T1", "93", False),
        (base.aix, "2016-T1", "75", False),
        (base.national, "2015-T4", "93", False),
    ]
    with django_db_blocker.unblock():
        former = ExpectedReturn.objects.using("owner").filter(structure__network="ML")
        kept = list(former)
        former.delete()
        made = ExpectedReturn.objects.using("owner").bulk_create(
            ExpectedReturn(
                period=period,
                region_id=region,
                structure_id=structure.pk,
                received_at="2016-01-20T09:00:00+01:00" if is_received else None,
            )
            for structure, period, region, is_received in rows
        )
        CalendarEntry.objects.using("owner").create(
            period="2015-T4",
            starts_on="2015-10-01",
            **deadlines("2016-01-01", "2016-01-30", "2016-02-14"),
        )
        yield
        ExpectedReturn.objects.using("owner").filter(pk__in=[r.pk for r in made]).delete()
        ExpectedReturn.objects.using("owner").bulk_create(kept)
        CalendarEntry.objects.using("owner").filter(period="2015-T4").delete()
    assert kept


@pytest.fixture(autouse=True)
def day(monkeypatch) -> None:
    """The tenth of May 2016."""
    monkeypatch.setattr(periods, "today", lambda: date(2016, 5, 10))


@pytest.fixture
def ml(browse):
    return browse("network_head ML")


HIDDEN = re.compile(r'<span class="fr-sr-only">[^<]*</span>|<[^>]+>')


def table(browser, path: str, **query) -> list[list[str]]:
    """What the cells of each row show."""
    page = browser.get(path, query).content.decode()
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [
            " ".join(HIDDEN.sub(" ", cell).split())
            for cell in re.findall(r"<t[dh](?: [^>]*)?>(.*?)</t[dh]>", row, re.DOTALL)
        ]
        for row in body.split("<tr>")[1:]
    ]


def counts(browser, **query) -> list[list[str]]:
    return table(browser, PAGE, **query)


PACA = "Provence-Alpes-Côte d&#x27;Azur"


def test_counts_by_period_and_region(ml):
    assert counts(ml) == [
        ["1er trimestre 2016", "Nouvelle-Aquitaine", "1", "0", "1", "0"],
        ["1er trimestre 2016", PACA, "1", "0", "1", "0"],
        ["4e trimestre 2015", "Île-de-France", "2", "1", "1", "0"],
        ["4e trimestre 2015", PACA, "2", "2", "0", "0"],
    ]


def test_filters_narrow_the_counts(ml):
    assert [row[1] for row in counts(ml, periode="2015-T4")] == ["Île-de-France", PACA]
    assert [row[0] for row in counts(ml, region="93")] == [
        "1er trimestre 2016",
        "4e trimestre 2015",
    ]
    assert [row[1] for row in counts(ml, periode="2015-T4", etat="late")] == ["Île-de-France"]
    assert counts(ml, etat="awaited") == []
    # A word that is no choice filters nothing: an old address still shows something.
    assert counts(ml, periode="toujours", region="99", etat="volé") == counts(ml)


def test_totals_are_those_of_the_rows(ml):
    page = ml.get(PAGE, {"periode": "2015-T4"}).content.decode()
    band = page.split('<div class="band">')[1].split("</dl>")[0]
    assert [int(n) for n in re.findall(r"<dd>\s*(\d+)", band)] == [4, 3, 1, 0]


def test_a_return_is_late_from_the_morrow_of_its_last_day(ml, monkeypatch):
    for day, state in ((date(2016, 1, 30), "awaited"), (date(2016, 1, 31), "late")):
        monkeypatch.setattr(periods, "today", lambda day=day: day)
        assert [row[1] for row in counts(ml, periode="2015-T4", etat=state)] == ["Île-de-France"]


def test_without_an_entry_a_period_is_late_once_over(ml, monkeypatch):
    """2016-T1 stands in no calendar here."""
    for day, state in ((date(2016, 3, 31), "awaited"), (date(2016, 4, 1), "late")):
        monkeypatch.setattr(periods, "today", lambda day=day: day)
        assert len(counts(ml, periode="2016-T1", etat=state)) == 2


def test_structures_one_by_one(ml):
    rows = table(ml, ONE_BY_ONE, periode="2015-T4", region="11")
    assert [(row[2].split(" Siret")[0], row[3], row[4]) for row in rows] == [
        ("Mission locale de Paris", "reçue", "20 janvier 2016"),
        ("Mission locale du pays d&#x27;Aix", "en retard depuis le 31 janvier 2016", ""),
    ]
    assert len(table(ml, ONE_BY_ONE, etat="late")) == 3
    assert len(table(ml, ONE_BY_ONE)) == 6


def test_the_head_of_another_network_sees_its_own_alone(ml, base):
    """The rows of France Travail are there; this head is shown none of them, on either page."""
    shown = str(table(ml, ONE_BY_ONE)) + str(counts(ml))
    assert "Mission locale de Marseille" in shown
    assert "Agence nationale" not in shown
    assert ExpectedReturn.objects.using("owner").filter(structure=base.national).exists()


@pytest.mark.parametrize("path", [PAGE, ONE_BY_ONE])
def test_files_hold_what_the_page_shows(ml, path):
    query = {"periode": "2015-T4", "sort": "region"}
    text = ml.get(path, query | {"format": "csv"})
    assert text["Content-Disposition"].startswith("attachment")
    head, *rows = [line.split(",") for line in text.content.decode().splitlines()]
    sheet = "remontées par Région" if path == PAGE else "remontées par structure"
    book = read_sheet(ml.get(path, query | {"format": "xlsx"}).content, sheet)
    assert book[0] == head
    assert sorted([str(v).removesuffix(".0") for v in row] for row in book[1:]) == sorted(rows)
    assert len(rows) == len(table(ml, path, **query))
    assert {row[0] for row in rows} == {"2015-T4"}


def test_the_same_rows_give_the_same_bytes(ml):
    def made() -> list[bytes]:
        return [ml.get(PAGE, {"format": name}).content for name in ("csv", "xlsx")]

    assert made() == made()


@pytest.mark.parametrize("path", [PAGE, ONE_BY_ONE])
def test_pages_cost_the_same_whatever_they_show(ml, path, django_assert_num_queries):
    ml.get(path)
    for query in ({}, {"region": "11", "periode": "2015-T4"}):
        # Of a period, one more: whether something of it may be confirmed.
        may_confirm = path == ONE_BY_ONE and "periode" in query
        with django_assert_num_queries(QUERIES[path] + may_confirm):
            assert ml.get(path, query).status_code == 200


def test_nothing_waits_once_the_regions_are_sealed(ml):
    """2015-T4 is sealed for all, and 2016-T1 stands in no calendar."""
    page = ml.get("/").content.decode()
    assert "Rien ne vous attend." in page
    assert "Vous suivez les remontées" in page


def test_an_empty_list_says_why(ml):
    page = ml.get(PAGE, {"periode": "2015-T4", "etat": "awaited"}).content.decode()
    assert "Aucune remontée ne répond à ces filtres." in page


def test_who_has_no_return_to_follow_opens_it_not(browse):
    for member in ("adviser marseille", "elected_referent 93", "platform_administrator"):
        assert browse(member).get(PAGE).status_code == 403
        assert browse(member).get(ONE_BY_ONE).status_code == 403


def test_a_coordinator_reads_those_of_its_region_of_all_networks(browse):
    browser = browse("regional_coordinator 93")
    assert {row[1] for row in counts(browser)} == {PACA}
    shown = str(table(browser, ONE_BY_ONE))
    assert "Agence nationale" in shown
    assert "Mission locale de Paris" not in shown


def test_anomalies_are_counted_for_who_reads_them_alone(browse):
    for reader, heads in (
        ("regional_coordinator 93", 0),
        ("dgefp_officer", 1),
        ("network_head ML", 1),
    ):
        assert browse(reader).get(ONE_BY_ONE).content.decode().count(">Anomalies") == heads


def test_the_head_of_a_network_reads_the_sealed_dashboards_of_all_regions(ml):
    page = ml.get("/tableaux-de-bord/").content.decode()
    for territory in ("93", "11", "FR"):
        assert f"/tableaux-de-bord/2016-T1/{territory}/" in page
    assert "/2016-T2/" not in page
    assert "de la France et de toutes les Régions" in page
    assert "votre Région" not in page.split("<main")[1]
    assert "Votre Région" not in page
    assert ml.get("/tableaux-de-bord/2016-T1/11/").status_code == 200
    assert ml.get("/tableaux-de-bord/2016-T2/11/").status_code == 404
