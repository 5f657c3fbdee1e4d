"""Plans de financement: lines and papers added, changed and taken back; the plan closed and taken
up again.

The first line or paper opens the plan. What PostgreSQL logs of each change is `PlanEvent`.
"""

import hashlib
import uuid
from datetime import datetime

from django.db.models import Model
from django.utils import timezone

from beneficiaries.actions.rules import (
    ChangedMeanwhile,
    locked_journey,
    operator_on,
    place,
    record_row,
    refuse_above_level1,
    refuse_closed,
    refuse_day,
    refuse_level,
    refuse_unknown,
    sent_before,
    writing,
)
from beneficiaries.entries import Cost, Funding, Paper
from beneficiaries.models import FinancingPlan, Journey, PlanCost, PlanFunding, PlanPaper
from beneficiaries.papers import kind_of
from beneficiaries.queries import LEVEL, code_lists, financing_plan, totals
from regions.models import Membership, User
from regions.permissions import Permission
from sprocep import periods
from sprocep.errors import ActionRefused

_OF_FUNDING = ("state", "asked", "granted", "asked_on", "decided_on", "document")


def add_cost(
    *,
    by: User,
    membership: Membership,
    journey: Journey,
    cost: Cost,
    key: uuid.UUID | None = None,
) -> PlanCost:
    """A cost more; the first line of a journey opens its plan.

    Raises:
        ActionRefused: a journey below level 3, a structure that may not deliver it, a closed plan.
    """
    with writing(membership, Permission.LOG_SESSIONS):
        if stored := sent_before(PlanCost, membership, key):
            return stored
        plan = _plan(membership, journey)
        line = PlanCost(**_of(plan, membership, key), **_cost(cost))
        line.save(force_insert=True)
        record_row(by, line, "add_cost")
    return line


def change_cost(
    *, by: User, membership: Membership, line: PlanCost, cost: Cost, seen_at: datetime | None = None
) -> PlanCost:
    """What it is for, or how much.

    Raises:
        ChangedMeanwhile: somebody changed this line since `seen_at`.
    """
    with writing(membership, Permission.LOG_SESSIONS):
        held = _held(membership, line, seen_at)
        changed = _change(held, membership, _cost(cost))
        record_row(by, held, "change_cost", changed)
    return held


def withdraw_cost(*, by: User, membership: Membership, line: PlanCost) -> None:
    """It no longer counts; the log keeps it."""
    _withdraw(by, membership, line, "withdraw_cost")


def add_funding(
    *,
    by: User,
    membership: Membership,
    journey: Journey,
    funding: Funding,
    key: uuid.UUID | None = None,
) -> PlanFunding:
    """A funding more; the first line of a journey opens its plan.

    Raises:
        ActionRefused: as `add_cost`; a right that is not in force on the day it is asked.
    """
    with writing(membership, Permission.LOG_SESSIONS):
        if stored := sent_before(PlanFunding, membership, key):
            return stored
        plan = _plan(membership, journey)
        line = PlanFunding(**_of(plan, membership, key), **_funding(funding))
        line.save(force_insert=True)
        record_row(by, line, "add_funding")
    return line


def change_funding(
    *,
    by: User,
    membership: Membership,
    line: PlanFunding,
    funding: Funding,
    seen_at: datetime | None = None,
) -> PlanFunding:
    """What is asked, or the answer of the funder.

    Raises:
        ChangedMeanwhile: somebody changed this line since `seen_at`.
    """
    with writing(membership, Permission.LOG_SESSIONS):
        held = _held(membership, line, seen_at)
        changed = _change(held, membership, _funding(funding))
        record_row(by, held, "change_funding", changed)
    return held


def withdraw_funding(*, by: User, membership: Membership, line: PlanFunding) -> None:
    """It no longer counts; the log keeps it."""
    _withdraw(by, membership, line, "withdraw_funding")


def add_paper(
    *,
    by: User,
    membership: Membership,
    journey: Journey,
    paper: Paper,
    key: uuid.UUID | None = None,
) -> PlanPaper:
    """The paper itself; sent twice, it is there once.

    Raises:
        ActionRefused: as `add_cost`; a file that is no paper of a plan, that is there already, or
            one too many.
    """
    with writing(membership, Permission.LOG_SESSIONS):
        if stored := sent_before(PlanPaper, membership, key):
            return stored
        line = PlanPaper(
            **_of(_plan(membership, journey), membership, key),
            label=paper.label,
            cost_id=paper.cost_id,
            funding_id=paper.funding_id,
            kind=kind_of(paper.content),
            size=len(paper.content),
            digest=hashlib.sha256(paper.content).digest(),
            content=paper.content,
        )
        line.save(force_insert=True)
        record_row(by, line, "add_paper")
    return line


def withdraw_paper(*, by: User, membership: Membership, line: PlanPaper) -> None:
    """Its content is gone at once; the log keeps that it was there."""
    with writing(membership, Permission.LOG_SESSIONS):
        held = _held(membership, line)
        _change(held, membership, {"is_withdrawn": True, "content": None})
        record_row(by, held, "withdraw_paper")


