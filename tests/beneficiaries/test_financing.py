"""Plans de financement: their sums, who has one, what PostgreSQL refuses and what it logs. Each
refusal shows, in the same test, what passes."""

import random
import uuid
from collections import Counter
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from beneficiaries import actions, queries
from beneficiaries.entries import Cost, Funding, Talk
from beneficiaries.models import FinancingPlan, PlanCost, PlanEvent, PlanFunding
from operators.models import FundingHint
from operators.queries import funding_hints, operator_of
from regions.middleware import scope_of
from regions.models import AuditEvent
from sprocep import periods
from sprocep.errors import ActionRefused, french
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
LEVEL_3 = {"level": "N3", "service": "S12"}


@pytest.fixture
def adviser(world):
    with scope_of(world["adviser marseille"], read_only=False):
        yield world["adviser marseille"]


@pytest.fixture
def journey(adviser):
    return factories.journey(adviser, **LEVEL_3)


@pytest.fixture
def plan(adviser, journey):
    return factories.financing_plan(adviser, journey)


def who(adviser) -> dict:
    return {"by": adviser.user, "membership": adviser}


def cost(amount="4000", **values) -> Cost:
    return Cost(amount=Decimal(amount), **{"kind": "CP"} | values)


def funding(asked="3000", **values) -> Funding:
    known = {"right": "CPF", "asked_on": periods.today()}
    return Funding(asked=Decimal(asked), **known | values)


def granted(asked="3000", amount="3000", **values) -> Funding:
    answer = {"state": "granted", "granted": Decimal(amount), "decided_on": periods.today()}
    return funding(asked, **answer | values)


@contextmanager
def refused(sentence: str):
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
    assert french(caught.value).startswith(sentence)


def sql(statement: str, *values) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


# ── Sums ─────────────────────────────────────────────────────────────────────────────────────


def raw(plan: FinancingPlan) -> dict[str, int]:
    """In cents, from the raw rows, in plain Python."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (amount * 100)::int FROM beneficiaries_plancost "
            "WHERE plan_id = %s AND NOT is_withdrawn",
            [plan.pk],
        )
        costs = sum(cents for (cents,) in cursor)
        cursor.execute(
            "SELECT state, (asked * 100)::int, (granted * 100)::int FROM beneficiaries_planfunding "
            "WHERE plan_id = %s AND NOT is_withdrawn",
            [plan.pk],
        )
        found = Counter()
        for state, asked, given in cursor:
            found["asked"] += asked
            found["granted"] += given
            found["waiting"] += asked if state == "asked" else 0
            found["refused"] += asked if state == "refused" else 0
            found["refused"] += asked - given if state == "granted" else 0
    names = ("asked", "granted", "waiting", "refused")
    return {name: found[name] for name in names} | {"costs": costs, "gap": costs - found["granted"]}


def told(plan: FinancingPlan) -> dict[str, int]:
    found = queries.totals(plan)
    names = ("asked", "granted", "waiting", "refused", "costs", "gap")
    return {name: int(getattr(found, name) * 100) for name in names}


def is_closed_without_a_word(plan: FinancingPlan) -> bool:
    """Whether PostgreSQL lets it be closed with nothing to explain; nothing of it stays."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                FinancingPlan.objects.filter(pk=plan.pk).update(closed_on=periods.today())
        except IntegrityError as exc:
            name = exc.__cause__.diag.constraint_name
            assert name in ("plan_gap_explained", "plan_closed_with_costs")
            return False
        finally:
            transaction.set_rollback(True)
    return True


def test_whatever_is_done_costs_less_granted_is_the_gap(adviser, journey):
    """A walk of acts: sums agree with the raw rows, and the plan closes when the gap is zero."""
    chance = random.Random(63)
    closable = Counter()
    plan = factories.financing_plan(adviser, journey)
    assert told(plan) == raw(plan)
    for _ in range(250):
        _act(adviser, journey, plan, chance)
        assert told(plan) == raw(plan)
        now = raw(plan)
        assert now["asked"] == now["granted"] + now["waiting"] + now["refused"]
        expected = now["gap"] == 0 and now["costs"] > 0
        assert is_closed_without_a_word(plan) == expected
        closable[expected] += 1
    assert min(closable[True], closable[False]) > 20


