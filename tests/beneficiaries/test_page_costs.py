"""What a page asks of PostgreSQL, whatever its number of rows, and what it weighs on the line.

As in production: no transaction of a test around the request.
"""

import gzip
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext

from beneficiaries.identity import sort_key
from beneficiaries.models import ContactTally
from sprocep import periods, tenancy
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

LIST = "/parcours/"
# Beginning and end of the two transactions: that of the request and that of its trace.
FRAME = re.compile(r"BEGIN|COMMIT|SAVEPOINT|RELEASE")
KILOBYTE = 1024
PAGE, FIRST_VISIT, NEXT_VISIT = 30 * KILOBYTE, 250 * KILOBYTE, 40 * KILOBYTE
LINK = re.compile(r'(?:href|src)="/static/([^"]+)"')
FONT = re.compile(r"url\(\"?([^\")]+\.woff2)")


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


@pytest.fixture
def browser(logged_in, adviser):
    return logged_in(adviser)


def known(adviser, rows: int) -> list:
    """So many journeys of so many persons, and the first one with as many sessions."""
    with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
        made = []
        for rank in range(rows):
            last, first = f"Nom{rank:02}", "Alix"
            person = factories.beneficiary(
                adviser, last_name=last, first_name=first, sort_key=sort_key(last, first)
            )
            made.append(factories.journey(adviser, of=person))
            if rank:
                day = date(2016, 3, 1) + timedelta(days=rank)
                factories.session(adviser, made[0], held_on=day)
            factories.contact(adviser)
    return made


def queries(browser, address: str) -> int:
    """Of one page: login, scope and trace included."""
    assert browser.get(address).status_code == 200  # codes and names are read once a minute
    with CaptureQueriesContext(connection) as captured:
        browser.get(address)
    return sum(not FRAME.match(query["sql"]) for query in captured)


PAGES = [
    ("/", 8),
    (LIST, 9),
    (f"{LIST}?state=open", 10),
    (f"{LIST}?q=nom", 10),
    ("journey", 11),
    ("/parcours/nouvel-entretien/", 6),
    ("chosen", 10),
    ("/accueil-anonyme/", 5),
    ("/accueils/", 6),
]


@pytest.mark.parametrize("rows", [1, 50])
@pytest.mark.parametrize(("address", "count"), PAGES)
def test_a_page_takes_the_same_queries_for_1_and_50_rows(adviser, browser, rows, address, count):
    first = known(adviser, rows)[0]
    address = {
        "journey": f"{LIST}{first.public_id}/",
        "chosen": f"/parcours/nouvel-entretien/?person={first.beneficiary.public_id}",
    }.get(address, address)
    assert queries(browser, address) == count <= 12


@pytest.mark.parametrize("rows", [1, 50])
def test_a_plan_takes_the_same_queries_for_1_and_50_lines(adviser, browser, rows):
    with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
        journey = factories.journey(adviser, level="N3", service="S12")
        plan = factories.financing_plan(adviser, journey)
        for _ in range(rows):
            factories.plan_cost(plan, 100)
            factories.plan_funding(plan, 100, 50)
        for rank in range(min(rows, 20)):  # no plan has more
            factories.plan_paper(plan, bytes([rank]))
    assert queries(browser, f"{LIST}{journey.public_id}/plan-de-financement/") == 13


def test_saving_takes_few_queries(adviser, browser):
    page = browser.get("/accueil-anonyme/").content.decode()
    form = {
        "key": re.search(r'name="key" value="([^"]+)"', page)[1],
        "theme": "T01",
        "audience": "P04",
        "result": "R01",
        "age_band": "NR",
        "channel": "PRE",
        "site": str(adviser.site.public_id),
        "held_on": periods.today().isoformat(),
    }
    with CaptureQueriesContext(connection) as captured:
        assert browser.post("/accueil-anonyme/", form).status_code == 201
    assert sum(not FRAME.match(query["sql"]) for query in captured) == 11
    with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
        assert ContactTally.objects.get().total == 1


# ── Weight ───────────────────────────────────────────────────────────────────────────────────


def weight(content: bytes) -> int:
    return len(gzip.compress(content, 6))


def parts(page: str) -> dict[str, int]:
    """What a browser fetches for a page, by name; fonts are compressed already."""
    found = {}
    for name in LINK.findall(page):
        file = Path(finders.find(name))
        found[name] = weight(file.read_bytes())
        for font in FONT.findall(file.read_text()) if file.suffix == ".css" else []:
            found[font] = (file.parent / font).stat().st_size
    return found


def test_pages_are_light(adviser, browser):
    """First visit with style sheets, scripts and fonts, then each next page alone."""
    first = known(adviser, 50)[0]
    kept: dict[str, int] = {}
    for address, _ in PAGES:
        address = {
            "journey": f"{LIST}{first.public_id}/",
            "chosen": f"/parcours/nouvel-entretien/?person={first.beneficiary.public_id}",
        }.get(address, address)
        html = browser.get(address).content
        found = parts(html.decode())
        assert weight(html) <= PAGE, address
        assert weight(html) + sum(found.values()) <= FIRST_VISIT, address
        if kept:
            new = sum(size for name, size in found.items() if name not in kept)
            assert weight(html) + new <= NEXT_VISIT, address
        assert found
        kept |= found
