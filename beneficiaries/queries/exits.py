"""Questions put six months after an exit: of whom, which wait, and which a link answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from beneficiaries.models import ExitLetter, ExitQuestion, Journey, Session
from sprocep import periods, sms
from sprocep.tenancy import presenting, scope

# Months after an exit. Asked later than the second, she would have too little time to answer.
ASKED_AFTER, ASKED_BEFORE, CLOSED_AFTER = 6, 7, 8
LEVEL_ASKED = 2
REMINDER_DAYS = 14


def exits_to_ask(today: date) -> QuerySet[Journey]:
    """Closed for six months after level 2 or 3, of persons who agreed, not asked yet."""
    asked = ExitQuestion.objects.filter(journey=OuterRef("pk"), exit_on=OuterRef("closed_on"))
    seen = Session.objects.filter(journey=OuterRef("pk"), rank__gte=LEVEL_ASKED)
    return Journey.objects.filter(
        Exists(seen),
        ~Exists(asked),
        may_be_asked=True,
        closed_on__gt=periods.months_after(today, -ASKED_BEFORE),
        closed_on__lte=periods.months_after(today, -ASKED_AFTER),
    )


def waiting_questions(today: date) -> QuerySet[ExitQuestion]:
    """Those that an answer may still come to."""
    return ExitQuestion.objects.filter(state=ExitQuestion.State.WAITING, closes_on__gt=today)


def without_letter(today: date) -> QuerySet[ExitQuestion]:
    """Of persons who have an address, or a telephone where messages leave, and were not written
    to."""
    letters = ExitLetter.objects.filter(question=OuterRef("pk"))
    reached = Q(journey__beneficiary__email__gt="")
    if sms.is_available():
        reached |= Q(journey__beneficiary__phone__gt="")
    return waiting_questions(today).filter(~Exists(letters), reached)


def to_remind(today: date) -> QuerySet[ExitQuestion]:
    """Written to a fortnight ago, once."""
    letters = ExitLetter.objects.filter(question=OuterRef("pk"))
    long_ago = timezone.now() - timedelta(days=REMINDER_DAYS)
    return waiting_questions(today).filter(
        Exists(letters.filter(fingerprint__isnull=False, sent_at__lt=long_ago)),
        ~Exists(letters.filter(is_reminder=True)),
    )


def exit_letters_to_send() -> QuerySet[ExitLetter]:
    return ExitLetter.objects.filter(sent_at__isnull=True)


def exit_question(journey: Journey) -> ExitQuestion | None:
    """That of its last exit."""
    rows = ExitQuestion.objects.filter(structure=journey.structure_id, journey=journey)
    return rows.filter(exit_on=journey.closed_on).first()


def will_be_asked_on(journey: Journey, rank: int) -> date | None:
    """The day on which she will be asked, of a journey that reached this level; None where she will
    not be."""
    if not journey.may_be_asked or rank < LEVEL_ASKED:
        return None
    is_late = periods.months_after(journey.closed_on, ASKED_BEFORE) <= periods.today()
    return None if is_late else periods.months_after(journey.closed_on, ASKED_AFTER)


@contextmanager
def shown_question(fingerprint: bytes, *, read_only: bool = False) -> Iterator[ExitQuestion | None]:
    """The question that the link of this fingerprint still answers, in the scope of the structure
    that asks. None, for a link that was used, is too old or never was."""
    with presenting(fingerprint):
        letter = ExitLetter.objects.filter(fingerprint=fingerprint).first()
        if letter is None:
            yield None
            return
        with scope(
            regions=[letter.region_id], structures=[letter.structure_id], read_only=read_only
        ):
            yield waiting_questions(periods.today()).filter(pk=letter.question_id).first()
