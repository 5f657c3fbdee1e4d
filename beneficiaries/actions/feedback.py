"""Feedback after a session: codes are drawn by the sheet; an answer is counted, and not kept."""

from collections import Counter

from beneficiaries.actions.rules import writing
from beneficiaries.contact_codes import SHORT, feedback_fingerprint, new_code
from beneficiaries.models import FeedbackCode, FeedbackTally
from beneficiaries.queries import shown_feedback_code
from regions.actions import record
from regions.models import Membership, User
from regions.permissions import Permission
from sprocep import periods
from sprocep.errors import refusals

# One sheet: drawn together, so that nothing tells which code was given after which session.
CODES_OF_A_SHEET = 12


def draw_feedback_codes(*, by: User, membership: Membership) -> list[str]:
    """A sheet of codes of this month, shown once: what is stored gives none of them back."""
    codes = [new_code(SHORT) for _ in range(CODES_OF_A_SHEET)]
    of_month = {
        "region_id": membership.region_id,
        "structure_id": membership.structure_id,
        "month": periods.month_of(periods.today()).code,
    }
    with writing(membership, Permission.LOG_SESSIONS):
        FeedbackTally.objects.bulk_create([FeedbackTally(**of_month)], ignore_conflicts=True)
        # In the order of their fingerprints, not of the sheet.
        FeedbackCode.objects.bulk_create(
            FeedbackCode(fingerprint=fingerprint, **of_month)
            for fingerprint in sorted(map(feedback_fingerprint, codes))
        )
        record(
            by=by,
            territory=membership.region_id,
            action="draw_feedback_codes",
            obj=membership.structure,
            structure_id=membership.structure_id,
        )
    return codes


def count_feedback(*, code: str, grades: dict[str, int]) -> bool:
    """Whether the code still served: it is gone with the answer. It leaves no trace, which would
    say when."""
    with shown_feedback_code(feedback_fingerprint(code)) as shown:
        if shown is None:
            return False
        with refusals():
            tally = FeedbackTally.objects.select_for_update(of=("self",)).get(
                structure=shown.structure_id, region=shown.region_id, month=shown.month
            )
            for question, grade in grades.items():
                given = Counter(tally.counts.get(question, {}))
                given[str(grade)] += 1
                tally.counts[question] = dict(given)
            tally.answered += 1
            tally.save(update_fields=["answered", "counts"])
    return True
