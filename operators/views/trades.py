"""« Métiers qui recrutent »: read by those who receive and counsel, kept by the coordination and
the Carif-Oref of the Region."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from operators import actions, queries
from operators.trades import file as files
from operators.trades.forms import TradeFilter, TradesForm
from regions.permissions import Permission, may, require
from regions.queries import departments_of
from sprocep import periods
from sprocep.downloads import attached
from sprocep.errors import ActionRefused
from sprocep.form_pages import form_page, tell_outcome
from sprocep.lists import listing
from sprocep.rendering.tables import TableError

_UNDER = ("Métiers qui recrutent", "/metiers-qui-recrutent/")
_LIST = "operators:trades"
_SORTS = {
    "projects": ("asked", "label", "pk"),
    "difficult": ("hard", "label", "pk"),
    "label": ("label", "pk"),
    "department": ("department__name", "label", "pk"),
}
_COLUMNS = [
    ("label", "Métier", False),
    ("department", "Département", False),
    ("projects", "Projets de recrutement", True),
    ("difficult", "Jugés difficiles", True),
    ("", "Source", False),
]
FIRST = 10
_SHOWN = 20  # refusals on the page; the file has them all


@require(Permission.READ_TRADES)
@require_GET
def trades(request: HttpRequest) -> HttpResponse:
    region, keeps = request.membership.region_id, may(request, Permission.MANAGE_TRADES)
    lists = list(queries.trade_lists(region))
    filters = TradeFilter(request.GET, region=region, lists=lists, is_kept=keeps)
    context = {
        "filters": filters,
        "list": listing(request, filters.found(), _SORTS, "-projects"),
        "columns": _COLUMNS,
        "current": [one for one in lists if not one.ends_on],
        "over": [one for one in lists if one.ends_on],
        "keeps": keeps,
        "breadcrumb": [("Ma page", "/"), (_UNDER[0], None)],
    }
    return render(request, "operators/trades.html", context)


@require(Permission.READ_TRADES)
@require_GET
def first_trades(request: HttpRequest) -> HttpResponse:
    """The first ones of a département, for a fold of an adviser's page; hers when none is asked."""
    asked = request.GET.get("department", "")
    if not request.htmx:
        return redirect(f"{reverse(_LIST)}?department={asked}" if asked.isalnum() else _LIST)
    membership = request.membership
    names = {one.code: one.name for one in departments_of(membership.region_id, periods.today())}
    site = membership.site
    department = asked if asked in names else site.department_id if site else ""
    found = queries.trades_of(queries.latest_of(queries.trade_lists(membership.region_id)))
    context = {
        "trades": found.filter(department=department).order_by("-asked", "label", "pk")[:FIRST],
        "department": department,
        "name": names.get(department, ""),
    }
    return render(request, "operators/_first_trades.html", context)


@require(Permission.MANAGE_TRADES)
@form_page
def publish_trades(request: HttpRequest) -> HttpResponse:
    region = request.membership.region_id
    form = TradesForm(request.POST or None, request.FILES or None, region=region)
    if form.is_valid() and not form.refused:
        try:
            values = form.cleaned_data
            published = actions.publish_trades(
                by=request.user,
                region=region,
                source=values["source"],
                year=values["year"],
                trades=[line.trade for line in form.lines],
            )
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, f"Liste enregistrée : {published}. Métiers : {len(form.lines)}."
            )
            return redirect(_LIST)
    context = {
        "form": form,
        "head": files.HEAD,
        "refused": form.refused[:_SHOWN],
        "count": len(form.refused),
        "total": len(form.lines),
        "breadcrumb": [("Ma page", "/"), _UNDER, ("Enregistrer une liste", None)],
    }
    return render(request, "operators/publish_trades.html", context)


@require(Permission.MANAGE_TRADES)
@require_GET
def trades_template(request: HttpRequest) -> HttpResponse:
    return _csv(files.template_csv(), "metiers-qui-recrutent.csv")


@require(Permission.MANAGE_TRADES)
@require_POST
def refused_trades(request: HttpRequest) -> HttpResponse:
    """The file that was refused, sent by the page that said so, with the reason beside each row."""
    departments = departments_of(request.membership.region_id, periods.today())
    try:
        lines = files.read(
            request.POST.get("text", ""), {one.code: one.name for one in departments}
        )
    except TableError as refusal:
        messages.error(request, str(refusal))
        return redirect("operators:publish_trades")
    return _csv(files.refused_csv(lines), "metiers-lignes-refusees.csv")


@require(Permission.MANAGE_TRADES)
@require_POST
def withdraw_trades(request: HttpRequest, public_id: UUID) -> HttpResponse:
    lists = queries.trade_lists(request.membership.region_id)
    found = get_object_or_404(lists, public_id=public_id)

    def withdraw() -> str:
        actions.withdraw_trades(by=request.user, trade_list=found)
        return f"Liste retirée : {found}. Personne ne la lit plus à côté d’un entretien."

    tell_outcome(request, withdraw)
    return redirect(_LIST)


def _csv(content: bytes, name: str) -> HttpResponse:
    return attached(HttpResponse(content, content_type="text/csv; charset=utf-8"), name)
