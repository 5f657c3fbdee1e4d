"""What persons answered, and what became of décrocheurs, of one's structure, one's Region or the
nation: counts, once they are many enough and their quarter is over for good."""

from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from beneficiaries import queries
from beneficiaries.models import SurveyResult
from indicators.exports.surveys import (
    ADVISERS,
    DROPOUTS,
    FEEDBACK,
    SIX_MONTHS,
    Question,
    Survey,
    distributions,
    result_line,
)
from indicators.forms import SurveyFilters
from regions.models import Membership
from regions.permissions import Permission, require
from regions.queries import name_of, region_scope, structure_name, territory_names
from sprocep import periods
from sprocep.periods import Period
from sprocep.tenancy import NATION


@require(Permission.READ_SURVEYS)
@require_GET
def six_months(request: HttpRequest) -> HttpResponse:
    return _page(request, SIX_MONTHS)


@require(Permission.READ_SURVEYS)
@require_GET
def feedback(request: HttpRequest) -> HttpResponse:
    return _page(request, FEEDBACK)


@require(Permission.READ_SURVEYS)
@require_GET
def advisers(request: HttpRequest) -> HttpResponse:
    return _page(request, ADVISERS)


@require(Permission.READ_SURVEYS)
@require_GET
def dropouts(request: HttpRequest) -> HttpResponse:
    return _page(request, DROPOUTS)


_ROUTES = (
    (SIX_MONTHS, "indicators:six_months"),
    (FEEDBACK, "indicators:feedback"),
    (ADVISERS, "indicators:advisers"),
    (DROPOUTS, "indicators:dropouts"),
)


def _page(request: HttpRequest, survey: Survey) -> HttpResponse:
    membership, names = request.membership, territory_names(periods.today())
    rows = queries.results(survey.code)
    codes = sorted(set(rows.values_list("period", flat=True)), reverse=True)
    context = {
        "survey": survey,
        "others": [(one.heading, reverse(route)) for one, route in _ROUTES if one is not survey],
        "breadcrumb": [("Ma page", "/"), (survey.heading, None)],
    }
    if codes:
        known = set(rows.values_list("territory", flat=True))
        regions = [(code, names[code]) for code in _regions(membership, names) if code in known]
        filters = SurveyFilters(request.GET, codes=codes, regions=regions)
        period, territory = filters.chosen("periode"), filters.chosen("region")
        rows = rows.filter(period=period)
        context |= {
            "filters": filters,
            "period": Period.parse(period),
            "place": _place(membership, names[territory]),
            **_shown(rows, survey.questions, membership, territory, names),
        }
    return render(request, "indicators/survey.html", context)


def _regions(membership: Membership, names: dict[str, str]) -> list[str]:
    """The nation and each Region, or those of the membership alone."""
    if membership.region_id:
        held = region_scope(membership.region_id)
        return [membership.region_id, *(code for code in held if code != membership.region_id)]
    return [NATION, *sorted(set(names) - {NATION}, key=names.__getitem__)]


def _place(membership: Membership, territory: str) -> str:
    if membership.structure_id:
        return f"{structure_name(membership.structure_id, periods.today())}, {territory}"
    return territory


def _shown(
    rows: QuerySet[SurveyResult],
    questions: tuple[Question, ...],
    membership: Membership,
    territory: str,
    names: dict[str, str],
) -> dict:
    """The whole, and its parts: Regions of the nation, structures of a Region."""
    whole = rows.filter(territory=territory, structure=membership.structure_id).first()
    if membership.structure_id:
        parts = []
    elif territory == NATION:
        parts = [
            result_line(row, questions, names[row.territory], _address(row))
            for row in rows.filter(structure__isnull=True).exclude(territory=NATION)
        ]
    else:
        inside = rows.filter(territory=territory, structure__isnull=False)
        named = inside.annotate(name=name_of("structure", periods.today(), "structure_id"))
        parts = [result_line(row, questions, row.name or "structure") for row in named]
    return {
        "whole": whole and result_line(whole, questions, ""),
        "distributions": distributions(whole, questions) if whole and whole.counts else [],
        "parts": sorted(parts, key=lambda line: line.name),
        "part_word": "Région" if territory == NATION else "structure",
    }


def _address(row: SurveyResult) -> str:
    return f"?{urlencode({'periode': row.period, 'region': row.territory})}"
