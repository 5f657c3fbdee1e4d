"""The demonstration has one account of each role, and the token of a program that works."""

import json

import pytest

from indicators import demonstration
from indicators.regional.standing import compositions
from regions.models import Membership
from regions.permissions import ROLES
from regions.queries import token_in_force
from sprocep import periods
from sprocep.periods import Period
from sprocep.tenancy import scope

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def test_every_role_has_its_account(world, tmp_path, client):
    path = tmp_path / "accounts.json"
    accounts = demonstration.open_accounts(path)
    assert {account.role for account in accounts} == set(ROLES)
    assert path.stat().st_mode & 0o777 == 0o600
    assert demonstration.open_accounts(path) == accounts
    for account in accounts:
        if account.role == Membership.Role.API_CLIENT:
            token = token_in_force(account.password)
            assert token.membership.region_id == account.region
            continue
        logged_in = client.login(
            request=client.get("/connexion/").wsgi_request,
            username=account.email,
            password=account.password,
        )
        assert logged_in, account.role
        client.logout()


def test_losing_the_file_gives_other_secrets_to_the_same_accounts(world, tmp_path):
    path = tmp_path / "accounts.json"
    before = demonstration.open_accounts(path)
    path.unlink()
    after = demonstration.open_accounts(path)
    assert [a.email for a in after] == [a.email for a in before]
    assert not {a.password for a in after} & {a.password for a in before}
    with scope(regions=["11", "93", "75", "FR"]):
        held = Membership.objects.filter(user__email__endswith="@sprocep.example")
        assert held.count() == len(after)
        assert set(held.values_list("starts_on", flat=True)) == {periods.today()}
    assert len(json.loads(path.read_text())) == len(after)


def test_one_region_shows_an_indicator_of_its_own(world, tmp_path):
    demonstration.open_accounts(tmp_path / "accounts.json")
    for _ in range(2):
        demonstration.compose_regional_indicator()
    with scope(regions=["11", "93", "75", "FR"]):
        [one] = compositions(Period.parse("2015-T4"), "93")
        assert (one.code, one.measure) == ("R93.1", "share")
        assert compositions(Period.parse("2015-T4"), "11") == []
