"""The national code lists as the DGEFP keeps them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from operators import actions
from operators.forms import CodeForm, EndOfCodeForm
from operators.models import Nomenclature
from operators.queries import EDITED_LISTS
from regions.permissions import Permission, require
from regions.views.territory import REFERENCE
from sprocep import periods
from sprocep.form_pages import filled_form, form_page

_LISTS = ("Nomenclatures", "/nation/nomenclatures/")


@require(Permission.MANAGE_REFERENCE)
@require_GET
def code_lists(request: HttpRequest) -> HttpResponse:
    today = periods.today()
    context = {
        "lists": [
            (slug, title, _counts(model, today)) for slug, (title, model) in EDITED_LISTS.items()
        ],
        "breadcrumb": [("Ma page", "/"), REFERENCE, ("Nomenclatures", None)],
    }
    return render(request, "operators/code_lists.html", context)


def _counts(model: type[Nomenclature], today) -> tuple[int, int]:
    """(codes in force, changes announced)."""
    rows = list(model.objects.all())
    in_force = sum(r.starts_on <= today and (r.ends_on is None or r.ends_on > today) for r in rows)
    coming = sum(r.starts_on > today or (r.ends_on is not None and r.ends_on > today) for r in rows)
    return in_force, coming


@require(Permission.MANAGE_REFERENCE)
@require_GET
def code_list(request: HttpRequest, code_list: str) -> HttpResponse:
    title, model = _list(code_list)
    today = periods.today()
    rows = list(model.objects.order_by("position"))
    for row in rows:
        row.is_over = row.ends_on is not None and row.ends_on <= today
        row.is_to_come = row.starts_on > today
    context = {
        "title": title,
        "slug": code_list,
        "rows": rows,
        "breadcrumb": [("Ma page", "/"), REFERENCE, _LISTS, (title, None)],
    }
    return render(request, "operators/code_list.html", context)


def _list(slug: str) -> tuple[str, type[Nomenclature]]:
    if slug not in EDITED_LISTS:
        raise Http404
    return EDITED_LISTS[slug]


@require(Permission.MANAGE_REFERENCE)
@form_page
def add_code(request: HttpRequest, code_list: str) -> HttpResponse:
    title, model = _list(code_list)

    def act(values: dict) -> str:
        entry = actions.add_code(by=request.user, code_list=model, **values)
        day = periods.full_date(entry.starts_on)
        return f"Le code {entry.code}, {entry.label}, sera proposé à partir du {day}."

    context = _form_context(title, code_list, "Ajouter un code", "Ajouter")
    form = CodeForm(request.POST or None, code_list=model)
    return filled_form(request, form, act, "operators:code_list", context, code_list=code_list)


@require(Permission.MANAGE_REFERENCE)
@form_page
def end_code(request: HttpRequest, code_list: str, code: str) -> HttpResponse:
    title, model = _list(code_list)
    entry = get_object_or_404(model, pk=code)

    def act(values: dict) -> str:
        actions.end_code(by=request.user, entry=entry, **values)
        day = periods.full_date(values["ends_on"])
        return f"Le code {entry.code}, {entry.label}, ne sera plus proposé à partir du {day}."

    heading = f"Arrêter le code {entry.code}, {entry.label}"
    context = _form_context(title, code_list, heading, "Arrêter ce code")
    form = EndOfCodeForm(request.POST or None)
    return filled_form(request, form, act, "operators:code_list", context, code_list=code_list)


def _form_context(title: str, slug: str, heading: str, send: str) -> dict:
    address = reverse("operators:code_list", args=[slug])
    return {
        "heading": heading,
        "lead": f"{title}. Le changement vaut à partir d’un trimestre à venir.",
        "send": send,
        "back": ("Revenir à la liste", address),
        "breadcrumb": [("Ma page", "/"), REFERENCE, _LISTS, (title, address), (heading, None)],
    }
