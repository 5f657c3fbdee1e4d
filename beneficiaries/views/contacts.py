"""« Accueil anonyme » and the counts of the day."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from beneficiaries import actions, queries
from beneficiaries.contact_codes import groups_of, new_contact_code
from beneficiaries.entries import Reception, new_key
from beneficiaries.forms import ContactForm, typed_day
from beneficiaries.forms.fields import commune_label
from regions.permissions import Permission, require
from regions.queries import region_scope
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.form_pages import form_page

# The reason that a theme nearly always is; of others, the desk chooses.
_REASON_OF_THEME = {"T02": "M07", "T03": "M08", "T04": "M14", "T06": "M06", "T09": "M07"}


@require(Permission.LOG_CONTACTS)
@form_page(is_remembered=False)
def log_contact(request: HttpRequest) -> HttpResponse:
    request.is_unlogged = True  # the journal of requests would say at what instant somebody came
    typed = request.POST if request.method == "POST" else None
    form = _form(request, request.form_key, typed)
    if request.method == "POST" and form.is_valid():
        reception = form.reception()
        try:
            is_new = actions.log_contact(
                membership=request.membership, reception=reception, key=form.cleaned_data["key"]
            )
        except ActionRefused as exc:
            form.add_error(None, str(exc))
        else:
            return _logged(request, reception, is_new)
    return _desk(request, {"form": form})


def _form(request: HttpRequest, key: UUID, typed=None) -> ContactForm:
    membership = request.membership
    lists = queries.code_lists(typed_day(typed or {}))
    initial = ContactForm.blank(key, membership, lists)
    return ContactForm(typed, membership=membership, lists=lists, initial=initial)


def _logged(request: HttpRequest, reception: Reception, is_new: bool) -> HttpResponse:
    """Answered by a page and no redirection: what carries the code to another would keep it.

    Of a form sent again the contact is the first one, whose code nobody has any more.
    """
    if is_new:
        membership = request.membership
        theme = queries.label("theme", reception.theme)
        messages.success(request, f"Accueil enregistré : {theme}. Prêt pour le suivant.")
        code = new_contact_code(membership.structure_id, membership.region_id)
        context = {"code": groups_of(code), "onward": _onward(reception)}
    else:
        messages.warning(
            request,
            "Cet accueil était déjà enregistré, il ne l’est qu’une fois. Son code n’a été montré "
            "qu’à ce moment-là et n’est gardé nulle part. Prêt pour le suivant.",
        )
        context = {}
    return _desk(request, context | {"form": _form(request, new_key())}, status=201)


def _onward(reception: Reception) -> dict[str, str]:
    """What a fiche de liaison for the same person begins with: where she lives and why she comes,
    which the desk would type again. Nothing in it says which contact it comes from."""
    return {
        "commune": commune_label(reception.commune) if reception.commune else "",
        "main_reason": _REASON_OF_THEME.get(reception.theme, ""),
    }


def _desk(request: HttpRequest, context: dict, status: int = 200) -> HttpResponse:
    context |= {"breadcrumb": [("Ma page", "/"), ("Accueil anonyme", None)]}
    return render(request, "beneficiaries/log_contact.html", context, status=status)


@require(Permission.LOG_CONTACTS)
@require_GET
def contacts(request: HttpRequest) -> HttpResponse:
    membership = request.membership
    day = typed_day(request.GET, "date")
    where = (membership.structure_id, region_scope(membership.region_id), day)
    context = {
        "day": day,
        "today": periods.today(),
        "contacts": queries.contacts_counted(*where),
        "breadcrumb": [("Ma page", "/"), ("Accueils du jour", None)],
    }
    return render(request, "beneficiaries/contacts.html", context)
