"""« Accueil anonyme » and the list of the day."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from beneficiaries import actions, queries
from beneficiaries.forms import ContactForm, typed_day
from regions.permissions import Permission, require
from regions.queries import region_scope
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.lists import listing


@require(Permission.LOG_CONTACTS)
@require_http_methods(["GET", "POST"])
def log_contact(request: HttpRequest) -> HttpResponse:
    membership = request.membership
    lists = queries.code_lists(typed_day(request.POST))
    form = ContactForm(
        request.POST if request.method == "POST" else None,
        membership=membership,
        lists=lists,
        initial=ContactForm.blank(membership, lists),
    )
    if request.method == "POST" and form.is_valid():
        try:
            contact = actions.log_contact(
                by=request.user,
                membership=membership,
                reception=form.reception(),
                key=form.cleaned_data["key"],
            )
        except ActionRefused as exc:
            form.add_error(None, str(exc))
        else:
            theme = lists.label("theme", contact.theme_id)
            messages.success(request, f"Accueil enregistré : {theme}. Prêt pour le suivant.")
            return redirect("beneficiaries:log_contact")
    context = {"form": form, "breadcrumb": [("Accueil", "/"), ("Accueil anonyme", None)]}
    return render(request, "beneficiaries/log_contact.html", context)


@require(Permission.LOG_CONTACTS)
@require_GET
def contacts(request: HttpRequest) -> HttpResponse:
    membership = request.membership
    day = typed_day(request.GET, "date")
    where = (membership.structure_id, region_scope(membership.region_id), day)
    context = {
        "day": day,
        "today": periods.today(),
        "list": listing(request, queries.contacts_of_the_day(*where), {"typed": ("pk",)}, "-typed"),
        "themes": queries.themes_of_the_day(*where),
        "breadcrumb": [("Accueil", "/"), ("Accueils du jour", None)],
    }
    return render(request, "beneficiaries/contacts.html", context)
