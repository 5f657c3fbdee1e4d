"""Regional indicators: the Region composes its own, the DGEFP may take one into the base."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from indicators import actions
from indicators.models import RegionalIndicator
from indicators.regional.composition import Composition
from indicators.regional.sentence import sentence
from indicators.regional.sizes import preview
from indicators.regional_forms import (
    CompositionForm,
    CountedForm,
    OpinionOfRegionForm,
    PromotionForm,
    PublicationForm,
    WithdrawalForm,
)
from regions.permissions import Permission, may, require, require_any
from regions.queries import region_name
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.form_pages import filled_form, form_page

_READ = (Permission.COMPOSE_INDICATORS, Permission.MANAGE_REFERENCE)
_LIST = ("Indicateurs régionaux", "/indicateurs-regionaux/")


def _own_or_404(request: HttpRequest, composed: str) -> RegionalIndicator:
    """« R93.1-v2 » of the own Region; of any, but no draft, for the DGEFP."""
    code, _, version = composed.partition("-v")
    rows = RegionalIndicator.objects.filter(code=code, version=int(version))
    if own := request.membership.region_id:
        return get_object_or_404(rows, region=own)
    return get_object_or_404(rows.exclude(state=RegionalIndicator.State.DRAFT))


def _crumbs(*more: tuple[str, str | None]) -> list[tuple[str, str | None]]:
    return [("Ma page", "/"), _LIST, *more]


def _address(row: RegionalIndicator) -> str:
    return reverse("indicators:regional_indicator", args=[row.slug])


@require_any(*_READ)
@require_GET
def regional_indicators(request: HttpRequest) -> HttpResponse:
    rows = RegionalIndicator.objects.order_by("region", "created_at")
    own = request.membership.region_id
    rows = rows.filter(region=own) if own else rows.exclude(state=RegionalIndicator.State.DRAFT)
    context = {
        "rows": rows,
        "may_compose": may(request, Permission.COMPOSE_INDICATORS),
        "breadcrumb": [("Ma page", "/"), (_LIST[0], None)],
    }
    return render(request, "indicators/regional_indicators.html", context)


@require_any(*_READ)
@require_GET
def regional_indicator(request: HttpRequest, composed: str) -> HttpResponse:
    row, today = _own_or_404(request, composed), periods.today()
    is_composing = row.state == RegionalIndicator.State.DRAFT
    context = {
        "row": row,
        "region": region_name(row.region_id, row.starts_on or today),
        "preview": preview(Composition.of(row), row.region_id, today) if is_composing else None,
        "may_compose": may(request, Permission.COMPOSE_INDICATORS),
        "may_promote": may(request, Permission.MANAGE_REFERENCE),
        "breadcrumb": _crumbs((row.code, None)),
    }
    return render(request, "indicators/regional_indicator.html", context)


# ── Composing ────────────────────────────────────────────────────────────────────────────────


@require(Permission.COMPOSE_INDICATORS)
@form_page
def compose_indicator(request: HttpRequest) -> HttpResponse:
    """First what is counted (in the address), then which of it."""
    counted = CountedForm(request.GET or None)
    if not counted.is_valid():
        context = {
            "form": counted,
            "breadcrumb": _crumbs(("Nouvel indicateur", None)),
        }
        return render(request, "indicators/compose_counted.html", context)
    form = _composition_form(request.POST or None, counted.cleaned_data)
    if request.method == "POST" and form.is_valid():
        region = request.membership.region
        try:
            row = actions.compose_indicator(by=request.user, region=region, composed=form.composed)
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(_address(row))
    return _compose_page(request, form, "Nouvel indicateur", _LIST[1])


@require(Permission.COMPOSE_INDICATORS)
@form_page
def change_draft(request: HttpRequest, composed: str) -> HttpResponse:
    row = _own_or_404(request, composed)
    chosen = {"population": row.population, "mesure": row.measure}
    form = _composition_form(request.POST or None, chosen, initial=CompositionForm.initial_of(row))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_draft(by=request.user, indicator=row, composed=form.composed)
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(_address(row))
    return _compose_page(request, form, f"Modifier {row.code}", _address(row))


def _composition_form(data: QueryDict | None, chosen: dict, **options) -> CompositionForm:
    return CompositionForm(
        data,
        population=chosen["population"],
        measure=chosen["mesure"],
        day=periods.today(),
        **options,
    )


def _compose_page(
    request: HttpRequest, form: CompositionForm, heading: str, back: str
) -> HttpResponse:
    query = urlencode({"population": form.population, "mesure": form.measure})
    context = {
        "form": form,
        "heading": heading,
        "said": _said(form) if form.is_bound else "",
        "sentence_url": f"{reverse('indicators:say_composition')}?{query}",
        "back": back,
        "breadcrumb": _crumbs((heading, None)),
    }
    return render(request, "indicators/compose_indicator.html", context)


@require(Permission.COMPOSE_INDICATORS)
@require_POST
def say_composition(request: HttpRequest) -> HttpResponse:
    """The sentence of what is chosen so far, while it is composed. Writes nothing."""
    counted = CountedForm(request.GET)
    if not counted.is_valid():
        raise Http404
    form = _composition_form(request.POST, counted.cleaned_data)
    return render(request, "indicators/_sentence.html", {"said": _said(form)})


def _said(form: CompositionForm) -> str:
    """Whatever the title is; empty where it cannot be said yet."""
    form.is_valid()
    form.cleaned_data.setdefault("label", "")
    try:
        row = RegionalIndicator(code="R00.0", **form.composed)
        return sentence(Composition.of(row), periods.today())
    except (ActionRefused, KeyError):
        return ""


# ── Acts on one ──────────────────────────────────────────────────────────────────────────────


def _act(request: HttpRequest, row: RegionalIndicator, act, said: str) -> HttpResponse:
    try:
        row = act(by=request.user, indicator=row) or row
    except ActionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect(_LIST[1] if row.pk is None else _address(row))


@require(Permission.COMPOSE_INDICATORS)
@require_POST
def compose_version(request: HttpRequest, composed: str) -> HttpResponse:
    row = _own_or_404(request, composed)
    return _act(request, row, actions.compose_version, "La version suivante est en préparation.")


@require(Permission.COMPOSE_INDICATORS)
@require_POST
def discard_draft(request: HttpRequest, composed: str) -> HttpResponse:
    row = _own_or_404(request, composed)
    return _act(request, row, actions.discard_draft, f"Le brouillon {row.code} est supprimé.")


def _form_on(request, row, form, act, words: dict) -> HttpResponse:
    return filled_form(
        request,
        form,
        act,
        "indicators:regional_indicator",
        {
            "lead": row.statement,
            "back": (f"Revenir à {row.code}", _address(row)),
            "breadcrumb": _crumbs((row.code, _address(row)), (words["heading"], None)),
            **words,
        },
        composed=row.slug,
    )


@require(Permission.COMPOSE_INDICATORS)
@form_page
def publish_indicator(request: HttpRequest, composed: str) -> HttpResponse:
    row = _own_or_404(request, composed)

    def act(values: dict) -> str:
        made = actions.publish_indicator(by=request.user, indicator=row, **values)
        return f"{made.code} est compté à partir du {periods.full_date(made.starts_on)}."

    words = {"heading": f"Publier {row.code}", "send": "Publier, sans retour"}
    return _form_on(request, row, PublicationForm(request.POST or None), act, words)


@require(Permission.COMPOSE_INDICATORS)
@form_page
def withdraw_indicator(request: HttpRequest, composed: str) -> HttpResponse:
    row = _own_or_404(request, composed)

    def act(values: dict) -> str:
        made = actions.withdraw_indicator(by=request.user, indicator=row, **values)
        return f"{made.code} n’est plus compté à partir du {periods.full_date(made.ends_on)}."

    words = {"heading": f"Retirer {row.code}", "send": "Retirer"}
    return _form_on(request, row, WithdrawalForm(request.POST or None), act, words)


@require(Permission.COMPOSE_INDICATORS)
@form_page
def note_opinion(request: HttpRequest, composed: str) -> HttpResponse:
    row = _own_or_404(request, composed)
    form = OpinionOfRegionForm(request.POST or None, initial={"opinion": row.opinion})

    def act(values: dict) -> str:
        actions.note_opinion(by=request.user, indicator=row, **values)
        return f"L’avis du CREFOP sur {row.code} est enregistré."

    words = {"heading": f"Avis du CREFOP sur {row.code}", "send": "Enregistrer"}
    return _form_on(request, row, form, act, words)


@require(Permission.MANAGE_REFERENCE)
@form_page
def promote_indicator(request: HttpRequest, composed: str) -> HttpResponse:
    row = _own_or_404(request, composed)

    def act(values: dict) -> str:
        made = actions.promote_indicator(by=request.user, indicator=row, **values)
        day = periods.full_date(made.starts_on)
        return f"{row.code} devient {made.code} dans le socle national à partir du {day}."

    words = {"heading": f"Reprendre {row.code} dans le socle", "send": "Reprendre, sans retour"}
    return _form_on(request, row, PromotionForm(request.POST or None), act, words)
