"""The suite runs as the app; as anybody stronger it fails."""

import pytest
from django.db import connection, connections

from tests.conftest import refuse_owner

pytestmark = pytest.mark.django_db(databases=["default", "owner", "compiler"])


def role_of(link) -> str:
    with link.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return cursor.fetchone()[0]


def test_each_connection_keeps_its_role_in_one_test_database():
    assert {name: role_of(connections[name]) for name in connections} == {
        "default": "sprocep_app",
        "owner": "sprocep_owner",
        "compiler": "sprocep_compiler",
    }
    assert len({connections[name].settings_dict["NAME"] for name in connections}) == 1


def test_the_owner_is_refused():
    refuse_owner(connection)
    with pytest.raises(pytest.fail.Exception, match="sprocep_owner"):
        refuse_owner(connections["owner"])
