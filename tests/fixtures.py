"""Reference data and a small world, committed once for the whole run.

`reference_data`: the territory and the code lists. `world`: a few structures of two Regions and
one person of each role at each place. Tests read them as app; what a test writes is undone.
A test with `transaction=True` loses its own rows at its end, and the world stays.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from django.apps import apps
from django.db import connections, transaction
from django.db.models import Max
from django.test import Client, TransactionTestCase

from indicators.loading import load_definitions, load_quality_rules
from operators.loading import load_nomenclatures
from operators.models import FundingHint, Operator, OperatorSuccession, RoutingRule
from regions.loading import load_territory
from regions.models import (
    Membership,
    Site,
    SproMembership,
    Structure,
    StructureName,
    User,
)
from sprocep.checks import TABLES_WITHOUT_TENANT
from sprocep.tenancy import keep_scope_key
from tests import factories
from tests.mailbox import Mailbox, mailbox

OWNER = "owner"
ALL_DATABASES = ["default", "owner", "compiler"]

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


@dataclass(frozen=True)
class World:
    """Two missions locales of Region 93, one of Region 11, a national body, a CIO."""

    marseille: Structure
    aix: Structure
    paris: Structure
    national: Structure
    cio: Structure
    members: dict[str, Membership]

    def __getitem__(self, key: str) -> Membership:
        """`world["adviser marseille"]`, `world["regional_coordinator 93"]`, `world["auditor"]`."""
        return self.members[key]


_marks: dict[type, int] = {}


def _mark() -> None:
    for model in PEOPLED:
        _marks[model] = model.objects.using(OWNER).aggregate(last=Max("pk"))["last"] or 0


# Fixtures whose rows serve several modules, while they are there.
package_fixtures: list[str] = []


def _clear(test_case: TransactionTestCase) -> None:
    """What Django's flush does, without the reference data and the world."""
    assert not package_fixtures, f"a committed test would empty the rows of {package_fixtures}"
    if _marks:
        clear_all_but_the_world()
    else:
        _flush(test_case)
        keep_scope_key()  # without it every scope is empty, in all tests that come after


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


_flush = TransactionTestCase._fixture_teardown
TransactionTestCase._fixture_teardown = _clear


@pytest.fixture(scope="session")
def reference_data(django_db_setup, django_db_blocker) -> None:
    with django_db_blocker.unblock():
        load_territory()
        load_nomenclatures()
        load_definitions()
        load_quality_rules()
        _mark()


@pytest.fixture(scope="session")
def world(reference_data, django_db_blocker) -> World:
    with django_db_blocker.unblock():
        made = make_world()
        _mark()
    return made


def make_world() -> World:
    places = {
        "marseille": factories.structure("Mission locale de Marseille", "13055"),
        "aix": factories.structure("Mission locale du pays d'Aix", "13001"),
        "paris": factories.structure("Mission locale de Paris", "75056"),
        "national": factories.structure(
            "Agence nationale",
            "13055",
            "75056",
            "33063",
            network="FT",
            category="public_employment_service",
        ),
        "cio": factories.structure("CIO de Marseille", "13055", network="CIO", category=None),
    }
    regions = {"marseille": "93", "aix": "93", "paris": "11", "national": "93", "cio": "93"}
    members = {}
    for place, structure in places.items():
        factories.spro_membership(regions[place], structure)
        at = Site.objects.filter(structure_id=structure.pk).order_by("pk").first()
        for role in (
            "adviser", "structure_manager", "level1_receptionist", "structure_program",
        ):  # fmt: skip
            members[f"{role} {place}"] = factories.member(
                role, email=f"{role}.{place}@exemple.fr", region=regions[place], at=at
            )
    for region in ("93", "11", "75"):
        members[f"regional_coordinator {region}"] = factories.member(
            "regional_coordinator",
            email=f"coordination.{region}@exemple.fr",
            region=region,
            starts_on=date(2016, 1, 1),
        )
    for role in ("elected_referent", "carif_oref"):
        members[f"{role} 93"] = factories.member(role, email=f"{role}@exemple.fr", region="93")
    for region in ("93", "11"):
        members[f"api_client {region}"] = factories.member(
            "api_client", email=f"logiciel.{region}@exemple.fr", region=region
        )
    members["network_head ML"] = factories.member(
        "network_head", email="reseau.ml@exemple.fr", network="ML"
    )
    for role in ("dgefp_officer", "auditor", "platform_administrator"):
        members[role] = factories.member(role, email=f"{role}@exemple.fr")
    return World(**places, members=members)


@pytest.fixture
def logged_in(world):
    """A browser of this person: `logged_in(world["adviser marseille"]).get("/")`."""

    def as_member(membership: Membership) -> Client:
        client = Client()
        client.force_login(membership.user)
        return client

    return as_member


@pytest.fixture
def box(settings) -> Iterator[Mailbox]:
    """Where the mails of a test arrive, by real SMTP."""
    with mailbox() as opened:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", opened.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield opened
