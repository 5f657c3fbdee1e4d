"""A figure explained to a program: its page, without a word more on what is secret."""

import pytest

from indicators.explain.opening import address_of
from indicators.exports.blocks import own_block
from indicators.models import Edition, EditionCell
from sprocep.tenancy import scope

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

OWN, OTHER = "2016-T1/93/1", "2016-T1/11/1"


def address(edition: str, key: str) -> str:
    return f"/api/v1/editions/{edition}/figures/{key}/"


def cells_of(edition: str, **columns) -> list[EditionCell]:
    period, territory, number = edition.split("/")
    with scope(regions=[territory]):
        found = Edition.objects.get(period=period, territory=territory, number=number)
        return list(own_block(found).cells.filter(**columns).order_by("pk"))


@pytest.mark.parametrize("edition", [OWN, OTHER])
def test_every_kind_of_cell_is_explained_as_it_stands(program, edition):
    client, every = program("93"), cells_of(edition)
    for cell in every[:: len(every) // 30]:
        told = client.get(address(edition, address_of(cell).key)).json()
        value = None if cell.value is None else float(cell.value)
        assert (told["status"], told["value"]) == (cell.status, value)
        assert told["edition"] == edition
        assert told["sentence"].endswith(".")


def test_a_secret_cell_has_neither_neighbours_nor_history(program):
    client = program("93")
    hidden = cells_of(OWN, status="secret")
    shown = cells_of(OWN, status="published", indicator="A1", level="N2", department="total")
    around = ("editions", "series", "wholes", "parts")
    for cell in hidden[:20]:
        told = client.get(address(OWN, address_of(cell).key)).json()
        assert [told[name] for name in around] == [[], [], [], []]
    told = client.get(address(OWN, address_of(shown[0]).key)).json()
    assert all(told[name] for name in ("editions", "series", "wholes"))


@pytest.mark.parametrize(
    ("edition", "key"),
    [
        (OWN, "A1,d=75"),
        (OWN, "A1,p=journeys_opened"),
        (OWN, "a"),
        (OWN, "R93.1"),
        ("2016-T2/93/1", "A1"),
        ("2016-T1/93/9", "A1"),
        ("2016-T1/ZZ/1", "A1"),
    ],
)
def test_what_is_not_sealed_or_no_cell_is_not_found(program, edition, key):
    assert program("93").get(address(edition, key)).status_code == 404
    assert program("93").get(address(OWN, "A1")).status_code == 200


def test_the_same_explanation_is_not_sent_twice(program):
    first = program("93").get(address(OWN, "A1"))
    again = program("93").get(address(OWN, "A1"), headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


def test_constant_borders_are_explained_too(program):
    told = program("93").get(address("2015-T4/75/b2016", "A1")).json()
    assert told["edition"] == "2015-T4/75/b2016"
    assert told["status"] == "published"
