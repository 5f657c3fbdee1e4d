"""Codes of feedback that still serve, and what was counted of a quarter."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

from django.db.models import Count, Min

from beneficiaries.models import FeedbackCode, FeedbackTally, Session, SurveyResult, Voice
from beneficiaries.queries.surveys import results
from beneficiaries.surveys import Place, Tally
from regions.models import Membership
from sprocep import periods
from sprocep.periods import Period
from sprocep.tenancy import presenting, scope

# Months after that of its session in which a code still serves.
STILL_SERVES = 1


@contextmanager
def shown_feedback_code(fingerprint: bytes) -> Iterator[FeedbackCode | None]:
    """The code of this fingerprint as long as it serves and, inside, the scope of its structure."""
    oldest = periods.month_of(periods.months_after(periods.today(), -STILL_SERVES))
    with presenting(fingerprint):
        code = FeedbackCode.objects.filter(
            fingerprint=fingerprint, month__gte=oldest.code, voice=Voice.PERSON
        ).first()
        if code is None:
            yield None
            return
        with scope(regions=[code.region_id], structures=[code.structure_id]):
            yield code


def feedback_tallies(period: Period, voice: Voice = Voice.PERSON) -> dict[Place, Tally]:
    """By (Region, structure); in the national scope."""
    months = [month.code for month in period.months]
    answered, counts = Counter(), defaultdict(lambda: defaultdict(Counter))
    for row in FeedbackTally.objects.filter(month__in=months, voice=voice):
        place = row.region_id, row.structure_id
        answered[place] += row.answered
        for question, given in row.counts.items():
            counts[place][question].update(given)
    return {
        place: Tally(None, count, dict(counts[place])) for place, count in answered.items() if count
    }


def held_sessions_lately(membership: Membership) -> bool:
    """In the structure, in this month or the one before: those after which an adviser answers."""
    month = periods.month_of(periods.today())
    held = Session.objects.filter(
        structure=membership.structure_id,
        region=membership.region_id,
        adviser__user=membership.user_id,
        held_on__gte=month.before.starts,
    )
    return held.exists()


def adviser_tallies(period: Period) -> dict[Place, Tally]:
    """With how many advisers held sessions there in the quarter: as many may have answered, and one
    of them several times. In the scope of all structures."""
    held = Session.objects.filter(held_on__gte=period.starts, held_on__lt=period.ends)
    advisers = {
        (region, structure): count
        for region, structure, count in held.order_by()
        .values_list("region_id", "structure_id")
        .annotate(Count("adviser__user", distinct=True))
    }
    return {
        place: replace(tally, givers=max(advisers.get(place, 0), 1))
        for place, tally in feedback_tallies(period, Voice.ADVISER).items()
    }


def feedback_quarters_to_publish(today: date) -> list[Period]:
    """Quarters whose codes serve no more, not published yet; in the national scope."""
    last = periods.quarter_of(periods.months_after(today, -STILL_SERVES)).before
    return _to_publish(Voice.PERSON, SurveyResult.Survey.SESSION, last)


def adviser_quarters_to_publish(today: date) -> list[Period]:
    """Quarters that are over, not published yet; in the national scope."""
    last = periods.quarter_of(today).before
    return _to_publish(Voice.ADVISER, SurveyResult.Survey.ADVISERS, last)


def _to_publish(voice: Voice, survey: SurveyResult.Survey, last: Period) -> list[Period]:
    first = FeedbackTally.objects.filter(voice=voice).aggregate(month=Min("month"))["month"]
    if first is None:
        return []
    published = set(results(survey).values_list("period", flat=True))
    every = periods.quarters(periods.quarter_of(Period.parse(first).starts), last)
    return [quarter for quarter in every if quarter.code not in published]
