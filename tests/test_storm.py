"""Anonymous attackers, few and without a clock: who is innocent comes in. `make bench
SUBJECTS=storm` measures a hundred."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

from beneficiaries.contact_codes import SHORT, new_code
from regions import doors
from regions.models import User
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
LOGIN, FORGOTTEN, FEEDBACK = "/connexion/", "/mot-de-passe/oublie/", "/avis/"
GRADES = {"clear": 3, "listened": 3, "useful": 3}


@pytest.fixture
def doors_as_served(settings, monkeypatch) -> None:
    settings.DOOR_BURST = 20
    settings.FREE_FAILURES_OF_AN_ACCOUNT = 10
    monkeypatch.setattr(doors, "BUCKETS", doors.Buckets())


@pytest.fixture
def right(world) -> dict[str, str]:
    """What opens the account of somebody innocent."""
    person = User(email="dominique@exemple.fr")
    person.set_password(factories.PASSWORD)
    person.save()
    return {"username": person.email, "password": factories.PASSWORD}


def attack(right: dict[str, str], address: str) -> list[int]:
    browser = Client(REMOTE_ADDR=address)
    sendings = (
        (LOGIN, {"username": right["username"], "password": "x"}),
        (LOGIN, {"username": f"{address}@exemple.fr", "password": "x"}),
        (FORGOTTEN, {"email": right["username"]}),
        (FEEDBACK, {"code": new_code(SHORT), **GRADES}),
    )
    return [browser.post(page, form).status_code for page, form in sendings]


def test_nobody_innocent_is_locked_out(right, doors_as_served):
    known = Client(REMOTE_ADDR="192.0.2.7")
    assert known.post(LOGIN, right).status_code == 302
    known.post("/deconnexion/")
    other = User(email="autre@exemple.fr")
    other.set_password(factories.PASSWORD)
    other.save()
    answers = [attack(right, f"198.51.100.{rank}") for rank in range(12)]
    assert {status for statuses in answers for status in statuses} == {200, 429}
    assert answers[0] == [200] * 4
    assert answers[-1][0] == 429  # this account has been tried from everywhere
    assert known.post(LOGIN, right).status_code == 302
    stranger = {"username": other.email, "password": factories.PASSWORD}
    assert Client(REMOTE_ADDR="192.0.2.8").post(LOGIN, stranger).status_code == 302
    assert Client(REMOTE_ADDR="198.51.100.1").post(LOGIN, stranger).status_code == 302
    answer = Client(REMOTE_ADDR="192.0.2.9").post(LOGIN, right)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) <= 60
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(seconds=61))
    assert Client(REMOTE_ADDR="192.0.2.9").post(LOGIN, right).status_code == 302


def test_one_address_sends_so_much_and_no_more(right, doors_as_served):
    address = "198.51.100.7"
    statuses = [status for _ in range(10) for status in attack(right, address)]
    assert statuses[:4] == [200] * 4
    assert statuses[20:] == [429] * 20
    assert Client(REMOTE_ADDR="192.0.2.7").post(LOGIN, right).status_code == 302
