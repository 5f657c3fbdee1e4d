"""What persons answered is published with the secrecy threshold of its period."""

from datetime import date

from beneficiaries import actions, queries
from indicators.queries import threshold_of
from operators.queries import operator_structures
from regions.queries import national_regions
from sprocep import periods, tenancy


def publish_surveys(today: date | None = None) -> list[str]:
    """Each quarter that no answer can come to any more, once.

    Returns:
        the codes of the quarters that were published.
    """
    today = today or periods.today()
    with tenancy.scope(
        regions=national_regions(), structures=operator_structures(), read_only=True
    ):
        of_exits = queries.exit_quarters_to_publish(today)
    with tenancy.scope(regions=national_regions(), read_only=True):
        of_sessions = queries.feedback_quarters_to_publish(today)
    due = [(actions.publish_exit_results, quarter) for quarter in of_exits]
    due += [(actions.publish_feedback, quarter) for quarter in of_sessions]
    return [
        quarter.code
        for publish, quarter in due
        if publish(period=quarter, threshold=threshold_of(quarter))
    ]
