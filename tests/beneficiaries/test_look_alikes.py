"""A person about to be opened twice: who resembles her, why, and what the page does about it."""

from datetime import date, timedelta
from random import Random

import pytest

from beneficiaries.identity import sort_key
from beneficiaries.models import Beneficiary
from beneficiaries.queries import look_alikes
from indicators.generation.names import SPELLINGS, Names
from regions.models import AccessEvent
from sprocep import tenancy
from tests import factories
from tests.beneficiaries.test_views_sessions import NEW, new_person

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

BORN = date(1985, 3, 12)
ALIKE = f"{NEW}ressemblances/"
SENT = {"last_name": "Lefevre", "first_name": "Sofie", "birth_date": "12/03/1985"}


@pytest.fixture
def adviser(world):
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        yield world["adviser marseille"]


@pytest.fixture
def browser(logged_in, adviser):
    return logged_in(adviser)


def known(adviser, last: str, first: str, birth: str = "", born: date | None = BORN):
    return factories.beneficiary(
        adviser,
        last_name=last,
        first_name=first,
        birth_name=birth,
        birth_date=born,
        sort_key=sort_key(last, first, birth),
    )


def reasons(adviser, last: str, first: str, birth: str = "", born: date | None = BORN):
    found = look_alikes(
        adviser.structure_id,
        ["93"],
        last_name=last,
        first_name=first,
        birth_name=birth,
        birth_date=born,
    )
    return [one.reasons for one in found]


SAME_DAY, NEAR_DAY = "même date de naissance", "date de naissance proche"
UNKNOWN_DAY = "date de naissance à vérifier"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (("Lefevre", "Sophie"), ("même nom", "même prénom", SAME_DAY)),
        (("Lefebre", "Sophie"), ("presque le même nom", "même prénom", SAME_DAY)),
        (("Lefèvre", "Sofie"), ("même nom", "presque le même prénom", SAME_DAY)),
        (("Garnier", "Sophie"), ("même nom", "même prénom", SAME_DAY)),
        (("Durand", "Sophie", "Garnier"), ("même nom", "même prénom", SAME_DAY)),
        (("Durand", "Sophie"), ("même prénom", SAME_DAY)),
        (
            ("Lefèvre", "Sophie", "", date(1985, 3, 21)),
            ("même nom", "même prénom", NEAR_DAY),
        ),
        (
            ("Lefèvre", "Sophie", "", date(1985, 12, 3)),
            ("même nom", "même prénom", NEAR_DAY),
        ),
        (("Lefebvre", "Sophie", "", None), ("presque le même nom", "même prénom", UNKNOWN_DAY)),
        (
            ("Le Fèvre", "Anne Sophie", "", None),
            ("même nom", "presque le même prénom", UNKNOWN_DAY),
        ),
    ],
)
def test_what_makes_them_alike_is_said(adviser, typed, why):
    known(adviser, "Lefèvre", "Sophie", "Garnier")
    assert reasons(adviser, *typed) == [why]


@pytest.mark.parametrize(
    "typed",
    [
        ("Lefèvre", "Sophie", "", date(1971, 6, 4)),  # her namesake
        ("Lefèvre", "Marc"),  # her twin
        ("Durand", "Sophie", "", None),
        ("Durand", "Marc"),
        ("Lefèvre", ""),
        ("'", "Sophie"),
    ],
)
def test_two_persons_are_not_taken_for_one(adviser, typed):
    known(adviser, "Lefèvre", "Sophie", "Garnier")
    assert reasons(adviser, *typed) == []


def test_the_most_alike_come_first_and_are_five_at_most(adviser):
    for day in range(1, 9):
        known(adviser, "Lefèvre", "Sophie", born=date(1985, 3, day))
    known(adviser, "Lefevre", "Sofie")
    known(adviser, "Lefèvre", "Sophie")
    found = reasons(adviser, "Lefèvre", "Sophie")
    assert found[0] == ("même nom", "même prénom", SAME_DAY)
    assert len(found) == 5


