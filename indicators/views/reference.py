"""What the DGEFP sets: deadlines and the secrecy threshold here, Regions and code lists beside."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from indicators import actions
from indicators.forms import DeadlinesForm, ThresholdForm
from indicators.models import CalendarEntry, SecrecyThreshold
from regions.permissions import Permission, require
from regions.views.territory import REFERENCE
from sprocep import periods
from sprocep.form_pages import filled_form
from sprocep.periods import Period

BACK = ("Revenir aux référentiels", REFERENCE[1])


@require(Permission.MANAGE_REFERENCE)
@require_GET
def reference(request: HttpRequest) -> HttpResponse:
    entries = CalendarEntry.objects.order_by("-starts_on")
    context = {
        "entries": [(Period.parse(entry.period), entry) for entry in entries],
        "thresholds": SecrecyThreshold.objects.order_by("-starts_on"),
        "today": periods.today(),
        "next_url": _next_period(),
        "breadcrumb": [("Accueil", "/"), ("Référentiels", None)],
    }
    return render(request, "indicators/reference.html", context)


def _next_period() -> str:
    """The first period after those of the calendar."""
    last = CalendarEntry.objects.order_by("-starts_on").values_list("period", flat=True).first()
    period = Period.parse(last) if last else periods.quarter_of(periods.today()).before
    return reverse("indicators:set_deadlines", args=[period.after])


@require(Permission.MANAGE_REFERENCE)
@require_http_methods(["GET", "POST"])
def set_deadlines(request: HttpRequest, period: Period) -> HttpResponse:
    known = CalendarEntry.objects.filter(pk=period.code).values("computed_on", "due_on").first()
    form = DeadlinesForm(request.POST or None, initial=known)

    def act(values: dict) -> str:
        actions.set_deadlines(by=request.user, period=period, **values)
        return f"Les échéances du {period.label} sont fixées."

    heading = f"Échéances, {period.label}"
    return filled_form(
        request,
        form,
        act,
        "indicators:reference",
        {
            "heading": heading,
            "lead": "Le calcul se lance de lui-même le jour dit, à l'heure qui suit.",
            "send": "Fixer les échéances",
            "back": BACK,
            "breadcrumb": [("Accueil", "/"), REFERENCE, (heading, None)],
        },
    )


@require(Permission.MANAGE_REFERENCE)
@require_http_methods(["GET", "POST"])
def announce_threshold(request: HttpRequest) -> HttpResponse:
    form = ThresholdForm(request.POST or None)

    def act(values: dict) -> str:
        actions.announce_threshold(by=request.user, **values)
        day = periods.full_date(values["starts_on"])
        return f"Le seuil de secret sera de {values['k']} à partir du {day}."

    return filled_form(
        request,
        form,
        act,
        "indicators:reference",
        {
            "heading": "Annoncer un seuil de secret",
            "lead": "Une case qui compte moins d'unités que le seuil n'est pas publiée.",
            "send": "Annoncer",
            "back": BACK,
            "breadcrumb": [("Accueil", "/"), REFERENCE, ("Seuil de secret", None)],
        },
    )
