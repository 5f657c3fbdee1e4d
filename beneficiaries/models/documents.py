"""Steps of a person's plan, documents de synthèse handed over to her, codes that share them.

What was handed over is never written again (sql/documents). A document is its structure's; a code
that the person gives opens it to one other, as long as that code lives.
"""

import uuid

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils import timezone

from beneficiaries.models.columns import SHARE_CODE, STEP, SYNTHESIS_DOCUMENT
from beneficiaries.models.journeys import Journey
from beneficiaries.models.keys import (
    code_of,
    department_on,
    held_by,
    isolation,
    of_journey,
    of_member,
)
from operators.models import Channel, IndividualRight
from regions.models import Department, Membership, Region, Structure
from sprocep.constraints import CompositeKey, day
from sprocep.tenancy import (
    COMPILER,
    PRESENTED,
    REGIONS,
    SENDER,
    STRUCTURES,
    Grants,
    RegionIsolation,
    RowPolicy,
    SenderWriting,
)

ONLINE = "NUM"  # how she approves by herself
LIVES = "revoked_at IS NULL AND expires_at > now()"
READER = f"reader_id = ANY ({STRUCTURES}) AND reader_region_id = ANY ({REGIONS})"
# Who shows a code that nobody opened yet sees its row, to be written there as its only reader.
SHOWN = f"reader_id IS NULL AND fingerprint = {PRESENTED}"
# Under the policy of codes: none that is revoked or too old is found.
SHARED_HERE = (
    "EXISTS (SELECT FROM beneficiaries_sharecode code "
    f"WHERE code.document_id = beneficiaries_synthesisdocument.id AND {READER})"
)


