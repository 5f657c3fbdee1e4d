"""Links by which a structure without account opens a fiche de liaison, and answers it.

Nobody's scope shows them: a worker writes to the structure, and who holds a link shows it
(docs/adr/0029).
"""

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils import timezone

from beneficiaries.models.columns import REFERRAL_LINK
from beneficiaries.models.keys import held_by
from beneficiaries.models.referrals import PARTIES, Referral
from regions.models import Region, Structure
from sprocep.constraints import CompositeKey
from sprocep.tenancy import (
    COMPILER,
    IN_NATIONAL_SCOPE,
    PRESENTED,
    Grants,
    RegionIsolation,
    RowPolicy,
)


class ReferralLink(models.Model):
    """A letter to the address of the structure that receives a fiche. Its link is drawn as it
    leaves: of that link, the fingerprint alone is kept."""

    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure qui oriente")
    receiver = held_by(Structure, "structure qui reçoit")
    receiver_region = held_by(Region, "Région de la structure qui reçoit")
    referral = models.ForeignKey(
        Referral, models.CASCADE, related_name="links", db_index=False, verbose_name="fiche"
    )
    address = models.CharField("à l’adresse", max_length=254)
    made_at = models.DateTimeField("écrit le", default=timezone.now)
    due_at = models.DateTimeField("à envoyer à partir du", default=timezone.now)
    sent_at = models.DateTimeField("envoyé le", null=True)
    fingerprint = models.BinaryField("empreinte du lien", max_length=32, null=True)
    expires_at = models.DateTimeField("expire le", null=True)
    used_at = models.DateTimeField("utilisé le", null=True)
    # Its letter did not arrive: what it opened is closed, since a report holds it.
    lost_at = models.DateTimeField("revenu le", null=True)

    class Meta:
        verbose_name = "lien vers une fiche de liaison"
        constraints = [
            Grants(
                name="referral_link_grants",
                app=(
                    "SELECT, INSERT, "
                    "UPDATE (due_at, sent_at, fingerprint, expires_at, used_at, lost_at)"
                ),
                compiler=REFERRAL_LINK.compiler,
            ),
            RowPolicy(
                name="referral_link_shown",
                using=f"{IN_NATIONAL_SCOPE} OR fingerprint = {PRESENTED}",
            ),
            RegionIsolation(name="referral_link_region", to=(COMPILER,)),
            CompositeKey(
                name="referral_link_referral",
                columns=[f"{name}_id" for name in (*PARTIES, "referral")],
                to="beneficiaries.Referral",
                to_columns=[*(f"{name}_id" for name in PARTIES), "id"],
            ),
            CheckConstraint(
                name="referral_link_drawn_as_it_leaves",
                condition=Q(fingerprint__isnull=True, expires_at__isnull=True)
                | Q(fingerprint__isnull=False, expires_at__gt=F("sent_at")),
            ),
            CheckConstraint(
                name="referral_link_used_in_time",
                condition=Q(used_at__isnull=True) | Q(used_at__lt=F("expires_at")),
                violation_error_message="Ce lien n’ouvre plus rien. Demandez-en un autre.",
            ),
            CheckConstraint(
                name="referral_link_lost_opens_nothing",
                condition=Q(lost_at__isnull=True)
                | Q(fingerprint__isnull=True, used_at__isnull=True, sent_at__isnull=False),
            ),
            UniqueConstraint(fields=["structure", "fingerprint"], name="referral_link_once"),
        ]
        indexes = [
            models.Index(fields=["fingerprint"], name="referral_link_by_fingerprint"),
            models.Index(
                fields=["due_at"], condition=Q(sent_at__isnull=True), name="referral_link_to_send"
            ),
            models.Index(fields=["referral", "made_at"], name="referral_link_of_referral"),
        ]

    def __str__(self) -> str:
        return f"{self.made_at}"
