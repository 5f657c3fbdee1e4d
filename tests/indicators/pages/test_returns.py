"""The returns of a network: counts that agree with the rows, and files with what is shown."""

import csv
import io
import re
from datetime import date

import pytest
from django.db import connections

from indicators.models import CalendarEntry, ExpectedReturn
from regions.models import Structure
from sprocep import periods
from sprocep.rendering.spreadsheets import read_sheet
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PAGE, ONE_BY_ONE = "/remontees/", "/remontees/structures/"
DUE = {"2015-T4": date(2016, 1, 30), "2016-T1": date(2016, 4, 30)}


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
        kept = list(ExpectedReturn.objects.using("owner").values_list("pk", flat=True))
        ExpectedReturn.objects.using("owner").filter(structure__network="ML").delete()
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
            period="2015-T4", starts_on="2015-10-01", computed_on=DUE["2015-T4"],
            due_on="2016-02-14",
        )  # fmt: skip
        yield
        ExpectedReturn.objects.using("owner").filter(pk__in=[r.pk for r in made]).delete()
        CalendarEntry.objects.using("owner").filter(period="2015-T4").delete()
    assert kept


@pytest.fixture(autouse=True)
def day(monkeypatch) -> None:
    """The tenth of May 2016."""
    monkeypatch.setattr(periods, "today", lambda: date(2016, 5, 10))


@pytest.fixture
def ml(browse):
    return browse("network_head ML")


def table(browser, path: str, **query) -> list[list[str]]:
    page = browser.get(path, query).content.decode()
    if "<tbody>" not in page:
        return []
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    return [
        [
            " ".join(re.sub(r'<span class="fr-sr-only">[^<]*</span>|<[^>]+>', " ", cell).split())
            for cell in re.findall(r"<t[dh][ >](.*?)</t[dh]>", row, re.DOTALL)
        ]
        for row in body.split("<tr>")[1:]
    ]


def counts(browser, **query) -> list[list[str]]:
    return [
        [row[0].split(">")[-1].strip(), *(cell.split(">")[-1].strip() for cell in row[1:])]
        for row in table(browser, PAGE, **query)
    ]


def test_counts_by_period_and_region(ml):
    assert counts(ml) == [
        ["1er trimestre 2016", "Nouvelle-Aquitaine", "1", "0", "1", "0"],
        ["1er trimestre 2016", "Provence-Alpes-Côte d&#x27;Azur", "1", "0", "1", "0"],
        ["4e trimestre 2015", "Île-de-France", "2", "1", "1", "0"],
        ["4e trimestre 2015", "Provence-Alpes-Côte d&#x27;Azur", "2", "2", "0", "0"],
    ]