def _act(adviser, journey, plan, chance) -> None:
    costs, fundings = list(queries.plan_costs(plan)), list(queries.plan_fundings(plan))
    act = chance.choice(("cost", "funding", "answer", "answer", "fill", "fill", "withdraw"))
    if act == "cost":
        amount = Decimal(chance.randrange(1, 500_000)) / 100
        actions.add_cost(**who(adviser), journey=journey, cost=Cost(kind="CT", amount=amount))
    elif act == "funding":
        amount = Decimal(chance.randrange(1, 500_000)) / 100
        new = Funding(right="AIF", asked=amount, asked_on=periods.today())
        actions.add_funding(**who(adviser), journey=journey, funding=new)
    elif act == "answer" and fundings:
        line = chance.choice(fundings)
        given = Decimal(chance.randrange(0, int(line.asked * 100) + 1)) / 100
        state = "granted" if given else "refused"
        answer = granted(line.asked, given, state=state, right=line.right_id)
        actions.change_funding(**who(adviser), line=line, funding=answer)
    elif act == "fill" and (gap := queries.totals(plan).gap) > 0:
        own = granted(gap, gap, right="PER")
        actions.add_funding(**who(adviser), journey=journey, funding=own)
    elif act == "withdraw" and len(costs + fundings) > 3:
        line = chance.choice(costs + fundings)
        withdraw = actions.withdraw_cost if line in costs else actions.withdraw_funding
        withdraw(**who(adviser), line=line)


def test_a_project_paid_by_three(adviser, journey):
    """CPF, Région and OPCA, with a partial grant and a refusal."""
    for amount in ("6200", "800.50"):
        actions.add_cost(**who(adviser), journey=journey, cost=cost(amount))
    for new in (
        granted("3000", "3000"),
        granted("3500", "3000.50", right="AIR"),
        funding("1000", right="CPRO"),
        granted("500", "0", right="PDC", state="refused"),
    ):
        actions.add_funding(**who(adviser), journey=journey, funding=new)
    plan = queries.financing_plan(journey)
    assert told(plan) == {
        "costs": 700050, "asked": 800000, "granted": 600050, "waiting": 100000,
        "refused": 99950, "gap": 100000,
    }  # fmt: skip
    waiting = PlanFunding.objects.get(state="asked")
    actions.change_funding(
        **who(adviser), line=waiting, funding=granted("1000", "1000", right="CPRO")
    )
    assert actions.close_plan(**who(adviser), journey=journey).closed_on == periods.today()


# ── Who has a plan ───────────────────────────────────────────────────────────────────────────


def test_only_a_journey_of_level_3_has_one(adviser):
    second, third = factories.journey(adviser), factories.journey(adviser, **LEVEL_3)
    with pytest.raises(ActionRefused, match="parcours de niveau 3"):
        actions.add_cost(**who(adviser), journey=second, cost=cost())
    with refused("Un plan de financement est d’un parcours de niveau 3."):
        factories.financing_plan(adviser, second)
    actions.add_cost(**who(adviser), journey=third, cost=cost())
    made = queries.financing_plan(third)
    assert (made.region_id, made.department_id) == ("93", "13")
    with refused("Un plan de financement est d’un parcours de niveau 3."):
        sql(
            "INSERT INTO beneficiaries_financingplan (region_id, structure_id, department_id, "
            "journey_id, opened_on, gap_explained, changed_by_id, changed_at) "
            "SELECT region_id, structure_id, department_id, %s, opened_on, '', changed_by_id, "
            "changed_at FROM beneficiaries_financingplan",
            second.pk,
        )


def test_one_plan_a_journey(adviser, journey, plan):
    with refused("Ce parcours a déjà son plan de financement."):
        factories.financing_plan(adviser, journey)
    actions.add_cost(**who(adviser), journey=journey, cost=cost())
    actions.add_funding(**who(adviser), journey=journey, funding=funding())
    assert FinancingPlan.objects.get() == plan
    assert factories.financing_plan(adviser, factories.journey(adviser, **LEVEL_3)).pk


def test_a_plan_keeps_the_session_that_brought_it_to_level_3(adviser, journey, plan):
    today = periods.today()
    lower = Talk(held_on=journey.opened_on, channel="PRE", services=("S07",))
    only = journey.sessions.get()
    with pytest.raises(ActionRefused, match="Gardez-lui son niveau"):
        actions.correct_session(**who(adviser), session=only, talk=lower)
    factories.session(adviser, journey, held_on=today, **LEVEL_3)
    corrected = actions.correct_session(**who(adviser), session=only, talk=lower)
    assert corrected.rank == 2


