"""What one address may send to public pages: a bucket that fills again, one for each."""

import pytest
from django.test import Client

from regions import doors
from regions.models import User
from tests import factories

FORGOTTEN, FEEDBACK = "/mot-de-passe/oublie/", "/avis/"


class Clock:
    instant = 1000.0

    def __call__(self) -> float:
        return self.instant


@pytest.fixture
def clock(settings, monkeypatch) -> Clock:
    settings.DOOR_BURST, settings.DOOR_SECONDS = 3, 10
    clock = Clock()
    monkeypatch.setattr(doors, "BUCKETS", doors.Buckets(now=clock))
    return clock


def statuses(count: int, path: str = FORGOTTEN, come_from: str = "192.0.2.7") -> list[int]:
    browser = Client(REMOTE_ADDR=come_from)
    return [browser.post(path, {}).status_code for _ in range(count)]


@pytest.mark.django_db
def test_an_address_knocks_so_often_and_again_later(clock):
    assert statuses(5) == [200, 200, 200, 429, 429]
    clock.instant += 9
    assert statuses(1) == [429]
    clock.instant += 1
    assert statuses(2) == [200, 429]
    assert statuses(1, come_from="192.0.2.8") == [200]


@pytest.mark.django_db
def test_the_answer_says_when_to_come_back_and_needs_no_base(clock, django_assert_num_queries):
    statuses(3)
    with django_assert_num_queries(0):
        answer = Client(REMOTE_ADDR="192.0.2.7").post(FORGOTTEN, {})
    assert (answer.status_code, answer["Retry-After"]) == (429, "10")
    assert "Attendez 10\u00a0s" in answer.content.decode()
    assert "default-src" in answer["Content-Security-Policy"]


@pytest.mark.django_db
def test_pages_are_read_as_often_as_one_likes(clock):
    browser = Client(REMOTE_ADDR="192.0.2.7")
    assert {browser.get(FORGOTTEN).status_code for _ in range(10)} == {200}
    assert statuses(4) == [200, 200, 200, 429]


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_known_browser_knocks_beside_its_address(clock, world):
    person = User(email="dominique@exemple.fr")
    person.set_password(factories.PASSWORD)
    person.save()
    right = {"username": person.email, "password": factories.PASSWORD}
    known = Client(REMOTE_ADDR="192.0.2.7")
    assert known.post("/connexion/", right).status_code == 302
    known.post("/deconnexion/")
    assert statuses(4)[-1] == 429
    assert known.post("/connexion/", right).status_code == 302


@pytest.mark.parametrize(
    ("one", "other", "is_shared"),
    [
        ("192.0.2.7", "192.0.2.8", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
    ],
)
@pytest.mark.django_db
def test_an_address_of_ipv6_is_its_network(clock, one, other, is_shared):
    assert statuses(4, come_from=one)[-1] == 429
    assert statuses(1, come_from=other) == [429 if is_shared else 200]


def test_no_more_addresses_are_kept_than_may_be(monkeypatch):
    monkeypatch.setattr(doors, "MOST_BUCKETS", 10)
    buckets = doors.Buckets(now=Clock())
    for rank in range(100):
        assert buckets.seconds_to_wait(str(rank)) == 0
    assert list(buckets.left) == [str(rank) for rank in range(90, 100)]