def carry_plan(
    membership: Membership, journey: Journey, costs: list[dict], fundings: list[dict]
) -> int:
    """The lines of a plan begun elsewhere, as a document de synthèse says them, and how many; one
    step of the action that logs it. Their codes were in force there on the day of each."""
    plan = _plan(membership, journey)
    of_plan = _of(plan, membership, None)
    PlanCost.objects.bulk_create(
        PlanCost(kind_id=line["kind"], amount=line["amount"], label=line["label"], **of_plan)
        for line in costs
    )
    PlanFunding.objects.bulk_create(
        PlanFunding(right_id=line["right"], **{n: line[n] for n in _OF_FUNDING}, **of_plan)
        for line in fundings
    )
    return len(costs) + len(fundings)


def close_plan(
    *, by: User, membership: Membership, journey: Journey, gap_explained: str = ""
) -> FinancingPlan:
    """The plan is whole: what is granted pays all, or a sentence says why not."""
    with writing(membership, Permission.LOG_SESSIONS):
        plan = _own(membership, journey)
        if not plan.is_open:
            raise ActionRefused("Ce plan de financement est déjà bouclé.")
        plan.closed_on = periods.today()
        plan.gap_explained = gap_explained if totals(plan).gap else ""
        _touch(plan, membership, "closed_on", "gap_explained")
        record_row(by, plan, "close_plan", "closed_on gap_explained")
    return plan


def reopen_plan(*, by: User, membership: Membership, journey: Journey) -> FinancingPlan:
    """Its lines may change again; the explanation of the gap stays, to be said anew."""
    with writing(membership, Permission.LOG_SESSIONS):
        plan = _own(membership, journey)
        if plan.is_open:
            raise ActionRefused("Ce plan de financement n’est pas bouclé.")
        plan.closed_on = None
        _touch(plan, membership, "closed_on")
        record_row(by, plan, "reopen_plan", "closed_on")
    return plan


# ── The plan, and its lines as they are now ──────────────────────────────────────────────────


def _plan(membership: Membership, journey: Journey) -> FinancingPlan:
    """The plan of a journey, held; opened where there is none yet."""
    journey = locked_journey(membership, journey)
    today = periods.today()
    refuse_level(membership, operator_on(membership, today), LEVEL)
    if plan := financing_plan(journey):
        return _locked(plan)
    refuse_closed(journey)
    where = place(membership, membership.site, today, journey.beneficiary.commune)
    plan = FinancingPlan(
        region_id=where.region,
        structure_id=membership.structure_id,
        department_id=where.department,
        journey=journey,
        opened_on=today,
        changed_by=membership,
    )
    plan.save(force_insert=True)
    return plan


def _own(membership: Membership, journey: Journey) -> FinancingPlan:
    refuse_above_level1(membership, LEVEL)
    journey = locked_journey(membership, journey)
    plan = financing_plan(journey)
    if plan is None:
        raise ActionRefused("Ce parcours n’a pas encore de plan de financement.")
    return _locked(plan)


def _locked(plan: FinancingPlan) -> FinancingPlan:
    return FinancingPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)


def _held(membership: Membership, line, seen_at: datetime | None = None):
    """The line as it is now, held until the end of the action."""
    model = type(line)
    held = (
        model.objects.select_for_update(of=("self",))
        .filter(structure=membership.structure_id, pk=line.pk, is_withdrawn=False)
        .first()
    )
    if held is None:
        raise ActionRefused("Cette ligne n’est plus dans un plan de votre structure.")
    refuse_level(membership, operator_on(membership, periods.today()), LEVEL)
    if seen_at and held.changed_at != seen_at:
        raise ChangedMeanwhile(
            "Une autre personne a changé cette ligne pendant ce temps. Comparez avec ce qui est "
            "enregistré ci-dessous, puis enregistrez à nouveau."
        )
    return held


def _of(plan: FinancingPlan, membership: Membership, key: uuid.UUID | None) -> dict:
    return {
        "region_id": plan.region_id,
        "structure_id": plan.structure_id,
        "plan": plan,
        "changed_by": membership,
        "idempotency_key": key,
    }


def _cost(cost: Cost) -> dict:
    refuse_unknown(code_lists(periods.today()), [("cost_kind", cost.kind)])
    return {"kind_id": cost.kind, "amount": cost.amount, "label": cost.label}


def _funding(funding: Funding) -> dict:
    refuse_day(funding.asked_on, "Cette demande")
    if funding.decided_on:
        refuse_day(funding.decided_on, "Cette réponse")
    refuse_unknown(code_lists(funding.asked_on), [("funding_right", funding.right)])
    return {"right_id": funding.right} | {name: getattr(funding, name) for name in _OF_FUNDING}


def _withdraw(by: User, membership: Membership, line: PlanCost | PlanFunding, action: str) -> None:
    with writing(membership, Permission.LOG_SESSIONS):
        held = _held(membership, line)
        _change(held, membership, {"is_withdrawn": True})
        record_row(by, held, action)


def _change(line: PlanCost | PlanFunding | PlanPaper, membership: Membership, values: dict) -> str:
    """Names of the fields that are others now."""
    changed = [name for name, value in values.items() if getattr(line, name) != value]
    for name, value in values.items():
        setattr(line, name, value)
    _touch(line, membership, *(name.removesuffix("_id") for name in values))
    return " ".join(name.removesuffix("_id") for name in changed)


def _touch(row: Model, membership: Membership, *columns: str) -> None:
    row.changed_by, row.changed_at = membership, timezone.now()
    row.save(update_fields=[*columns, "changed_by", "changed_at"])
