"""The list of editions, one dashboard, its files and its drawings."""

from decimal import Decimal

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from indicators import actions, queries
from indicators.exports.blocks import Block, block_in
from indicators.exports.borders import AT_DATE, ground_of, on_same_ground
from indicators.exports.bundle import readiness
from indicators.exports.errata import changes
from indicators.exports.files import block_file, download_name, file_name
from indicators.exports.labels import labels_on
from indicators.exports.report import KeyFigure
from indicators.exports.words import cell_words
from indicators.forms import BordersForm, DashboardFilters
from indicators.models import Edition
from indicators.returns import unconfirmed
from indicators.views.borders import choices, in_constant_borders, made_on_demand
from indicators.views.chapters import written
from indicators.views.editions import (
    NO_FILES,
    READ_DASHBOARDS,
    WORDS,
    Files,
    asked_number,
    attached,
    crumbs_above,
    edition_or_404,
    list_of,
    may_read_acts,
    rows_of,
    speaks_for,
)
from regions.permissions import Permission, may, require, require_any
from regions.queries import region_scope, regions_on
from sprocep import errors, periods
from sprocep.form_pages import tell_outcome
from sprocep.lists import listing
from sprocep.periods import Period
from sprocep.tenancy import NATION

IN_PREPARATION = (
    "Les fichiers de cette édition sont en préparation. Ils sont prêts quelques minutes après le "
    "scellement : revenez au tableau de bord dans un moment."
)


# ── The list ─────────────────────────────────────────────────────────────────────────────────

_SORTS = {
    # Newest first is the order of every day: its ties then go by territory.
    "period": ("period", "-territory", "number"),
    "territory": ("territory", "-period", "number"),
    "state": ("state", "-period", "territory", "number"),
    "sealed_at": ("sealed_at", "pk"),
}
_COLUMNS = [
    ("period", "Période", False),
    ("territory", "Territoire", False),
    ("", "Édition", False),
    ("state", "État", False),
    ("sealed_at", "Scellée le", False),
    ("", "Fichiers", False),
]


@require_any(*READ_DASHBOARDS)
@require_GET
def dashboards(request: HttpRequest) -> HttpResponse:
    if may(request, Permission.READ_ALL_DASHBOARDS):
        return redirect("indicators:grid")
    own = request.membership.region_id
    sealed = Edition.objects.filter(sealed_at__isnull=False)
    codes = sorted(set(sealed.values_list("period", flat=True)), reverse=True)
    filters = DashboardFilters(
        request.GET, regions=regions_on(periods.today()), codes=codes, has_own=own is not None
    )
    shown = listing(request, _filtered(sealed, filters, own), _SORTS, "-period")
    context = {
        "filters": filters,
        "list": shown,
        "columns": _COLUMNS,
        "rows": rows_of(shown.page),
        "bundles": [] if shown.query else _bundles(codes),
        "constant": [] if shown.query or not own else in_constant_borders([own]),
        "has_own": own is not None,
        "breadcrumb": [("Ma page", "/"), ("Tableaux de bord", None)],
    }
    return render(request, "indicators/dashboards.html", context)


def _bundles(codes: list[str]) -> list[Period]:
    """Periods, newest first, of which a ZIP of all Regions may be had."""
    there = readiness(codes)
    return [Period.parse(code) for code in codes if there[code].is_ready]


def _filtered(
    sealed: QuerySet[Edition], filters: DashboardFilters, own: str | None
) -> QuerySet[Edition]:
    """A word that is no choice filters nothing: an old address still shows something."""
    filters.is_valid()
    territory = filters.cleaned_data.get("territoire", "")
    if period := filters.cleaned_data.get("periode"):
        sealed = sealed.filter(period=period)
    if territory == "tous" or not (territory or own):
        return sealed
    return sealed.filter(territory__in=region_scope(territory or own) or [territory])


# ── One dashboard ────────────────────────────────────────────────────────────────────────────


@require_any(*READ_DASHBOARDS)
@require_GET
def dashboard(request: HttpRequest, period: Period, territory: str) -> HttpResponse:
    word, number = BordersForm(request.GET).word, asked_number(request)
    block = block_in(period, territory, word, number)
    if block is None:
        return _on_its_ground(period, territory, word)
    files = Files([block.edition]) if block.is_edition else NO_FILES
    text = written(block, files.charts(block.edition), word if block.is_nation else AT_DATE)
    shown = text.report
    context = {
        "report": shown,
        "chapters": text.html,
        "edition": block.edition,
        "address": (period.code, territory, block.edition.number),
        "key_figures": [_key_figure(figure, block, files) for figure in shown.key_figures],
        "files": files.formats(block.edition) if block.has_kept_files else made_on_demand(block),
        "others": _others(block),
        "borders": choices(block, word),
        "may_seal": may(request, Permission.SEAL),
        "acts": _acts(request, block) if block.is_edition else {},
        "changed": _changed(block),
        "list_url": reverse(list_of(request)),
        "breadcrumb": [
            *crumbs_above(request),
            (f"{shown.territory_name}, {period.label}", None),
        ],
    }
    request.remember("edition", shown.code)
    return render(request, "indicators/dashboard.html", context)


