"""Where a structure is told that a fiche moved, and what it is told: never whom it is about
(docs/adr/0041)."""

import uuid

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils import timezone

from beneficiaries.models.columns import WEBHOOK, WEBHOOK_EVENT
from beneficiaries.models.keys import held_by, of_member
from beneficiaries.models.referrals import Referral
from regions.models import Membership, Region, Structure
from sprocep.constraints import CompositeKey
from sprocep.tenancy import COMPILER, IN_NATIONAL_SCOPE, SENDER, Grants, RegionIsolation, RowPolicy

# A structure reads its own; a worker, and who writes with a move, in the national scope.
OWN_OR_NATIONAL = f"({SENDER}) OR {IN_NATIONAL_SCOPE}"


class Webhook(models.Model):
    """The address of a structure in a Region. Another address is another row: its secret, drawn
    from `drawn` under our key, is kept by nobody."""

    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    url = models.CharField("adresse", max_length=300)
    drawn = models.UUIDField("tirage du secret", default=uuid.uuid4, editable=False)
    set_by = held_by(Membership, "donnée par")
    set_at = models.DateTimeField("donnée le", default=timezone.now)
    ended_at = models.DateTimeField("retirée le", null=True)

    class Meta:
        verbose_name = "adresse d’avertissement"
        constraints = [
            Grants(
                name="webhook_grants",
                app="SELECT, INSERT, UPDATE (ended_at)",
                compiler=WEBHOOK.compiler,
            ),
            RowPolicy(name="webhook_of_structure", using=OWN_OR_NATIONAL, check=SENDER),
            RegionIsolation(name="webhook_region", to=(COMPILER,)),
            of_member("webhook_set_by", "set_by_id"),
            UniqueConstraint(fields=["structure", "id"], name="webhook_of_its_structure"),
            UniqueConstraint(
                fields=["structure", "region"],
                condition=Q(ended_at__isnull=True),
                name="webhook_one_in_force",
                violation_error_message="Votre structure a déjà une adresse : rechargez la page.",
            ),
        ]

    def __str__(self) -> str:
        return self.url


class WebhookEvent(models.Model):
    """A move of a fiche that this address is to be told: written with it, sent after it, at least
    once, in the order of the fiche."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    webhook = held_by(Webhook, "adresse")
    referral = models.ForeignKey(
        Referral, models.CASCADE, related_name="+", db_index=False, verbose_name="fiche"
    )
    state = models.CharField("état", max_length=9, choices=Referral.State)
    at = models.DateTimeField("le")
    sequence = models.PositiveSmallIntegerField("rang de l’étape")
    made_at = models.DateTimeField("écrit le", default=timezone.now)
    due_at = models.DateTimeField("à envoyer à partir du", default=timezone.now)
    tries = models.PositiveSmallIntegerField("essais", default=0)
    cause = models.CharField("cause", max_length=200, blank=True)
    sent_at = models.DateTimeField("reçu le", null=True)
    given_up_at = models.DateTimeField("abandonné le", null=True)

    class Meta:
        verbose_name = "avertissement"
        constraints = [
            Grants(
                name="webhook_event_grants",
                app="SELECT, INSERT, UPDATE (due_at, tries, cause, sent_at, given_up_at)",
                compiler=WEBHOOK_EVENT.compiler,
            ),
            RowPolicy(
                name="webhook_event_of_structure", using=OWN_OR_NATIONAL, check=IN_NATIONAL_SCOPE
            ),
            RegionIsolation(name="webhook_event_region", to=(COMPILER,)),
            CompositeKey(
                name="webhook_event_webhook",
                columns=["structure_id", "webhook_id"],
                to="beneficiaries.Webhook",
                to_columns=["structure_id", "id"],
            ),
            CheckConstraint(
                name="webhook_event_one_end",
                condition=Q(sent_at__isnull=True) | Q(given_up_at__isnull=True),
            ),
            UniqueConstraint(
                fields=["structure", "webhook", "referral", "sequence"], name="webhook_event_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(sent_at__isnull=True, given_up_at__isnull=True),
                name="webhook_event_to_send",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.at}"
