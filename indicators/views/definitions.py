"""The definitions of the indicators: read by everybody, written by the DGEFP."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from indicators import actions
from indicators.definition_forms import OpinionForm, VersionForm
from indicators.exports import catalogue
from indicators.models import Definition
from indicators.versions import definitions_on, versions_of
from regions.permissions import Permission, may, public, require
from sprocep import periods
from sprocep.form_pages import filled_form

_FIELDS = ("label", "statement", "numerator", "denominator", "legal_source")


@public
@require_GET
def definitions(request: HttpRequest) -> HttpResponse:
    context = {
        "indicators": catalogue.national_base(periods.today()),
        "breadcrumb": [*_home(request), ("Indicateurs", None)],
    }
    return render(request, "indicators/definitions.html", context)


@public
@require_GET
def definition(request: HttpRequest, indicator: str) -> HttpResponse:
    versions = list(versions_of(indicator))
    if not versions:
        raise Http404
    today = periods.today()
    shown = next((row for row in versions if row.starts_on <= today), versions[-1])
    context = {
        "shown": catalogue.described(shown, catalogue.BY_CODE[indicator]),
        "versions": versions,
        "today": today,
        "may_write": may(request, Permission.MANAGE_REFERENCE),
        "breadcrumb": [*_home(request), _LIST, (indicator, None)],
    }
    return render(request, "indicators/definition.html", context)


def _home(request: HttpRequest) -> list[tuple[str, str]]:
    """Who is not logged in has no home."""
    return [("Accueil", "/")] if request.membership else []


_LIST = ("Indicateurs", "/indicateurs/")


@require(Permission.MANAGE_REFERENCE)
@require_http_methods(["GET", "POST"])
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
            "breadcrumb": [("Accueil", "/"), _LIST, _crumb(indicator), ("Nouvelle version", None)],
        },
        indicator=indicator,
    )


@require(Permission.MANAGE_REFERENCE)
@require_http_methods(["GET", "POST"])
def record_opinion(request: HttpRequest, indicator: str) -> HttpResponse:
    _in_force_or_404(indicator)
    form = OpinionForm(request.POST or None, versions=list(versions_of(indicator)))

    def act(values: dict) -> str:
        actions.record_opinion(by=request.user, **values)
        return f"L'avis du CNEFOP sur {indicator} est enregistré."

    return filled_form(
        request,
        form,
        act,
        "indicators:definition",
        {
            "heading": f"Avis du CNEFOP sur {indicator}",
            "send": "Enregistrer",
            "back": _back(indicator),
            "breadcrumb": [("Accueil", "/"), _LIST, _crumb(indicator), ("Avis", None)],
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
