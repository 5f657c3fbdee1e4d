"""The path of a « décrocheur »: a young person out of initial training without a diploma (code de
l'éducation, L. 313-7). It stands apart from her journey, whose readers are more (docs/adr/0036).
"""

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils import timezone

from beneficiaries.models.columns import DROPOUT_PATH
from beneficiaries.models.journeys import Journey
from beneficiaries.models.keys import department_on, held_by, of_journey, of_member
from regions.models import Department, Membership, Region, Structure
from sprocep.constraints import day
from sprocep.tenancy import (
    APP,
    COMPILER,
    IN_NATIONAL_SCOPE,
    REGIONS,
    SENDER,
    STRUCTURES,
    TODAY,
    USER,
    FurtherReading,
    Grants,
    RegionIsolation,
    RowPolicy,
)

# Who counsels in that structure today: neither its desk, nor who came by a link, nor the person by
# her own access, whose scopes are of the same structure.
COUNSELS = (
    "(SELECT EXISTS (SELECT FROM regions_membership counsel "
    f"WHERE counsel.user_id = {USER} AND counsel.structure_id = ANY ({STRUCTURES}) "
    f"AND counsel.region_id = ANY ({REGIONS}) AND counsel.valid @> {TODAY} "
    "AND counsel.unconfirmed_since IS NULL "
    "AND counsel.role IN ('adviser', 'structure_manager')))"
)
# No person's scope is of the nation and of structures: workers count in that one.
OF_THE_STRUCTURE = f"{SENDER} AND ({COUNSELS} OR {IN_NATIONAL_SCOPE})"
# A member of a platform reads it with the fiche that it received, as long as this stands.
OF_A_RELAY = (
    f"{COUNSELS} AND EXISTS (SELECT FROM beneficiaries_referral fiche "
    "JOIN operators_platformmember member ON member.structure_id = fiche.receiver_id "
    "WHERE fiche.journey_id = beneficiaries_dropoutpath.journey_id "
    f"AND fiche.receiver_id = ANY ({STRUCTURES}) AND fiche.receiver_region_id = ANY ({REGIONS}) "
    "AND fiche.state NOT IN ('declined', 'withdrawn') "
    f"AND member.region_id = ANY ({REGIONS}) AND member.valid @> {TODAY})"
)


class Ending(models.TextChoices):
    TRAINING = "training", "de retour en formation"
    JOB = "job", "en emploi"
    OTHER = "other", "autre suite"
    LOST = "lost", "perdue de vue"


class DropoutPath(models.Model):
    """One a journey, with the days of its steps. Taken back by mistake, it goes. Its département is
    that of the journey, its Region that of this one on the day of the first step."""

    Ending = Ending

    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    department = held_by(Department, "département")
    journey = models.ForeignKey(Journey, models.PROTECT, related_name="+", db_index=False)
    reported_on = models.DateField("repérée le")
    reported = day("reported_on")
    contacted_on = models.DateField("contactée le", null=True, blank=True)
    relayed_on = models.DateField("accompagnée par un relais depuis le", null=True, blank=True)
    ended_on = models.DateField("sortie le", null=True, blank=True)
    ending = models.CharField("suite", max_length=8, choices=Ending, blank=True)
    noted_by = held_by(Membership, "noté par")
    noted_at = models.DateTimeField("noté le", default=timezone.now)

    class Meta:
        verbose_name = "parcours décrocheur"
        constraints = [
            RowPolicy(name="dropout_path_of_structure", using=OF_THE_STRUCTURE, to=(APP,)),
            FurtherReading(name="dropout_path_of_relay", using=OF_A_RELAY, to=(APP,)),
            RegionIsolation(name="dropout_path_region", to=(COMPILER,)),
            Grants(
                name="dropout_path_grants",
                app="SELECT, INSERT, DELETE, UPDATE (region_id, reported_on, contacted_on, "
                "relayed_on, ended_on, ending, noted_by_id, noted_at)",
                compiler=DROPOUT_PATH.compiler,
            ),
            department_on("dropout_path_department", "department_id", "region_id", "reported"),
            of_journey("dropout_path_journey"),
            of_member("dropout_path_noted_by", "noted_by_id"),
            CheckConstraint(
                name="dropout_path_order",
                condition=(Q(contacted_on__isnull=True) | Q(contacted_on__gte=F("reported_on")))
                & (Q(relayed_on__isnull=True) | Q(relayed_on__gte=F("reported_on")))
                & (Q(ended_on__isnull=True) | Q(ended_on__gte=F("reported_on")))
                & (
                    Q(ended_on__isnull=True)
                    | Q(relayed_on__isnull=True)
                    | Q(ended_on__gte=F("relayed_on"))
                ),
                violation_error_message=(
                    "Ces dates se suivent : repérée d’abord, sortie à la fin. Relisez-les."
                ),
            ),
            CheckConstraint(
                name="dropout_path_end_is_whole",
                condition=Q(ended_on__isnull=True, ending="")
                | Q(ended_on__isnull=False, ending__in=Ending.values),
                violation_error_message=(
                    "Une sortie a sa date et sa suite. Donnez les deux, ou aucune."
                ),
            ),
            UniqueConstraint(
                fields=["structure", "journey"],
                name="dropout_path_once",
                violation_error_message=(
                    "Le parcours décrocheur vient d’être noté par quelqu’un d’autre. Rechargez la "
                    "page."
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["journey"], name="dropout_path_of_journey"),
            models.Index(fields=["reported_on"], name="dropout_path_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.reported_on}"
