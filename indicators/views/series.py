"""One indicator over the years: a page, and its rows as CSV."""

from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from indicators.definitions import INDICATORS, Indicator
from indicators.exports.borders import AT_DATE, LABELS, known_in, last_ground, lineage
from indicators.exports.figures import BY_CODE
from indicators.exports.series import Row, Series, csv_file
from indicators.exports.series import series as series_of
from indicators.forms import SeriesForm
from indicators.queries import Names
from indicators.views.editions import READ_DASHBOARDS, attached, crumbs_above
from regions.permissions import require_any
from sprocep import periods
from sprocep.periods import Period
from sprocep.tenancy import NATION


@dataclass(frozen=True)
class Gap:
    """Periods one after the other of which nothing is sealed, said as one line."""

    oldest: Period
    newest: Period
    count: int
    width: int


def _lines(shown: Series) -> list[Row | Gap]:
    """The rows, newest first; those of a run of periods without an edition as one."""
    held = {period for blocks in shown.blocks.values() for period in blocks}
    lines: list[Row | Gap] = []
    for is_empty, run in groupby(shown.rows, lambda row: row.period not in held and not row.breaks):
        rows = list(run)
        if is_empty and len(rows) > 1:
            lines.append(Gap(rows[-1].period, rows[0].period, len(rows), rows[0].width))
        else:
            lines += rows
    return lines


@require_any(*READ_DASHBOARDS)
@require_GET
def series(request: HttpRequest, territory: str, indicator: str) -> HttpResponse:
    form, asked = SeriesForm(request.GET), _indicator(indicator)
    if holder := _holder(territory, form.word):
        return redirect(_address(holder, indicator, request.GET))
    names = Names()
    shown = series_of(asked, territory, form.word, form.months_long, names)
    drawn = shown.chart
    name = names.on(territory, periods.today())
    context = {
        "form": form,
        "series": shown,
        "lines": _lines(shown),
        "name": name,
        "chart": mark_safe(drawn.svg()) if drawn else "",  # numbers and labels, escaped there
        "indicators": [(one, _address(territory, one.code, request.GET)) for one in INDICATORS],
        "steps": _steps(territory, indicator, form),
        "choices": _choices(territory, indicator, form, names),
        "csv_url": _address(territory, indicator, request.GET, route="indicators:series_csv"),
        "breadcrumb": [
            *crumbs_above(request),
            (f"{name}, {asked.code}, toutes les périodes", None),
        ],
    }
    return render(request, "indicators/series.html", context)


@require_any(*READ_DASHBOARDS)
@require_GET
def series_csv(request: HttpRequest, territory: str, indicator: str) -> HttpResponse:
    form, asked = SeriesForm(request.GET), _indicator(indicator)
    if _holder(territory, form.word):
        raise Http404
    shown = series_of(asked, territory, form.word, form.months_long, Names())
    name = f"sprocep-serie-{asked.code}-{territory}-{form.word}.csv"
    return attached(csv_file(shown), "csv", name)


def _indicator(code: str) -> Indicator:
    if code in BY_CODE:
        return BY_CODE[code]
    raise Http404


def _holder(territory: str, word: str) -> str | None:
    """The one Region of these borders on the ground of a Region that they do not know.

    Raises:
        Http404: a territory that never was, or whose ground several hold.
    """
    if territory == NATION or territory in known_in(word):
        return None
    match _holders(territory, word):
        case [holder]:
            return holder
    raise Http404


def _holders(territory: str, word: str) -> list[str]:
    ground = last_ground(territory)
    return sorted(code for code, theirs in known_in(word).items() if theirs & ground)


def _choices(territory: str, indicator: str, form: SeriesForm, names: Names) -> list[tuple]:
    """(borders, is it open, [(name, address)]): the same ground in each of the borders."""
    today = periods.today()
    found = []
    for word, label in LABELS.items():
        if territory == NATION:
            codes = [NATION]
        elif word == AT_DATE:
            codes = lineage(territory) if form.word == AT_DATE else [territory]
        else:
            codes = _holders(territory, word)
        query = {"perimetre": word, "pas": form.cleaned_data.get("pas", "")}
        places = [(names.on(code, today), _address(code, indicator, query)) for code in codes]
        found.append((label, word == form.word, places))
    return found


def _steps(territory: str, indicator: str, form: SeriesForm) -> list[tuple[str, bool, str]]:
    """(words, is it open, address) of each step."""
    return [
        (
            words,
            word == form.cleaned_data.get("pas", ""),
            _address(territory, indicator, {"perimetre": form.word, "pas": word}),
        )
        for word, words in form.fields["pas"].choices
    ]


def _address(territory: str, indicator: str, query, route: str = "indicators:series") -> str:
    asked = {key: query[key] for key in ("perimetre", "pas") if query.get(key)}
    address = reverse(route, args=[territory, indicator])
    return f"{address}?{urlencode(asked)}" if asked else address
