"""What the DGEFP sets: deadlines and the secrecy threshold here, Regions and code lists beside."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from indicators import actions
from indicators.forms import DeadlinesForm, RuleForm, ThresholdForm
from indicators.models import CalendarEntry, QualityRule, SecrecyThreshold
from regions.permissions import Permission, require
from regions.views.territory import REFERENCE
from sprocep import periods
from sprocep.form_pages import filled_form, form_page
from sprocep.periods import Period

BACK = ("Revenir aux référentiels", REFERENCE[1])


@require(Permission.MANAGE_REFERENCE)
@require_GET
def reference(request: HttpRequest) -> HttpResponse:
    entries = CalendarEntry.objects.order_by("-starts_on")
    context = {
        "entries": [(Period.parse(entry.period), entry) for entry in entries],
        "thresholds": SecrecyThreshold.objects.order_by("-starts_on"),
        "rules": QualityRule.objects.all(),
        "today": periods.today(),
        "next_url": _next_period(),
        "breadcrumb": [("Ma page", "/"), ("Référentiels", None)],
    }
    return render(request, "indicators/reference.html", context)


def _next_period() -> str:
    """The first period after those of the calendar."""
    last = CalendarEntry.objects.order_by("-starts_on").values_list("period", flat=True).first()
    period = Period.parse(last) if last else periods.quarter_of(periods.today()).before
    return reverse("indicators:set_deadlines", args=[period.after])


# Days after the end of a period that nobody has set yet.
_PROPOSED = {"opens_on": 0, "confirm_by": 20, "computed_on": 25, "comment_by": 40, "due_on": 45}


def _proposed(period: Period) -> dict[str, date]:
    return {name: periods.days_after(period.ends, days) for name, days in _PROPOSED.items()}


@require(Permission.MANAGE_REFERENCE)
@form_page
def set_deadlines(request: HttpRequest, period: Period) -> HttpResponse:
    known = CalendarEntry.objects.filter(pk=period.code).values(*DeadlinesForm.base_fields).first()
    form = DeadlinesForm(request.POST or None, initial=known or _proposed(period))

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
            "lead": "Chacun est prévenu par courriel à l’ouverture et avant chaque échéance.",
            "send": "Fixer les échéances",
            "back": BACK,
            "breadcrumb": [("Ma page", "/"), REFERENCE, (heading, None)],
        },
    )


@require(Permission.MANAGE_REFERENCE)
@form_page
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
            "lead": "Une case qui compte moins d’unités que le seuil n’est pas publiée.",
            "send": "Annoncer",
            "back": BACK,
            "breadcrumb": [("Ma page", "/"), REFERENCE, ("Seuil de secret", None)],
        },
    )


@require(Permission.MANAGE_REFERENCE)
@form_page
def set_rule(request: HttpRequest, rule: str) -> HttpResponse:
    known = get_object_or_404(QualityRule, pk=rule)
    initial = {"threshold": known.threshold.normalize(), "is_active": known.is_active}
    form = RuleForm(request.POST or None, initial=initial)

    def act(values: dict) -> str:
        actions.set_rule(by=request.user, rule=known, **values)
        return "La règle est réglée : le prochain comptage la suit."

    return filled_form(
        request,
        form,
        act,
        "indicators:reference",
        {
            "heading": "Régler une règle de qualité",
            "lead": f"{known.label}.",
            "send": "Régler",
            "back": BACK,
            "breadcrumb": [("Ma page", "/"), REFERENCE, ("Règle de qualité", None)],
        },
    )
