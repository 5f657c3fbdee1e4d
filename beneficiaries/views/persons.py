"""Correcting who a person is."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from beneficiaries import actions, queries
from beneficiaries.forms import BeneficiaryForm
from regions.permissions import Permission, require
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.form_pages import form_page


@require(Permission.LOG_SESSIONS)
@form_page
def correct_beneficiary(request: HttpRequest, public_id: UUID) -> HttpResponse:
    person = get_object_or_404(queries.person(request.membership.structure_id, public_id))
    journey = queries.last_journey(person)
    back = reverse("beneficiaries:journey", args=[journey.public_id])
    form = BeneficiaryForm(
        request.POST if request.method == "POST" else None,
        lists=queries.code_lists(periods.today()),
        initial=BeneficiaryForm.typed(person),
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.correct_beneficiary(
                by=request.user,
                membership=request.membership,
                beneficiary=person,
                identity=form.identity(),
                seen=form.cleaned_data["seen"],
            )
        except actions.ChangedMeanwhile as exc:
            person.refresh_from_db()
            form.data = form.data.copy()
            form.data["seen"] = person.mark
            form.add_error(None, str(exc))
        except ActionRefused as exc:
            form.add_error(None, str(exc))
        else:
            messages.success(request, "Fiche corrigée.")
            return redirect(back)
    request.remember("nominal:person", str(public_id))
    context = {
        "form": form,
        "person": person,
        "back": back,
        "breadcrumb": [
            ("Ma page", "/"),
            ("Mes parcours", reverse("beneficiaries:journeys")),
            (str(person), back),
            ("Corriger la fiche", None),
        ],
    }
    return render(request, "beneficiaries/correct_beneficiary.html", context)
