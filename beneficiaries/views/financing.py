"""The financing plan of a journey: its page, its lines, its closing."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_POST

from beneficiaries import actions, queries
from beneficiaries.forms import CostForm, FundingForm, PaperForm, PlanClosingForm, typed_day
from beneficiaries.forms.codes import CodeForm
from beneficiaries.models import FinancingPlan, Journey, PlanCost, PlanFunding, PlanPaper
from beneficiaries.views.chosen import asked_journey
from beneficiaries.views.lines import Page, above, line_page, who, withdraw_line
from regions.permissions import Permission, require
from sprocep import periods
from sprocep.downloads import attached
from sprocep.form_pages import filled_form, form_page, tell_outcome
from sprocep.templatetags.french import euros

PLAN = "beneficiaries:financing_plan"
_TYPES = {
    PlanPaper.Kind.PDF: "application/pdf",
    PlanPaper.Kind.JPEG: "image/jpeg",
    PlanPaper.Kind.PNG: "image/png",
}


@require(Permission.READ_JOURNEYS)
@require_GET
def financing_plan(request: HttpRequest, public_id: UUID) -> HttpResponse:
    journey = _journey(request, public_id)
    plan = queries.financing_plan(journey)
    context = {
        "journey": journey,
        "plan": plan,
        "may_build": bool(plan) or (journey.is_open and queries.reaches_level(journey)),
        "may_change": (plan is None or plan.is_open) and not request.membership.is_level1_only,
        "costs": queries.plan_costs(plan) if plan else [],
        "fundings": queries.plan_fundings(plan) if plan else [],
        "papers": [(one, _of_line(one)) for one in queries.plan_papers(plan)] if plan else [],
        "totals": queries.totals(plan) if plan else queries.Totals(),
        "events": [(one, told(one.line)) for one in queries.plan_events(plan)] if plan else [],
        "hints": _hints(request),
        "breadcrumb": [*above(journey), ("Plan de financement", None)],
    }
    return render(request, "beneficiaries/financing_plan.html", context)


@require(Permission.LOG_SESSIONS)
@form_page
def add_cost(request: HttpRequest, public_id: UUID) -> HttpResponse:
    journey = _journey(request, public_id)
    form = _form(request, CostForm, CostForm.blank(request.form_key), periods.today())

    def add() -> str:
        actions.add_cost(
            **who(request), journey=journey, cost=form.cost(), key=form.cleaned_data["key"]
        )
        return "Coût ajouté au plan."

    return line_page(request, PAGE, journey, form, add, {"heading": "Ajouter un coût"})


@require(Permission.LOG_SESSIONS)
@form_page
def change_cost(request: HttpRequest, public_id: UUID) -> HttpResponse:
    line = get_object_or_404(queries.cost(request.membership.structure_id, public_id))
    form = _form(request, CostForm, CostForm.typed(line), periods.today())

    def change() -> str:
        actions.change_cost(
            **who(request), line=line, cost=form.cost(), seen_at=form.cleaned_data["seen_at"]
        )
        return "Coût changé."

    context = {
        "heading": "Changer un coût",
        "line": line,
        "withdraw_url": reverse("beneficiaries:withdraw_cost", args=[public_id]),
    }
    return line_page(request, PAGE, line.plan.journey, form, change, context)


@require(Permission.LOG_SESSIONS)
@require_POST
def withdraw_cost(request: HttpRequest, public_id: UUID) -> HttpResponse:
    line = get_object_or_404(queries.cost(request.membership.structure_id, public_id))
    return withdraw_line(
        request, PAGE, line.plan.journey, line, actions.withdraw_cost, "Coût retiré du plan."
    )


@require(Permission.LOG_SESSIONS)
@form_page
def add_funding(request: HttpRequest, public_id: UUID) -> HttpResponse:
    journey = _journey(request, public_id)
    form = _form(
        request,
        FundingForm,
        FundingForm.blank(request.form_key),
        typed_day(request.POST, "asked_on"),
    )

    def add() -> str:
        actions.add_funding(
            **who(request), journey=journey, funding=form.funding(), key=form.cleaned_data["key"]
        )
        return "Financement ajouté au plan."

    context = {"heading": "Ajouter un financement", "hints": _hints(request)}
    return line_page(request, PAGE, journey, form, add, context)


@require(Permission.LOG_SESSIONS)
@form_page
def change_funding(request: HttpRequest, public_id: UUID) -> HttpResponse:
    line = get_object_or_404(queries.funding(request.membership.structure_id, public_id))
    day = typed_day(request.POST, "asked_on") if request.POST else line.asked_on
    form = _form(request, FundingForm, FundingForm.typed(line), day)

    def change() -> str:
        actions.change_funding(
            **who(request),
            line=line,
            funding=form.funding(),
            seen_at=form.cleaned_data["seen_at"],
        )
        return "Financement changé."

    context = {
        "heading": "Changer un financement",
        "hints": _hints(request),
        "line": line,
        "withdraw_url": reverse("beneficiaries:withdraw_funding", args=[public_id]),
    }
    return line_page(request, PAGE, line.plan.journey, form, change, context)


@require(Permission.LOG_SESSIONS)
@require_POST
def withdraw_funding(request: HttpRequest, public_id: UUID) -> HttpResponse:
    line = get_object_or_404(queries.funding(request.membership.structure_id, public_id))
    return withdraw_line(
        request,
        PAGE,
        line.plan.journey,
        line,
        actions.withdraw_funding,
        "Financement retiré du plan.",
    )


@require(Permission.LOG_SESSIONS)
@form_page
def add_paper(request: HttpRequest, public_id: UUID) -> HttpResponse:
    journey = _journey(request, public_id)
    lines = _lines(queries.financing_plan(journey))
    typed = (request.POST, request.FILES) if request.method == "POST" else ()
    form = PaperForm(*typed, lines=lines, initial=PaperForm.blank(request.form_key))

    def add() -> str:
        actions.add_paper(
            **who(request), journey=journey, paper=form.paper(), key=form.cleaned_data["key"]
        )
        return "Pièce jointe au plan."

    return line_page(request, PAGE, journey, form, add, {"heading": "Joindre une pièce"})


@require(Permission.READ_JOURNEYS)
@require_GET
def plan_paper(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The paper itself, to keep and never shown in a page: nobody knows what it holds."""
    paper = queries.paper(request.membership.structure_id, public_id)
    found = get_object_or_404(paper.defer(None))
    request.remember("nominal:plan_paper", str(public_id))
    response = HttpResponse(bytes(found.content), content_type=_TYPES[found.kind])
    return attached(response, f"{slugify(found.label)[:60] or 'piece'}.{found.kind}")