class Step(models.Model):
    """What is to do or was done beside the sessions. Its Region is that of its journey."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    journey = models.ForeignKey(Journey, models.PROTECT, related_name="steps", db_index=False)
    what = models.TextField("étape", max_length=1000)
    actor = models.CharField("par qui", max_length=250)
    right = code_of(IndividualRight, "droit mobilisé", null=True, blank=True)
    due_on = models.DateField("prévue le", null=True, blank=True)
    done_on = models.DateField("faite le", null=True, blank=True)
    result = models.CharField("résultat", max_length=300, blank=True)
    # Done in another structure before its document was taken up: what it says is not ours to change
    # (PostgreSQL refuses it), only to take out of the plan.
    is_from_elsewhere = models.BooleanField("faite dans une autre structure", default=False)
    is_withdrawn = models.BooleanField("retirée", default=False)
    changed_by = held_by(Membership, "changée par")
    changed_at = models.DateTimeField("changée le", default=timezone.now)
    idempotency_key = models.UUIDField("clé d’envoi", null=True, editable=False)

    class Meta:
        verbose_name = "étape du plan d’actions"
        constraints = [
            *isolation("step"),
            Grants(
                name="step_grants",
                app="SELECT, INSERT, UPDATE (what, actor, right_id, due_on, done_on, result, "
                "is_withdrawn, changed_by_id, changed_at)",
                compiler=STEP.compiler,
            ),
            of_journey("step_journey"),
            of_member("step_changed_by", "changed_by_id"),
            CheckConstraint(
                name="step_result_of_what_is_done",
                condition=Q(result="") | Q(done_on__isnull=False),
                violation_error_message="Un résultat est celui d’une étape faite : datez-la.",
            ),
            UniqueConstraint(fields=["structure", "public_id"], name="step_public_id"),
            UniqueConstraint(
                fields=["structure", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="step_sent_once",
            ),
        ]
        indexes = [models.Index(fields=["journey", "id"], name="step_of_journey")]

    def __str__(self) -> str:
        return self.what


class SynthesisDocument(models.Model):
    """A version as it was handed over, then approved by the person or not. Region and département
    are those of that day."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    department = held_by(Department, "département")
    journey = models.ForeignKey(Journey, models.PROTECT, related_name="documents", db_index=False)
    number = models.PositiveSmallIntegerField("version")
    content = models.JSONField("contenu", encoder=DjangoJSONEncoder)
    handed_on = models.DateField("remis le")
    handed = day("handed_on")
    handed_by = held_by(Membership, "remis par")
    approved_on = models.DateField("approuvé le", null=True)
    channel = code_of(Channel, "canal de l’accord", null=True)
    # Nobody: she approved it herself, through her own access (sql/person_access).
    approval_noted_by = held_by(Membership, "accord noté par", null=True)
    idempotency_key = models.UUIDField("clé d’envoi", null=True, editable=False)

    class Meta:
        verbose_name = "document de synthèse"
        constraints = [
            RowPolicy(
                name="synthesis_document_seen",
                using=f"({SENDER}) OR {SHARED_HERE}",
                check=SENDER,
            ),
            RegionIsolation(name="synthesis_document_region", to=(COMPILER,)),
            Grants(
                name="synthesis_document_grants",
                app="SELECT, INSERT, UPDATE (approved_on, channel_id, approval_noted_by_id)",
                compiler=SYNTHESIS_DOCUMENT.compiler,
            ),
            department_on("synthesis_document_department", "department_id", "region_id", "handed"),
            of_journey("synthesis_document_journey"),
            of_member("synthesis_document_handed_by", "handed_by_id"),
            of_member("synthesis_document_noted_by", "approval_noted_by_id"),
            CheckConstraint(
                name="synthesis_document_approval_is_whole",
                condition=Q(
                    approved_on__isnull=True, channel__isnull=True, approval_noted_by__isnull=True
                )
                | Q(
                    Q(approval_noted_by__isnull=False) | Q(channel=ONLINE),
                    approved_on__isnull=False,
                    channel__isnull=False,
                ),
                violation_error_message="Un accord a sa date et son canal.",
            ),
            CheckConstraint(
                name="synthesis_document_approved_after_handed",
                condition=Q(approved_on__isnull=True) | Q(approved_on__gte=F("handed_on")),
                violation_error_message="La personne approuve un document une fois remis.",
            ),
            UniqueConstraint(
                fields=["structure", "region", "id"], name="synthesis_document_of_structure"
            ),
            UniqueConstraint(
                fields=["structure", "journey", "number"], name="synthesis_document_number"
            ),
            UniqueConstraint(
                fields=["structure", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="synthesis_document_sent_once",
            ),
        ]
        # Not a unique key: it would begin with the structure, which its reader elsewhere has not.
        indexes = [models.Index(fields=["public_id"], name="synthesis_document_by_id")]

    def __str__(self) -> str:
        return f"document de synthèse, version {self.number}"

    @property
    def is_approved(self) -> bool:
        return self.approved_on is not None


class ShareCode(models.Model):
    """Opens one version to one other structure: the first that shows it. Of the code itself, its
    fingerprint alone is kept (docs/adr/0027)."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    document = models.ForeignKey(
        SynthesisDocument, models.PROTECT, related_name="codes", db_index=False
    )
    fingerprint = models.BinaryField("empreinte du code de partage", max_length=32)
    # Nobody: she made it herself, and so for who revoked it (sql/person_access).
    made_by = held_by(Membership, "donné par", null=True)
    made_at = models.DateTimeField("donné le", default=timezone.now)
    expires_at = models.DateTimeField("expire le")
    reader = held_by(Structure, "structure qui lit", null=True)
    reader_region = held_by(Region, "Région de la structure qui lit", null=True)
    opened_at = models.DateTimeField("ouvert le", null=True)
    revoked_by = held_by(Membership, "révoqué par", null=True)
    revoked_at = models.DateTimeField("révoqué le", null=True)

    class Meta:
        verbose_name = "code de partage"
        constraints = [
            RowPolicy(
                name="share_code_seen",
                using=f"({SENDER}) OR ({LIVES} AND (({READER}) OR ({SHOWN})))",
                check=f"({SENDER}) OR ({LIVES} AND {READER})",
            ),
            SenderWriting(name="share_code_sender"),
            RegionIsolation(name="share_code_region", to=(COMPILER,)),
            Grants(
                name="share_code_grants",
                app="SELECT, INSERT, "
                "UPDATE (reader_id, reader_region_id, opened_at, revoked_by_id, revoked_at)",
                compiler=SHARE_CODE.compiler,
            ),
            CompositeKey(
                name="share_code_document",
                columns=["structure_id", "region_id", "document_id"],
                to="beneficiaries.SynthesisDocument",
                to_columns=["structure_id", "region_id", "id"],
                violation_error_message="Ce document n’est pas de votre structure.",
            ),
            of_member("share_code_made_by", "made_by_id"),
            of_member("share_code_revoked_by", "revoked_by_id"),
            CheckConstraint(
                name="share_code_to_another",
                condition=Q(reader__isnull=True)
                | ~Q(structure=F("reader"))
                | ~Q(region=F("reader_region")),
            ),
            CheckConstraint(
                name="share_code_opening_is_whole",
                condition=Q(reader__isnull=True, reader_region__isnull=True, opened_at__isnull=True)
                | Q(reader__isnull=False, reader_region__isnull=False, opened_at__isnull=False),
            ),
            CheckConstraint(
                name="share_code_revocation_is_whole",
                condition=Q(revoked_by__isnull=True) | Q(revoked_at__isnull=False),
            ),
            CheckConstraint(name="share_code_expires", condition=Q(expires_at__gt=F("made_at"))),
            UniqueConstraint(fields=["structure", "fingerprint"], name="share_code_once"),
            UniqueConstraint(fields=["structure", "public_id"], name="share_code_public_id"),
        ]
        indexes = [
            models.Index(fields=["fingerprint"], name="share_code_shown"),
            models.Index(fields=["document", "id"], name="share_code_of_document"),
        ]

    def __str__(self) -> str:
        return f"{self.made_at}"

    @property
    def lives(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()
