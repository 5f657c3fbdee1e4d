"""Six months after an exit: who is asked, and what is answered, by the person or to her adviser."""

from collections.abc import Iterable
from datetime import date

from beneficiaries.actions.rules import record_row, refuse_unknown, writing
from beneficiaries.entries import ExitAnswer
from beneficiaries.models import ANSWER, ExitLetter, ExitQuestion, Journey
from beneficiaries.queries import (
    CLOSED_AFTER,
    code_lists,
    exits_to_ask,
    to_remind,
    without_letter,
)
from operators.queries import operator_structures
from regions.models import Membership, User
from regions.permissions import Permission
from regions.queries import national_regions
from sprocep import periods, tenancy
from sprocep.errors import refusals

_STATES = ExitQuestion.State
_ANSWERED = "situation project usefulness"


def ask_after_exit(today: date | None = None) -> int:
    """Put the question for every exit that is due, and write its letter, then its one reminder.

    Idempotent: an exit is asked about once, a person written to twice at most.

    Returns:
        how many exits were asked about.
    """
    today = today or periods.today()
    with tenancy.scope(regions=national_regions(), structures=operator_structures()):
        # One that is being reopened at this instant is left to the next run.
        exits = exits_to_ask(today).select_for_update(of=("self",), skip_locked=True)
        asked = ExitQuestion.objects.bulk_create(
            (_question(journey, today) for journey in exits), ignore_conflicts=True
        )
        _write(without_letter(today), is_reminder=False)
        _write(to_remind(today), is_reminder=True)
    return len(asked)


def _question(journey: Journey, today: date) -> ExitQuestion:
    return ExitQuestion(
        region_id=journey.closed_region_id,
        structure_id=journey.structure_id,
        journey=journey,
        exit_on=journey.closed_on,
        asked_on=today,
        closes_on=periods.months_after(journey.closed_on, CLOSED_AFTER),
    )


def _write(questions: Iterable[ExitQuestion], *, is_reminder: bool) -> None:
    ExitLetter.objects.bulk_create(
        (
            ExitLetter(
                region_id=question.region_id,
                structure_id=question.structure_id,
                question=question,
                is_reminder=is_reminder,
            )
            for question in questions
        ),
        ignore_conflicts=True,
    )


def answer_exit_question(
    *, by: User | None, question: ExitQuestion, answer: ExitAnswer
) -> ExitQuestion:
    """By the person, whose link is presented: PostgreSQL takes it from nobody else."""
    with refusals():
        held = _answered(question, answer, noted_by=None)
        record_row(by, held, "answer_exit_question", _ANSWERED)
    return held


def decline_exit_question(*, by: User | None, question: ExitQuestion) -> ExitQuestion:
    """She does not wish to answer: nothing is asked nor written any more of this exit."""
    with refusals():
        held = _locked(question)
        held.state = _STATES.DECLINED
        held.save(update_fields=["state"])
        record_row(by, held, "decline_exit_question")
    return held


def note_exit_answer(
    *, by: User, membership: Membership, question: ExitQuestion, answer: ExitAnswer
) -> ExitQuestion:
    """What she told her adviser, and by which channel."""
    with writing(membership, Permission.LOG_SESSIONS):
        held = _answered(question, answer, noted_by=membership)
        record_row(by, held, "note_exit_answer", f"{_ANSWERED} channel")
    return held


def _answered(
    question: ExitQuestion, answer: ExitAnswer, noted_by: Membership | None
) -> ExitQuestion:
    today = periods.today()
    refuse_unknown(
        code_lists(today), [("situation", answer.situation), ("channel", answer.channel)]
    )
    held = _locked(question)
    held.state, held.answered_on, held.noted_by = _STATES.ANSWERED, today, noted_by
    held.situation_id, held.channel_id = answer.situation, answer.channel
    held.project, held.usefulness = answer.project, answer.usefulness
    held.save(update_fields=["state", *(name.removesuffix("_id") for name in ANSWER)])
    return held


def _locked(question: ExitQuestion) -> ExitQuestion:
    rows = ExitQuestion.objects.select_for_update(of=("self",))
    return rows.get(structure=question.structure_id, pk=question.pk)
