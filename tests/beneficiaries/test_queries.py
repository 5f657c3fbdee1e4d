"""Persons found as one types, and the level that services give."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.identity import sort_key
from beneficiaries.queries import SearchedPerson, code_lists, persons_found
from sprocep import tenancy
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def adviser(world):
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        yield world["adviser marseille"]


def known(adviser, last: str, first: str, birth: str = "", **values):
    return factories.beneficiary(
        adviser,
        last_name=last,
        first_name=first,
        birth_name=birth,
        sort_key=sort_key(last, first, birth),
        **values,
    )


def found(adviser, text: str) -> list[str]:
    persons = persons_found(adviser.structure_id, ["93"], text)
    return [f"{person.last_name} {person.first_name}" for person in persons]


@pytest.mark.parametrize(
    "text",
    [
        "lefèvre",
        "LEFEVRE",
        "lefe",
        "noel lefevre",
        "Lefèvre, Noël",
        "garnier",
        "lefevre 12/03/1985",
        "12031985",
        "12.3.1985",
        "lefebre",
        "lefevre noal",
    ],
)
def test_person_is_found_however_typed(adviser, text):
    known(adviser, "Lefèvre", "Noël", "Garnier", birth_date=date(1985, 3, 12))
    known(adviser, "Durand", "Paul", birth_date=date(1990, 1, 1))
    assert found(adviser, text) == ["Lefèvre Noël"]


@pytest.mark.parametrize("text", ["", "  ", "...", "31/02/1985 !", "durand", "lefevre 01/01/1985"])
def test_nobody_is_found_by_what_is_not_hers(adviser, text):
    known(adviser, "Lefèvre", "Noël", birth_date=date(1985, 3, 12))
    assert found(adviser, text) == []


def test_names_that_begin_so_come_first(adviser):
    for last, first in (("Dumartin", "Éva"), ("Martin", "Zoé"), ("Martin", "Alix")):
        known(adviser, last, first)
    assert found(adviser, "martin") == ["Martin Alix", "Martin Zoé", "Dumartin Éva"]


def test_search_gives_eight_at_most_and_stays_in_the_structure(adviser, world):
    for rank in range(12):
        known(adviser, "Martin", f"A{chr(65 + rank)}")
    with tenancy.scope(regions=["93"], structures=[world.aix.pk]):
        known(world["adviser aix"], "Martin", "AA")
        assert len(persons_found(world.aix.pk, ["93"], "martin")) == 1
    assert len(found(adviser, "martin")) == 8
    assert persons_found(world.aix.pk, ["93"], "martin") == []


def test_person_found_says_her_open_journey_and_last_session(adviser):
    journey = factories.journey(adviser, of=known(adviser, "Roux", "Ève"))
    factories.session(adviser, journey, held_on=date(2016, 3, 5))
    known(adviser, "Roux", "Zoé")
    eve, zoe = persons_found(adviser.structure_id, ["93"], "roux")
    assert (eve.opened_on, eve.last_held_on) == (date(2016, 2, 10), date(2016, 3, 5))
    assert (zoe.opened_on, zoe.last_held_on) == (None, None)


@given(st.text(max_size=40))
def test_reading_a_search_never_fails_and_forgets_case(text):
    read = SearchedPerson.read(text)
    assert all(word == word.upper() and word.isalpha() for word in read.words)
    assert SearchedPerson.read(" ".join(read.words)).words == read.words


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2020, 12, 31)))
def test_birth_date_is_read_with_and_without_slashes(born):
    for text in (f"{born:%d/%m/%Y}", f"{born:%d%m%Y}", f"Roux {born.day}-{born.month}-{born:%Y}"):
        assert SearchedPerson.read(text).birth_date == born


def test_level_of_services_is_their_highest(adviser):
    lists = code_lists(date(2016, 2, 10))
    services = [code for code, _ in lists.choices("service")]
    levels = ["", *(code for code, _ in lists.choices("level"))]

    @given(st.sets(st.sampled_from(services), min_size=1), st.sampled_from(levels))
    def highest(chosen, raised):
        rank = lists.rank(lists.level_of(sorted(chosen), raised))
        ranks = {lists.rank_of_service(code) for code in chosen}
        assert rank == max(ranks | ({lists.rank(raised)} if raised else set()))

    highest()


def test_lists_hold_the_codes_of_the_day_only(adviser):
    assert code_lists(date(2016, 2, 10)).label("service", "S07") == "Élaboration du projet"
    assert not code_lists(date(2010, 1, 1)).has("service", "S07")
    grouped = code_lists(date(2016, 2, 10)).services_by_level(3)
    assert [len(services) for _, services in grouped] == [2, 8, 7]
