"""The definitions of the indicators: read by everybody, written by the DGEFP."""

from contextlib import AbstractContextManager

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from indicators import actions
from indicators.definition_forms import OpinionForm, VersionForm
from indicators.exports import catalogue
from indicators.models import Definition, RegionalIndicator
from indicators.regional.standing import PUBLIC
from indicators.versions import definitions_on, versions_of
from regions.permissions import Permission, may, public, require
from sprocep import periods, tenancy
from sprocep.form_pages import filled_form, form_page

_FIELDS = ("label", "statement", "numerator", "denominator", "legal_source")


@public
@require_GET
def definitions(request: HttpRequest) -> HttpResponse:
    today = periods.today()
    with _everybody():
        context = {
            "indicators": catalogue.national_base(today),
            "regional": catalogue.of_all_regions(today),
            "breadcrumb": [*_home(request), ("Indicateurs", None)],
        }
    return render(request, "indicators/definitions.html", context)


def _everybody() -> AbstractContextManager:
    """What is published is seen in any scope, and here nothing more: no draft of any Region."""
    return tenancy.scope(regions=[tenancy.NATION], read_only=True)


@public
@require_GET
def definition(request: HttpRequest, indicator: str) -> HttpResponse:
    today = periods.today()
    with _everybody():
        if indicator.startswith("R"):
            return _regional(request, indicator)
        versions = list(versions_of(indicator))
        if not versions:
            raise Http404
        day = max(today, versions[-1].starts_on)  # one that is announced is shown as it will be
        shown = {one.code: one for one in catalogue.national_base(day)}[indicator]
    context = {
        "shown": shown,
        "versions": versions,
        "today": today,
        "may_write": may(request, Permission.MANAGE_REFERENCE),
        "breadcrumb": [*_home(request), _LIST, (indicator, None)],
    }
    return render(request, "indicators/definition.html", context)


def _regional(request: HttpRequest, indicator: str) -> HttpResponse:
    rows = RegionalIndicator.objects.filter(code=indicator, state__in=PUBLIC).order_by("-version")
    if not rows:
        raise Http404
    context = {
        "shown": catalogue.composed(rows[0]),
        "rows": rows,
        "breadcrumb": [*_home(request), _LIST, (indicator, None)],
    }
    return render(request, "indicators/definition_regional.html", context)


def _home(request: HttpRequest) -> list[tuple[str, str]]:
    """Who is not logged in has no home."""
    return [("Ma page", "/")] if request.membership else []


_LIST = ("Indicateurs", "/indicateurs/")


@require(Permission.MANAGE_REFERENCE)
@form_page
def publish_definition(request: HttpRequest, indicator: str) -> HttpResponse:
    current = _in_force_or_404(indicator)
    initial = {name: getattr(current, name) for name in _FIELDS}
    form = VersionForm(request.POST or None, initial=initial)

    def act(values: dict) -> str:
        made = actions.publish_definition(by=request.user, code=indicator, **values)
        day = periods.full_date(made.starts_on)
        return f"La version {made.version} de {indicator} prend effet le {day}."

    return filled_form(
        request,
        form,
        act,
        "indicators:definition",
        {
            "heading": f"Nouvelle version de {indicator}",
            "lead": (
                "Les éditions scellées gardent la définition de leur date ; la nouvelle vaut pour "
                "les périodes qui commencent avec elle."
            ),
            "send": "Publier",
            "back": _back(indicator),
            "breadcrumb": [("Ma page", "/"), _LIST, _crumb(indicator), ("Nouvelle version", None)],
        },
        indicator=indicator,
    )


@require(Permission.MANAGE_REFERENCE)
@form_page
def record_opinion(request: HttpRequest, indicator: str) -> HttpResponse:
    _in_force_or_404(indicator)
    form = OpinionForm(request.POST or None, versions=list(versions_of(indicator)))

    def act(values: dict) -> str:
        actions.record_opinion(by=request.user, **values)
        return f"L’avis du CNEFOP sur {indicator} est enregistré."

    return filled_form(
        request,
        form,
        act,
        "indicators:definition",
        {
            "heading": f"Avis du CNEFOP sur {indicator}",
            "send": "Enregistrer",
            "back": _back(indicator),
            "breadcrumb": [("Ma page", "/"), _LIST, _crumb(indicator), ("Avis", None)],
        },
        indicator=indicator,
    )


def _in_force_or_404(code: str) -> Definition:
    found = definitions_on(periods.today()).get(code)
    if found is None:
        raise Http404
    return found


def _crumb(code: str) -> tuple[str, str]:
    return code, reverse("indicators:definition", args=[code])


def _back(code: str) -> tuple[str, str]:
    return f"Revenir à {code}", reverse("indicators:definition", args=[code])