@require(Permission.LOG_SESSIONS)
@require_POST
def withdraw_paper(request: HttpRequest, public_id: UUID) -> HttpResponse:
    line = get_object_or_404(queries.paper(request.membership.structure_id, public_id))
    outcome = "Pièce retirée : son contenu est effacé."
    return withdraw_line(request, PAGE, line.plan.journey, line, actions.withdraw_paper, outcome)


@require(Permission.LOG_SESSIONS)
@form_page
def close_plan(request: HttpRequest, public_id: UUID) -> HttpResponse:
    journey = _journey(request, public_id)
    plan = queries.financing_plan(journey)
    if plan is None:
        raise Http404
    gap = queries.totals(plan).gap
    form = PlanClosingForm(
        request.POST if request.method == "POST" else None,
        gap=gap,
        initial={"gap_explained": plan.gap_explained},
    )

    def close(values: dict) -> str:
        actions.close_plan(**who(request), journey=journey, **values)
        return "Plan de financement bouclé."

    context = {
        "heading": "Boucler le plan de financement",
        "lead": _gap_told(gap),
        "send": "Boucler le plan",
        "back": ("Annuler", reverse(PLAN, args=[public_id])),
        "breadcrumb": [*PAGE.above_lines(journey), ("Boucler", None)],
    }
    return filled_form(request, form, close, PLAN, context, public_id=public_id)


@require(Permission.LOG_SESSIONS)
@require_POST
def reopen_plan(request: HttpRequest, public_id: UUID) -> HttpResponse:
    journey = _journey(request, public_id)

    def reopen() -> str:
        actions.reopen_plan(**who(request), journey=journey)
        return "Plan de financement repris : ses lignes peuvent changer."

    tell_outcome(request, reopen)
    return redirect(PLAN, public_id)


# ── What these pages share ───────────────────────────────────────────────────────────────────


def _journey(request: HttpRequest, public_id: UUID) -> Journey:
    journey = asked_journey(request.membership, str(public_id))
    request.remember("nominal:plan", str(public_id))
    return journey


def _hints(request: HttpRequest) -> list:
    return queries.hints(request.membership.region_id, periods.today())


def _form(request: HttpRequest, form: type[CodeForm], initial: dict, day: date) -> CodeForm:
    typed = request.POST if request.method == "POST" else None
    return form(typed, lists=queries.code_lists(day), initial=initial)


def _lines(plan: FinancingPlan | None) -> list[tuple[PlanCost | PlanFunding, str]]:
    """Each line with its words."""
    if plan is None:
        return []
    lines = [*queries.plan_costs(plan), *queries.plan_fundings(plan)]
    return [(one, told(vars(one))) for one in lines]


def _of_line(paper: PlanPaper) -> str:
    line = paper.cost or paper.funding
    return told(vars(line)) if line else ""


def _gap_told(gap: Decimal) -> str:
    if gap > 0:
        return f"Il manque {euros(gap)} : dites pourquoi le plan se boucle ainsi."
    if gap < 0:
        return f"Le projet est financé {euros(-gap)} au-delà de ses coûts : dites pourquoi."
    return "Ce qui est accordé paie tous les coûts."


def told(line: dict) -> str:
    """A line in one sentence, from its columns or from the log."""
    if "gap_explained" in line:
        return line["gap_explained"]
    if "size" in line:
        kind = PlanPaper.Kind(line["kind"]).label
        return f"{line['label']} ({kind}, {filesizeformat(line['size'])})"
    if "kind_id" in line:
        what = filter(None, [queries.label("cost_kind", line["kind_id"]), line["label"]])
        return f"{', '.join(what)} : {euros(line['amount'])}"
    answer = PlanFunding.State(line["state"])
    words = f"{queries.label('funding_right', line['right_id'])} : {euros(line['asked'])} demandés"
    if answer == PlanFunding.State.GRANTED:
        return f"{words}, {euros(line['granted'])} accordés"
    return f"{words}, {answer.label}" if answer == PlanFunding.State.REFUSED else words


PAGE = Page(
    PLAN,
    "Plan de financement",
    "nominal:plan",
    told,
    "Elle ne comptera plus dans le plan. Le suivi en garde la trace.",
)
