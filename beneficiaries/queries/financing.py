"""The financing plan of a journey: its lines, its totals, what was done to it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from beneficiaries.models import (
    FinancingPlan,
    Journey,
    PlanCost,
    PlanEvent,
    PlanFunding,
    PlanPaper,
    Session,
)
from operators.models import FundingHint
from operators.queries import funding_hints
from regions.models import Membership
from sprocep.memory import remembered

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


def plan_papers(plan: FinancingPlan) -> QuerySet[PlanPaper]:
    """With the line that each is of, and who joined it; what they hold is read one at a time."""
    names = Membership.objects.filter(pk=OuterRef("changed_by")).values("name")
    found = PlanPaper.objects.filter(structure=plan.structure_id, plan=plan, is_withdrawn=False)
    told = found.annotate(by_name=Subquery(names)).select_related("cost", "funding")
    return told.defer("content").order_by("pk")


def cost(structure: int, public_id: UUID) -> QuerySet[PlanCost]:
    return _line(PlanCost, structure, public_id)


def funding(structure: int, public_id: UUID) -> QuerySet[PlanFunding]:
    return _line(PlanFunding, structure, public_id)


def paper(structure: int, public_id: UUID) -> QuerySet[PlanPaper]:
    return _line(PlanPaper, structure, public_id).defer("content")


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


_TOTALS = """
SELECT (SELECT coalesce(sum(amount), 0) FROM beneficiaries_plancost
         WHERE structure_id = %(structure)s AND plan_id = %(plan)s AND NOT is_withdrawn),
       coalesce(sum(asked), 0), coalesce(sum(granted), 0),
       coalesce(sum(asked) FILTER (WHERE state = 'asked'), 0)
  FROM beneficiaries_planfunding
 WHERE structure_id = %(structure)s AND plan_id = %(plan)s AND NOT is_withdrawn
"""


def totals(plan: FinancingPlan) -> Totals:
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, {"structure": plan.structure_id, "plan": plan.pk})
        return Totals(*cursor.fetchone())


@dataclass(frozen=True)
class PlanLine:
    """A plan in a list of journeys: when it was closed, and its totals in euros."""

    closed_on: date | None
    totals: Totals


def plans_of(membership: Membership, journeys: Collection[UUID]) -> dict[UUID, PlanLine]:
    """By the public id of the journey; one query."""
    plans = FinancingPlan.objects.filter(
        structure=membership.structure_id, journey__public_id__in=journeys
    ).annotate(costs_in_all=_summed(PlanCost, "amount"), paid=_summed(PlanFunding, "granted"))
    rows = plans.values_list("journey__public_id", "closed_on", "costs_in_all", "paid")
    return {
        journey: PlanLine(closed_on, Totals(costs=costs, granted=granted))
        for journey, closed_on, costs, granted in rows
    }


def _summed(model: type, amount: str) -> Coalesce:
    lines = model.objects.filter(plan=OuterRef("pk"), is_withdrawn=False).order_by()
    sums = lines.values("plan").annotate(sum=Sum(amount)).values("sum")
    return Coalesce(Subquery(sums), _NOTHING)


@remembered
def hints(region: str, day: date) -> list[FundingHint]:
    """Advice in force that day, national and of this Region, by funder."""
    return list(funding_hints(region, day))
