"""People: accounts, dated memberships, and the traces of what was done and read."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from regions.models.spro import Site, Structure
from regions.models.territory import (
    Region,
)
from sprocep.constraints import CompositeKey, span
from sprocep.tenancy import (
    APP,
    IN_NATIONAL_SCOPE,
    REGIONS,
    STRUCTURES,
    USER,
    Grants,
    RowPolicy,
)


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
