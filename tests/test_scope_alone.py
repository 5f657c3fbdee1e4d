"""A scope where no transaction is open: it makes its own, and leaves nothing behind."""

import pytest
from django.db import DatabaseError, connections

from regions.models import AccessEvent, User
from sprocep.tenancy import ScopeError, execute_alone, replace_scope, scope
from tests.isolation.test_scope import settings_now

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def test_a_scope_is_replaced_only_where_one_is_open():
    with pytest.raises(ScopeError, match="no scope is open"):
        replace_scope(regions=["93"])
    with scope(user=7):
        replace_scope(regions=["93"], read_only=True)
        with connections["default"].cursor() as cursor:
            cursor.execute("SHOW transaction_read_only")
            assert cursor.fetchone() == ("on",)
    with connections["default"].cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        assert cursor.fetchone() == ("off",)
    assert settings_now() == ("", "", "")


def test_a_statement_alone_has_a_scope_for_itself_and_leaves_none():
    user = User.objects.create(email="seule@example.org").pk
    trace = (
        "INSERT INTO regions_accessevent (at, by_id, territory, page, object_id) "
        "VALUES (now(), %s, '11', 'page', '')"
    )
    with pytest.raises(DatabaseError, match="row-level security"):
        execute_alone(trace, [user], regions=["93"])
    assert settings_now() == ("", "", "")
    execute_alone(trace, [user], regions=["11"])
    assert settings_now() == ("", "", "")
    with scope(regions=["11", "93"]):
        assert AccessEvent.objects.filter(by=user).count() == 1
    with pytest.raises(ScopeError):
        execute_alone(trace, [user], regions=["11,93"])
