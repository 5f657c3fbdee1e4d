"""The access of a person to her own journey: a code that she keeps, then digits sent to her.

Of the code and of the digits, fingerprints alone are kept. Who shows a living code sees this row
and no other (docs/adr/0030).
"""

import uuid

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils import timezone

from beneficiaries.models.columns import PERSON_ACCESS
from beneficiaries.models.documents import of_journey, of_member
from beneficiaries.models.journeys import Journey
from beneficiaries.models.keys import held_by
from regions.models import Membership, Region, Structure
from sprocep.tenancy import (
    COMPILER,
    PRESENTED,
    SENDER,
    Grants,
    RegionIsolation,
    RowPolicy,
    SenderWriting,
)


class PersonAccess(models.Model):
    """Given by an adviser, one at a time for a journey; ended for good. Its Region is that of the
    journey."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    journey = models.ForeignKey(Journey, models.PROTECT, related_name="accesses", db_index=False)
    fingerprint = models.BinaryField("empreinte du code d’accès", max_length=32)
    given_by = held_by(Membership, "donné par")
    given_at = models.DateTimeField("donné le", default=timezone.now)
    ended_by = held_by(Membership, "retiré par", null=True)
    ended_at = models.DateTimeField("retiré le", null=True)
    # The digits that wait for her: none once they opened.
    factor = models.BinaryField("empreinte des chiffres envoyés", max_length=32, null=True)
    factor_sent_at = models.DateTimeField("chiffres envoyés le", null=True)
    tries = models.PositiveSmallIntegerField("essais", default=0)

    class Meta:
        verbose_name = "accès de la personne"
        constraints = [
            RowPolicy(
                name="person_access_seen",
                using=f"({SENDER}) OR (ended_at IS NULL AND fingerprint = {PRESENTED})",
            ),
            SenderWriting(name="person_access_sender"),
            RegionIsolation(name="person_access_region", to=(COMPILER,)),
            Grants(
                name="person_access_grants",
                app="SELECT, INSERT, UPDATE (ended_by_id, ended_at, factor, factor_sent_at, tries)",
                compiler=PERSON_ACCESS.compiler,
            ),
            of_journey("person_access_journey"),
            of_member("person_access_given_by", "given_by_id"),
            of_member("person_access_ended_by", "ended_by_id"),
            CheckConstraint(
                name="person_access_end_is_whole",
                condition=Q(ended_by__isnull=True, ended_at__isnull=True)
                | Q(ended_by__isnull=False, ended_at__isnull=False),
            ),
            CheckConstraint(
                name="person_access_ends_after_given",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("given_at")),
            ),
            CheckConstraint(
                name="person_access_factor_is_whole",
                condition=Q(factor__isnull=True, factor_sent_at__isnull=True)
                | Q(factor__isnull=False, factor_sent_at__isnull=False),
            ),
            UniqueConstraint(
                fields=["structure", "journey"],
                condition=Q(ended_at__isnull=True),
                name="person_access_one_at_a_time",
                violation_error_message=(
                    "Un accès vient d’être donné pour ce parcours. Rechargez la page."
                ),
            ),
            UniqueConstraint(fields=["structure", "fingerprint"], name="person_access_once"),
            UniqueConstraint(fields=["structure", "public_id"], name="person_access_public_id"),
        ]
        indexes = [models.Index(fields=["fingerprint"], name="person_access_shown")]

    def __str__(self) -> str:
        return f"{self.given_at}"
