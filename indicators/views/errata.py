"""Errata: opened by the DGEFP, and what each changes."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_GET

from indicators import actions, queries
from indicators.act_forms import ErratumForm
from indicators.exports.errata import changes_csv
from indicators.models import Edition
from indicators.queries import Names
from indicators.views.editions import (
    READ_DASHBOARDS,
    asked_number,
    attached,
    edition_or_404,
)
from regions.permissions import Permission, require, require_any
from regions.queries import commune_key
from sprocep.errors import ActionRefused
from sprocep.form_pages import form_page
from sprocep.periods import Period
from sprocep.tenancy import NATION


@require(Permission.ANSWER)
@form_page
def open_erratum(request: HttpRequest, period: Period) -> HttpResponse:
    regions = _sealed_regions(period)
    if not regions:
        raise Http404
    form = ErratumForm(
        request.POST or None,
        regions=regions,
        initial={"territories": request.GET.getlist("region")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            opened = actions.open_erratum(by=request.user, period=period, **form.cleaned_data)
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            codes = ", ".join(edition.code for edition in opened)
            messages.success(request, f"Erratum ouvert, recalcul lancé : {codes}.")
            return redirect("indicators:grid")
    context = {
        "heading": f"Ouvrir un erratum, {period.label}",
        "lead": _lead(period),
        "form": form,
        "send": "Ouvrir l’erratum",
        "back": ("Annuler", reverse("indicators:grid")),
        "breadcrumb": [
            ("Ma page", "/"),
            ("Régions et périodes", reverse("indicators:grid")),
            (f"Erratum, {period.label}", None),
        ],
    }
    return render(request, "form_page.html", context)


def _lead(period: Period) -> str:
    """With the sealed editions of longer periods, which do not follow by themselves."""
    lead = (
        "Une édition du numéro suivant est recalculée, protégée, relue, validée, scellée et "
        "transmise comme la première, qui reste lisible."
    )
    links = format_html_join(
        " et ",
        '<a href="{}">{}</a>',
        [
            (reverse("indicators:open_erratum", args=[longer]), longer.label)
            for longer in queries.sealed_longer(period)
        ],
    )
    if not links:
        return lead
    return format_html(
        "{} Ce qui est déjà scellé pour une période plus longue ne suit pas et en différera : "
        "ouvrez ensuite son erratum ({}).",
        lead,
        links,
    )


def _sealed_regions(period: Period) -> list[tuple[str, str]]:
    """Regions whose newest edition is sealed, by name."""
    newest = {e.territory: e for e in Edition.objects.filter(period=period.code).order_by("number")}
    names = Names()
    found = [
        (code, names.on(code, period.last_day))
        for code, edition in newest.items()
        if edition.is_sealed and code != NATION
    ]
    return sorted(found, key=lambda pair: commune_key(pair[1]))


@require_any(*READ_DASHBOARDS)
@require_GET
def changes(request: HttpRequest, period: Period, territory: str) -> HttpResponse:
    """The cells that an erratum changes, as a CSV."""
    edition = edition_or_404(period, territory, asked_number(request))
    if edition.supersedes_id is None:
        raise Http404
    name = f"sprocep-{edition.code.replace('/', '-')}-erratum.csv"
    return attached(changes_csv(edition), "csv", name)
