"""Results of surveys are published with the secrecy threshold of their period."""

from datetime import date

from beneficiaries import actions, queries
from indicators.queries import threshold_of
from operators.queries import operator_structures
from regions.queries import national_regions
from sprocep import periods, tenancy


def publish_surveys(today: date | None = None) -> list[str]:
    """Each quarter that is over for good, once: no answer can come to it any more.

    Returns:
        the codes of the quarters that were published.
    """
    today = today or periods.today()
    with tenancy.scope(
        regions=national_regions(), structures=operator_structures(), read_only=True
    ):
        of_exits = queries.exit_quarters_to_publish(today)
        of_dropouts = queries.dropout_quarters_to_publish(today)
    with tenancy.scope(regions=national_regions(), read_only=True):
        of_sessions = queries.feedback_quarters_to_publish(today)
        of_advisers = queries.adviser_quarters_to_publish(today)
    due = [(actions.publish_exit_results, quarter) for quarter in of_exits]
    due += [(actions.publish_feedback, quarter) for quarter in of_sessions]
    due += [(actions.publish_adviser_feedback, quarter) for quarter in of_advisers]
    due += [(actions.publish_dropouts, quarter) for quarter in of_dropouts]
    return [
        quarter.code
        for publish, quarter in due
        if publish(period=quarter, threshold=threshold_of(quarter))
    ]
