"""Two files of one person: those that resemble, side by side, merged, separated again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from beneficiaries import actions, queries
from beneficiaries.forms import ValuesForm
from beneficiaries.models import Beneficiary
from beneficiaries.views.lines import above, who
from regions.permissions import Permission, require
from regions.queries import region_scope
from sprocep.errors import ActionRefused
from sprocep.form_pages import form_page

HERE = "beneficiaries:merges"


@require(Permission.LOG_SESSIONS)
@require_GET
def merges(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Files that may be the same person's, and those that are merged into this one."""
    person = _person(request, public_id)
    context = {
        "person": person,
        "merges": queries.merges_of(person),
        "alike": queries.look_alikes_of(person, region_scope(request.membership.region_id)),
        "breadcrumb": [*_above(person), ("Réunir deux fiches", None)],
    }
    request.remember("nominal:persons_found")
    request.remember("nominal:person", str(person.public_id))
    return render(request, "beneficiaries/merges.html", context)


@require(Permission.LOG_SESSIONS)
@form_page
def merge_persons(request: HttpRequest, public_id: UUID, other: UUID) -> HttpResponse:
    kept, aside = _person(request, public_id), _person(request, other)
    if kept == aside:
        return redirect(HERE, kept.public_id)
    values = queries.compared(kept, aside)
    is_newer = aside.recorded_at > kept.recorded_at
    form = ValuesForm(
        request.POST if request.method == "POST" else None,
        values=[pair for pair in values if pair.one != pair.other],
        sides=("fiche gardée", "autre fiche"),
        is_other=lambda pair: (
            pair.other not in queries.EMPTY and (is_newer or pair.one in queries.EMPTY)
        ),
    )
    if request.method == "POST" and form.is_valid():
        taken = {name for name, is_other in form.answers().items() if is_other}
        try:
            actions.merge_persons(**who(request), kept=kept, aside=aside, taken=taken)
        except ActionRefused as exc:
            form.add_error(None, str(exc))
        else:
            messages.success(request, "Fiches réunies. Vous pouvez les séparer de nouveau.")
            return redirect(HERE, kept.public_id)
    for person in (kept, aside):
        request.remember("nominal:person", str(person.public_id))
    context = {
        "form": form,
        "sides": [("Fiche gardée", kept), ("Fiche mise de côté", aside)],
        "same": [
            pair for pair in values if pair.one == pair.other and pair.one not in queries.EMPTY
        ],
        "continuing": queries.continuing(kept, aside),
        "back": reverse(HERE, args=[kept.public_id]),
        "breadcrumb": [*_above_merges(kept), ("Comparer", None)],
    }
    return render(request, "beneficiaries/merge_persons.html", context)


@require(Permission.LOG_SESSIONS)
@form_page
def separate_persons(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = queries.merges(request.membership.structure_id).filter(public_id=public_id)
    merge = get_object_or_404(found)
    kept = merge.kept
    if merge.separated_at:
        return redirect(HERE, kept.public_id)
    form = ValuesForm(
        request.POST if request.method == "POST" else None,
        values=queries.changed_since(merge, kept),
        sides=("maintenant", "avant la réunion"),
        is_other=lambda pair: False,
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.separate_persons(**who(request), merge=merge, put_back=form.answers())
        except ActionRefused as exc:
            form.add_error(None, str(exc))
        else:
            messages.success(request, "Fiches séparées : chacune a retrouvé ses parcours.")
            return redirect(HERE, kept.public_id)
    for person in (kept, merge.aside):
        request.remember("nominal:person", str(person.public_id))
    context = {
        "form": form,
        "merge": merge,
        "back": reverse(HERE, args=[kept.public_id]),
        "breadcrumb": [*_above_merges(kept), ("Séparer de nouveau", None)],
    }
    context["leaving"], context["staying"] = queries.journeys_apart(merge)
    return render(request, "beneficiaries/separate_persons.html", context)


def _person(request: HttpRequest, public_id: UUID) -> Beneficiary:
    return get_object_or_404(queries.person(request.membership.structure_id, public_id))


def _above(person: Beneficiary) -> list[tuple[str, str]]:
    return above(queries.last_journey(person))


def _above_merges(person: Beneficiary) -> list[tuple[str, str]]:
    return [*_above(person), ("Réunir deux fiches", reverse(HERE, args=[person.public_id]))]
