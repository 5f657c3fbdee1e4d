"""Two files of one person in a structure, merged into one; undone at any time.

The row is the merge: PostgreSQL sets the file aside and moves its journeys with it, and gives all
back when it is separated (sql/merges).
"""

import uuid

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from beneficiaries.models.columns import MERGE
from beneficiaries.models.keys import held_by, isolation
from beneficiaries.models.persons import Beneficiary
from regions.models import Membership, Region, Structure
from sprocep.constraints import CompositeKey
from sprocep.tenancy import Grants


class Merge(models.Model):
    """`aside` stays as it was, hidden; `kept` lives on, with the values that were chosen."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    kept = held_by(Beneficiary, "fiche gardée")
    aside = held_by(Beneficiary, "fiche mise de côté")
    # Of the kept file, by column: [before, after].
    replaced = models.JSONField("valeurs remplacées", encoder=DjangoJSONEncoder)
    merged_by = held_by(Membership, "réunies par")
    merged_at = models.DateTimeField("réunies le", auto_now_add=True)
    separated_by = held_by(Membership, "séparées par", null=True)
    separated_at = models.DateTimeField("séparées le", null=True)

    class Meta:
        verbose_name = "réunion de fiches"
        constraints = [
            *isolation("merge"),
            Grants(
                name="merge_grants",
                app="SELECT, INSERT, UPDATE (separated_by_id, separated_at)",
                compiler=MERGE.compiler,
            ),
            *(
                CompositeKey(
                    name=f"merge_{name}",
                    columns=["structure_id", f"{name}_id"],
                    to="beneficiaries.Beneficiary",
                    to_columns=["structure_id", "id"],
                    violation_error_message="Cette personne n’est pas connue de votre structure.",
                )
                for name in ("kept", "aside")
            ),
            *(
                CompositeKey(
                    name=f"merge_{name}",
                    columns=["structure_id", f"{name}_id"],
                    to="regions.Membership",
                    to_columns=["structure_id", "id"],
                    violation_error_message="Cette personne n’est pas de votre structure.",
                )
                for name in ("merged_by", "separated_by")
            ),
            CheckConstraint(
                name="merge_of_two",
                condition=~Q(kept=F("aside")),
                violation_error_message="Une fiche se réunit avec une autre. Choisissez-en une.",
            ),
            CheckConstraint(
                name="merge_separation_is_whole",
                condition=Q(separated_by__isnull=True, separated_at__isnull=True)
                | Q(separated_by__isnull=False, separated_at__isnull=False),
            ),
            UniqueConstraint(
                fields=["structure", "aside"],
                condition=Q(separated_at__isnull=True),
                name="merge_once",
                violation_error_message="Cette fiche est déjà réunie à une autre.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["structure", "kept"],
                condition=Q(separated_at__isnull=True),
                name="merge_of_kept",
            )
        ]

    def __str__(self) -> str:
        return f"{self.merged_at:%Y-%m-%d}"
