"""What is emptied after a committed test: all but the reference data and the world."""

from django.apps import apps
from django.db import connections, transaction
from django.db.models import Max
from django.test import TransactionTestCase

from operators.models import FundingHint, Operator, OperatorSuccession, RoutingRule
from regions.models import (
    Membership,
    Site,
    SproMembership,
    Structure,
    StructureName,
    User,
)
from sprocep.checks import TABLES_WITHOUT_TENANT

OWNER = "owner"

LOST = {
    "sessions.Session",
    "regions.ApiToken",
    "indicators.CalendarEntry",
    "axes.AccessAttempt",
    "axes.AccessAttemptExpiration",
}
# Of these a test's rows go and the world's stay, children first.
PEOPLED = (
    RoutingRule,  # the national ones are reference data, as is advice
    FundingHint,
    Membership,
    User,
    SproMembership,
    OperatorSuccession,
    Operator,
    Site,
    StructureName,
    Structure,
)


_marks: dict[type, int] = {}


def mark() -> None:
    """Note the last row of each: what comes after is a test's."""
    for model in PEOPLED:
        _marks[model] = model.objects.using(OWNER).aggregate(last=Max("pk"))["last"] or 0


# Fixtures whose rows serve several modules, while they are there.
package_fixtures: list[str] = []


def _clear(test_case: TransactionTestCase) -> None:
    """Empty the tables as Django's flush does, without the reference data and the world."""
    assert not package_fixtures, f"a committed test would empty the rows of {package_fixtures}"
    clear_all_but_the_world()


def model_of(label: str) -> type:
    models = [m for m in apps.get_models(include_auto_created=True) if m._meta.label == label]
    return models[0]


def clear_all_but_the_world() -> None:
    """Row by row: to truncate a hundred tables, PostgreSQL makes five hundred files anew."""
    link = connections[OWNER]
    kept = {model_of(label) for label in set(TABLES_WITHOUT_TENANT) - LOST} | set(PEOPLED)
    gone = set(apps.get_models(include_auto_created=True)) - kept
    tables = sorted(link.ops.quote_name(model._meta.db_table) for model in gone)
    # Neither what holds a sealed row nor a key that points to it is asked.
    with transaction.atomic(OWNER), link.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("; ".join(f"DELETE FROM {table}" for table in tables))
    for model in PEOPLED:
        model.objects.using(OWNER).filter(pk__gt=_marks[model]).delete()


TransactionTestCase._fixture_teardown = _clear
