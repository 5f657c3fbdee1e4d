"""Names that leave as a file: whose, what for, how many, and who is told."""

import csv

import pytest

from beneficiaries.actions import exports
from regions.middleware import scope_of
from regions.models import AccessEvent, AuditEvent, Letter
from regions.wording import action_words, field_words
from sprocep import tenancy
from sprocep.tenancy import NATION
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
FILE = "/parcours/fichier/"
REASON = {"reason": "for_a_meeting"}


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


@pytest.fixture
def direction(world):
    return world["structure_manager marseille"]


@pytest.fixture
def files(adviser, annex) -> None:
    """Two journeys of an adviser, one of her colleague."""
    for member, name in ((adviser, "Aubert"), (adviser, "Bonnet"), (annex.colleague, "Caron")):
        with scope_of(member, read_only=False):
            factories.journey(member, of=factories.beneficiary(member, last_name=name))


def names(response) -> list[str]:
    rows = csv.reader(response.content.decode("utf-8-sig").splitlines(), delimiter=";")
    return sorted(row[0] for row in list(rows)[1:])


def flat(response) -> str:
    return " ".join(response.content.decode().split())


def traces(member) -> list[AuditEvent]:
    with scope_of(member, read_only=True):
        return list(AuditEvent.objects.filter(action="export_journeys").order_by("pk"))


def test_an_adviser_takes_her_own_and_the_direction_all(logged_in, adviser, direction, files):
    everything = f"{FILE}?state=open"
    assert names(logged_in(adviser).post(everything, REASON)) == ["Aubert", "Bonnet"]
    assert names(logged_in(direction).post(everything, REASON)) == ["Aubert", "Bonnet", "Caron"]
    searched = logged_in(adviser).post(f"{FILE}?q=caron", REASON)
    assert names(searched) == []
    assert names(logged_in(direction).post(f"{FILE}?q=caron", REASON)) == ["Caron"]


def test_what_for_is_asked_how_many_is_told_and_both_are_noted(logged_in, adviser, files):
    browser = logged_in(adviser)
    page = browser.get(f"{FILE}?state=open").content.decode()
    assert "2 parcours que vous suivez" in page
    assert "Aubert" not in page
    for typed in ({}, {"reason": "because"}):
        refused = browser.post(f"{FILE}?state=open", typed)
        assert refused["Content-Type"].startswith("text/html")
        assert traces(adviser) == []
    browser.post(f"{FILE}?state=open", REASON)
    (trace,) = traces(adviser)
    assert (trace.by, trace.fields) == (adviser.user, "for_a_meeting 2_parcours")
    assert action_words(trace.action) == "parcours exportés"
    words = field_words(trace.object_type, trace.fields)
    assert words == "pour une réunion d’équipe ou un comité, 2 parcours"
    with scope_of(adviser, read_only=True):
        assert AccessEvent.objects.filter(page="nominal:journeys_file").count() == 1


def test_the_direction_is_told_of_many(logged_in, adviser, direction, files, monkeypatch):
    def told() -> list[Letter]:
        with tenancy.scope(regions=[NATION]):
            return list(Letter.objects.filter(key__startswith="journeys_exported"))

    browser = logged_in(adviser)
    monkeypatch.setattr(exports, "UNUSUAL", 2)
    browser.post(f"{FILE}?state=open", REASON)
    assert told() == []
    monkeypatch.setattr(exports, "UNUSUAL", 1)
    for _ in range(2):
        browser.post(f"{FILE}?state=open", REASON)
    (letter,) = told()
    assert letter.recipient == direction.user
    assert "plus de 1 parcours" in letter.body
    assert "Aubert" not in letter.body
    assert adviser.name not in letter.body
    # Who, how many and what for is on the page that it leads to.
    assert "/equipe/" in letter.body
    page = flat(logged_in(direction).get("/equipe/"))
    taken = f"{adviser.name}, pour une réunion d’équipe ou un comité, 2 parcours"
    assert page.count(taken) == 3


def test_a_direction_reads_the_files_of_its_own_structure_alone(
    world, logged_in, adviser, direction, files
):
    logged_in(adviser).post(f"{FILE}?state=open", REASON)
    heading = "Fichiers de parcours exportés"
    assert heading in flat(logged_in(direction).get("/equipe/"))
    assert heading not in flat(logged_in(world["structure_manager paris"]).get("/equipe/"))


def test_more_than_a_file_takes_is_refused_and_never_cut(logged_in, direction, files, monkeypatch):
    monkeypatch.setattr(exports, "MOST", 2)
    browser = logged_in(direction)
    refused = browser.post(f"{FILE}?state=open", REASON)
    assert "Réduisez-la" in refused.content.decode()
    assert names(browser.post(f"{FILE}?q=caron", REASON)) == ["Caron"]
    assert len(traces(direction)) == 1
