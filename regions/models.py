"""Territory, people and the SPRO's structures."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from sprocep.constraints import CompositeKey, TemporalKey, span
from sprocep.tenancy import (
    APP,
    IN_NATIONAL_SCOPE,
    REGIONS,
    STRUCTURES,
    USER,
    Grants,
    RowPolicy,
)


def reference_grants(name: str) -> Grants:
    """Reference data: everyone reads it, only a migration or a load as owner writes it."""
    return Grants(name=name, app="SELECT", compiler="SELECT")


class DatedName(models.Model):
    """A name that a row bears from a day on: what is printed is the name of the date."""

    name = models.CharField("nom", max_length=120)
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu'au", null=True, blank=True)
    valid = span("starts_on", "ends_on")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


# ── Territory ────────────────────────────────────────────────────────────────────────────────


class Region(models.Model):
    """The tenant: a Region within its borders of a time. A merger ends rows and begins one."""

    class Zone(models.TextChoices):
        METROPOLE = "metropole", "métropole"
        OVERSEAS = "drom", "outre-mer"

    code = models.CharField("code Insee", max_length=2, primary_key=True)
    zone = models.CharField("zone", max_length=10, choices=Zone)
    chef_lieu = models.CharField("chef-lieu", max_length=60)
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu'au", null=True, blank=True)
    valid = span("starts_on", "ends_on")

    class Meta:
        verbose_name = "Région"
        constraints = [
            reference_grants("region_grants"),
            CheckConstraint(name="region_span", condition=Q(ends_on__gt=F("starts_on"))),
        ]

    def __str__(self) -> str:
        return self.code


class RegionName(DatedName):
    region = models.ForeignKey(Region, models.PROTECT, related_name="names")

    class Meta:
        verbose_name = "nom de Région"
        constraints = [
            reference_grants("region_name_grants"),
            TemporalKey(name="region_name_once", columns=["region_id"]),
        ]


class RegionSuccession(models.Model):
    """Where borders changed: the successor inherits what its predecessors held."""

    predecessor = models.ForeignKey(Region, models.PROTECT, related_name="+")
    successor = models.ForeignKey(Region, models.PROTECT, related_name="+")
    on = models.DateField("le")

    class Meta:
        verbose_name = "succession de Régions"
        constraints = [
            reference_grants("region_succession_grants"),
            UniqueConstraint(fields=["predecessor", "successor"], name="region_succession_once"),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor_id} → {self.successor_id}"


class RegionPhase(models.Model):
    """Where a Region stands in the deployment of the SPRO, from a day on."""

    class Phase(models.TextChoices):
        PREFIGURATION = "prefiguration", "préfiguratrice"
        GENERAL = "general", "SPRO généralisé"

    region = models.ForeignKey(Region, models.PROTECT, related_name="phases")
    phase = models.CharField("phase", max_length=20, choices=Phase)
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu'au", null=True, blank=True)
    valid = span("starts_on", "ends_on")

    class Meta:
        verbose_name = "phase du SPRO"
        constraints = [
            reference_grants("region_phase_grants"),
            TemporalKey(name="region_phase_once", columns=["region_id"]),
        ]

    def __str__(self) -> str:
        return self.get_phase_display()


class Department(models.Model):
    """Never moves: what a fact carries, so that it can be read in the borders of any date."""

    code = models.CharField("code Insee", max_length=3, primary_key=True)
    name = models.CharField("nom", max_length=60)

    class Meta:
        verbose_name = "département"
        constraints = [reference_grants("department_grants")]

    def __str__(self) -> str:
        return self.name


class DepartmentRegion(models.Model):
    """The Region of a département on each day."""

    department = models.ForeignKey(Department, models.PROTECT, related_name="regions")
    region = models.ForeignKey(Region, models.PROTECT, related_name="departments")
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu'au", null=True, blank=True)
    valid = span("starts_on", "ends_on")

    class Meta:
        db_table = "department_region"
        verbose_name = "rattachement de département"
        constraints = [
            reference_grants("department_region_grants"),
            TemporalKey(name="department_in_one_region", columns=["department_id"]),
            TemporalKey(name="department_region_key", columns=["department_id", "region_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.department_id} ∈ {self.region_id}"


class Commune(models.Model):
    code = models.CharField("code Insee", max_length=5, primary_key=True)
    name = models.CharField("nom", max_length=80)
    sort_key = models.CharField("clé de tri", max_length=80, db_index=True)
    department = models.ForeignKey(Department, models.PROTECT, related_name="communes")
    population = models.PositiveIntegerField("population")
    postcodes = models.CharField("codes postaux", max_length=400, blank=True)

    class Meta:
        verbose_name = "commune"
        constraints = [reference_grants("commune_grants")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_rural(self) -> bool:
        """Fewer than 2,000 inhabitants in the file: a convention, printed as one."""
        return self.population < 2_000


# ── The SPRO: networks, structures, sites ────────────────────────────────────────────────────


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
        verbose_name = "lieu d'accueil"
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
    ends_on = models.DateField("jusqu'au", null=True, blank=True)
    valid = span("starts_on", "ends_on")

    class Meta:
        verbose_name = "appartenance au SPRO"
        constraints = [
            Grants(name="spro_membership_grants", app="SELECT", compiler="SELECT"),
            RowPolicy(
                name="spro_membership_region",
                using=f"region_id = ANY ({REGIONS})",
                to=(APP, "sprocep_compiler"),
            ),
            TemporalKey(name="spro_membership_once", columns=["region_id", "structure_id"]),
        ]

    def __str__(self) -> str:
        return self.get_status_display()


# ── People ───────────────────────────────────────────────────────────────────────────────────


class UserQuerySet(models.QuerySet):
    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email=email.strip().lower())


class User(AbstractBaseUser):
    """Who logs in: an e-mail and a password, nothing else. Rights are in the memberships."""

    email = models.EmailField("adresse électronique", unique=True)
    is_active = models.BooleanField("actif", default=True)

    USERNAME_FIELD = "email"
    objects = UserQuerySet.as_manager()

    class Meta:
        verbose_name = "compte"
        constraints = [
            Grants(name="user_grants", app="SELECT, INSERT, UPDATE"),
            CheckConstraint(
                name="user_email_lower", condition=Q(email=models.functions.Lower("email"))
            ),
        ]

    def __str__(self) -> str:
        return self.email


class Membership(models.Model):
    """What a person may do, where, and from when to when. One is active at a time."""

    class Role(models.TextChoices):
        REGIONAL_COORDINATOR = "regional_coordinator", "coordination régionale"
        ADVISER = "adviser", "conseil"
        LEVEL1_RECEPTIONIST = "level1_receptionist", "accueil de niveau 1"
        STRUCTURE_MANAGER = "structure_manager", "direction de structure"
        DGEFP_OFFICER = "dgefp_officer", "DGEFP"
        AUDITOR = "auditor", "audit"
        PLATFORM_ADMINISTRATOR = "platform_administrator", "administration de la plateforme"

    REGIONAL = frozenset({Role.REGIONAL_COORDINATOR})
    LOCAL = frozenset({Role.ADVISER, Role.LEVEL1_RECEPTIONIST, Role.STRUCTURE_MANAGER})
    NATIONAL = frozenset({Role.DGEFP_OFFICER, Role.AUDITOR, Role.PLATFORM_ADMINISTRATOR})

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        User, models.PROTECT, related_name="memberships", verbose_name="compte"
    )
    name = models.CharField("prénom et nom", max_length=120)
    role = models.CharField("rôle", max_length=30, choices=Role)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Région"
    )
    structure = models.ForeignKey(
        Structure, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="structure"
    )
    site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="lieu d'accueil"
    )
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu'au", null=True, blank=True)
    valid = span("starts_on", "ends_on")

    class Meta:
        verbose_name = "habilitation"
        constraints = [
            Grants(name="membership_grants", app="SELECT, INSERT, UPDATE"),
            # Everyone reads own memberships; only a national scope writes any.
            RowPolicy(
                name="membership_reach",
                using=(
                    f"user_id = {USER} OR {IN_NATIONAL_SCOPE} OR (region_id = ANY ({REGIONS}) "
                    f"AND (structure_id IS NULL OR structure_id = ANY ({STRUCTURES})))"
                ),
                check=IN_NATIONAL_SCOPE,
            ),
            CheckConstraint(
                name="membership_place",
                condition=(
                    Q(role__in=["regional_coordinator"], region__isnull=False)
                    & Q(structure__isnull=True, site__isnull=True)
                )
                | Q(
                    role__in=["adviser", "level1_receptionist", "structure_manager"],
                    region__isnull=False,
                    structure__isnull=False,
                    site__isnull=False,
                )
                | Q(
                    role__in=["dgefp_officer", "auditor", "platform_administrator"],
                    region__isnull=True,
                    structure__isnull=True,
                    site__isnull=True,
                ),
                violation_error_message=(
                    "Une coordination porte une Région; un conseil, un accueil ou une direction, "
                    "une Région, une structure et un lieu d'accueil; un rôle national, rien de "
                    "cela."
                ),
            ),
            CheckConstraint(
                name="membership_span",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                violation_error_message="La fin d'une habilitation suit son début.",
            ),
            CompositeKey(
                name="membership_site",
                columns=["structure_id", "site_id"],
                to="regions.Site",
                to_columns=["structure_id", "id"],
                violation_error_message="Ce lieu d'accueil n'est pas de cette structure.",
            ),
            UniqueConstraint(fields=["structure", "id"], name="membership_of_structure"),
        ]
        indexes = [models.Index(fields=["structure", "region"], name="membership_place_idx")]

    def __str__(self) -> str:
        return self.name


class AuditEvent(models.Model):
    """Who did what to which object: field names, never a nominal value. Insert-only."""

    at = models.DateTimeField("le", auto_now_add=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="par")
    territory = models.CharField("territoire", max_length=2)
    structure = models.ForeignKey(Structure, models.PROTECT, null=True, related_name="+")
    action = models.CharField("action", max_length=60)
    object_type = models.CharField("objet", max_length=60)
    object_id = models.CharField("identifiant", max_length=60)
    fields = models.CharField("champs", max_length=400, blank=True)

    class Meta:
        verbose_name = "trace d'audit"
        constraints = [
            Grants(name="audit_event_grants", app="SELECT, INSERT", compiler="INSERT"),
            RowPolicy(
                name="audit_event_territory",
                using=f"territory = ANY ({REGIONS})",
                to=(APP, "sprocep_compiler"),
            ),
        ]
        indexes = [models.Index(fields=["territory", "-at"], name="audit_event_newest")]

    def __str__(self) -> str:
        return self.action


class AccessEvent(models.Model):
    """A page with names was read, or an edition opened: written once the read is over."""

    at = models.DateTimeField("le", auto_now_add=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="par")
    territory = models.CharField("territoire", max_length=2)
    structure = models.ForeignKey(Structure, models.PROTECT, null=True, related_name="+")
    page = models.CharField("page", max_length=80)
    object_id = models.CharField("identifiant", max_length=60, blank=True)

    class Meta:
        verbose_name = "trace de consultation"
        constraints = [
            Grants(name="access_event_grants", app="SELECT, INSERT"),
            RowPolicy(name="access_event_territory", using=f"territory = ANY ({REGIONS})"),
        ]
        indexes = [models.Index(fields=["territory", "-at"], name="access_event_newest")]

    def __str__(self) -> str:
        return self.page
