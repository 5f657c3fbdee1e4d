"""What persons, and who received them, think of a session, said without a name: a code that tells
a structure and a month, and counts. No row is of one answer, none bears a day, none refers to a
session (docs/adr/0035)."""

import uuid

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from beneficiaries.models.columns import FEEDBACK_CODE, FEEDBACK_TALLY
from beneficiaries.models.keys import held_by
from regions.models import Region, Structure
from sprocep.tenancy import (
    COMPILER,
    IN_NATIONAL_SCOPE,
    PRESENTED,
    SENDER,
    Grants,
    RegionIsolation,
    RowPolicy,
    SenderWriting,
)

QUESTIONS = ("listened", "clear", "useful")
QUESTIONS_TO_ADVISERS = ("conditions", "time", "lacked")
_MONTH = r"^\d{4}-\d{2}$"


class Voice(models.TextChoices):
    PERSON = "person", "personne reçue"
    ADVISER = "adviser", "conseil"


def voice() -> models.CharField:
    return models.CharField("voix", max_length=7, choices=Voice, db_default=Voice.PERSON)


class FeedbackCode(models.Model):
    """Waits to be used, once; it is gone with the answer. Keys are drawn, and tell no order.

    Of an adviser, nobody is given it: it lives for the act that counts her answer.
    """

    id = models.UUIDField("clé", primary_key=True, default=uuid.uuid4, editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    month = models.CharField("mois", max_length=7)
    voice = voice()
    fingerprint = models.BinaryField("empreinte du code d’avis", max_length=32)

    class Meta:
        verbose_name = "code d’avis"
        constraints = [
            RowPolicy(name="feedback_code_shown", using=f"({SENDER}) OR fingerprint = {PRESENTED}"),
            SenderWriting(name="feedback_code_structure"),
            RegionIsolation(name="feedback_code_region", to=(COMPILER,)),
            Grants(
                name="feedback_code_grants",
                app="SELECT, INSERT, DELETE",
                compiler=FEEDBACK_CODE.compiler,
            ),
            CheckConstraint(name="feedback_code_month", condition=Q(month__regex=_MONTH)),
            UniqueConstraint(fields=["structure", "fingerprint"], name="feedback_code_once"),
        ]
        indexes = [models.Index(fields=["fingerprint"], name="feedback_code_by_fingerprint")]

    def __str__(self) -> str:
        return self.month


class FeedbackTally(models.Model):
    """Of a structure and a month. Nobody reads it but who adds to it and who publishes.

    `counts`: of each question, how many gave each grade.
    """

    class Grade(models.IntegerChoices):
        FULLY = 4, "tout à fait"
        RATHER = 3, "plutôt oui"
        HARDLY = 2, "plutôt non"
        NOT = 1, "pas du tout"

    class Lacked(models.TextChoices):
        NOTHING = "nothing", "rien"
        TIME = "time", "du temps"
        PLACE = "place", "un lieu calme"
        INFORMATION = "information", "une information à jour"
        TOOL = "tool", "un outil qui marche"
        RELAY = "relay", "quelqu’un à qui orienter"

    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    month = models.CharField("mois", max_length=7)
    voice = voice()
    answered = models.PositiveIntegerField("réponses", default=0)
    counts = models.JSONField("effectifs", default=dict)

    class Meta:
        verbose_name = "décompte d’avis"
        constraints = [
            RowPolicy(
                name="feedback_tally_added_to",
                using=f"{IN_NATIONAL_SCOPE} OR (region_id, structure_id, month, voice) IN "
                "(SELECT code.region_id, code.structure_id, code.month, code.voice "
                f"FROM beneficiaries_feedbackcode code WHERE code.fingerprint = {PRESENTED})",
                check=SENDER,
            ),
            RegionIsolation(name="feedback_tally_region", to=(COMPILER,)),
            Grants(
                name="feedback_tally_grants",
                app="SELECT, INSERT, UPDATE (answered, counts)",
                compiler=FEEDBACK_TALLY.compiler,
            ),
            CheckConstraint(name="feedback_tally_month", condition=Q(month__regex=_MONTH)),
            UniqueConstraint(
                fields=["structure", "region", "month", "voice"], name="feedback_tally_once"
            ),
        ]

    def __str__(self) -> str:
        return self.month
