"""The Regions as the DGEFP keeps them: names, mergers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from regions import actions, queries
from regions.forms import MergerForm, RegionNameForm
from regions.models import Region
from regions.permissions import Permission, require
from sprocep import periods
from sprocep.form_pages import filled_form, form_page

REFERENCE = ("Référentiels", "/nation/referentiels/")
REGIONS = ("Régions", "/nation/regions/")


@require(Permission.MANAGE_REFERENCE)
@require_GET
def territory(request: HttpRequest) -> HttpResponse:
    today = periods.today()
    context = {
        "regions": queries.regions_with_departments(today),
        "changes": queries.changes_to_come(today),
        "breadcrumb": [("Ma page", "/"), REFERENCE, ("Régions", None)],
    }
    return render(request, "regions/territory.html", context)


@require(Permission.MANAGE_REFERENCE)
@form_page
def rename_region(request: HttpRequest, region: str) -> HttpResponse:
    found = get_object_or_404(Region, pk=region)
    form = RegionNameForm(request.POST or None)
    name = queries.region_name(region, periods.today())

    def act(values: dict) -> str:
        actions.rename_region(by=request.user, region=found, **values)
        return f"{name} s’appellera {values['name']} le {periods.full_date(values['starts_on'])}."

    return filled_form(
        request,
        form,
        act,
        "regions:territory",
        {
            "heading": f"Renommer {name}",
            "lead": "Les bornes ne changent pas. Ce qui est antérieur garde le nom de sa date.",
            "send": "Renommer",
            "back": ("Revenir aux Régions", reverse("regions:territory")),
            "breadcrumb": [("Ma page", "/"), REFERENCE, REGIONS, ("Renommer une Région", None)],
        },
    )


@require(Permission.MANAGE_REFERENCE)
@form_page
def merge_regions(request: HttpRequest) -> HttpResponse:
    form = MergerForm(request.POST or None)

    def act(values: dict) -> str:
        actions.merge_regions(by=request.user, **values)
        day = periods.full_date(values["starts_on"])
        return f"La Région {values['name']} naîtra le {day}."

    return filled_form(
        request,
        form,
        act,
        "regions:territory",
        {
            "heading": "Fusionner des Régions",
            "lead": (
                "Les départements, les membres du SPRO et les habilitations passent à la nouvelle "
                "Région. Elle lit ce que les anciennes ont laissé. Rien ne revient en arrière."
            ),
            "send": "Fusionner",
            "back": ("Revenir aux Régions", reverse("regions:territory")),
            "breadcrumb": [("Ma page", "/"), REFERENCE, REGIONS, ("Fusionner des Régions", None)],
        },
    )
