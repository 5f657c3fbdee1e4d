"""What a person's situation became after the opening of her journey.

That of the opening stands on the journey, and is the one that figures count.
"""

from django.db import models
from django.db.models import UniqueConstraint
from django.utils import timezone

from beneficiaries.models.columns import SITUATION_CHANGE
from beneficiaries.models.journeys import Journey
from beneficiaries.models.keys import code_of, held_by, isolation, of_journey, of_member
from operators.models import Situation
from regions.models import Membership, Region, Structure
from sprocep.tenancy import Grants


class SituationChange(models.Model):
    """Another situation from a day on, inside the journey (sql/situations)."""

    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    journey = models.ForeignKey(
        Journey, models.PROTECT, related_name="situation_changes", db_index=False
    )
    situation = code_of(Situation, "situation")
    starts_on = models.DateField("depuis le")
    noted_by = held_by(Membership, "notée par")
    noted_at = models.DateTimeField("notée le", default=timezone.now)

    class Meta:
        verbose_name = "changement de situation"
        constraints = [
            *isolation("situation_change"),
            Grants(
                name="situation_change_grants",
                app="SELECT, INSERT, UPDATE (situation_id, noted_by_id, noted_at)",
                compiler=SITUATION_CHANGE.compiler,
            ),
            of_journey("situation_change_journey"),
            of_member("situation_change_noted_by", "noted_by_id"),
            UniqueConstraint(
                fields=["structure", "journey", "starts_on"], name="situation_change_once"
            ),
        ]
        indexes = [
            models.Index(fields=["journey", "starts_on"], name="situation_change_of_journey")
        ]

    def __str__(self) -> str:
        return f"{self.situation_id} {self.starts_on}"
