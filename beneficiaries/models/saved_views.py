"""A filter of « Mes parcours » that somebody keeps under a name."""

import uuid

from django.db import models
from django.db.models import UniqueConstraint

from beneficiaries.models.columns import SAVED_VIEW
from beneficiaries.models.keys import held_by, isolation
from regions.models import Membership, Region, Structure
from sprocep.constraints import CompositeKey
from sprocep.tenancy import Grants


class SavedView(models.Model):
    """`query` is what the address of the list says; no name that was looked for is ever in it."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    owner = held_by(Membership, "gardée par")
    name = models.CharField("nom de la vue", max_length=40)
    query = models.CharField("filtres", max_length=300)

    class Meta:
        verbose_name = "vue gardée"
        constraints = [
            *isolation("saved_view"),
            Grants(
                name="saved_view_grants",
                app="SELECT, INSERT, UPDATE (query), DELETE",
                compiler=SAVED_VIEW.compiler,
            ),
            CompositeKey(
                name="saved_view_owner",
                columns=["structure_id", "owner_id"],
                to="regions.Membership",
                to_columns=["structure_id", "id"],
            ),
            UniqueConstraint(fields=["structure", "owner", "name"], name="saved_view_once"),
        ]

    def __str__(self) -> str:
        return self.name
