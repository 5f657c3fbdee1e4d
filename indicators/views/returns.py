"""The returns that structures owe: all of a network, of a Region, of the nation; or one's own.

Row security narrows them to who asks. Counts, no name of a beneficiary.
"""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from indicators import returns as reads
from indicators.exports.returns import (
    FORMATS,
    Table,
    file_of,
    table_of_counts,
    table_of_structures,
)
from indicators.forms import ReturnFilters
from indicators.models import ExpectedReturn
from indicators.views.editions import attached
from regions.permissions import Permission, may, require
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
    "anomalies": ("anomalies", "-period", "pk"),
}
_COLUMNS_OF_STRUCTURES = [
    ("period", "Période", False),
    ("region", "Région", False),
    ("structure", "Structure", False),
    ("state", "État", False),
    ("received_at", "Reçue le", False),
]
# Of who owns them, and of the nation: a Region reads none, and none is not nought.
_COLUMN_OF_ANOMALIES = ("anomalies", "Anomalies", True)


@require(Permission.READ_RETURNS)
@require_GET
def returns(request: HttpRequest) -> HttpResponse:
    """By period and Region: how many are expected, received, late. A structure reads its own."""
    if request.membership.structure_id:
        return _one_by_one(request, "Remontées de ma structure")
    limits = reads.deadlines()
    filters = _filters(request, limits)
    rows = filters.narrowed(reads.returns(limits, periods.today()))
    places = reads.by_place(rows)
    if state := filters.state:
        places = places.filter(**{f"{state}__gt": 0})
    shown = listing(request, places, _SORTS, "-period")
    if (file_format := request.GET.get("format")) in FORMATS:
        return _file(table_of_counts(shown.page.paginator.object_list), file_format)
    for row in shown.page:
        row["label"] = Period.parse(row["period"]).label
    context = {
        "filters": filters,
        "list": shown,
        "columns": _COLUMNS,
        "counts": reads.counts(rows),
        "of_a_network": request.membership.network_id,
        "breadcrumb": [("Ma page", "/"), ("Remontées", None)],
    }
    return render(request, "indicators/returns.html", context)


@require(Permission.READ_RETURNS)
@require_GET
def returns_of_structures(request: HttpRequest) -> HttpResponse:
    """The same returns, one by one: which structure owes which."""
    return _one_by_one(request, "Remontées par structure")


def _one_by_one(request: HttpRequest, heading: str) -> HttpResponse:
    limits = reads.deadlines()
    filters = _filters(request, limits)
    rows = filters.narrowed(reads.returns(limits, periods.today()))
    if state := filters.state:
        rows = rows.filter(state=state)
    rows = reads.with_anomalies(reads.named(rows))
    shown = listing(request, rows, _SORTS_OF_STRUCTURES, "-period")
    if (file_format := request.GET.get("format")) in FORMATS:
        found = shown.page.paginator.object_list
        return _file(table_of_structures(found, limits), file_format)
    for row in shown.page:
        row.label, row.limit = Period.parse(row.period).label, limits[row.period]
        row.until = periods.days_after(row.limit, -1)
        row.state_words = reads.STATES[row.state]
    sees_anomalies = may(request, Permission.CONFIRM_RETURNS) or may(
        request, Permission.READ_ALL_DASHBOARDS
    )
    context = {
        "filters": filters,
        "list": shown,
        "columns": _COLUMNS_OF_STRUCTURES + ([_COLUMN_OF_ANOMALIES] if sees_anomalies else []),
        "sees_anomalies": sees_anomalies,
        "heading": heading,
        "may_confirm": may(request, Permission.CONFIRM_RETURNS),
        "period": _period_to_confirm(request, filters),
        "breadcrumb": [("Ma page", "/"), *_above(request), (heading, None)],
    }
    return render(request, "indicators/returns_of_structures.html", context)


def _above(request: HttpRequest) -> list[tuple[str, str]]:
    return [] if request.membership.structure_id else [("Remontées", "/remontees/")]


def _period_to_confirm(request: HttpRequest, filters: ReturnFilters) -> Period | None:
    """The period that is looked at, where some of its returns may be confirmed at once."""
    code = filters.cleaned_data.get("periode")
    if not code or not may(request, Permission.CONFIRM_RETURNS):
        return None
    period = Period.parse(code)
    waiting = ExpectedReturn.objects.filter(period=code, received_at__isnull=True)
    return period if period.is_over(periods.today()) and waiting.exists() else None


def _filters(request: HttpRequest, limits: dict[str, date]) -> ReturnFilters:
    names = territory_names(periods.today())
    regions = [(code, names[code]) for code in regions_of(request.membership)]
    filters = ReturnFilters(request.GET, codes=list(limits), regions=regions)
    filters.is_valid()  # a word that is no choice filters nothing
    return filters


def _file(table: Table, file_format: str) -> HttpResponse:
    name = table.name.replace(" ", "-").replace("é", "e")
    return attached(file_of(table, file_format), file_format, f"{name}.{file_format}")
