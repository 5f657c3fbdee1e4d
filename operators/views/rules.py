"""« Règles d'aiguillage »: read by those who send, written by the coordination."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.views.decorators.http import require_GET, require_POST

from operators import actions, routing
from operators.forms import EndOfRuleForm, RuleForm
from operators.models import RoutingRule
from regions.permissions import Permission, may, require, require_any
from regions.queries import region_scope, territory_names
from sprocep import periods
from sprocep.form_pages import filled_form, form_page, tell_outcome

_UNDER = ("Règles d’aiguillage", "/aiguillage/")
_PAGE = "operators/rule_form.html"


@require_any(Permission.SEND_REFERRALS, Permission.MANAGE_ROUTING)
@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    region, today = request.membership.region_id, periods.today()
    every = list(routing.rules_of(region_scope(region), today))
    names = territory_names(today)
    for rule in every:
        rule.whom, rule.is_own = routing.whom(rule), rule.region_id == region
        if rule.region_id and not rule.is_own:
            rule.whom += f", dans les départements de l’ancienne Région {names[rule.region_id]}"
    own = [rule for rule in every if rule.is_own and not _is_void(rule)]
    current = [rule for rule in every if _holds_on(rule, today)]
    # Those for décrocheurs are a list apart: each is replaced by the Region's own of its kind.
    kinds = {rule.of_dropouts for rule in current if rule.is_own}
    inherited = [rule for rule in current if not rule.is_own]
    context = {
        "in_force": [rule for rule in current if rule.is_own],
        "coming": [rule for rule in own if rule.starts_on > today],
        "over": [rule for rule in own if rule.ends_on and rule.ends_on <= today],
        "inherited": [rule for rule in inherited if rule.of_dropouts not in kinds],
        "replaced": [rule for rule in inherited if rule.of_dropouts in kinds],
        "may_adopt": False not in kinds,
        "some_end": any(rule.ends_on and rule.ends_on > today for rule in own),
        "region_name": names[region],
        "may_write": may(request, Permission.MANAGE_ROUTING),
        "breadcrumb": [("Ma page", "/"), (_UNDER[0], None)],
    }
    return render(request, "operators/rules.html", context)


def _holds_on(rule: RoutingRule, day: date) -> bool:
    return rule.starts_on <= day and (rule.ends_on is None or rule.ends_on > day)


def _is_void(rule: RoutingRule) -> bool:
    """Taken back before it ever held."""
    return rule.ends_on == rule.starts_on


@require(Permission.MANAGE_ROUTING)
@require_POST
def adopt_rules(request: HttpRequest) -> HttpResponse:
    def adopt() -> str:
        adopted = actions.adopt_national_rules(by=request.user, region=request.membership.region_id)
        return f"{len(adopted)} règles nationales reprises : modifiez-les, ajoutez les vôtres."

    tell_outcome(request, adopt)
    return redirect("operators:rules")


@require(Permission.MANAGE_ROUTING)
@form_page
def add_rule(request: HttpRequest) -> HttpResponse:
    region = request.membership.region_id
    form = RuleForm(request.POST or None, region=region, initial=RuleForm.blank(region))

    def add(values: dict) -> str:
        added = actions.add_rule(by=request.user, region=region, **form.rule)
        return f"Règle ajoutée : elle vaut à partir du {periods.full_date(added.starts_on)}."

    context = _context("Ajouter une règle", "Ajouter la règle")
    return filled_form(request, form, add, "operators:rules", context, _PAGE)


@require(Permission.MANAGE_ROUTING)
@form_page
def change_rule(request: HttpRequest, public_id: UUID) -> HttpResponse:
    rule = _own(request, public_id)
    form = RuleForm(request.POST or None, region=rule.region_id, initial=RuleForm.of(rule))

    def change(values: dict) -> str:
        changed = actions.change_rule(by=request.user, rule=rule, **form.rule)
        return f"Règle changée à partir du {periods.full_date(changed.starts_on)}."

    context = _context("Modifier une règle", "Modifier la règle")
    return filled_form(request, form, change, "operators:rules", context, _PAGE)


@require(Permission.MANAGE_ROUTING)
@form_page
def end_rule(request: HttpRequest, public_id: UUID) -> HttpResponse:
    rule = _own(request, public_id)

    def end(values: dict) -> str:
        actions.end_rule(by=request.user, rule=rule, **values)
        return f"La règle s’arrête le {periods.full_date(values['ends_on'])}."

    first = {"ends_on": max(rule.starts_on, periods.today())}
    sentence = f"{capfirst(routing.whom(rule))} → {routing.effect(rule)}."
    context = _context("Arrêter une règle", "Arrêter la règle") | {"lead": sentence}
    form = EndOfRuleForm(request.POST or None, initial=first)
    return filled_form(request, form, end, "operators:rules", context)


def _context(heading: str, send: str) -> dict:
    return {
        "heading": heading,
        "send": send,
        "back": ("Revenir aux règles", _UNDER[1]),
        "breadcrumb": [("Ma page", "/"), _UNDER, (heading, None)],
    }


def _own(request: HttpRequest, public_id: UUID) -> RoutingRule:
    region = request.membership.region_id
    found = routing.rules_of([region], periods.today()).select_related("level", "structure")
    return get_object_or_404(found, region=region, public_id=public_id, ends_on=None)
