"""What the auditor reads: what was done, and what was read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from regions import queries
from regions.forms import AccessFilters, AuditFilters
from regions.permissions import Permission, require
from regions.wording import action_words, by_words, field_words, object_words, page_words
from sprocep import periods
from sprocep.lists import listing


@require(Permission.READ_AUDIT)
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    filters = AuditFilters(request.GET, queries.audit_events())
    sorts = {
        "at": ("at", "id"),
        "by": ("by__email", "id"),
        "action": ("action", "id"),
        "territory": ("territory", "id"),
    }
    shown = listing(request, filters.qs, sorts, "-at")
    names = queries.territory_names(periods.today())
    for event in shown.page:
        event.action_words = action_words(event.action)
        event.by_words = by_words(event.action, event.by and event.by.email, event.fields)
        event.object_words = object_words(event.object_type)
        event.field_words = field_words(event.object_type, event.fields)
        event.territory_name = names[event.territory]
    context = {
        "filters": filters.form,
        "list": shown,
        "columns": [
            ("at", "Date", False),
            ("by", "Par", False),
            ("action", "Action", False),
            ("", "Objet", False),
            ("territory", "Territoire", False),
            ("", "Champs", False),
        ],
        "breadcrumb": [("Ma page", "/"), ("Traces d’audit", None)],
    }
    request.remember("audit")
    return render(request, "regions/audit.html", context)


@require(Permission.READ_AUDIT)
@require_GET
def accesses(request: HttpRequest) -> HttpResponse:
    filters = AccessFilters(request.GET, queries.access_events())
    sorts = {
        "at": ("at", "id"),
        "by": ("by__email", "id"),
        "page": ("page", "id"),
        "territory": ("territory", "id"),
    }
    shown = listing(request, filters.qs, sorts, "-at")
    names = queries.territory_names(periods.today())
    for event in shown.page:
        event.page_words = page_words(event.page)
        event.territory_name = names[event.territory]
    context = {
        "filters": filters.form,
        "list": shown,
        "columns": [
            ("at", "Date", False),
            ("by", "Par", False),
            ("page", "Page", False),
            ("", "Élément", False),
            ("territory", "Territoire", False),
        ],
        "breadcrumb": [("Ma page", "/"), ("Consultations", None)],
    }
    request.remember("accesses")
    return render(request, "regions/accesses.html", context)
