"""Persons as known to one structure, and their yearly keys."""

import uuid
from hashlib import sha256

from django.db import models
from django.db.models import F, Func, Q, UniqueConstraint

from beneficiaries.models.columns import (
    BENEFICIARY,
    PERSON_KEY,
)
from beneficiaries.models.keys import code_of, held_by, isolation
from operators.models import (
    Sex,
)
from regions.models import Commune, Region, Structure
from sprocep.constraints import CompositeKey
from sprocep.tenancy import Grants

# What an adviser types of a person.
TYPED = (
    "last_name",
    "first_name",
    "birth_name",
    "birth_date",
    "sex_id",
    "email",
    "phone",
    "commune_id",
    "note",
)


def _reordered(label: str, template: str) -> models.GeneratedField:
    """Words of the sort key in another order: what an index finds by its beginning."""
    return models.GeneratedField(
        verbose_name=label,
        expression=Func(F("sort_key"), template=template),
        output_field=models.CharField(max_length=240, null=True),
        db_persist=True,
    )


class Beneficiary(models.Model):
    """A person as known to one structure in one Region."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    last_name = models.CharField("nom d’usage", max_length=80)
    first_name = models.CharField("premier prénom", max_length=80)
    birth_name = models.CharField("nom de naissance", max_length=80, blank=True)
    birth_date = models.DateField("date de naissance", null=True, blank=True)
    sex = code_of(Sex, "sexe", default="NR")
    email = models.EmailField("adresse électronique", blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    commune = held_by(Commune, "commune de résidence", null=True, blank=True)
    note = models.TextField("note", max_length=500, blank=True)
    sort_key = models.CharField("clé de tri", max_length=240, editable=False)
    given_key = _reordered(
        "clé du prénom",
        "split_part(%(expressions)s, ' ', 2) || ' ' || split_part(%(expressions)s, ' ', 1)",
    )
    birth_key = _reordered(
        "clé du nom de naissance",
        "nullif(split_part(%(expressions)s, ' ', 3), '') || ' ' || "
        "split_part(%(expressions)s, ' ', 2)",
    )
    # Written by PostgreSQL with the merge (sql/merges): no search finds such a file.
    kept_in = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        verbose_name="réunie à la fiche",
    )
    recorded_at = models.DateTimeField("enregistré le", auto_now_add=True)

    class Meta:
        verbose_name = "bénéficiaire"
        constraints = [
            *isolation("beneficiary"),
            Grants(
                name="beneficiary_grants",
                app=f"SELECT, INSERT, UPDATE ({', '.join(TYPED)}, sort_key, kept_in_id)",
                compiler=BENEFICIARY.compiler,
            ),
            CompositeKey(
                name="beneficiary_kept_in",
                columns=["structure_id", "kept_in_id"],
                to="beneficiaries.Beneficiary",
                to_columns=["structure_id", "id"],
            ),
            UniqueConstraint(fields=["structure", "id"], name="beneficiary_of_structure"),
            UniqueConstraint(fields=["structure", "public_id"], name="beneficiary_public_id"),
        ]
        indexes = [
            # All that a search reads: ids are found without a look at the rows (docs/adr/0011).
            models.Index(
                fields=["structure", "region", "sort_key", "id"],
                include=["birth_date", "kept_in"],
                name="beneficiary_by_name",
            ),
            # An inverted name, or a birth name, is found by its beginning too (docs/adr/0026).
            models.Index(
                fields=["structure", "region", "given_key", "id"],
                include=["sort_key", "birth_date", "kept_in"],
                name="beneficiary_by_given_name",
            ),
            models.Index(
                fields=["structure", "region", "birth_key", "id"],
                include=["sort_key", "birth_date", "kept_in"],
                condition=Q(birth_key__isnull=False),
                name="beneficiary_by_birth_name",
            ),
            models.Index(
                fields=["structure", "region", "birth_date", "id"],
                include=["sort_key", "kept_in"],
                name="beneficiary_born_on",
            ),
            models.Index(
                fields=["structure", "kept_in"],
                condition=Q(kept_in__isnull=False),
                name="beneficiary_set_aside",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.last_name.upper()} {self.first_name}"

    @property
    def mark(self) -> str:
        """Of what an adviser typed of her: another text has another."""
        text = "\n".join(str(getattr(self, name)) for name in TYPED)
        return sha256(text.encode()).hexdigest()


class PersonKey(models.Model):
    """Yearly keyed fingerprint that counts a person once across structures.

    Insert-only for requests, which cannot read it; the last row of a (beneficiary, year) counts.
    """

    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    beneficiary = held_by(Beneficiary, "bénéficiaire")
    year = models.PositiveSmallIntegerField("année")
    key = models.BinaryField("clé", max_length=32)

    class Meta:
        verbose_name = "clé de personne"
        constraints = [
            *isolation("person_key"),
            Grants(name="person_key_grants", app="INSERT", compiler=PERSON_KEY.compiler),
            CompositeKey(
                name="person_key_beneficiary",
                columns=["structure_id", "beneficiary_id"],
                to="beneficiaries.Beneficiary",
                to_columns=["structure_id", "id"],
            ),
        ]
        indexes = [
            models.Index(fields=["beneficiary", "year", "-id"], name="person_key_last"),
        ]

    def __str__(self) -> str:
        return f"{self.year}"
