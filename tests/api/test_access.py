"""Who is let in: a token in force, a login of a role that reads, nobody else; and how often."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from regions import actions
from regions.models import ApiToken, User
from regions.queries import national_regions
from sprocep import periods
from sprocep.api import counter
from sprocep.tenancy import scope
from tests import factories
from tests.tokens import tokens

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

ADDRESS = "/api/v1/regions/"


@pytest.fixture
def nation(world):
    """What the administrator does, in the national scope."""
    with scope(regions=national_regions()):
        yield world["platform_administrator"].user


@pytest.fixture
def client_93(world, nation) -> tuple[Client, ApiToken]:
    token, secret = actions.issue_token(
        by=nation,
        membership=world["api_client 93"],
        label="essai",
        expires_on=periods.days_after(periods.today(), 30),
    )
    return Client(headers={"Authorization": f"Bearer {secret}"}), token


def end_membership(token, nation):
    actions.end_membership(by=nation, membership=token.membership)


def close_account(token, nation):
    actions.close_account(by=nation, user=token.membership.user)


def revoke(token, nation):
    actions.revoke_token(by=nation, token=token)


@pytest.mark.parametrize("cut", [end_membership, close_account, revoke])
def test_what_is_cut_is_cut_at_once_with_one_body(client_93, nation, cut):
    client, token = client_93
    assert client.get(ADDRESS).status_code == 200
    cut(token, nation)
    refused, unknown = client.get(ADDRESS), Client(headers={"Authorization": "Bearer x"})
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")
    assert refused.content == unknown.get(ADDRESS).content


def test_an_expired_token_is_an_unknown_one(client_93, monkeypatch):
    client, token = client_93
    last = periods.days_after(token.expires_on, -1)
    for day, status in ((last, 200), (token.expires_on, 401)):
        monkeypatch.setattr(periods, "today", lambda day=day: day)
        assert client.get(ADDRESS).status_code == status
    unknown = Client(headers={"Authorization": "Bearer x"}).get(ADDRESS)
    assert client.get(ADDRESS).content == unknown.content


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer é\x80", "bearer x y", "x" * 8_000]
)
def test_what_is_no_token_is_an_unknown_one(world, header):
    answer = Client(headers={"Authorization": header}).get(ADDRESS)
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/json")
    assert list(answer.json()) == ["error"]


def test_a_token_is_nothing_off_the_api(client_93):
    client, _ = client_93
    assert client.get(ADDRESS).status_code == 200
    for address in ("/", "/tableaux-de-bord/", "/apix/", "/nation/"):
        assert client.get(address).content == Client().get(address).content
    assert client.cookies == {}


def test_a_token_wins_over_a_login(client_93, world):
    """The administrator does not read the API; the token that she shows does, as its program."""
    client, token = client_93
    client.force_login(world["platform_administrator"].user)
    assert client.get(ADDRESS).status_code == 200
    actions.revoke_token(by=world["platform_administrator"].user, token=token)
    assert client.get(ADDRESS).status_code == 401


def test_the_digest_alone_is_kept_and_the_last_use_moves(client_93):
    client, token = client_93
    secret = client.defaults["HTTP_AUTHORIZATION"].partition(" ")[2]
    assert len(secret) == 43  # 256 bits
    assert secret not in str([vars(row) for row in tokens()])
    assert token.last_used_at is None
    client.get(ADDRESS)
    first = used_at(token)
    client.get(ADDRESS)
    assert used_at(token) == first  # to the minute
    two_minutes_ago = timezone.now() - timedelta(minutes=2)
    with scope(regions=national_regions()):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=two_minutes_ago)
    client.get(ADDRESS)
    assert used_at(token) > first


def used_at(token: ApiToken) -> datetime:
    return next(row.last_used_at for row in tokens() if row.pk == token.pk)


def test_a_program_does_not_log_in_as_a_person(client_93, world):
    _, token = client_93
    account: User = token.membership.user
    account.set_password(factories.PASSWORD)
    account.save(update_fields=["password"])
    browser = Client()
    browser.post("/connexion/", {"username": account.email, "password": factories.PASSWORD})
    assert browser.get(ADDRESS).status_code == 401
    assert browser.get("/").status_code == 302


def test_a_person_reads_by_her_login_when_her_role_does(logged_in, world):
    for key, status in (("regional_coordinator 93", 200), ("adviser marseille", 403)):
        answer = logged_in(world[key]).get(ADDRESS)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    anonymous = Client().get(ADDRESS)
    assert (anonymous.status_code, anonymous["WWW-Authenticate"]) == (401, "Bearer")
    assert "jeton" in anonymous.json()["error"]


# ── How often ────────────────────────────────────────────────────────────────────────────────


def test_too_many_requests_wait(client_93, settings, world, logged_in):
    client, _ = client_93
    settings.API_REQUESTS_A_MINUTE = 3
    assert [client.get(ADDRESS).status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    refused = client.get(ADDRESS)
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert refused.json() == {
        "error": "Plus de 3 demandes en une minute : attendez "
        f"{refused['Retry-After']} s, puis reprenez."
    }
    assert logged_in(world["regional_coordinator 93"]).get(ADDRESS).status_code == 200


def test_two_tokens_of_a_program_share_its_limit(client_93, settings, world, nation):
    client, _ = client_93
    _, secret = actions.issue_token(
        by=nation,
        membership=world["api_client 93"],
        label="le suivant",
        expires_on=periods.days_after(periods.today(), 30),
    )
    settings.API_REQUESTS_A_MINUTE = 1
    assert client.get(ADDRESS).status_code == 200
    second = Client(headers={"Authorization": f"Bearer {secret}"})
    assert second.get(ADDRESS).status_code == 429


def test_without_a_broker_reading_goes_on(client_93, settings):
    client, _ = client_93
    settings.API_REQUESTS_A_MINUTE = 0
    assert client.get(ADDRESS).status_code == 429
    counter.cache_clear()
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    assert client.get(ADDRESS).status_code == 200
    counter.cache_clear()
