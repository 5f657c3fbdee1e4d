"""When periods are computed and due, which returns are expected, from which number on."""

from datetime import date

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from regions.models import Region, Structure, User, edited_reference
from sprocep.tenancy import (
    IN_NATIONAL_SCOPE,
    IN_WHOLE_REGIONS,
    NETWORK,
    STRUCTURES,
    Grants,
    RegionIsolation,
    RowPolicy,
)


class CalendarEntry(models.Model):
    """When a period is computed, and when its dashboards are due: rows that the DGEFP edits."""

    period = models.CharField("période", max_length=7, primary_key=True)
    starts_on = models.DateField("début")
    opens_on = models.DateField("campagne ouverte le")
    confirm_by = models.DateField("confirmation des structures jusqu’au")
    computed_on = models.DateField("calculé et protégé le")
    comment_by = models.DateField("relecture des Régions jusqu’au")
    due_on = models.DateField("échéance de transmission")
    # What nobody did by its deadline passes without a hand.
    passes_alone = models.BooleanField("passage automatique", default=False)
    launched_at = models.DateTimeField("lancé le", null=True, blank=True)

    class Meta:
        verbose_name = "échéance"
        ordering = ["starts_on"]
        constraints = [
            *edited_reference("calendar_entry", "SELECT, INSERT, UPDATE"),
            CheckConstraint(
                name="calendar_entry_order",
                condition=Q(
                    confirm_by__gte=models.F("opens_on"),
                    computed_on__gte=models.F("confirm_by"),
                    comment_by__gte=models.F("computed_on"),
                    due_on__gte=models.F("comment_by"),
                ),
                violation_error_message=(
                    "Les échéances se suivent: ouverture, confirmation, calcul, relecture, "
                    "transmission."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.period

    def deadline_after(self, day: date) -> tuple[str, date] | None:
        """What is next due on that day or later, and when."""
        steps = (
            ("confirmation", self.confirm_by),
            ("calcul", self.computed_on),
            ("relecture", self.comment_by),
            ("transmission", self.due_on),
        )
        return next(((words, due) for words, due in steps if due >= day), None)


class SecrecyThreshold(models.Model):
    """From which number of units a cell may be published (k), from a day on."""

    k = models.PositiveSmallIntegerField("seuil")
    starts_on = models.DateField("à partir du", unique=True)

    class Meta:
        verbose_name = "seuil de secret"
        constraints = [
            *edited_reference("secrecy_threshold", "SELECT, INSERT"),
            CheckConstraint(name="secrecy_threshold_low", condition=Q(k__gte=3)),
        ]

    def __str__(self) -> str:
        return f"k = {self.k}"


class ExpectedReturn(models.Model):
    """A structure must deliver its activity of a period in a Region; its arrival is dated."""

    period = models.CharField("période", max_length=7)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    received_at = models.DateTimeField("reçue le", null=True, blank=True)
    # Who confirmed it; nobody when its deadline passed alone.
    received_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="confirmée par"
    )

    class Meta:
        verbose_name = "remontée attendue"
        constraints = [
            RegionIsolation(name="expected_return_region"),
            # A structure reads and confirms its own; a Region reads all of its own, writes none.
            RowPolicy(
                name="expected_return_structure",
                using=(
                    f"{IN_WHOLE_REGIONS} OR {NETWORK} IS NOT NULL "
                    f"OR structure_id = ANY ({STRUCTURES})"
                ),
                check=(
                    f"{IN_NATIONAL_SCOPE} OR {NETWORK} IS NOT NULL "
                    f"OR structure_id = ANY ({STRUCTURES})"
                ),
                restrictive=True,
            ),
            # The head of a network reads what its own structures owe, and nobody else's returns.
            RowPolicy(
                name="expected_return_network",
                using=(
                    f"{NETWORK} IS NULL OR structure_id IN "
                    f"(SELECT id FROM regions_structure WHERE network_id = {NETWORK})"
                ),
                restrictive=True,
            ),
            Grants(
                name="expected_return_grants",
                app="SELECT, UPDATE (received_at, received_by_id)",
                # Which are expected follows from the operators and their sites, and from nobody.
                compiler="SELECT, INSERT",
            ),
            UniqueConstraint(fields=["region", "structure", "period"], name="expected_return_once"),
        ]
        indexes = [models.Index(fields=["period", "region"], name="expected_return_period")]

    def __str__(self) -> str:
        return f"{self.period} {self.region_id} {self.structure_id}"
