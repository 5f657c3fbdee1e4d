"""Plans de financement: what the project of a journey costs, who is asked for what, who pays.

Only a journey that reached level 3 has one. A line is never deleted, and PostgreSQL keeps what each
change made of it (sql/plans); it refuses to close a plan whose gap is neither zero nor
explained, and to change a line of a closed one.
"""

import uuid
from decimal import Decimal

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils import timezone

from beneficiaries.models.columns import FINANCING_PLAN, PLAN_COST, PLAN_EVENT, PLAN_FUNDING
from beneficiaries.models.journeys import Journey
from beneficiaries.models.keys import code_of, department_on, held_by, isolation
from operators.models import CostKind, FundingRight
from regions.models import Department, Membership, Region, Structure
from sprocep.constraints import CompositeKey, day
from sprocep.tenancy import Grants

OF_PLAN = ("structure_id", "region_id", "plan_id")


def euros(label: str, **options) -> models.DecimalField:
    return models.DecimalField(label, max_digits=9, decimal_places=2, **options)


def changed_by(name: str, column: str = "changed_by_id") -> CompositeKey:
    return CompositeKey(
        name=name,
        columns=["structure_id", column],
        to="regions.Membership",
        to_columns=["structure_id", "id"],
        violation_error_message="Cette personne n’est pas de votre structure.",
    )


def of_plan(name: str) -> CompositeKey:
    return CompositeKey(
        name=name,
        columns=OF_PLAN,
        to="beneficiaries.FinancingPlan",
        to_columns=["structure_id", "region_id", "id"],
        violation_error_message="Ce plan de financement n’est pas de votre structure.",
    )


def sent_once(name: str) -> UniqueConstraint:
    return UniqueConstraint(
        fields=["structure", "idempotency_key"],
        condition=Q(idempotency_key__isnull=False),
        name=name,
    )


class FinancingPlan(models.Model):
    """The plan of one journey. Region and département are those of the day it was opened."""

    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    department = held_by(Department, "département")
    journey = models.ForeignKey(Journey, models.PROTECT, related_name="plans", db_index=False)
    opened_on = models.DateField("ouvert le")
    opened = day("opened_on")
    closed_on = models.DateField("bouclé le", null=True, blank=True)
    gap_explained = models.CharField("écart expliqué", max_length=300, blank=True)
    changed_by = held_by(Membership, "changé par")
    changed_at = models.DateTimeField("changé le", default=timezone.now)

    class Meta:
        verbose_name = "plan de financement"
        constraints = [
            *isolation("financing_plan"),
            Grants(
                name="financing_plan_grants",
                app="SELECT, INSERT, UPDATE (closed_on, gap_explained, changed_by_id, changed_at)",
                compiler=FINANCING_PLAN.compiler,
            ),
            department_on("financing_plan_department", "department_id", "region_id", "opened"),
            CompositeKey(
                name="financing_plan_journey",
                columns=["structure_id", "journey_id"],
                to="beneficiaries.Journey",
                to_columns=["structure_id", "id"],
                violation_error_message="Ce parcours n’est pas de votre structure.",
            ),
            changed_by("financing_plan_changed_by"),
            CheckConstraint(
                name="financing_plan_closed_after_opened",
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                violation_error_message="Un plan ne peut pas être bouclé avant son ouverture.",
            ),
            UniqueConstraint(fields=["structure", "region", "id"], name="financing_plan_of"),
            UniqueConstraint(
                fields=["structure", "journey"],
                name="financing_plan_once",
                violation_error_message="Ce parcours a déjà son plan de financement.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["region", "closed_on"],
                condition=Q(closed_on__isnull=False),
                name="financing_plan_closed",
            )
        ]

    def __str__(self) -> str:
        return f"{self.opened_on}"

    @property
    def is_open(self) -> bool:
        return self.closed_on is None


