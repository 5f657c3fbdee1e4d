"""Results of what persons answered, and of décrocheurs: published once, protected, unchanged."""

from beneficiaries.models import SurveyResult
from beneficiaries.queries import adviser_tallies, dropout_tallies, exit_tallies, feedback_tallies
from beneficiaries.surveys import Place, Tally, protected
from operators.queries import operator_structures
from regions.queries import national_regions
from sprocep import periods, tenancy
from sprocep.periods import Period


def publish_exit_results(*, period: Period, threshold: int) -> int:
    """What became of those whose journey ended in this period; answers that few gave together.

    Returns:
        how many places have a result, hidden or not: none where nobody was asked.
    """
    with tenancy.scope(regions=national_regions(), structures=operator_structures()):
        tallies = exit_tallies(period)
    return _publish(SurveyResult.Survey.SIX_MONTHS, period, tallies, threshold, gathers_few=True)


def publish_feedback(*, period: Period, threshold: int) -> int:
    """What persons thought of the sessions of this period.

    Returns:
        how many places have a result, hidden or not: none where nobody answered.
    """
    with tenancy.scope(regions=national_regions(), read_only=True):
        tallies = feedback_tallies(period)
    return _publish(SurveyResult.Survey.SESSION, period, tallies, threshold)


def publish_adviser_feedback(*, period: Period, threshold: int) -> int:
    """What advisers thought of the sessions of this period: from enough answers, of enough of them.

    Returns:
        how many places have a result, hidden or not: none where nobody answered.
    """
    with tenancy.scope(
        regions=national_regions(), structures=operator_structures(), read_only=True
    ):
        tallies = adviser_tallies(period)
    return _publish(SurveyResult.Survey.ADVISERS, period, tallies, threshold)


def publish_dropouts(*, period: Period, threshold: int) -> int:
    """How many décrocheurs were found in this period, and what became of them: no count of fewer
    persons than the threshold, even inside a distribution.

    Returns:
        how many places have a result, hidden or not: none where nobody was found.
    """
    with tenancy.scope(regions=national_regions(), structures=operator_structures()):
        tallies = dropout_tallies(period)
    return _publish(SurveyResult.Survey.DROPOUTS, period, tallies, threshold, is_each_answer=True)


def _publish(
    survey: str,
    period: Period,
    tallies: dict[Place, Tally],
    threshold: int,
    **rule: bool,
) -> int:
    """By this rule of `protected`. Published twice, the first stands."""
    if not tallies:
        return 0
    rows = [
        SurveyResult(
            survey=survey,
            period=period.code,
            territory=territory,
            structure_id=structure,
            threshold=threshold,
            asked=read and read.asked,
            answered=read and read.answered,
            counts=read and read.counts,
            published_on=periods.today(),
        )
        for (territory, structure), read in protected(tallies, threshold, **rule)
    ]
    with tenancy.scope(regions=national_regions()):
        SurveyResult.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