def test_a_structure_below_level_3_adds_nothing(adviser, journey, plan, monkeypatch):
    operator = operator_of(adviser.structure_id, periods.today())
    operator.max_rank = 2
    monkeypatch.setattr("beneficiaries.actions.rules.operator_of", lambda *_: operator)
    with pytest.raises(ActionRefused, match="n’est pas habilitée au niveau 3"):
        actions.add_cost(**who(adviser), journey=journey, cost=cost())
    monkeypatch.undo()
    assert actions.add_cost(**who(adviser), journey=journey, cost=cost()).pk


def test_a_desk_writes_no_plan(world, adviser, journey):
    desk = world["level1_receptionist marseille"]
    with pytest.raises(ActionRefused, match="habilitation"):
        actions.add_cost(**who(desk), journey=journey, cost=cost())
    assert actions.add_cost(**who(adviser), journey=journey, cost=cost()).pk


def test_a_closed_journey_opens_no_plan_but_hears_the_answers(adviser, journey):
    line = actions.add_funding(**who(adviser), journey=journey, funding=funding())
    never = factories.journey(adviser, **LEVEL_3)
    closing = {"closed_on": periods.today(), "outcome_id": "I03", "exit_situation_id": "CDI"}
    for one in (journey, never):
        type(one).objects.filter(pk=one.pk).update(
            **closing, closed_region_id="93", closed_department_id="13"
        )
    with pytest.raises(ActionRefused, match="est clos depuis"):
        actions.add_cost(**who(adviser), journey=never, cost=cost())
    answered = actions.change_funding(**who(adviser), line=line, funding=granted())
    assert answered.granted == 3000


def test_it_is_seen_by_its_structure_and_by_nobody_else(world, adviser, journey, plan):
    line = factories.plan_cost(plan, 4000)
    factories.plan_funding(plan, 3000, 3000)
    everything = (FinancingPlan, PlanCost, PlanFunding, PlanEvent)
    assert all(model.objects.exists() for model in everything)
    for stranger in ("adviser aix", "adviser paris", "regional_coordinator 93", "dgefp_officer"):
        with scope_of(world[stranger], read_only=True):
            assert not any(model.objects.exists() for model in everything), stranger
    other = world["adviser aix"]
    with scope_of(other, read_only=False):
        with pytest.raises(ActionRefused, match="n’est pas de votre structure"):
            actions.add_cost(**who(other), journey=journey, cost=cost())
        with pytest.raises(ActionRefused, match="plan de votre structure"):
            actions.change_cost(**who(other), line=line, cost=cost("1"))
    assert PlanCost.objects.get().amount == 4000


