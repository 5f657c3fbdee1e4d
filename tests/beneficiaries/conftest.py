"""Places that the small world lacks: a structure of level 1 only, one of a merged Region, and a
national remote platform. Committed once, like the world."""

from dataclasses import dataclass
from datetime import date

import pytest

from regions.models import Membership, Site, Structure
from tests import clearing, factories


@dataclass(frozen=True)
class Annex:
    limited: Membership
    bordeaux: Membership
    platform: Membership
    colleague: Membership
    agency_in_paris: Membership
    silent: Site


@pytest.fixture(scope="session")
def annex(world, django_db_blocker) -> Annex:
    """`limited`, `bordeaux`, `platform`: advisers there; `colleague`: another one in Marseille;
    `agency_in_paris`: one of the national body, in another Region than its adviser of the world;
    `silent`: of a structure where nobody has an account."""
    with django_db_blocker.unblock():
        limited = factories.structure("Point relais", "13055", max_rank=1)
        bordeaux = factories.structure("Mission locale de Bordeaux", "33063", "33281")
        remote = factories.structure("Apec", network="APEC", category="apec")
        platform = factories.site(remote, "75056", is_remote_platform=True)
        made = Annex(
            limited=factories.member("adviser", region="93", at=_site(limited)),
            bordeaux=factories.member(
                "adviser", region="75", at=_site(bordeaux), starts_on=date(2016, 1, 1)
            ),
            platform=factories.member("adviser", region="11", at=platform),
            colleague=factories.member("adviser", region="93", at=_site(world.marseille)),
            agency_in_paris=factories.member(
                "adviser",
                region="11",
                at=Site.objects.get(structure=world.national.pk, department="75"),
            ),
            silent=_site(factories.structure("Cité des métiers", "13055")),
        )
        clearing.mark()
    return made


def _site(structure: Structure) -> Site:
    return Site.objects.filter(structure=structure.pk).order_by("pk").first()
