"""Feedback after a session: codes are drawn by the sheet; an answer is counted, and not kept.
That of an adviser too, who is logged in: nothing of hers is written beside it."""

from collections import Counter

from beneficiaries.actions.rules import writing
from beneficiaries.contact_codes import SHORT, feedback_fingerprint, new_code
from beneficiaries.models import FeedbackCode, FeedbackTally, Voice
from beneficiaries.queries import held_sessions_lately, shown_feedback_code
from regions.actions import record
from regions.models import Membership, User
from regions.permissions import Permission
from sprocep import periods
from sprocep.errors import ActionRefused, refusals
from sprocep.tenancy import presenting

# One sheet: drawn together, so that nothing tells which code was given after which session.
CODES_OF_A_SHEET = 12


def draw_feedback_codes(*, by: User, membership: Membership) -> list[str]:
    """A sheet of codes of this month, shown once: what is stored gives none of them back."""
    codes = [new_code(SHORT) for _ in range(CODES_OF_A_SHEET)]
    of_month = _of_month(membership, Voice.PERSON)
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
            _add_one(
                grades,
                structure_id=shown.structure_id,
                region_id=shown.region_id,
                month=shown.month,
                voice=Voice.PERSON,
            )
    return True


def count_adviser_feedback(*, membership: Membership, answers: dict[str, str | int]) -> None:
    """One answer more of her structure and of this month. It leaves no trace, as above: a code is
    drawn for this act and goes with it, so that the same rule counts both.

    Raises:
        ActionRefused: she held no session lately; as many answers as sessions there already.
    """
    if not held_sessions_lately(membership):
        raise ActionRefused("Cet avis suit un entretien : vous n’en avez pas enregistré récemment.")
    of_month = _of_month(membership, Voice.ADVISER)
    fingerprint = feedback_fingerprint(new_code(SHORT))
    with writing(membership, Permission.GIVE_FEEDBACK):
        FeedbackTally.objects.bulk_create([FeedbackTally(**of_month)], ignore_conflicts=True)
        FeedbackCode.objects.create(fingerprint=fingerprint, **of_month)
        with presenting(fingerprint):
            _add_one(answers, **of_month)


def _of_month(membership: Membership, voice: Voice) -> dict:
    return {
        "region_id": membership.region_id,
        "structure_id": membership.structure_id,
        "month": periods.month_of(periods.today()).code,
        "voice": voice,
    }


def _add_one(answers: dict[str, str | int], **place) -> None:
    tally = FeedbackTally.objects.select_for_update(of=("self",)).get(**place)
    for question, answer in answers.items():
        given = Counter(tally.counts.get(question, {}))
        given[str(answer)] += 1
        tally.counts[question] = dict(given)
    tally.answered += 1
    tally.save(update_fields=["answered", "counts"])
