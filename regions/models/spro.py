"""The SPRO: networks, structures, sites, and their memberships."""

import uuid

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from regions.models.territory import (
    Commune,
    DatedName,
    Department,
    Region,
    edited_reference,
    reference_grants,
)
from sprocep.constraints import TemporalKey, span
from sprocep.tenancy import (
    APP,
    REGIONS,
    RowPolicy,
)


class Network(models.Model):
    """A family of structures: missions locales, information jeunesse, CIO…"""

    code = models.CharField("code", max_length=10, primary_key=True)
    publics = models.CharField("publics", max_length=80, blank=True)
    position = models.PositiveSmallIntegerField("rang")

    class Meta:
        verbose_name = "réseau"
        constraints = [reference_grants("network_grants")]

    def __str__(self) -> str:
        return self.code


class NetworkName(DatedName):
    network = models.ForeignKey(Network, models.PROTECT, related_name="names")

    class Meta:
        verbose_name = "nom de réseau"
        constraints = [
            reference_grants("network_name_grants"),
            TemporalKey(name="network_name_once", columns=["network_id"]),
        ]


class Structure(models.Model):
    """One legal body: the holder of its nominal files."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True)
    siret = models.CharField("Siret", max_length=14, unique=True)
    network = models.ForeignKey(Network, models.PROTECT, related_name="structures")

    class Meta:
        verbose_name = "structure"
        constraints = [
            reference_grants("structure_grants"),
            CheckConstraint(
                name="structure_siret",
                condition=Q(siret__regex=r"^\d{14}$"),
                violation_error_message="Un Siret compte quatorze chiffres.",
            ),
        ]

    def __str__(self) -> str:
        return self.siret


class StructureName(DatedName):
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="names")

    class Meta:
        verbose_name = "nom de structure"
        constraints = [
            reference_grants("structure_name_grants"),
            TemporalKey(name="structure_name_once", columns=["structure_id"]),
        ]


class Site(models.Model):
    """A place where people are received, or a national remote platform."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True)
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="sites")
    name = models.CharField("nom", max_length=120)
    commune = models.ForeignKey(Commune, models.PROTECT, related_name="+")
    department = models.ForeignKey(Department, models.PROTECT, related_name="sites")
    is_remote_platform = models.BooleanField("plateforme nationale à distance", default=False)

    class Meta:
        verbose_name = "lieu d’accueil"
        constraints = [
            reference_grants("site_grants"),
            UniqueConstraint(fields=["structure", "id"], name="site_of_structure"),
        ]

    def __str__(self) -> str:
        return self.name


class SproMembership(models.Model):
    """Dated status of a structure in the SPRO of a Region."""

    class Status(models.TextChoices):
        BY_LAW = "by_law", "membre de droit"
        RECOGNISED = "recognised", "membre reconnu par la Région"
        CONTRIBUTOR = "contributor", "contributeur"
        PARTNER = "partner", "partenaire"
        OBSERVER = "observer", "observateur"
        WITHDRAWN = "withdrawn", "retiré"

    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="spro_memberships")
    status = models.CharField("statut", max_length=12, choices=Status)
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    valid = span("starts_on", "ends_on")

    class Meta:
        verbose_name = "appartenance au SPRO"
        constraints = [
            *edited_reference("spro_membership"),
            RowPolicy(
                name="spro_membership_region",
                using=f"region_id = ANY ({REGIONS})",
                to=(APP, "sprocep_compiler"),
            ),
            TemporalKey(name="spro_membership_once", columns=["region_id", "structure_id"]),
        ]

    def __str__(self) -> str:
        return self.get_status_display()
