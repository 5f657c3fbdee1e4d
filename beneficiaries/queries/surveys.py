"""Answers of persons, counted by place, and what is published of them."""

from collections import Counter, defaultdict
from datetime import date

from django.db.models import Count, Min, QuerySet

from beneficiaries.models import ExitQuestion, SurveyResult
from beneficiaries.queries.exits import CLOSED_AFTER
from beneficiaries.surveys import Place, Tally
from sprocep import periods
from sprocep.periods import Period

_ASKED = ("situation_id", "project", "usefulness")


def exit_tallies(period: Period) -> dict[Place, Tally]:
    """Of the exits of a period, by (Region, structure). A journey that was reopened before it was
    answered is no exit."""
    rows = (
        ExitQuestion.objects.filter(exit_on__gte=period.starts, exit_on__lt=period.ends)
        .exclude(state=ExitQuestion.State.REOPENED)
        .order_by()
        .values_list("region_id", "structure_id", "state", *_ASKED)
        .annotate(count=Count("pk"))
    )
    asked, answered = Counter(), Counter()
    counts = defaultdict(lambda: defaultdict(Counter))
    for region, structure, state, *given, count in rows:
        place = region, structure
        asked[place] += count
        if state == ExitQuestion.State.ANSWERED:
            answered[place] += count
            for question, answer in zip(_ASKED, given, strict=True):
                if answer is not None:
                    counts[place][question.removesuffix("_id")][str(answer)] += count
    return {place: Tally(asked[place], answered[place], dict(counts[place])) for place in asked}


def exit_quarters_to_publish(today: date) -> list[Period]:
    """Quarters of exit that no answer can come to any more, not published yet."""
    first = ExitQuestion.objects.aggregate(day=Min("exit_on"))["day"]
    last = periods.quarter_of(periods.months_after(today, -CLOSED_AFTER)).before
    if first is None:
        return []
    published = set(results(SurveyResult.Survey.SIX_MONTHS).values_list("period", flat=True))
    every = periods.quarters(periods.quarter_of(first), last)
    return [quarter for quarter in every if quarter.code not in published]


def results(survey: str) -> QuerySet[SurveyResult]:
    """Row security narrows them to who reads."""
    return SurveyResult.objects.filter(survey=survey)
