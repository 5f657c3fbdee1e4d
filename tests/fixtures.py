"""A small world, committed once for the whole run.

A few structures of two Regions and one person of each role at each place, over the reference data
of the template. Tests read them as app; what a test writes is undone. A test with
`transaction=True` loses its own rows at its end, and the world stays.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from django.test import Client

from regions.models import (
    Membership,
    Site,
    Structure,
)
from tests import clearing, factories
from tests.mailbox import Mailbox, mailbox

OWNER = "owner"
ALL_DATABASES = ["default", "owner", "compiler"]


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


@pytest.fixture(scope="session")
def world(django_db_setup, django_db_blocker) -> World:
    with django_db_blocker.unblock():
        made = make_world()
        clearing.mark()
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
