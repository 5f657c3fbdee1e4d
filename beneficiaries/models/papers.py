"""Pièces d'un plan de financement: the papers themselves, kept in PostgreSQL.

Beside the row that says whose they are, so that row level security holds them as it holds every
other word about a person: files on a disk would have a door of their own. What is taken back is
gone at once; that it was there stays in the log (sql/plan_papers). Docs: ADR 43.
"""

import uuid

from django.db import models
from django.db.models import CheckConstraint, F, Func, Q, UniqueConstraint
from django.utils import timezone

from beneficiaries.models.columns import PLAN_PAPER
from beneficiaries.models.financing import (
    FinancingPlan,
    PlanCost,
    PlanFunding,
    changed_by,
    of_plan,
    sent_once,
)
from beneficiaries.models.keys import held_by, isolation
from regions.models import Membership, Region, Structure
from sprocep.constraints import CompositeKey
from sprocep.tenancy import Grants

MOST_BYTES = 4 * 1024 * 1024  # a paper photographed by a telephone; Caddy lets 10 MB a request pass


def of_line(name: str, column: str, to: str) -> CompositeKey:
    return CompositeKey(
        name=name,
        columns=["structure_id", "plan_id", column],
        to=to,
        to_columns=["structure_id", "plan_id", "id"],
        violation_error_message="Cette ligne n’est pas de ce plan. Choisissez-en une de la liste.",
    )


def line_of(model: type[models.Model], label: str) -> models.ForeignKey:
    options = {"related_name": "papers", "db_index": False, "null": True}
    return models.ForeignKey(model, models.PROTECT, verbose_name=label, **options)


class PlanPaper(models.Model):
    """A devis, the answer of a funder, an attestation: of the plan, or of one of its lines."""

    class Kind(models.TextChoices):
        """What its first bytes say, never the end of a name."""

        PDF = "pdf", "PDF"
        JPEG = "jpg", "image JPEG"
        PNG = "png", "image PNG"

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    plan = models.ForeignKey(FinancingPlan, models.PROTECT, related_name="papers", db_index=False)
    cost = line_of(PlanCost, "coût")
    funding = line_of(PlanFunding, "financement")
    label = models.CharField("libellé", max_length=120)
    kind = models.CharField("sorte de fichier", max_length=4, choices=Kind)
    size = models.PositiveIntegerField("taille en octets")
    digest = models.BinaryField("empreinte SHA-256", max_length=32)
    content = models.BinaryField("contenu", null=True)
    is_withdrawn = models.BooleanField("retirée", default=False)
    changed_by = held_by(Membership, "changé par")
    changed_at = models.DateTimeField("changé le", default=timezone.now)
    idempotency_key = models.UUIDField("clé d’envoi", null=True, editable=False)

    class Meta:
        verbose_name = "pièce d’un plan"
        constraints = [
            *isolation("plan_paper"),
            Grants(
                name="plan_paper_grants",
                app="SELECT, INSERT, UPDATE (content, is_withdrawn, changed_by_id, changed_at)",
                compiler=PLAN_PAPER.compiler,
            ),
            of_plan("plan_paper_plan"),
            of_line("plan_paper_cost", "cost_id", "beneficiaries.PlanCost"),
            of_line("plan_paper_funding", "funding_id", "beneficiaries.PlanFunding"),
            changed_by("plan_paper_changed_by"),
            CheckConstraint(
                name="plan_paper_one_line",
                condition=Q(cost__isnull=True) | Q(funding__isnull=True),
                violation_error_message="Une pièce est du plan, ou d’une seule de ses lignes.",
            ),
            CheckConstraint(
                name="plan_paper_kind",
                condition=Q(kind__in=["pdf", "jpg", "png"]),
                violation_error_message="Une pièce est un PDF, ou une image JPEG ou PNG.",
            ),
            CheckConstraint(
                name="plan_paper_size",
                condition=Q(size__gt=0, size__lte=MOST_BYTES),
                violation_error_message="Une pièce fait 4 Mo au plus, et n’est pas vide.",
            ),
            # Digest and size never change: nor does what they are of, but to nothing.
            CheckConstraint(
                name="plan_paper_whole",
                condition=Q(content__isnull=True)
                | Q(
                    digest=Func(F("content"), function="sha256"),
                    size=Func(F("content"), function="octet_length"),
                ),
                violation_error_message="Cette pièce est arrivée abîmée. Joignez-la de nouveau.",
            ),
            CheckConstraint(
                name="plan_paper_withdrawn_is_gone",
                condition=Q(content__isnull=True, is_withdrawn=True)
                | Q(content__isnull=False, is_withdrawn=False),
                violation_error_message="Une pièce retirée n’a plus de contenu, et elle seule.",
            ),
            UniqueConstraint(fields=["structure", "public_id"], name="plan_paper_public_id"),
            UniqueConstraint(
                fields=["structure", "plan", "digest"],
                condition=Q(is_withdrawn=False),
                name="plan_paper_once",
                violation_error_message=(
                    "Ce fichier est déjà joint à ce plan : voyez la liste de ses pièces."
                ),
            ),
            sent_once("plan_paper_sent_once"),
        ]
        indexes = [models.Index(fields=["plan", "id"], name="plan_paper_of")]

    def __str__(self) -> str:
        return self.label
