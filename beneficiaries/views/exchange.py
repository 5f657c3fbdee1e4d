"""« Échanger par fichier »: fiches taken away and laid down by who has no interface (ADR 41)."""

import base64
import json
from datetime import date

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from beneficiaries import exchange, exports, queries
from beneficiaries.forms import EntriesForm, PeriodForm
from beneficiaries.models import Referral
from regions.permissions import Permission, require
from sprocep import periods
from sprocep.downloads import attached
from sprocep.errors import ActionRefused
from sprocep.form_pages import form_page

MOST = 1_000  # fiches of one file
_DAYS = 30
_PAGE = "beneficiaries/exchange_files.html"
_HELD = "Cette fiche change en ce moment. Redéposez cette entrée dans une minute."


@require(Permission.ANSWER_REFERRALS)
@form_page
def exchange_files(request: HttpRequest) -> HttpResponse:
    form = EntriesForm(request.POST, request.FILES) if request.method == "POST" else EntriesForm()
    context = _context(form, PeriodForm(initial=_last_days()))
    if form.is_bound and form.is_valid():
        taken, refused = _take_all(request, form.cleaned_data["file"])
        context |= {"is_done": True, "taken": taken, "refused": refused}
        context["refused_file"] = _as_link([entry for _, entry in refused])
        context["form"] = EntriesForm()
    return render(request, _PAGE, context)


def _take_all(request: HttpRequest, entries: list) -> tuple[list, list]:
    """(rank, receipt, whether it was done before) of each that is done; (rank, entry with its
    `error`) of each that is not. Each stands alone: one that is refused undoes no other."""
    taken, refused = [], []
    for rank, entry in enumerate(entries, start=1):
        try:
            receipt, is_again = exchange.take(
                by=request.user, membership=request.membership, entry=entry
            )
        except (ActionRefused, OperationalError) as refusal:
            words = _HELD if isinstance(refusal, OperationalError) else str(refusal)
            told = entry if isinstance(entry, dict) else {"entry": entry}
            refused.append((rank, told | {"error": words}))
        else:
            words = Referral.State(receipt["state"]).label
            taken.append((rank, receipt | {"words": words}, is_again))
    return taken, refused


def _as_link(entries: list[dict]) -> str:
    """The file itself, in its link: what was refused is kept nowhere."""
    text = json.dumps(entries, ensure_ascii=False, indent=2)
    return "data:application/json;base64," + base64.b64encode(text.encode()).decode()


@require(Permission.ANSWER_REFERRALS)
@require_GET
def referrals_file(request: HttpRequest) -> HttpResponse:
    """The published documents of a period, as one list."""
    period = PeriodForm(request.GET)
    if period.is_valid():
        first, last = period.cleaned_data["first"], period.cleaned_data["last"]
        found = list(queries.referrals_between(request.membership, first, last)[: MOST + 1])
        if len(found) <= MOST:
            return _file(request, found, first, last)
        period.add_error(None, f"Plus de {MOST} fiches : choisissez une période plus courte.")
    return render(request, _PAGE, _context(EntriesForm(), period))


def _file(request: HttpRequest, found: list, first: date, last: date) -> HttpResponse:
    for one in found:
        request.remember("nominal:referral", str(one.public_id))
    exchange.open_afterwards(request, found)
    response = JsonResponse(
        exports.referrals_json(found), safe=False, json_dumps_params={"ensure_ascii": False}
    )
    return attached(response, f"fiches-{first}-{last}.json")


def _context(form: EntriesForm, period: PeriodForm) -> dict:
    return {
        "form": form,
        "period": period,
        "breadcrumb": [
            ("Ma page", "/"),
            ("Fiches de liaison", reverse("beneficiaries:referrals")),
            ("Échanger par fichier", None),
        ],
    }


def _last_days() -> dict[str, date]:
    today = periods.today()
    return {"first": periods.days_after(today, -_DAYS), "last": today}
