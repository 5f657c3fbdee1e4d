"""What a structure declares, and what looks wrong in it before it leaves."""

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from regions.models import Region, Structure, User, edited_reference
from sprocep.tenancy import (
    APP,
    IN_NATIONAL_SCOPE,
    NETWORK,
    STRUCTURES,
    Grants,
    RegionIsolation,
    RowPolicy,
)

# Figures of one structure: its own readers, and the head of its network.
OF_OWN_OR_NETWORK = (
    f"structure_id = ANY ({STRUCTURES}) OR ({NETWORK} IS NOT NULL AND structure_id IN "
    f"(SELECT id FROM regions_structure WHERE network_id = {NETWORK}))"
)


class DeclaredCount(models.Model):
    """A count of what a structure declares in a Region for a period, of its own facts alone."""

    period = models.CharField("période", max_length=7)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    population = models.CharField("population", max_length=30)
    breakdown = models.CharField("ventilation", max_length=30)
    category = models.CharField("modalité", max_length=12)
    units = models.PositiveIntegerField("unités")
    counted_at = models.DateTimeField("compté le", auto_now_add=True)

    class Meta:
        verbose_name = "compte déclaré"
        constraints = [
            RegionIsolation(name="declared_count_region"),
            RowPolicy(
                name="declared_count_structure",
                using=OF_OWN_OR_NETWORK,
                to=(APP,),
                restrictive=True,
            ),
            Grants(name="declared_count_grants", app="SELECT", compiler="SELECT, INSERT, DELETE"),
            UniqueConstraint(
                fields=["region", "structure", "period", "population", "breakdown", "category"],
                name="declared_count_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.structure_id} {self.population} {self.category}"


class QualityRule(models.Model):
    """What makes a declared activity look wrong: rows that the DGEFP edits."""

    class Kind(models.TextChoices):
        MISSING = "missing", "champ non renseigné"
        IMPOSSIBLE = "impossible", "valeur impossible"
        LATE = "late", "saisie tardive"
        DOUBLED = "doubled", "doublon"
        JUMP = "jump", "saut par rapport à la saison"

    code = models.CharField("code", max_length=30, primary_key=True)
    kind = models.CharField("genre", max_length=10, choices=Kind)
    label = models.CharField("intitulé", max_length=200)
    subject = models.CharField("objet", max_length=30)  # a field, or a population
    threshold = models.DecimalField("seuil", max_digits=8, decimal_places=2)
    is_active = models.BooleanField("appliquée", default=True)
    position = models.PositiveSmallIntegerField("rang", default=0)

    class Meta:
        verbose_name = "règle de qualité"
        ordering = ["position", "code"]
        constraints = [*edited_reference("quality_rule", "SELECT, INSERT, UPDATE")]

    def __str__(self) -> str:
        return self.code


class Anomaly(models.Model):
    """What a rule found in the activity of a structure: its owner explains or corrects it."""

    class State(models.TextChoices):
        OPEN = "open", "à traiter"
        EXPLAINED = "explained", "expliquée"
        CORRECTED = "corrected", "corrigée"

    period = models.CharField("période", max_length=7)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    rule = models.ForeignKey(QualityRule, models.PROTECT, related_name="+", verbose_name="règle")
    found = models.DecimalField("constaté", max_digits=12, decimal_places=2)
    expected = models.DecimalField("attendu", max_digits=12, decimal_places=2, null=True)
    state = models.CharField("état", max_length=10, choices=State, default=State.OPEN)
    detected_at = models.DateTimeField("relevée le", auto_now_add=True)
    closure = models.CharField("explication", max_length=1000, blank=True)
    closed_at = models.DateTimeField("close le", null=True, blank=True)
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="close par"
    )

    class Meta:
        verbose_name = "anomalie"
        constraints = [
            RegionIsolation(name="anomaly_region"),
            RowPolicy(
                name="anomaly_structure",
                using=f"{IN_NATIONAL_SCOPE} OR {OF_OWN_OR_NETWORK}",
                to=(APP,),
                restrictive=True,
            ),
            Grants(
                name="anomaly_grants",
                app="SELECT, UPDATE (state, closure, closed_at, closed_by_id)",
                compiler="SELECT, INSERT, DELETE, UPDATE (found, expected, state, closed_at)",
            ),
            UniqueConstraint(fields=["region", "structure", "period", "rule"], name="anomaly_once"),
            CheckConstraint(
                name="anomaly_closed",
                condition=Q(state="open", closed_at__isnull=True, closure="")
                | Q(state="explained", closed_at__isnull=False) & ~Q(closure="")
                | Q(state="corrected", closed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.structure_id} {self.rule_id}"
