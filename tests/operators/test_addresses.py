"""Where the fiches of a structure go is its holder's word, and no one person's."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from operators import actions, queries, tasks
from operators.models import Capacity
from regions.middleware import scope_of
from regions.models import AuditEvent
from sprocep.tenancy import scope

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
FIRST, SECOND = "accueil@structure.example", "autre@structure.example"


@pytest.fixture
def structure(world):
    return world.aix


@pytest.fixture
def written(world, structure, logged_in):
    """Write an address as the coordination does, on its page."""
    browser = logged_in(world["regional_coordinator 93"])

    def write(address: str) -> str:
        path = f"/structures/{structure.public_id}/capacite/"
        return browser.post(path, {"address": address}, follow=True).content.decode()

    return write


def stands(structure, address: str) -> None:
    with scope(regions=["93"]):
        Capacity.objects.create(structure=structure, region_id="93", address=address)


def standing(structure) -> str:
    return queries.address_of(structure.pk, "93")


def row(structure) -> Capacity:
    with scope(regions=["93"]):
        return Capacity.objects.get(structure=structure, region="93")


def link_sent(structure, to: str) -> tuple[str, str]:
    """The address that the letter goes to, and the path of its link."""
    sent = len(mail.outbox)
    tasks.send_address_link("93", row(structure).pk, to)
    (letter,) = mail.outbox[sent:]
    return letter.to[0], re.search(r"https?://[^/]+(/\S+)", letter.body)[1]


def test_a_first_address_stands_once_its_holder_confirmed_it(structure, written):
    assert "Un lien part à" in written(FIRST)
    assert standing(structure) == ""
    to, link = link_sent(structure, "new")
    assert to == FIRST
    page = Client().get(link).content.decode()
    assert "Les fiches arrivent ici" in page
    assert standing(structure) == ""  # looking does nothing
    assert "C’est confirmé" in Client().post(link).content.decode()
    assert standing(structure) == FIRST
    assert Client().get(link).status_code == Client().post(link).status_code == 410
    with scope(regions=["93"]):
        actions_noted = AuditEvent.objects.filter(object_type="operators.capacity")
        assert set(actions_noted.values_list("action", flat=True)) == {
            "set_capacity",
            "prove_address",
        }


def test_a_change_waits_for_the_former_address(structure, written):
    stands(structure, FIRST)
    page = written(SECOND)
    assert f"Nouvelle adresse : <strong>{SECOND}</strong>" in page
    _, link = link_sent(structure, "new")
    assert "peut encore refuser" in Client().post(link).content.decode()
    assert standing(structure) == FIRST
    to, answer = link_sent(structure, "former")
    assert to == FIRST
    assert "Accepter la nouvelle adresse" in Client().get(answer).content.decode()
    Client().post(answer)
    assert standing(structure) == SECOND


def test_the_former_address_refuses(structure, written):
    stands(structure, FIRST)
    written(SECOND)
    _, link = link_sent(structure, "new")
    Client().post(link)
    _, answer = link_sent(structure, "former")
    assert "Rien ne change" in Client().post(answer, {"refuse": "1"}).content.decode()
    assert (standing(structure), row(structure).wanted_address) == (FIRST, "")
    assert Client().get(link).status_code == Client().get(answer).status_code == 410


@pytest.mark.parametrize(("days", "address"), [(6, FIRST), (8, SECOND)])
def test_what_nobody_refuses_stands_after_a_week(structure, written, days, address):
    stands(structure, FIRST)
    written(SECOND)
    _, link = link_sent(structure, "new")
    Client().post(link)
    with scope(regions=["93"]):
        Capacity.objects.update(proven_at=timezone.now() - timedelta(days=days))
    tasks.adopt_addresses()
    assert standing(structure) == address


def test_an_address_written_again_closes_the_link_of_the_one_before(structure, written):
    written(FIRST)
    _, link = link_sent(structure, "new")
    written(SECOND)
    assert Client().post(link).status_code == 410
    assert standing(structure) == ""
    to, link = link_sent(structure, "new")
    assert to == SECOND
    Client().post(link)
    assert standing(structure) == SECOND


def test_taking_an_address_away_needs_nobody(structure, written):
    stands(structure, FIRST)
    written("")
    assert standing(structure) == ""


def test_the_mailbox_of_a_stranger_s_account_is_refused(world, structure, written):
    """Her own, first of all."""
    hers = world["regional_coordinator 93"].user.email
    assert "celle d’un compte" in written(hers)
    of_the_structure = world["adviser aix"].user.email
    assert "Un lien part à" in written(of_the_structure)


def test_a_link_is_no_other_s(structure, written):
    written(FIRST)
    _, link = link_sent(structure, "new")
    for forged in (link[:-2] + "x/", "/adresse-des-fiches/rien/"):
        assert Client().post(forged).status_code == 410
    assert Client().post(link).status_code == 200


def test_nobody_who_works_here_makes_an_address_stand(world, structure):
    """In raw SQL too."""
    coordinator = world["regional_coordinator 93"]
    with scope_of(coordinator, read_only=False):
        capacity = actions.set_capacity(
            by=coordinator.user, region="93", structure=structure, weekly=None, full_until=None,
            address=FIRST,
        )  # fmt: skip
        rows = Capacity.objects.filter(pk=capacity.pk)
        for values in ({"address": FIRST}, {"proven_at": timezone.now()}):
            with pytest.raises(IntegrityError, match="holder"), transaction.atomic():
                rows.update(**values)
        assert rows.update(weekly=3) == 1
        with pytest.raises(IntegrityError, match="holder"):
            actions.prove_address(by=None, capacity=capacity, wanted_at=capacity.wanted_at)