def _acts(request: HttpRequest, block: Block) -> dict:
    """What a reader of the Region, or of the nation, may do with this edition beside reading it."""
    edition = block.edition
    if edition.state == Edition.State.TRANSMITTED and speaks_for(request, edition.territory):
        request.afterwards(lambda: actions.note_opening(by=request.user, edition=edition))
    return {
        "has_history": may_read_acts(request, edition.territory),
        "may_acknowledge": (
            edition.state == Edition.State.TRANSMITTED and speaks_for(request, edition.territory)
        ),
        "may_comment": (
            speaks_for(request, edition.territory) and actions.may_still_comment(edition)
        ),
        "unconfirmed": 0 if edition.is_sealed else unconfirmed(edition.period, edition.territory),
        "may_contest": edition.state in queries.SENT and speaks_for(request, edition.territory),
        "replaced_by": edition.state == Edition.State.SUPERSEDED and queries.replacing(edition),
    }


def _changed(block: Block) -> list[tuple[str, Decimal, Decimal]]:
    """Of an erratum, the cells that it changes: words, value before, value after."""
    if not block.is_edition or block.edition.supersedes_id is None:
        return []
    labels = labels_on(block.period)
    return [
        (cell_words(change.cell, labels), change.former, change.value)
        for change in changes(block.edition)
    ]


def _on_its_ground(period: Period, territory: str, word: str) -> HttpResponse:
    """A Region that these borders do not know leads to the one that holds its ground."""
    ground = ground_of(territory, AT_DATE, period)
    match on_same_ground(ground, word, period):
        case [holder] if holder != territory:
            address = reverse("indicators:dashboard", args=[period, holder])
            return redirect(f"{address}?perimetre={word}")
    raise Http404


def _key_figure(figure: KeyFigure, block: Block, files: Files) -> dict:
    """What the component `_key_figure` shows; a change that means nothing is left out."""
    chart = figure.chart
    drawn = chart and chart.name in files.charts(block.edition)
    return {
        "label": figure.label,
        "value": figure.entry,
        "url": figure.entry.href,
        "unit": figure.unit,
        "change_period": figure.change_period.value,
        "change_year": figure.change_year.value,
        "national": figure.national,
        "line": _chart_url(block, chart.name) if drawn else "",
        "line_alt": chart.alt if drawn else "",
    }


def _chart_url(block: Block, name: str) -> str:
    edition = block.edition
    address = reverse("indicators:chart", args=[edition.period, block.territory, name])
    return f"{address}?edition={edition.number}"


def _others(block: Block) -> list[tuple[str, str]]:
    """(words, address): the period before and after, a year before, the nation."""
    period = block.period
    wanted = [
        (period.before.code, block.territory, f"← {period.before.label}"),
        (period.after.code, block.territory, f"{period.after.label} →"),
        (period.year_before.code, block.territory, f"un an avant : {period.year_before.label}"),
    ]
    if not block.is_nation:
        wanted.append((period.code, NATION, "France, même période"))
    asked = [Q(period=code, territory=territory) for code, territory, _ in wanted]
    found = Edition.objects.filter(asked[0] | asked[1] | asked[2] | asked[-1])
    there = set(found.values_list("period", "territory"))
    return [
        (words, reverse("indicators:dashboard", args=[code, territory]))
        for code, territory, words in wanted
        if (code, territory) in there
    ]


# ── Files ────────────────────────────────────────────────────────────────────────────────────


@require_any(*READ_DASHBOARDS)
@require_GET
def download(
    request: HttpRequest, period: Period, territory: str, file_format: str
) -> HttpResponse:
    if file_format not in WORDS:
        raise Http404
    block = block_in(period, territory, BordersForm(request.GET).word, asked_number(request))
    if block is None:
        raise Http404
    if not block.has_kept_files:
        return _made_on_demand(block, file_format)
    found = block.edition.files.filter(name=file_name(file_format)).first()
    if found is None:
        return errors.page(request, 409, IN_PREPARATION)
    return attached(bytes(found.content), file_format, download_name(block, file_format))


def _made_on_demand(block: Block, file_format: str) -> HttpResponse:
    if file_format not in dict(made_on_demand(block)):
        raise Http404
    content = block_file(block, file_format)
    return attached(content, file_format, download_name(block, file_format))


@require_any(*READ_DASHBOARDS)
@require_GET
def chart(request: HttpRequest, period: Period, territory: str, name: str) -> HttpResponse:
    edition = edition_or_404(period, territory, asked_number(request))
    found = get_object_or_404(edition.files, name=name, media_type="image/svg+xml")
    # Of a sealed edition: it never changes. Private, since one has to be logged in to read it.
    return HttpResponse(
        bytes(found.content),
        content_type="image/svg+xml",
        headers={"Cache-Control": "private, max-age=3600"},
    )


# ── Acts on one edition ──────────────────────────────────────────────────────────────────────


@require(Permission.SEAL)
@require_POST
def seal(request: HttpRequest, period: Period, territory: str) -> HttpResponse:
    edition = edition_or_404(period, territory)
    was_sealed = edition.is_sealed

    def act() -> str:
        sealed = actions.seal_edition(by=request.user, edition=edition)
        is_by_other = was_sealed or sealed.sealed_by_id != request.user.pk
        said = "était déjà scellée" if is_by_other else "est scellée ; ses fichiers se préparent"
        return f"L’édition {sealed.code} {said}."

    tell_outcome(request, act)
    return redirect("indicators:dashboard", period, territory)


@require(Permission.SEAL)
@require_POST
def transmit(request: HttpRequest, period: Period, territory: str) -> HttpResponse:
    edition = edition_or_404(period, territory)
    was_sent = edition.transmitted_at is not None

    def act() -> str:
        sent = actions.transmit_edition(by=request.user, edition=edition)
        is_by_other = was_sent or sent.transmitted_by_id != request.user.pk
        said = "était déjà transmise" if is_by_other else "est transmise"
        return f"L’édition {sent.code} {said}."

    tell_outcome(request, act)
    return redirect("indicators:dashboard", period, territory)
