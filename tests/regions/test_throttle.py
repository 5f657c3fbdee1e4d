"""Five wrong passwords close the login of an account from an address, for a quarter of an hour."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.db import ProgrammingError, transaction
from django.test import Client, RequestFactory
from django.utils import timezone

from regions import hashing, throttle
from regions.models import User
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
LOGIN = "/connexion/"
SAID = "Trop d’essais pour cette adresse"


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
    for unused in (AccessLog, AccessFailureLog):
        assert not unused.objects.using("owner").exists()
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            unused.objects.exists()


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


# ── From one address, for one account: growing delays ────────────────────────────────────────


def failed(count: int, *, username: str, address: str, seconds_ago: float = 0) -> None:
    """As if that many tries had failed, the last one that long ago."""
    attempt = AccessAttempt.objects.create(
        username=username, ip_address=address, user_agent="", failures_since_start=count
    )
    before = timezone.now() - timedelta(seconds=seconds_ago)
    AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=before)


def test_forty_accounts_from_one_address_are_not_tried_at_once(person):
    answers = [tries(f"compte{rank}@exemple.fr", "x").status_code for rank in range(40)]
    assert answers[:20] == [200] * 20
    assert set(answers[20:]) <= {200, 429}
    assert answers.count(429) >= 15
    answer = tries(person.email, factories.PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 60
    assert "Attendez" in answer.content.decode()
    assert tries(person.email, factories.PASSWORD, come_from="192.0.2.8").status_code == 302


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (19, 0), (20, 1), (21, 2), (25, 32), (26, 60), (10_000, 60)],
)
def test_each_failure_doubles_the_delay_up_to_a_minute(failures, seconds):
    assert throttle.delay_after(failures, 20) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("seconds_ago", "status"), [(30, 429), (61, 302)])
def test_a_delay_ends(person, seconds_ago, status):
    failed(99, username="of others", address="192.0.2.7", seconds_ago=seconds_ago)
    assert tries(person.email, factories.PASSWORD).status_code == status


def test_an_account_tried_from_many_addresses_is_slowed_and_not_another(world, person):
    other = User(email="autre@exemple.fr")
    other.set_password(factories.PASSWORD)
    other.save()
    for rank in range(25):
        failed(4, username=throttle.fingerprint(person.email), address=f"198.51.100.{rank}")
    assert tries(person.email, factories.PASSWORD).status_code == 429
    assert tries(other.email, factories.PASSWORD).status_code == 302


# ── Known browsers ───────────────────────────────────────────────────────────────────────────


def test_a_browser_that_opened_the_account_waits_for_nobody_else(person):
    known = Client(REMOTE_ADDR="192.0.2.7")
    right = {"username": person.email, "password": factories.PASSWORD}
    assert known.post(LOGIN, right).status_code == 302
    known.post("/deconnexion/")
    failed(99, username="of others", address="192.0.2.7")
    assert tries(person.email, *["x"] * 5).status_code == 429
    assert tries(person.email, factories.PASSWORD).status_code == 429
    assert known.post(LOGIN, right).status_code == 302


def test_a_known_browser_is_one_for_its_own_account_and_is_locked_alone(world, person):
    other = User(email="autre@exemple.fr")
    other.set_password(factories.PASSWORD)
    other.save()
    known = Client(REMOTE_ADDR="192.0.2.7")
    right = {"username": person.email, "password": factories.PASSWORD}
    known.post(LOGIN, right)
    known.post("/deconnexion/")
    failed(99, username="of others", address="192.0.2.7")
    elsewhere = {"username": other.email, "password": factories.PASSWORD}
    assert known.post(LOGIN, elsewhere).status_code == 429
    AccessAttempt.objects.all().delete()
    answers = [known.post(LOGIN, right | {"password": "x"}).status_code for _ in range(5)]
    assert answers == [200] * 4 + [429]
    assert known.post(LOGIN, right).status_code == 429
    assert tries(person.email, factories.PASSWORD).status_code == 302


def test_the_cookie_of_a_browser_names_nobody_and_cannot_be_written(person, settings):
    known = Client()
    known.post(LOGIN, {"username": person.email, "password": factories.PASSWORD})
    cookie = known.cookies[settings.DEVICE_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    request = RequestFactory().get("/")
    request.COOKIES[settings.DEVICE_COOKIE_NAME] = cookie.value
    device = throttle.known_device(request)
    assert device.opened(person.email)
    assert not device.opened("autre@exemple.fr")
    assert person.email not in str(device)
    request.COOKIES[settings.DEVICE_COOKIE_NAME] = cookie.value[:-1] + "x"
    assert throttle.known_device(request) == throttle.Device()


# ── Hashes ───────────────────────────────────────────────────────────────────────────────────


def test_a_hash_costs_what_owasp_says(person):
    assert person.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_one_stranger_is_hashed_at_a_time_and_known_browsers_beside(person):
    known = Client()
    right = {"username": person.email, "password": factories.PASSWORD}
    assert known.post(LOGIN, right).status_code == 302
    known.post("/deconnexion/")
    with hashing.turn(is_known=False):
        answer = Client().post(LOGIN, right)
        assert (answer.status_code, answer["Retry-After"]) == (503, "1")
        assert "Beaucoup de connexions en ce moment" in answer.content.decode()
        assert known.post(LOGIN, right).status_code == 302
    assert not AccessAttempt.objects.exists()
    assert Client().post(LOGIN, right).status_code == 302
