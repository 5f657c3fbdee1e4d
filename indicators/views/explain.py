"""One figure, opened: what it counts, where it comes from, what became of it."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from indicators.explain.address import CellAddress
from indicators.explain.explanation import cell_of, explain
from indicators.explain.opening import Opening, Shelf, address_of
from indicators.explain.surroundings import Moment, regions_behind
from indicators.explain.units import is_countable
from indicators.exports.blocks import Block, block_in
from indicators.exports.borders import CONSTANT_LABELS, LABELS
from indicators.forms import BordersForm
from indicators.models import Edition, EditionCell
from indicators.views.editions import READ_DASHBOARDS, asked_number, crumbs_above, is_own
from regions.permissions import Permission, may, require_any
from regions.queries import region_scope
from sprocep.periods import Period


@require_any(*READ_DASHBOARDS)
@require_GET
def explain_figure(
    request: HttpRequest, period: Period, territory: str, key: CellAddress
) -> HttpResponse:
    opened = _opened_or_404(request, period, territory, key)
    block, cell = opened.block, opened.cell
    told = explain(opened, with_returns=_sees_all_returns(request, block))
    query = _query(request)
    dashboard = f"{reverse('indicators:dashboard', args=[period, territory])}{query}"
    context = {
        "told": told,
        "borders": CONSTANT_LABELS.get(block.borders, LABELS[block.borders]),
        "moments": [_row(moment, block) for moment in told.series],
        "editions": [_row(moment, block) for moment in told.editions],
        "query": query,
        "dashboard": dashboard,
        **_acts(request, block, cell),
        "breadcrumb": [
            *crumbs_above(request),
            (f"{told.territory_name}, {period.label}", dashboard),
            (told.title, None),
        ],
    }
    return render(request, "indicators/explain.html", context)


def _acts(request: HttpRequest, block: Block, cell: EditionCell) -> dict[str, str]:
    """Addresses of what this reader may do with the figure."""
    figure, edition = request.path, block.edition
    is_countable_again = is_countable(address_of(cell))
    acts = {}
    if may(request, Permission.READ_OWN_ROWS) and is_countable_again:
        acts["own_rows_url"] = f"{figure}mes-lignes/{_query(request)}"
    is_published = cell.status == EditionCell.Status.PUBLISHED and edition.is_sealed
    if may(request, Permission.RECOUNT) and is_countable_again and is_published:
        acts["recount_url"] = f"{figure}recompter/{_query(request)}"
        acts["recounts_url"] = reverse("indicators:recounts")
    if may(request, Permission.CONTEST) and _may_be_contested(request, block):
        form = reverse("indicators:contest", args=[edition.period, edition.territory])
        acts["contest_url"] = f"{form}?indicateur={cell.indicator}&case={cell.pk}"
    return acts


def _may_be_contested(request: HttpRequest, block: Block) -> bool:
    is_there = block.edition.state in (Edition.State.TRANSMITTED, Edition.State.ACKNOWLEDGED)
    return is_there and block.is_edition and is_own(request, block.territory)


def _opened_or_404(
    request: HttpRequest, period: Period, territory: str, key: CellAddress
) -> Opening:
    """As `found_or_404`, with all that is told of the cell."""
    shelf = Shelf(period, territory)
    block = shelf.block(BordersForm(request.GET).word, asked_number(request))
    opened = block and Opening(shelf, block, key)
    if opened is None or opened.cell is None:
        raise Http404
    return opened


def found_or_404(
    request: HttpRequest, period: Period, territory: str, key: CellAddress
) -> tuple[Block, EditionCell]:
    """A cell that the reader sees; PostgreSQL hides the drafts of others."""
    word, number = BordersForm(request.GET).word, asked_number(request)
    block = block_in(period, territory, word, number)
    cell = block and cell_of(block, key)
    if cell is None:
        raise Http404
    return block, cell


def _sees_all_returns(request: HttpRequest, block: Block) -> bool:
    """A structure sees its own returns, a network its structures': neither counts the Region's."""
    member = request.membership
    if member.structure_id or member.network_id:
        return False
    own = member.region_id
    return own is None or set(regions_behind(block)) <= set(region_scope(own))


def _row(moment: Moment, here: Block) -> tuple[Moment, str]:
    """With the address of the same figure there, empty for the page that is open."""
    there = moment.block
    if there is None or moment.cell is None or there == here:
        return moment, ""
    is_other_number = there.edition.period == here.edition.period
    return moment, figure_url(there, moment.cell, is_numbered=is_other_number)


def figure_url(block: Block, cell: EditionCell, *, is_numbered: bool = False) -> str:
    """`is_numbered`: of this very edition, even once another took its place."""
    args = [block.edition.period, block.territory, address_of(cell)]
    asked = {} if block.is_edition else {"perimetre": block.borders}
    if is_numbered and block.is_edition:
        asked["edition"] = block.edition.number
    return f"{reverse('indicators:explain', args=args)}{'?' if asked else ''}{urlencode(asked)}"


def _query(request: HttpRequest) -> str:
    """What the address said of borders and number, repeated by the links beside."""
    asked = {name: request.GET[name] for name in ("perimetre", "edition") if name in request.GET}
    return f"?{urlencode(asked)}" if asked else ""
