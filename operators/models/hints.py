"""What advisers are told of a funder: national advice, and that of their Region."""

import uuid

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from operators.models.reference import Funder
from operators.models.routing import BY_THE_COORDINATION, OF_THE_REGION
from regions.models import Region
from sprocep.tenancy import APP, IN_ANY_SCOPE, IN_NATIONAL_SCOPE, Grants, RowPolicy


class FundingHint(models.Model):
    """A sentence of advice on a funder, national or of one Region, with its source and dates: it
    decides nothing. Ended and never rewritten."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    funder = models.ForeignKey(
        Funder, models.PROTECT, related_name="hints", verbose_name="financeur"
    )
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="Région"
    )
    text = models.CharField("conseil", max_length=300)
    source = models.CharField("source", max_length=200)
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)

    class Meta:
        verbose_name = "conseil sur un financeur"
        ordering = ["funder__position", "region", "starts_on"]
        constraints = [
            Grants(name="funding_hint_grants", app="SELECT, INSERT, UPDATE (ends_on)"),
            RowPolicy(
                name="funding_hint_region",
                using=f"{OF_THE_REGION} OR (region_id IS NULL AND {IN_ANY_SCOPE})",
                check=f"({BY_THE_COORDINATION}) OR (region_id IS NULL AND {IN_NATIONAL_SCOPE})",
                to=(APP,),
            ),
            UniqueConstraint(fields=["region", "public_id"], name="funding_hint_public_id"),
            CheckConstraint(
                name="funding_hint_span",
                # Both the same day: taken back before it was ever shown.
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="Un conseil ne finit pas avant d’avoir commencé.",
            ),
        ]

    def __str__(self) -> str:
        return self.text
