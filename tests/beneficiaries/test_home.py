"""An adviser's home lists the silent journeys that she follows, and nobody else's."""

from datetime import timedelta

import pytest
from django.test import Client

from sprocep import periods, tenancy
from tests import factories
from tests.fixtures import ALL_DATABASES

pytestmark = pytest.mark.django_db(databases=ALL_DATABASES)


def home_of(member) -> str:
    client = Client()
    client.force_login(member.user)
    return client.get("/").content.decode()


def test_silent_journeys_wait_for_their_referent(world):
    adviser, neighbour = world["adviser marseille"], world["adviser aix"]
    with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
        factories.journey(adviser, opened_on=periods.today() - timedelta(days=200))
        factories.journey(adviser, opened_on=periods.today())
    hers = home_of(adviser)
    assert "parcours sans entretien depuis 90 jours" in hers
    assert "state=silent&amp;referent=me" in hers
    assert '<span class="todo__count">1</span>' in hers
    assert "Rien ne vous attend." in home_of(neighbour)
