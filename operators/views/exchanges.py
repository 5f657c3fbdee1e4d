"""« Échanges de pratique »: workshops between networks, announced by a coordination or a
Carif-Oref, joined by advisers of the Region from their screen."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from operators import actions, queries
from operators.exchanges.forms import AttendanceForm, ExchangeForm
from operators.exchanges.roll import mix_of, roll, rolls
from operators.models import Exchange, Registration
from regions.permissions import Permission, may, require, require_any
from regions.queries import network_names
from sprocep import periods
from sprocep.downloads import attached
from sprocep.errors import ActionRefused
from sprocep.form_pages import filled_form, form_page, tell_outcome
from sprocep.rendering.tables import spreadsheet_csv

_UNDER = ("Échanges de pratique", "/echanges/")
_PAGE = "operators:exchange"
_PAST = 30  # of those that are over
_HEAD = ("nom", "structure", "réseau", "inscription le", "état", "présence")


@require_any(Permission.JOIN_EXCHANGES, Permission.ANNOUNCE_EXCHANGES)
@require_GET
def exchanges(request: HttpRequest) -> HttpResponse:
    found, today = queries.exchanges_of(request.membership.region_id), periods.today()
    coming = list(found.filter(held_on__gte=today))
    past = list(found.filter(held_on__lt=today).order_by("-held_on", "-pk")[:_PAST])
    registered = rolls([*coming, *past])
    for one in (*coming, *past):
        who = registered.get(one.pk, [])
        one.inside, one.own = sum(each.is_in for each in who), _own(request, who)
        one.waiting = len(who) - one.inside
    context = {
        "coming": coming,
        "past": past,
        "announces": may(request, Permission.ANNOUNCE_EXCHANGES),
        "breadcrumb": [("Ma page", "/"), (_UNDER[0], None)],
    }
    return render(request, "operators/exchanges.html", context)


@require_any(Permission.JOIN_EXCHANGES, Permission.ANNOUNCE_EXCHANGES)
@require_GET
def exchange(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = _exchange(request, public_id)
    return _page(request, found, roll(found))


def _page(
    request: HttpRequest,
    found: Exchange,
    who: list[Registration],
    form: AttendanceForm | None = None,
) -> HttpResponse:
    today, announces = periods.today(), may(request, Permission.ANNOUNCE_EXCHANGES)
    inside, waiting = _apart(who)
    names = network_names(today)
    for one in who:
        one.network = names.get(one.structure.network_id, "")
    notes = announces and found.held_on <= today and not found.cancelled_on and inside
    context = {
        "exchange": found,
        "inside": inside,
        "waiting": waiting,
        "most": mix_of(found).most(len(inside)),
        "own": _own(request, who),
        "is_open": found.held_on >= today and not found.cancelled_on,
        "joins": may(request, Permission.JOIN_EXCHANGES),
        "announces": announces,
        "form": (form or AttendanceForm(inside=inside)) if notes else None,
        "breadcrumb": [("Ma page", "/"), _UNDER, (found.title, None)],
    }
    return render(request, "operators/exchange.html", context)


@require(Permission.ANNOUNCE_EXCHANGES)
@form_page
def announce_exchange(request: HttpRequest) -> HttpResponse:
    def announce(values: dict) -> str:
        announced = actions.announce_exchange(
            by=request.user, region=request.membership.region_id, **values
        )
        return f"Atelier annoncé : {announced}, le {periods.full_date(announced.held_on)}."

    form = ExchangeForm(request.POST or None, initial={"share": 50, "least": 4})
    context = {
        "heading": "Annoncer un atelier",
        "lead": "Les conseillers de toutes les structures de la Région s’y inscrivent eux-mêmes.",
        "send": "Annoncer l’atelier",
        "back": ("Revenir aux échanges", _UNDER[1]),
        "breadcrumb": [("Ma page", "/"), _UNDER, ("Annoncer un atelier", None)],
    }
    return filled_form(request, form, announce, "operators:exchanges", context)


@require(Permission.JOIN_EXCHANGES)
@require_POST
def join(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = _exchange(request, public_id)

    def act() -> str:
        actions.join_exchange(by=request.user, membership=request.membership, exchange=found)
        own = _own(request, roll(found))
        if own.is_in:
            return "Inscription enregistrée : vous avez une place."
        return "Inscription enregistrée, en attente : vous entrez dès que la règle le permet."

    tell_outcome(request, act)
    return redirect(_PAGE, public_id)


@require(Permission.JOIN_EXCHANGES)
@require_POST
def leave(request: HttpRequest, public_id: UUID) -> HttpResponse:
    own = _own(request, roll(_exchange(request, public_id)))

    def act() -> str:
        if own is None:
            raise ActionRefused("Vous n’avez pas d’inscription à cet atelier.")
        actions.leave_exchange(by=request.user, registration=own)
        left = "votre place va à qui attend" if own.is_in else "vous n’attendez plus"
        return f"Désistement enregistré : {left}."

    tell_outcome(request, act)
    return redirect(_PAGE, public_id)


@require(Permission.ANNOUNCE_EXCHANGES)
@require_POST
def attendance(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = _exchange(request, public_id)
    who = roll(found)
    inside, _ = _apart(who)
    form = AttendanceForm(request.POST, inside=inside)
    if not form.is_valid():
        return _page(request, found, who, form)
    chosen = set(form.cleaned_data["present"])
    present = {one.pk for one in inside if str(one.public_id) in chosen}

    def act() -> str:
        count = actions.note_attendance(
            by=request.user, exchange=found, inside=inside, present=present
        )
        return f"Présences notées : {count} sur {len(inside)}."

    tell_outcome(request, act)
    return redirect(_PAGE, public_id)


@require(Permission.ANNOUNCE_EXCHANGES)
@require_POST
def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    def act() -> str:
        held = actions.cancel_exchange(by=request.user, exchange=_exchange(request, public_id))
        return f"Atelier annulé : {held}. Qui est inscrit le lit sur sa page."

    tell_outcome(request, act)
    return redirect(_PAGE, public_id)


@require(Permission.ANNOUNCE_EXCHANGES)
@require_GET
def registered(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found, names = _exchange(request, public_id), network_names(periods.today())
    rows = [_HEAD]
    for one in roll(found):
        came = {True: "oui", False: "non", None: ""}[one.attended]
        at = timezone.localtime(one.registered_at).strftime("%d/%m/%Y %H:%M")
        network = names.get(one.structure.network_id)
        rows.append(
            (one.name, one.structure_name, network, at, "place" if one.is_in else "attente", came)
        )
    answer = HttpResponse(spreadsheet_csv(rows), content_type="text/csv; charset=utf-8")
    return attached(answer, "inscrits.csv")


def _exchange(request: HttpRequest, public_id: UUID) -> Exchange:
    return get_object_or_404(
        queries.exchanges_of(request.membership.region_id), public_id=public_id
    )


def _apart(who: list[Registration]) -> tuple[list[Registration], list[Registration]]:
    """Those who are in, those who wait."""
    return [one for one in who if one.is_in], [one for one in who if not one.is_in]


def _own(request: HttpRequest, who: list[Registration]) -> Registration | None:
    return next((one for one in who if one.user_id == request.user.pk), None)
