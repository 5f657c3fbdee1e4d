"""The own rows behind a figure: those of one structure, by name, never anybody else's."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from indicators.computation import Borders, extent_of
from indicators.explain.address import CellAddress
from indicators.explain.own_rows import OwnRows
from indicators.explain.sentences import sentence
from indicators.explain.units import is_countable
from indicators.exports.borders import AT_DATE, CONSTANT_LABELS
from indicators.exports.figures import BY_CODE
from indicators.exports.labels import POPULATIONS, labels_on
from indicators.forms import BordersForm
from indicators.queries import Names
from indicators.views.editions import crumbs_above
from regions.permissions import Permission, require
from sprocep.lists import ROWS
from sprocep.periods import Period


@require(Permission.READ_OWN_ROWS)
@require_GET
def own_rows(
    request: HttpRequest, period: Period, territory: str, key: CellAddress
) -> HttpResponse:
    """Before the period is compiled as well: the facts are the structure's own."""
    word = BordersForm(request.GET).word
    borders = Borders(word) if word in CONSTANT_LABELS else Borders(AT_DATE)
    try:
        extent = extent_of(period, territory, borders)
    except LookupError:
        raise Http404 from None
    if not is_countable(key):
        raise Http404
    rows = OwnRows(key, extent, request.membership.structure_id)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    request.remember("nominal:own_rows", f"{period}/{territory}/{key}"[:60])
    labels, title = labels_on(period), BY_CODE[key.indicator].label
    name = Names().on(territory, period.last_day)
    figure = reverse("indicators:explain", args=[period, territory, key])
    context = {
        "title": title,
        "sentence": sentence(key, title, period, name, labels),
        "page": page,
        "rows": [(row, labels.of("department", row.department)) for row in page],
        "counted": POPULATIONS[key.population],
        "is_anonymous": key.population == "contacts",
        "query": "" if borders == AT_DATE else f"perimetre={borders}",
        "breadcrumb": [*crumbs_above(request), (title, figure), ("Mes lignes", None)],
    }
    return render(request, "indicators/own_rows.html", context)
