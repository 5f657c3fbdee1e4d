"""Five wrong passwords close the login of an account from an address, for a quarter of an hour."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.test import Client, RequestFactory
from django.utils import timezone

from regions import throttle
from regions.models import User
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
LOGIN = "/connexion/"
SAID = "Trop d&#x27;essais pour cette adresse"


@pytest.fixture
def person(world) -> User:
    user = User(email="dominique@exemple.fr")
    user.set_password(factories.PASSWORD)
    user.save()
    return user


def tries(email: str, *passwords: str, come_from: str = "192.0.2.7"):
    """The last answer; each try comes from a new browser, as an attacker's would."""
    for rank, password in enumerate(passwords):
        client = Client(REMOTE_ADDR=come_from, HTTP_USER_AGENT=f"robot {rank}")
        answer = client.post(LOGIN, {"username": email, "password": password})
    return answer


def pass_time(minutes: int) -> None:
    """As if the last try were that old."""
    before = timezone.now() - timedelta(minutes=minutes)
    AccessAttempt.objects.update(attempt_time=before)


def test_after_five_wrong_passwords_the_right_one_is_refused_then_taken(person):
    answer = tries(person.email, *["x"] * 4)
    assert (answer.status_code, SAID in answer.content.decode()) == (200, False)
    assert tries(person.email, "x").status_code == 429
    answer = tries(person.email.upper(), factories.PASSWORD)
    assert (answer.status_code, SAID in answer.content.decode()) == (429, True)
    assert "Adresse ou mot de passe inconnu" not in answer.content.decode()
    pass_time(minutes=14)
    assert tries(person.email, factories.PASSWORD).status_code == 429
    pass_time(minutes=16)
    assert tries(person.email, factories.PASSWORD).status_code == 302
    assert not AccessAttempt.objects.exists()


def test_a_try_during_the_lock_does_not_make_it_last(person):
    tries(person.email, *["x"] * 5)
    pass_time(minutes=10)
    tries(person.email, "x")
    pass_time(minutes=16)
    assert tries(person.email, factories.PASSWORD).status_code == 302


def test_a_success_forgets_the_failures(person):
    tries(person.email, *["x"] * 4)
    assert tries(person.email, factories.PASSWORD).status_code == 302
    assert tries(person.email, *["x"] * 4).status_code == 200
    assert tries(person.email, factories.PASSWORD).status_code == 302


def test_an_unknown_address_is_locked_like_a_known_one(person):
    def told(email: str) -> tuple[int, list[str]]:
        answer = tries(email, *["x"] * 6)
        page = answer.content.decode().replace(email, "")
        return answer.status_code, [
            line for line in page.splitlines() if "csrf" not in line.lower()
        ]

    assert told("personne@exemple.fr") == told(person.email)
    assert told("personne@exemple.fr")[0] == 429


def test_neither_another_address_nor_another_account_is_locked(world, person):
    other = User(email="autre@exemple.fr")
    other.set_password(factories.PASSWORD)
    other.save()
    assert tries(person.email, *["x"] * 5).status_code == 429
    assert tries(person.email, factories.PASSWORD, come_from="192.0.2.8").status_code == 302
    assert tries(other.email, factories.PASSWORD).status_code == 302


def test_what_is_kept_names_nobody(person):
    tries(person.email, "secret", "secret")
    (kept,) = AccessAttempt.objects.values()
    assert person.email not in str(kept)
    assert "secret" not in str(kept)
    assert "robot" not in str(kept)
    assert kept["failures_since_start"] == 2
    assert not AccessLog.objects.exists()
    assert not AccessFailureLog.objects.exists()


def test_tries_that_are_over_are_erased_by_the_next_of_anybody(person):
    tries("personne@exemple.fr", "x")
    pass_time(minutes=16)
    tries(person.email, "x")
    assert AccessAttempt.objects.count() == 1


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", "192.0.2.7"),
        (0, "203.0.113.9", "192.0.2.7"),  # no proxy of ours: anybody's word
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "203.0.113.9", "192.0.2.7"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "'; DROP TABLE", "192.0.2.7"),
    ],
)
def test_behind_proxies_the_address_is_the_one_that_ours_saw(settings, proxies, forwarded, address):
    settings.PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR=forwarded)
    assert throttle.client_address(request) == address
