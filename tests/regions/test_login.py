"""Login by e-mail, switch of membership, and rights that end at the next request."""

import pytest
from django.test import Client

from regions.models import Membership
from sprocep import periods, tenancy
from sprocep.tenancy import scope
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
LOGIN = "/connexion/"
NATIONAL = ["11", "93", tenancy.NATION]


@pytest.fixture
def person(world):
    """An account made by the app itself, so that the test's end undoes it."""
    with scope(regions=NATIONAL):
        from regions.models import User

        user = User(email="dominique@exemple.fr")
        user.set_password(factories.PASSWORD)
        user.save()
    return user


def hold(user, like: Membership, **values) -> Membership:
    with scope(regions=NATIONAL):
        return Membership.objects.create(
            **{
                "user": user,
                "name": "Dominique Petit",
                "role": like.role,
                "region_id": like.region_id,
                "structure_id": like.structure_id,
                "site_id": like.site_id,
                "starts_on": periods.days_after(periods.today(), -30),
            }
            | values
        )


def log_in(email: str, password: str) -> tuple[Client, object]:
    client = Client()
    return client, client.post(LOGIN, {"username": email, "password": password})


def test_login_takes_the_address_in_any_case_and_opens_the_home(world, person):
    hold(person, world["adviser marseille"])
    client, answer = log_in("  Dominique@Exemple.FR ", factories.PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    page = client.get("/")
    assert page.status_code == 200
    assert "Mission locale de Marseille" in page.content.decode()
