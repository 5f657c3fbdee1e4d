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
        quarters = queries.exit_quarters_to_publish(today)
    return [
        quarter.code
        for quarter in quarters
        if actions.publish_exit_results(period=quarter, threshold=threshold_of(quarter))
    ]
