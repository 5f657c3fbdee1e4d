"""One return: what the structure declares, what looks wrong in it, and its confirmation."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from indicators import actions, returns
from indicators.declaration import anomalies_of, confirmed_by, counts_of
from indicators.forms import ExplanationForm
from indicators.models import Anomaly, ExpectedReturn
from regions.permissions import Permission, may, require
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.form_pages import tell_outcome
from sprocep.periods import Period

PAGE = "indicators:declaration"


@require(Permission.CONFIRM_RETURNS)
@require_GET
def declaration(request: HttpRequest, period: Period, territory: str, siret: str) -> HttpResponse:
    owed = _owed(period, territory, siret)
    return render(request, "indicators/declaration.html", _shown(request, owed, ExplanationForm()))


def _owed(period: Period, territory: str, siret: str) -> ExpectedReturn:
    rows = returns.named(returns.returns([period.code], periods.today()))
    expected_return = rows.filter(
        period=period.code, region=territory, structure__siret=siret
    ).first()
    if expected_return is None:
        raise Http404
    return expected_return


def _shown(request: HttpRequest, owed: ExpectedReturn, form: ExplanationForm) -> dict:
    period = Period.parse(owed.period)
    anomalies = list(anomalies_of(owed))
    return {
        "owed": owed,
        "period": period,
        "address": (owed.period, owed.region_id, owed.structure.siret),
        "confirm_by": returns.confirm_by(owed.period),
        "is_over": period.is_over(periods.today()),
        "is_settled": actions.is_settled(owed.period, owed.region_id),
        "confirmed_by": confirmed_by(owed),
        "counts": counts_of(owed),
        "anomalies": anomalies,
        "waiting": sum(anomaly.state == Anomaly.State.OPEN for anomaly in anomalies),
        "form": form,
        "journeys": _own_rows(request, period),
        "may_read_rows": may(request, Permission.READ_OWN_ROWS),
        "breadcrumb": [
            ("Ma page", "/"),
            ("Remontées", reverse("indicators:returns")),
            (f"{owed.structure_name}, {period.label}", None),
        ],
    }


def _own_rows(request: HttpRequest, period: Period) -> str:
    """The journeys behind the entries, for who reads them."""
    if not may(request, Permission.READ_JOURNEYS):
        return ""
    filters = {
        "state": "",
        "referent": "",
        "opened_from": period.starts.isoformat(),
        "opened_to": period.last_day.isoformat(),
    }
    return f"{reverse('beneficiaries:journeys')}?{urlencode(filters)}"


# ── Acts ─────────────────────────────────────────────────────────────────────────────────────


@require(Permission.CONFIRM_RETURNS)
@require_POST
def confirm(request: HttpRequest, period: Period, territory: str, siret: str) -> HttpResponse:
    owed = _owed(period, territory, siret)

    def act() -> str:
        actions.confirm_return(by=request.user, owed=owed)
        return f"La remontée du {period.label} est confirmée."

    tell_outcome(request, act)
    return redirect(PAGE, period, territory, siret)


@require(Permission.CONFIRM_RETURNS)
@require_POST
def withdraw(request: HttpRequest, period: Period, territory: str, siret: str) -> HttpResponse:
    owed = _owed(period, territory, siret)

    def act() -> str:
        actions.withdraw_confirmation(by=request.user, owed=owed)
        return f"La confirmation du {period.label} est retirée."

    tell_outcome(request, act)
    return redirect(PAGE, period, territory, siret)


@require(Permission.CONFIRM_RETURNS)
@require_POST
def recount(request: HttpRequest, period: Period, territory: str, siret: str) -> HttpResponse:
    owed = _owed(period, territory, siret)
    is_new = actions.request_count(
        by=request.user, period=period, region=owed.region_id, structure_id=owed.structure_id
    )
    state = "est demandé" if is_new else "était déjà demandé"
    messages.success(request, f"Un nouveau comptage {state} : revenez dans une minute.")
    return redirect(PAGE, period, territory, siret)


@require(Permission.CONFIRM_RETURNS)
@require_POST
def explain_anomaly(
    request: HttpRequest, period: Period, territory: str, siret: str, rule: str
) -> HttpResponse:
    owed = _owed(period, territory, siret)
    anomaly = get_object_or_404(
        Anomaly, period=owed.period, region=owed.region_id, structure=owed.structure_id, rule=rule
    )
    form = ExplanationForm(request.POST)
    if form.is_valid():
        try:
            actions.explain_anomaly(by=request.user, anomaly=anomaly, **form.cleaned_data)
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "L’explication est gardée avec l’anomalie.")
            return redirect(PAGE, period, territory, siret)
    context = _shown(request, owed, form) | {"opened": anomaly.pk}
    return render(request, "indicators/declaration.html", context)


@require(Permission.CONFIRM_RETURNS)
@require_POST
def confirm_all(request: HttpRequest, period: Period) -> HttpResponse:
    """All those within reach that no anomaly holds back."""
    confirmed, left = actions.confirm_without_anomaly(by=request.user, period=period)
    if confirmed:
        words = "remontée confirmée" if confirmed == 1 else "remontées confirmées"
        messages.success(request, f"{confirmed} {words}.")
    if left:
        words = "attend encore" if left == 1 else "attendent encore"
        why = "une anomalie, une période non finie, ou un tableau de bord déjà validé"
        messages.warning(request, f"{left} {words} : {why}.")
    if not confirmed and not left:
        messages.info(request, "Toutes les remontées de cette période étaient déjà confirmées.")
    address = reverse("indicators:returns_of_structures")
    return redirect(f"{address}?periode={period}")
