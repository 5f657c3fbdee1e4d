"""What is published of the answers of persons, and of décrocheurs: counts of a structure, of a
Region, of the nation, once their quarter is over for good, and only where they are enough."""

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from beneficiaries.models.columns import SURVEY_RESULT
from beneficiaries.models.keys import held_by
from regions.models import Structure
from sprocep.tenancy import (
    APP,
    COMPILER,
    IN_NATIONAL_SCOPE,
    IN_WHOLE_REGIONS,
    REGIONS,
    STRUCTURES,
    Grants,
    RegionIsolation,
    RowPolicy,
)


class SurveyResult(models.Model):
    """Of one quarter and one place; without counts where they stay secret. Never changed.

    `counts`: of each question, how many gave each answer.
    """

    class Survey(models.TextChoices):
        SIX_MONTHS = "six_months", "résultats à six mois"
        SESSION = "session", "avis après un entretien"
        ADVISERS = "advisers", "avis des conseillers après un entretien"
        DROPOUTS = "dropouts", "parcours des décrocheurs"

    survey = models.CharField("enquête", max_length=10, choices=Survey)
    period = models.CharField("trimestre", max_length=7)
    territory = models.CharField("territoire", max_length=2)
    structure = held_by(Structure, "structure", null=True)
    threshold = models.PositiveSmallIntegerField("seuil")
    asked = models.PositiveIntegerField("personnes interrogées", null=True)
    answered = models.PositiveIntegerField("réponses", null=True)
    counts = models.JSONField("effectifs", null=True)
    published_on = models.DateField("publié le")

    class Meta:
        verbose_name = "résultat d’enquête"
        constraints = [
            # A Region reads all of its structures, a structure itself.
            RowPolicy(
                name="survey_result_read",
                using=f"territory = ANY ({REGIONS}) "
                f"AND ({IN_WHOLE_REGIONS} OR structure_id = ANY ({STRUCTURES}))",
                check=IN_NATIONAL_SCOPE,
                to=(APP,),
            ),
            RegionIsolation(name="survey_result_region", column="territory", to=(COMPILER,)),
            Grants(
                name="survey_result_grants",
                app="SELECT, INSERT",
                compiler=SURVEY_RESULT.compiler,
            ),
            CheckConstraint(
                name="survey_result_above_threshold",
                condition=Q(answered__isnull=True, asked__isnull=True, counts__isnull=True)
                | Q(
                    answered__isnull=False,
                    answered__gte=F("threshold"),
                    counts__isnull=False,
                ),
            ),
            CheckConstraint(
                name="survey_result_asked",
                condition=Q(asked__isnull=True) | Q(asked__gte=F("answered")),
            ),
            UniqueConstraint(
                fields=["territory", "structure", "survey", "period"],
                nulls_distinct=False,
                name="survey_result_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.period}"
