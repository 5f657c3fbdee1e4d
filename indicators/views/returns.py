"""What the head of a network follows: the returns that its structures owe. Counts, no name."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from indicators import returns as reads
from indicators.exports.returns import (
    MEDIA_TYPES,
    Table,
    file_of,
    table_of_counts,
    table_of_structures,
)
from indicators.forms import ReturnFilters
from regions.permissions import Permission, require
from regions.queries import regions_of, territory_names
from sprocep import periods
from sprocep.lists import listing
from sprocep.periods import Period

_SORTS = {
    # Newest first is the order of every day: its ties then go by Region.
    "period": ("period", "-region_id"),
    "region": ("region_name", "-period"),
    "expected": ("expected", "-period", "region_id"),
    "received": ("received", "-period", "region_id"),
    "late": ("late", "-period", "region_id"),
}
_COLUMNS = [
    ("period", "Période", False),
    ("region", "Région", False),
    ("expected", "Attendues", True),
    ("received", "Reçues", True),
    ("late", "En retard", True),
    ("", "À venir", True),
]
_SORTS_OF_STRUCTURES = {
    "period": ("period", "-region_id", "-structure_name", "pk"),
    "region": ("region_name", "-period", "structure_name", "pk"),
    "structure": ("structure_name", "-period", "region_id", "pk"),
    "state": ("state", "-period", "region_id", "pk"),
    "received_at": ("received_at", "pk"),
}
_COLUMNS_OF_STRUCTURES = [
    ("period", "Période", False),
    ("region", "Région", False),
    ("structure", "Structure", False),
    ("state", "État", False),
    ("received_at", "Reçue le", False),
]


@require(Permission.READ_NETWORK_RETURNS)
@require_GET
def returns(request: HttpRequest) -> HttpResponse:
    """By period and Region: how many are expected, received, late."""
    limits = reads.deadlines()
    filters = _filters(request, limits)
    rows = filters.narrowed(reads.returns(limits, periods.today()))
    places = reads.by_place(rows)
    if state := filters.state:
        places = places.filter(**{f"{state}__gt": 0})
    shown = listing(request, places, _SORTS, "-period")
    if (file_format := request.GET.get("format")) in MEDIA_TYPES:
        return _file(table_of_counts(shown.page.paginator.object_list), file_format)
    for row in shown.page:
        row["label"] = Period.parse(row["period"]).label
    context = {
        "filters": filters,
        "list": shown,
        "columns": _COLUMNS,
        "counts": reads.counts(rows),
        "breadcrumb": [("Accueil", "/"), ("Remontées de mon réseau", None)],
    }
    return render(request, "indicators/returns.html", context)


@require(Permission.READ_NETWORK_RETURNS)
@require_GET
def returns_of_structures(request: HttpRequest) -> HttpResponse:
    """The same returns, one by one: which structure owes which."""
    limits = reads.deadlines()
    filters = _filters(request, limits)
    rows = filters.narrowed(reads.returns(limits, periods.today()))
    if state := filters.state:
        rows = rows.filter(state=state)
    shown = listing(request, reads.named(rows), _SORTS_OF_STRUCTURES, "-period")
    if (file_format := request.GET.get("format")) in MEDIA_TYPES:
        found = shown.page.paginator.object_list
        return _file(table_of_structures(found, limits), file_format)
    for row in shown.page:
        row.label, row.limit = Period.parse(row.period).label, limits[row.period]
        row.state_words = reads.STATES[row.state]
    context = {
        "filters": filters,
        "list": shown,
        "columns": _COLUMNS_OF_STRUCTURES,
        "breadcrumb": [
            ("Accueil", "/"),
            ("Remontées de mon réseau", "/remontees/"),
            ("Par structure", None),
        ],
    }
    return render(request, "indicators/returns_of_structures.html", context)


def _filters(request: HttpRequest, limits: dict[str, date]) -> ReturnFilters:
    names = territory_names(periods.today())
    regions = [(code, names[code]) for code in regions_of(request.membership)]
    filters = ReturnFilters(request.GET, codes=list(limits), regions=regions)
    filters.is_valid()  # a word that is no choice filters nothing
    return filters


def _file(table: Table, file_format: str) -> HttpResponse:
    response = HttpResponse(file_of(table, file_format), content_type=MEDIA_TYPES[file_format])
    name = table.name.replace(" ", "-").replace("é", "e")
    response["Content-Disposition"] = f'attachment; filename="{name}.{file_format}"'
    return response