def test_another_structure_holds_no_line_of_it(world, adviser, plan):
    """By its keys, whatever the scope: in the name of another, or of its own."""
    aix = world["adviser aix"]
    with (
        scope_of(aix, read_only=False),
        refused("Ce plan de financement n’est pas de votre structure."),
    ):
        PlanCost.objects.create(
            plan_id=plan.pk, region_id="93", structure_id=aix.structure_id, kind_id="CP",
            amount=1, changed_by=aix,
        )  # fmt: skip
    with (
        scope_of(aix, read_only=False),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        factories.plan_cost(plan, 1)
    with refused("Cette personne n’est pas de votre structure."):
        factories.plan_cost(plan, 1, changed_by_id=aix.pk)
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    assert factories.plan_cost(plan, 1).pk


# ── What PostgreSQL refuses ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ("asked = -1", "Une demande est un montant au-dessus de zéro."),
        ("asked = 0", "Une demande est un montant au-dessus de zéro."),
        ("state = 'granted', granted = -1, decided_on = asked_on", "Une réponse a sa date"),
        ("state = 'granted', granted = 3000.01, decided_on = asked_on", "Un financeur n’accorde"),
        ("state = 'granted', granted = 0, decided_on = asked_on", "Une réponse a sa date"),
        ("state = 'granted', granted = 10", "Une réponse a sa date"),
        ("state = 'refused', granted = 10, decided_on = asked_on", "Une réponse a sa date"),
        ("granted = 10", "Une réponse a sa date"),
        ("state = 'refused', decided_on = asked_on - 1", "La réponse ne peut pas précéder"),
        ("right_id = 'CIF'", "Ce droit n’existe pas à la date de la demande."),
        ("right_id = 'XXX'", "Ce droit n’existe pas à la date de la demande."),
    ],
)
def test_wrong_funding_is_refused(plan, columns, sentence):
    line = factories.plan_funding(plan, 3000)
    table = PlanFunding._meta.db_table
    passing = "state = 'granted', granted = 3000, decided_on = asked_on"
    assert sql(f"UPDATE {table} SET {passing} WHERE id = %s", line.pk) == 1
    back = "state = 'asked', granted = 0, decided_on = NULL"
    assert sql(f"UPDATE {table} SET {back} WHERE id = %s", line.pk) == 1
    with refused(sentence):
        sql(f"UPDATE {table} SET {columns} WHERE id = %s", line.pk)
        sql("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("amount", ["-1", "0"])
def test_wrong_cost_is_refused(plan, amount):
    line = factories.plan_cost(plan, 4000)
    with refused("Un coût est un montant au-dessus de zéro."):
        sql("UPDATE beneficiaries_plancost SET amount = %s WHERE id = %s", amount, line.pk)
    assert sql("UPDATE beneficiaries_plancost SET amount = 0.01 WHERE id = %s", line.pk) == 1


def test_a_right_is_asked_within_its_dates(adviser, journey):
    before = date(2018, 12, 31)
    asked = actions.add_funding(
        **who(adviser), journey=journey, funding=funding(right="CIF", asked_on=before)
    )
    assert asked.right_id == "CIF"
    with pytest.raises(ActionRefused, match="« CIF » n’est pas un code de la liste"):
        actions.change_funding(
            **who(adviser),
            line=asked,
            funding=funding(right="CIF", asked_on=before + timedelta(days=1)),
        )


def close(plan: FinancingPlan, **values) -> int:
    return FinancingPlan.objects.filter(pk=plan.pk).update(closed_on=periods.today(), **values)


def test_a_gap_is_zero_or_explained(adviser, journey, plan):
    with refused("Un plan sans coût ne se boucle pas."):
        close(plan)
    factories.plan_cost(plan, 4000)
    given = factories.plan_funding(plan, 4000, 3999)
    for nothing in ("", "   "):
        with refused("Il reste un écart"):
            close(plan, gap_explained=nothing)
    with pytest.raises(ActionRefused, match="Il reste un écart"):
        actions.close_plan(**who(adviser), journey=journey)
    why = "Un euro de reste à charge, assumé."
    assert actions.close_plan(**who(adviser), journey=journey, gap_explained=why).closed_on
    with refused("Il reste un écart"):
        FinancingPlan.objects.filter(pk=plan.pk).update(gap_explained="")
    actions.reopen_plan(**who(adviser), journey=journey)
    PlanFunding.objects.filter(pk=given.pk).update(granted=4000)
    closed = actions.close_plan(**who(adviser), journey=journey, gap_explained="pour rien")
    assert closed.gap_explained == ""


def test_a_closed_plan_keeps_its_lines(adviser, journey, plan):
    line = factories.plan_cost(plan, 4000)
    close(plan, gap_explained="Le stage est payé en nature.")
    for statement in (
        "UPDATE beneficiaries_plancost SET amount = 1 WHERE id = %s",
        "UPDATE beneficiaries_plancost SET is_withdrawn = true WHERE id = %s",
    ):
        with refused("Ce plan de financement est bouclé."):
            sql(statement, line.pk)
    with refused("Ce plan de financement est bouclé."):
        factories.plan_funding(plan, 10)
    with pytest.raises(ActionRefused, match=r"est bouclé\. Reprenez-le"):
        actions.add_cost(**who(adviser), journey=journey, cost=cost())
    with pytest.raises(ActionRefused, match="déjà bouclé"):
        actions.close_plan(**who(adviser), journey=journey)
    actions.reopen_plan(**who(adviser), journey=journey)
    with pytest.raises(ActionRefused, match="n’est pas bouclé"):
        actions.reopen_plan(**who(adviser), journey=journey)
    assert actions.add_cost(**who(adviser), journey=journey, cost=cost()).pk


def test_nothing_is_deleted_nor_rewritten(plan):
    """The app may not: a line is taken back, and the log only grows."""
    line = factories.plan_cost(plan, 4000)
    for statement in (
        "DELETE FROM beneficiaries_plancost",
        "DELETE FROM beneficiaries_financingplan",
        "DELETE FROM beneficiaries_planevent",
        "UPDATE beneficiaries_planevent SET act = 'added'",
        "UPDATE beneficiaries_plancost SET plan_id = plan_id",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            sql(statement)
    assert sql("UPDATE beneficiaries_plancost SET amount = 5 WHERE id = %s", line.pk) == 1


# ── What stays of each act ───────────────────────────────────────────────────────────────────


def test_each_change_is_logged_with_who_and_what(world, annex, adviser, journey):
    colleague = annex.colleague
    line = actions.add_cost(**who(adviser), journey=journey, cost=cost("4000", label="CAP"))
    with scope_of(colleague, read_only=False):
        actions.change_cost(**who(colleague), line=line, cost=cost("4100", label="CAP"))
    asked = actions.add_funding(**who(adviser), journey=journey, funding=funding())
    actions.change_funding(**who(adviser), line=asked, funding=granted("3000", "2500"))
    actions.withdraw_funding(**who(adviser), line=asked)
    why = "L’employeur paie le reste."
    actions.close_plan(**who(adviser), journey=journey, gap_explained=why)
    actions.reopen_plan(**who(adviser), journey=journey)
    plan = queries.financing_plan(journey)
    events = list(reversed(queries.plan_events(plan)))
    assert [event.act for event in events] == [
        "opened", "added", "changed", "added", "changed", "withdrawn", "closed", "reopened",
    ]  # fmt: skip
    assert [event.line["amount"] for event in events[1:3]] == [4000, 4100]
    assert [event.line["granted"] for event in events[3:5]] == [0, 2500]
    assert events[6].line == {"gap_explained": why}
    assert {event.by_id for event in events} == {adviser.pk, colleague.pk}
    assert events[2].by_id == colleague.pk
    assert events[2].by_name == colleague.name
    assert queries.totals(plan) == queries.Totals(costs=Decimal(4100))


def test_each_act_leaves_one_audit_row_and_no_value(adviser, journey):
    line = actions.add_cost(**who(adviser), journey=journey, cost=cost("4123"))
    asked = actions.add_funding(**who(adviser), journey=journey, funding=funding("3123"))
    actions.change_cost(**who(adviser), line=line, cost=cost("4124"))
    actions.change_funding(**who(adviser), line=asked, funding=funding("3124"))
    actions.withdraw_funding(**who(adviser), line=asked)
    actions.close_plan(**who(adviser), journey=journey, gap_explained="Payé autrement.")
    actions.reopen_plan(**who(adviser), journey=journey)
    actions.withdraw_cost(**who(adviser), line=line)
    done = Counter(AuditEvent.objects.values_list("action", flat=True))
    names = ("add_cost", "change_cost", "withdraw_cost", "close_plan", "reopen_plan")
    names += ("add_funding", "change_funding", "withdraw_funding")
    assert done == dict.fromkeys(names, 1)
    fields = dict(AuditEvent.objects.values_list("action", "fields"))
    assert fields["change_cost"] == "amount"
    assert fields["change_funding"] == "asked"
    assert fields["close_plan"] == "closed_on gap_explained"


def test_the_same_form_adds_one_line(adviser, journey):
    for add, model in ((actions.add_cost, PlanCost), (actions.add_funding, PlanFunding)):
        key = uuid.uuid4()
        entry = {"cost": cost()} if model is PlanCost else {"funding": funding()}
        once, twice = (add(**who(adviser), journey=journey, key=key, **entry) for _ in range(2))
        assert once == twice
        assert model.objects.get() == once
        add(**who(adviser), journey=journey, key=uuid.uuid4(), **entry)
        assert model.objects.count() == 2


def test_who_changes_what_another_changed_is_told(adviser, journey):
    line = actions.add_cost(**who(adviser), journey=journey, cost=cost())
    seen = line.changed_at
    line = actions.change_cost(**who(adviser), line=line, cost=cost("4100"), seen_at=seen)
    with pytest.raises(actions.ChangedMeanwhile):
        actions.change_cost(**who(adviser), line=line, cost=cost("4200"), seen_at=seen)
    now = PlanCost.objects.get()
    assert now.amount == 4100
    assert actions.change_cost(
        **who(adviser), line=now, cost=cost("4200"), seen_at=now.changed_at
    ).amount == Decimal(4200)


# ── Hints ────────────────────────────────────────────────────────────────────────────────────


def test_hints_are_those_of_the_day_and_of_the_region():
    FundingHint.objects.using("owner").bulk_create(
        FundingHint(
            funder_id="REG", region_id=region, text=text, source="règlement d’intervention",
            starts_on=date(2016, 1, 1), ends_on=ends_on,
        )
        for region, text, ends_on in (
            ("93", "De la Région 93.", None),
            ("11", "De la Région 11.", None),
            ("93", "D’hier.", date(2017, 1, 1)),
        )
    )  # fmt: skip
    today, then = (
        set(funding_hints("93", day).using("owner").values_list("text", flat=True))
        for day in (periods.today(), date(2016, 5, 1))
    )
    assert {"De la Région 93."} == {text for text in today if "Région 93" in text or "hier" in text}
    assert {"De la Région 93.", "D’hier."} <= then
    assert "De la Région 11." not in today | then
    assert any("est en euros" in text for text in today)
    assert any("se compte en heures" in text for text in then)
