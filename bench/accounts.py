"""The people of the measures: a DGEFP officer, and eight of each role who log in."""

import secrets
from dataclasses import dataclass

from django.db import connections

from indicators.worklist import nation
from regions.models import Membership, Structure, User
from regions.queries import regions_on
from sprocep import periods

COUNT = 8

# Of each of the busiest structures, the adviser who follows the most open journeys.
BUSIEST = """
WITH held AS (
  SELECT f.structure_id, f.referent_id, count(*) AS journeys
    FROM beneficiaries_followup f
    JOIN beneficiaries_journey j ON j.id = f.journey_id AND j.closed_on IS NULL
    JOIN regions_membership m ON m.id = f.referent_id AND m.ends_on IS NULL
   WHERE f.ends_on IS NULL GROUP BY 1, 2
)
SELECT referent_id
  FROM (SELECT *, row_number() OVER (PARTITION BY structure_id ORDER BY journeys DESC, referent_id)
               AS rank, sum(journeys) OVER (PARTITION BY structure_id) AS of_structure FROM held) r
 WHERE rank = 1 ORDER BY of_structure DESC, structure_id LIMIT %s
"""


@dataclass(frozen=True)
class Account:
    email: str
    password: str
    region: str | None
    structure: Structure | None
    membership: int


def officer() -> User:
    with nation():
        user, _ = User.objects.get_or_create(email="dgefp@bench.example")
        return user


def advisers() -> list[Account]:
    """Eight generated advisers of eight structures, each with a password."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(BUSIEST, [COUNT])
        ids = [row[0] for row in cursor.fetchall()]
    with nation():
        found = Membership.objects.select_related("user", "structure").filter(pk__in=ids)
        return [_account(membership) for membership in found]


def coordinators() -> list[Account]:
    """Coordinators of the first eight Regions of today."""
    today = periods.today()
    with nation():
        return [_coordinator(region.code) for region in regions_on(today)[-COUNT:]]


def _coordinator(region: str) -> Account:
    membership = Membership.objects.create(
        user=User.objects.create(
            email=f"coordination-{region}-{secrets.token_hex(4)}@bench.example"
        ),
        name="Dominique Petit",
        role=Membership.Role.REGIONAL_COORDINATOR,
        region_id=region,
        starts_on=periods.today(),
    )
    return _account(membership)


def _account(membership: Membership) -> Account:
    password = secrets.token_urlsafe(12)
    membership.user.set_password(password)
    membership.user.save(update_fields=["password"])
    return Account(
        email=membership.user.email,
        password=password,
        region=membership.region_id,
        structure=membership.structure,
        membership=membership.pk,
    )
