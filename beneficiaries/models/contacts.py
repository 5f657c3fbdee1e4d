"""Anonymous level-1 contacts."""

import uuid

from django.db import models
from django.db.models import Q, UniqueConstraint

from beneficiaries.models.columns import (
    CONTACT,
)
from beneficiaries.models.keys import code_of, department_on, held_by, isolation
from operators.models import (
    AgeBand,
    Audience,
    Channel,
    SteeringResult,
    Theme,
)
from regions.models import Commune, Department, Region, Site, Structure
from sprocep.constraints import CompositeKey, day
from sprocep.tenancy import Grants


class Contact(models.Model):
    """An anonymous level-1 contact: nothing that identifies, a day and no hour."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    department = held_by(Department, "département")
    site = held_by(Site, "lieu d'accueil")
    held_on = models.DateField("date")
    held = day("held_on")
    channel = code_of(Channel, "canal")
    theme = code_of(Theme, "thème")
    age_band = code_of(AgeBand, "tranche d'âge", default="NR")
    audience = code_of(Audience, "public")
    commune = held_by(Commune, "commune", null=True, blank=True)
    result = code_of(SteeringResult, "résultat")
    # Of the code that the person took away; a contact of before the codes has none.
    code_fingerprint = models.BinaryField("empreinte du code d'accueil", max_length=32, null=True)
    idempotency_key = models.UUIDField("clé d'envoi", null=True, editable=False)

    class Meta:
        verbose_name = "accueil de niveau 1"
        constraints = [
            *isolation("contact"),
            Grants(
                name="contact_grants",
                app="SELECT, INSERT, UPDATE, DELETE",
                compiler=CONTACT.compiler,
            ),
            department_on("contact_department", "department_id", "region_id", "held"),
            CompositeKey(
                name="contact_site",
                columns=["structure_id", "site_id"],
                to="regions.Site",
                to_columns=["structure_id", "id"],
                violation_error_message="Ce lieu d'accueil n'est pas de votre structure.",
            ),
            UniqueConstraint(
                fields=["structure", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="contact_sent_once",
            ),
            UniqueConstraint(
                fields=["structure", "code_fingerprint"],
                condition=Q(code_fingerprint__isnull=False),
                name="contact_code_once",
            ),
        ]
        indexes = [
            models.Index(fields=["region", "structure", "-held_on", "id"], name="contact_newest"),
            models.Index(fields=["region", "held_on"], name="contact_region_day"),
        ]

    def __str__(self) -> str:
        return f"{self.held_on}"
