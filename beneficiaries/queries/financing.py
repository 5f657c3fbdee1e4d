"""The financing plan of a journey: its lines, its totals, what was done to it."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from beneficiaries.models import (
    FinancingPlan,
    Journey,
    PlanCost,
    PlanEvent,
    PlanFunding,
    Session,
)
from regions.models import Membership

LEVEL = 3  # the only one that builds a plan (arrêté du 16 juillet 2014, annexe, § 2.3)
_NOTHING = Decimal(0)


def reaches_level(journey: Journey) -> bool:
    return Session.objects.filter(
        structure=journey.structure_id, journey=journey, rank__gte=LEVEL
    ).exists()


def financing_plan(journey: Journey) -> FinancingPlan | None:
    return FinancingPlan.objects.filter(structure=journey.structure_id, journey=journey).first()


def plan_costs(plan: FinancingPlan) -> QuerySet[PlanCost]:
    return PlanCost.objects.filter(
        structure=plan.structure_id, plan=plan, is_withdrawn=False
    ).order_by("pk")


def plan_fundings(plan: FinancingPlan) -> QuerySet[PlanFunding]:
    """With the funder of each right."""
    found = PlanFunding.objects.filter(structure=plan.structure_id, plan=plan, is_withdrawn=False)
    return found.select_related("right__funder").order_by("pk")


def cost(structure: int, public_id: UUID) -> QuerySet[PlanCost]:
    return _line(PlanCost, structure, public_id)


def funding(structure: int, public_id: UUID) -> QuerySet[PlanFunding]:
    return _line(PlanFunding, structure, public_id)


def _line(model: type, structure: int, public_id: UUID) -> QuerySet:
    found = model.objects.filter(structure=structure, public_id=public_id, is_withdrawn=False)
    return found.select_related("plan__journey__beneficiary")


def plan_events(plan: FinancingPlan) -> QuerySet[PlanEvent]:
    """What was done to a plan, the last first."""
    names = Membership.objects.filter(pk=OuterRef("by")).values("name")
    found = PlanEvent.objects.filter(structure=plan.structure_id, plan=plan)
    return found.annotate(by_name=Subquery(names)).order_by("-pk")


@dataclass(frozen=True)
class Totals:
    """Euros. asked = granted + refused + waiting, and gap = costs − granted."""

    costs: Decimal = _NOTHING
    asked: Decimal = _NOTHING
    granted: Decimal = _NOTHING
    waiting: Decimal = _NOTHING

    @property
    def refused(self) -> Decimal:
        """What a partial grant leaves is refused too."""
        return self.asked - self.granted - self.waiting

    @property
    def gap(self) -> Decimal:
        return self.costs - self.granted


def totals(plan: FinancingPlan) -> Totals:
    is_waiting = Q(state=PlanFunding.State.ASKED)
    costs = plan_costs(plan).order_by().aggregate(of_costs=_sum("amount"))
    fundings = (
        plan_fundings(plan)
        .order_by()
        .aggregate(
            of_asked=_sum("asked"),
            of_granted=_sum("granted"),
            of_waiting=_sum("asked", filter=is_waiting),
        )
    )
    return Totals(*(costs | fundings).values())


def _sum(amount: str, **options) -> Coalesce:
    return Coalesce(Sum(amount, **options), _NOTHING)
