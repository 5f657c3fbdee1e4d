"""A wrong set-up refuses to serve; the real one passes each check."""

import pytest
from django.core.checks import run_checks
from django.db import connections

from sprocep import checks
from sprocep.tenancy import APP

pytestmark = pytest.mark.django_db(databases=["default", "owner", "compiler"])


def ids(messages) -> list[str]:
    return [message.id for message in messages]


def test_this_set_up_passes_every_check():
    assert run_checks(databases=["default", "compiler"]) == []


def test_the_owner_may_not_serve():
    assert ids(checks._faults_of_role("default", APP)) == []
    assert ids(checks._faults_of_role("owner", APP)) == ["sprocep.E001"]


def test_another_role_may_not_serve():
    assert ids(checks._faults_of_role("compiler", APP)) == ["sprocep.E002"]


def test_a_connection_that_is_not_asked_for_is_not_opened():
    assert checks.database_roles(None) == checks.database_roles(None, databases=["owner"]) == []
    assert checks.database_roles(None, databases=list(connections)) == []


def test_a_default_that_the_app_keeps_is_told():
    assert checks.the_app_keeps_no_default(None, databases=["default"]) == []
    assert checks.the_app_keeps_no_default(None, databases=["owner"]) == []
    with connections["default"].cursor() as cursor:
        cursor.execute("ALTER ROLE sprocep_app SET lock_timeout = '1ms'")
    found = checks.the_app_keeps_no_default(None, databases=["default"])
    assert ids(found) == ["sprocep.E010"]
    assert "lock_timeout=1ms" in found[0].msg


def test_scopes_proven_by_another_key_are_told(settings):
    assert checks.scopes_are_proven(None, databases=["default"]) == []
    assert checks.scopes_are_proven(None, databases=["owner"]) == []
    settings.SECRET_KEY = "another key of the site, as long as one"
    assert ids(checks.scopes_are_proven(None, databases=["default"])) == ["sprocep.E011"]


def test_two_equal_roles_are_refused(settings, monkeypatch):
    assert checks.three_roles(None) == []
    monkeypatch.setitem(settings.DATABASES["compiler"], "USER", APP)
    assert ids(checks.three_roles(None)) == ["sprocep.E003"]


def test_a_table_without_a_tenant_nor_a_reason_is_refused(monkeypatch):
    assert checks.every_table_has_a_tenant(None) == []
    monkeypatch.delitem(checks.TABLES_WITHOUT_TENANT, "operators.Reason")
    assert ids(checks.every_table_has_a_tenant(None)) == ["sprocep.E004"]


def test_a_reason_for_a_table_that_has_its_policy_is_refused(monkeypatch):
    monkeypatch.setitem(checks.TABLES_WITHOUT_TENANT, "beneficiaries.Journey", "parce que")
    assert ids(checks.every_table_has_a_tenant(None)) == ["sprocep.E004"]


def test_a_table_without_grants_is_refused(monkeypatch):
    assert checks.every_table_says_who_may_what(None) == []
    monkeypatch.delitem(checks.RIGHTS_OF_OTHERS, "auth.Group")
    assert ids(checks.every_table_says_who_may_what(None)) == ["sprocep.E009"]


def test_a_unique_key_that_begins_otherwise_is_refused(monkeypatch):
    assert checks.unique_keys_begin_with_the_tenant(None) == []
    monkeypatch.delitem(checks.KEYS_APART, "edition_number")
    assert ids(checks.unique_keys_begin_with_the_tenant(None)) == ["sprocep.E005"]


@pytest.mark.parametrize(
    ("name", "value", "check", "refusal"),
    [
        ("CELERY_TASK_TIME_LIMIT", 1800, checks.a_message_is_not_delivered_twice, "sprocep.E007"),
        (
            "CONTENT_SECURITY_POLICY",
            {"DIRECTIVES": {"default-src": ["'none'"], "style-src": ["'unsafe-inline'"]}},
            checks.nothing_inline,
            "sprocep.E008",
        ),
    ],
)
def test_a_wrong_setting_is_refused(settings, name, value, check, refusal):
    assert check(None) == []
    setattr(settings, name, value)
    assert ids(check(None)) == [refusal]


def test_half_done_work_is_refused(settings, monkeypatch):
    assert checks.half_done_work_is_undone(None) == []
    monkeypatch.setitem(settings.DATABASES["default"], "ATOMIC_REQUESTS", False)
    assert ids(checks.half_done_work_is_undone(None)) == ["sprocep.E006"]
