"""« Aiguillage »: the rules by which a Region proposes a structure to a person, and what each
structure says of how many it takes and when it receives."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from operators.models.reference import ServiceLevel
from regions.models import Department, Network, Region, Site, Structure
from sprocep.constraints import CompositeKey, TemporalKey, span
from sprocep.tenancy import (
    APP,
    BY_A_TRIGGER,
    IN_ANY_SCOPE,
    IN_NATIONAL_SCOPE,
    IN_WHOLE_REGIONS,
    REGIONS,
    STRUCTURES,
    Grants,
    RowPolicy,
)

OF_THE_REGION = f"region_id = ANY ({REGIONS})"
BY_THE_COORDINATION = f"{OF_THE_REGION} AND {IN_WHOLE_REGIONS} AND NOT {IN_NATIONAL_SCOPE}"
# The structure itself, or the coordination of its Region.
BY_EITHER = (
    f"{OF_THE_REGION} AND (structure_id = ANY ({STRUCTURES}) "
    f"OR ({IN_WHOLE_REGIONS} AND NOT {IN_NATIONAL_SCOPE}))"
)


def codes(label: str) -> ArrayField:
    """Codes of a national list, any of which is enough; none is « whichever »."""
    return ArrayField(models.CharField(max_length=12), verbose_name=label, default=list, blank=True)


class RoutingRule(models.Model):
    """For whom, which network, structure or members of a platform are proposed, or are not: the
    first that holds decides.

    A Region's own, or national where `region` is empty. It asks for nothing that a fiche of its
    level does not share. A rule is ended and never rewritten.
    """

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="Région"
    )
    position = models.PositiveSmallIntegerField("rang")
    level = models.ForeignKey(
        ServiceLevel,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="niveau demandé",
    )
    reasons = codes("motifs")
    situations = codes("situations")
    categories = codes("catégories socioprofessionnelles")
    youngest = models.PositiveSmallIntegerField("âge le plus bas", null=True, blank=True)
    oldest = models.PositiveSmallIntegerField("âge le plus haut", null=True, blank=True)
    of_dropouts = models.BooleanField(
        "pour qui suit le parcours décrocheur", default=False, db_default=False
    )
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="département",
    )
    to_platform = models.BooleanField(
        "membres d’une plateforme de suivi et d’appui", default=False, db_default=False
    )
    network = models.ForeignKey(
        Network, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="réseau"
    )
    structure = models.ForeignKey(
        Structure,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="structure",
    )
    excludes = models.BooleanField("écarte au lieu de proposer", default=False)
    source = models.CharField("texte qui la fixe", max_length=200, blank=True)
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)

    class Meta:
        verbose_name = "règle d’aiguillage"
        ordering = ["position", "pk"]
        constraints = [
            Grants(name="routing_rule_grants", app="SELECT, INSERT, UPDATE (ends_on)"),
            RowPolicy(
                name="routing_rule_region",
                using=f"{OF_THE_REGION} OR (region_id IS NULL AND {IN_ANY_SCOPE})",
                check=BY_THE_COORDINATION,
                to=(APP,),
            ),
            UniqueConstraint(fields=["region", "public_id"], name="routing_rule_public_id"),
            CheckConstraint(
                name="routing_rule_target",
                condition=Q(network__isnull=False, structure__isnull=True, to_platform=False)
                | Q(network__isnull=True, structure__isnull=False, to_platform=False)
                | Q(network__isnull=True, structure__isnull=True, to_platform=True),
                violation_error_message="Choisissez un réseau ou une structure, et un seul.",
            ),
            CheckConstraint(
                name="routing_rule_ages",
                condition=Q(youngest__isnull=True)
                | Q(oldest__isnull=True)
                | Q(youngest__lte=F("oldest")),
                violation_error_message="L’âge le plus bas ne dépasse pas l’âge le plus haut.",
            ),
            CheckConstraint(
                name="routing_rule_span",
                # Both the same day: taken back before it ever held.
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="Une règle ne finit pas avant d’avoir commencé.",
            ),
            CheckConstraint(
                name="routing_rule_national",
                condition=Q(region__isnull=False) | ~Q(source=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region_id or 'FR'} {self.position}"


class PlatformMember(models.Model):
    """A structure of a « plateforme de suivi et d'appui aux décrocheurs » of a Region, for a time:
    proposed first to who follows that path, and told so by its fiche (ADR 36)."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    valid = span("starts_on", "ends_on")

    class Meta:
        verbose_name = "membre d’une plateforme de suivi et d’appui"
        constraints = [
            Grants(name="platform_member_grants", app="SELECT, INSERT, UPDATE (ends_on)"),
            RowPolicy(
                name="platform_member_region",
                using=OF_THE_REGION,
                check=BY_THE_COORDINATION,
                to=(APP,),
            ),
            TemporalKey(
                name="platform_member_once",
                columns=["region_id", "structure_id"],
                violation_error_message="Cette structure est déjà membre à cette date.",
            ),
            CheckConstraint(
                name="platform_member_span",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                violation_error_message="Le départ vient après l’arrivée.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.structure_id} · {self.region_id}"


class Capacity(models.Model):
    """How many fiches a structure takes a week in a Region, or until when it takes none; where
    they go by mail as long as nobody has an account there."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="capacities")
    weekly = models.PositiveSmallIntegerField("fiches par semaine", null=True, blank=True)
    full_until = models.DateField("complet jusqu’au", null=True, blank=True)
    # Of mail, or of a mobile as gateways want it (E.164).
    address = models.CharField("adresse des fiches", max_length=254, blank=True, db_default="")
    # One that was written since; it stands once its holder has confirmed it (docs/adr/0057).
    wanted_address = models.CharField(
        "nouvelle adresse des fiches", max_length=254, blank=True, db_default=""
    )
    wanted_at = models.DateTimeField("écrite le", null=True, blank=True)
    proven_at = models.DateTimeField("confirmée par qui la lit le", null=True, blank=True)

    class Meta:
        verbose_name = "capacité d’accueil"
        constraints = [
            Grants(
                name="capacity_grants",
                app=(
                    "SELECT, INSERT, UPDATE "
                    "(weekly, full_until, address, wanted_address, wanted_at, proven_at)"
                ),
            ),
            RowPolicy(name="capacity_region", using=OF_THE_REGION, check=BY_EITHER, to=(APP,)),
            UniqueConstraint(fields=["structure", "region"], name="capacity_once"),
            CheckConstraint(
                name="capacity_address",
                condition=Q(address="")
                | Q(address__contains="@")
                | Q(address__regex=r"^\+\d{8,15}$"),
                violation_error_message="Donnez une adresse électronique, ou un mobile.",
            ),
            CheckConstraint(
                name="capacity_wanted_address",
                condition=Q(wanted_address="", wanted_at__isnull=True, proven_at__isnull=True)
                | (
                    Q(wanted_at__isnull=False)
                    & (Q(wanted_address__contains="@") | Q(wanted_address__regex=r"^\+\d{8,15}$"))
                ),
                violation_error_message="Donnez une adresse électronique, ou un mobile.",
            ),
            CheckConstraint(
                name="capacity_weekly",
                condition=Q(weekly__isnull=True) | Q(weekly__gte=1),
                violation_error_message=(
                    "Écrivez 1 au moins. Pour ne plus recevoir, dites « complet jusqu’au »."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.structure_id} · {self.region_id}"


class OpeningHours(models.Model):
    """When a place receives on a day of the week; without hours it does not."""

    class Weekday(models.IntegerChoices):
        MONDAY = 1, "lundi"
        TUESDAY = 2, "mardi"
        WEDNESDAY = 3, "mercredi"
        THURSDAY = 4, "jeudi"
        FRIDAY = 5, "vendredi"
        SATURDAY = 6, "samedi"

    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, models.PROTECT, related_name="hours", db_index=False)
    weekday = models.PositiveSmallIntegerField("jour", choices=Weekday)
    opens_at = models.TimeField("ouvre à", null=True, blank=True)
    closes_at = models.TimeField("ferme à", null=True, blank=True)

    class Meta:
        verbose_name = "horaires d’accueil"
        ordering = ["site", "weekday"]
        constraints = [
            Grants(
                name="opening_hours_grants",
                app="SELECT, INSERT, UPDATE (region_id, opens_at, closes_at)",
            ),
            RowPolicy(name="opening_hours_region", using=OF_THE_REGION, check=BY_EITHER, to=(APP,)),
            CompositeKey(
                name="opening_hours_site",
                columns=["structure_id", "site_id"],
                to="regions.Site",
                to_columns=["structure_id", "id"],
                violation_error_message="Ce lieu d’accueil n’est pas de cette structure.",
            ),
            UniqueConstraint(fields=["structure", "site", "weekday"], name="opening_hours_once"),
            CheckConstraint(
                name="opening_hours_weekday", condition=Q(weekday__gte=1, weekday__lte=6)
            ),
            CheckConstraint(
                name="opening_hours_both",
                condition=Q(opens_at__isnull=True, closes_at__isnull=True)
                | Q(opens_at__isnull=False, closes_at__isnull=False),
                violation_error_message=(
                    "Donnez l’heure d’ouverture et celle de fermeture, ou aucune des deux."
                ),
            ),
            CheckConstraint(
                name="opening_hours_order",
                condition=Q(opens_at__isnull=True) | Q(opens_at__lt=F("closes_at")),
                violation_error_message="Un lieu ferme après avoir ouvert.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_weekday_display()


class PlaceTaken(models.Model):
    """One fiche that a structure received on a day, or gave back: -1 once it is refused or
    withdrawn. Written by PostgreSQL with the fiche, of which it says nothing."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="+", db_index=False)
    sent_on = models.DateField("envoyée le")
    places = models.SmallIntegerField("places")

    class Meta:
        verbose_name = "place prise"
        constraints = [
            Grants(name="place_taken_grants", app="SELECT, INSERT"),
            # Whoever sends takes a place, in whichever Region; who receives there counts them.
            RowPolicy(
                name="place_taken_region",
                using=OF_THE_REGION,
                check=f"{IN_ANY_SCOPE} AND {BY_A_TRIGGER}",
                to=(APP,),
            ),
            CheckConstraint(name="place_taken_one", condition=Q(places__in=[1, -1])),
        ]
        indexes = [models.Index(fields=["structure", "region", "sent_on"], name="place_taken_week")]

    def __str__(self) -> str:
        return f"{self.structure_id} {self.places:+d}"