class PlanCost(models.Model):
    """One line of what the project costs."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    plan = models.ForeignKey(FinancingPlan, models.PROTECT, related_name="costs", db_index=False)
    kind = code_of(CostKind, "type de coût")
    label = models.CharField("libellé", max_length=120, blank=True)
    amount = euros("montant")
    is_withdrawn = models.BooleanField("retiré", default=False)
    changed_by = held_by(Membership, "changé par")
    changed_at = models.DateTimeField("changé le", default=timezone.now)
    idempotency_key = models.UUIDField("clé d’envoi", null=True, editable=False)

    class Meta:
        verbose_name = "coût d’un plan"
        constraints = [
            *isolation("plan_cost"),
            Grants(
                name="plan_cost_grants",
                app="SELECT, INSERT, "
                "UPDATE (kind_id, label, amount, is_withdrawn, changed_by_id, changed_at)",
                compiler=PLAN_COST.compiler,
            ),
            of_plan("plan_cost_plan"),
            changed_by("plan_cost_changed_by"),
            CheckConstraint(
                name="plan_cost_amount",
                condition=Q(amount__gt=0),
                violation_error_message="Un coût est un montant au-dessus de zéro.",
            ),
            UniqueConstraint(fields=["structure", "public_id"], name="plan_cost_public_id"),
            UniqueConstraint(fields=["structure", "plan", "id"], name="plan_cost_in_plan"),
            sent_once("plan_cost_sent_once"),
        ]
        indexes = [models.Index(fields=["plan", "id"], name="plan_cost_of")]

    def __str__(self) -> str:
        return self.label or self.kind_id


class PlanFunding(models.Model):
    """One right mobilised: what is asked of its funder, what the funder answers.

    What a partial grant leaves counts as refused, so that asked = granted + refused + waiting.
    """

    class State(models.TextChoices):
        ASKED = "asked", "demandé"
        GRANTED = "granted", "accordé"
        REFUSED = "refused", "refusé"

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    plan = models.ForeignKey(FinancingPlan, models.PROTECT, related_name="fundings", db_index=False)
    right = code_of(FundingRight, "droit mobilisé")
    state = models.CharField("état", max_length=7, choices=State, default=State.ASKED)
    asked = euros("montant demandé")
    granted = euros("montant accordé", default=Decimal(0))
    asked_on = models.DateField("demandé le")
    asked_day = day("asked_on")
    decided_on = models.DateField("décidé le", null=True, blank=True)
    document = models.CharField("référence de la pièce", max_length=80, blank=True)
    is_withdrawn = models.BooleanField("retiré", default=False)
    changed_by = held_by(Membership, "changé par")
    changed_at = models.DateTimeField("changé le", default=timezone.now)
    idempotency_key = models.UUIDField("clé d’envoi", null=True, editable=False)

    class Meta:
        verbose_name = "financement d’un plan"
        constraints = [
            *isolation("plan_funding"),
            Grants(
                name="plan_funding_grants",
                app="SELECT, INSERT, UPDATE (right_id, state, asked, granted, asked_on, "
                "decided_on, document, is_withdrawn, changed_by_id, changed_at)",
                compiler=PLAN_FUNDING.compiler,
            ),
            of_plan("plan_funding_plan"),
            changed_by("plan_funding_changed_by"),
            CompositeKey(
                name="plan_funding_right",
                columns=["right_id"],
                to="operators.FundingRight",
                to_columns=["code"],
                period="asked_day",
                violation_error_message="Ce droit n’existe pas à la date de la demande.",
            ),
            CheckConstraint(
                name="plan_funding_asked",
                condition=Q(asked__gt=0),
                violation_error_message="Une demande est un montant au-dessus de zéro.",
            ),
            CheckConstraint(
                name="plan_funding_granted",
                condition=Q(granted__gte=0, granted__lte=F("asked")),
                violation_error_message=(
                    "Un financeur n’accorde pas plus que ce qui lui est demandé : corrigez l’un "
                    "des deux montants."
                ),
            ),
            CheckConstraint(
                name="plan_funding_answer",
                condition=Q(state="asked", granted=0, decided_on__isnull=True)
                | Q(state="granted", granted__gt=0, decided_on__isnull=False)
                | Q(state="refused", granted=0, decided_on__isnull=False),
                violation_error_message=(
                    "Une réponse a sa date, et un accord son montant ; une demande sans réponse "
                    "n’a ni l’une ni l’autre."
                ),
            ),
            CheckConstraint(
                name="plan_funding_decided_after_asked",
                condition=Q(decided_on__isnull=True) | Q(decided_on__gte=F("asked_on")),
                violation_error_message="La réponse ne peut pas précéder la demande.",
            ),
            UniqueConstraint(fields=["structure", "public_id"], name="plan_funding_public_id"),
            UniqueConstraint(fields=["structure", "plan", "id"], name="plan_funding_in_plan"),
            sent_once("plan_funding_sent_once"),
        ]
        indexes = [
            models.Index(fields=["plan", "id"], name="plan_funding_of"),
            models.Index(
                fields=["region", "decided_on"],
                condition=Q(decided_on__isnull=False),
                name="plan_funding_decided",
            ),
        ]

    def __str__(self) -> str:
        return self.right_id


class PlanEvent(models.Model):
    """What was done to a plan, to one of its lines or papers, by whom: PostgreSQL writes it."""

    class Act(models.TextChoices):
        OPENED = "opened", "plan ouvert"
        ADDED = "added", "ligne ajoutée"
        CHANGED = "changed", "ligne changée"
        WITHDRAWN = "withdrawn", "ligne retirée"
        JOINED = "joined", "pièce jointe"
        REMOVED = "removed", "pièce retirée"
        CLOSED = "closed", "plan bouclé"
        REOPENED = "reopened", "plan repris"

    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    plan = models.ForeignKey(FinancingPlan, models.PROTECT, related_name="events", db_index=False)
    act = models.CharField("acte", max_length=9, choices=Act)
    line = models.JSONField("ligne")
    by = held_by(Membership, "par")
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "étape d’un plan de financement"
        constraints = [
            *isolation("plan_event"),
            Grants(name="plan_event_grants", app="SELECT, INSERT", compiler=PLAN_EVENT.compiler),
            of_plan("plan_event_plan"),
            changed_by("plan_event_by", "by_id"),
        ]
        indexes = [models.Index(fields=["plan", "id"], name="plan_event_timeline")]

    def __str__(self) -> str:
        return self.get_act_display()