def test_a_person_of_another_structure_is_never_proposed(adviser, world):
    with tenancy.scope(regions=["93"], structures=[world.aix.pk]):
        known(world["adviser aix"], "Lefèvre", "Sophie")
        assert reasons(world["adviser aix"], "Lefèvre", "Sophie") != []
    assert reasons(adviser, "Lefèvre", "Sophie") == []


def test_recall_and_false_alarms_on_an_invented_structure(adviser):
    """3,000 files, 300 of them typed again by another hand, and 300 persons who are new."""
    names, chance = Names(), Random(45)

    def drawn() -> tuple[str, str, str, date]:
        birth = names.last_name(chance) if chance.random() < 0.2 else ""
        born = date(1950, 1, 1) + timedelta(days=chance.randrange(50 * 365))
        return names.last_name(chance), names.first_name(chance), birth, born

    people = [drawn() for _ in range(3_000)]
    Beneficiary.objects.bulk_create(
        Beneficiary(
            region_id="93",
            structure_id=adviser.structure_id,
            last_name=last,
            first_name=first,
            birth_name=birth,
            birth_date=born if chance.random() < 0.9 else None,
            sort_key=sort_key(last, first, birth),
        )
        for last, first, birth, born in people
    )

    def again(last: str, first: str, birth: str, born: date) -> tuple:
        """One thing otherwise: the spelling, a letter, the names of a marriage, the date."""
        last, first = chance.choice(SPELLINGS)(last), chance.choice(SPELLINGS)(first)
        turn, at = chance.random(), chance.randrange(1, len(last) - 1)
        if turn < 0.3:
            last = last[:at] + last[at + 1 :]
        elif turn < 0.5:
            last = birth or last
        elif turn < 0.6:
            born = born.replace(year=born.year + 1 if born.day < 29 else born.year)
        elif turn < 0.7:
            born = None
        return last, first, "", born

    typed = [(one, again(*one)) for one in chance.sample(people, 300)]
    found = [
        look_alikes(
            adviser.structure_id,
            ["93"],
            last_name=last,
            first_name=first,
            birth_name=birth,
            birth_date=born,
        )
        for _, (last, first, birth, born) in typed
    ]
    hits = sum(
        (one[0], one[1]) in [(a.person.last_name, a.person.first_name) for a in alike]
        for (one, _), alike in zip(typed, found, strict=True)
    )
    proposed = sum(map(len, found))
    alarms = sum(bool(reasons(adviser, *drawn())) for _ in range(300))
    print(
        f"recall {hits / 300:.1%}, precision {hits / proposed:.1%}, false alarms {alarms / 300:.1%}"
    )
    assert hits / 300 >= 0.97
    assert hits / proposed >= 0.9
    assert alarms / 300 <= 0.05


# ── The page ─────────────────────────────────────────────────────────────────────────────────


def test_look_alikes_are_proposed_while_typing(browser, adviser):
    person = known(adviser, "Lefèvre", "Sophie", "Garnier")
    page = browser.get(ALIKE, SENT).content.decode()
    assert "LEFÈVRE Sophie" in page
    assert f"?person={person.public_id}" in page
    assert "presque le même prénom" in page
    assert AccessEvent.objects.latest("pk").page == "nominal:persons_found"
    for words in ({}, SENT | {"last_name": ""}, SENT | {"first_name": "Marc"}):
        assert "LEFÈVRE" not in browser.get(ALIKE, words).content.decode()


def test_a_new_person_who_resembles_is_opened_once_it_is_said_that_she_is_another(browser, adviser):
    known(adviser, "Lefevre", "Sofie")
    sent = new_person(adviser)
    page = browser.post(NEW, sent)
    assert page.status_code == 200
    assert "LEFEVRE Sofie" in page.content.decode()
    assert "is_somebody_else" in page.context["form"].errors
    assert Beneficiary.objects.count() == 1
    assert browser.post(NEW, sent | {"is_somebody_else": "on"}).status_code == 302
    assert Beneficiary.objects.count() == 2
