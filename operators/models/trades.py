"""Trades that recruit in each département, as a dated source says; kept by the Region."""

import re
import uuid

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from operators.models.routing import BY_THE_COORDINATION, OF_THE_REGION
from regions.models import Department, Region
from sprocep.constraints import CompositeKey
from sprocep.tenancy import APP, Grants, RowPolicy

# A fiche of the ROME, or a family of the FAP with or without its sub-family.
ROME, FAP = r"^[A-N]\d{4}$", r"^[A-Z]\d[A-Z](\d{2})?$"
FIRST_YEAR, LAST_YEAR = 2000, 2100


class TradeList(models.Model):
    """What one source says of one year, whole. Another of the same source and year replaces it:
    a list is ended and never rewritten."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    source = models.CharField("source", max_length=120)
    year = models.PositiveSmallIntegerField("année des données")
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)

    class Meta:
        verbose_name = "liste de métiers qui recrutent"
        ordering = ["source", "-year", "-starts_on", "-pk"]
        constraints = [
            Grants(name="trade_list_grants", app="SELECT, INSERT, UPDATE (ends_on)"),
            RowPolicy(
                name="trade_list_region",
                using=OF_THE_REGION,
                check=BY_THE_COORDINATION,
                to=(APP,),
            ),
            UniqueConstraint(fields=["region", "id"], name="trade_list_key"),
            UniqueConstraint(fields=["region", "public_id"], name="trade_list_public_id"),
            UniqueConstraint(
                fields=["region", "source", "year"],
                condition=Q(ends_on__isnull=True),
                name="trade_list_once",
                violation_error_message=(
                    "Quelqu’un vient d’enregistrer une liste de cette source et de cette année. "
                    "Rechargez la page pour la voir."
                ),
            ),
            CheckConstraint(
                name="trade_list_source",
                condition=~Q(source=""),
                violation_error_message="Dites d’où viennent ces métiers.",
            ),
            CheckConstraint(
                name="trade_list_year",
                condition=Q(year__gte=FIRST_YEAR, year__lte=LAST_YEAR),
                violation_error_message="Écrivez une année sur quatre chiffres.",
            ),
            CheckConstraint(
                name="trade_list_span",
                # Both the same day: replaced by another of that day.
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="Une liste ne finit pas avant d’avoir commencé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}, {self.year}"


class RecruitingTrade(models.Model):
    """One trade of a list in one département: how many hiring projects, and which share of them
    employers say is difficult, where the source says so."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    trade_list = models.ForeignKey(
        TradeList, models.PROTECT, related_name="trades", db_index=False, verbose_name="liste"
    )
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="+", db_index=False, verbose_name="département"
    )
    code = models.CharField("code ROME ou FAP", max_length=5, blank=True)
    label = models.CharField("métier", max_length=120)
    projects = models.PositiveIntegerField("projets de recrutement", null=True, blank=True)
    difficult = models.DecimalField(
        "part jugée difficile", max_digits=4, decimal_places=1, null=True, blank=True
    )

    class Meta:
        verbose_name = "métier qui recrute"
        constraints = [
            Grants(name="recruiting_trade_grants", app="SELECT, INSERT"),
            RowPolicy(
                name="recruiting_trade_region",
                using=OF_THE_REGION,
                check=BY_THE_COORDINATION,
                to=(APP,),
            ),
            CompositeKey(
                name="recruiting_trade_list",
                columns=["region_id", "trade_list_id"],
                to="operators.TradeList",
                to_columns=["region_id", "id"],
            ),
            UniqueConstraint(
                fields=["region", "trade_list", "department", "code", "label"],
                name="recruiting_trade_once",
                violation_error_message="Ce métier est deux fois dans la liste.",
            ),
            CheckConstraint(
                name="recruiting_trade_code",
                condition=Q(code="") | Q(code__regex=ROME) | Q(code__regex=FAP),
                violation_error_message="Un code est du ROME (M1805) ou d’une FAP (T4Z60).",
            ),
            CheckConstraint(
                name="recruiting_trade_label",
                condition=~Q(label=""),
                violation_error_message="Chaque métier a son nom.",
            ),
            CheckConstraint(
                name="recruiting_trade_difficult",
                condition=Q(difficult__isnull=True) | Q(difficult__gte=0, difficult__lte=100),
                violation_error_message="Une part va de 0 à 100.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def repertory(self) -> str:
        return "ROME" if re.match(ROME, self.code) else "FAP"
