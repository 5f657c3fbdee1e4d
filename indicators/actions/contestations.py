"""What a Region does not hold for right, and what it is answered."""

from django.db import transaction
from django.utils import timezone

from indicators.actions.compilations import request_compilation
from indicators.actions.errata import open_erratum
from indicators.actions.journal import announce, locked, note
from indicators.models import Contestation, Edition, EditionCell, EditionEvent
from indicators.queries import SENT
from regions import letters
from regions.models import User
from sprocep import tenancy
from sprocep.errors import ActionRefused
from sprocep.periods import Period
from sprocep.tenancy import NATION

_OUTCOMES = Contestation.Outcome


@transaction.atomic
def contest_cell(*, by: User, edition: Edition, cell: EditionCell, reason: str) -> Contestation:
    """The Region contests a cell of what was sent to it: its value, or its sign.

    Raises:
        ActionRefused: the edition was not sent, or is replaced, or this cell waits for an answer.
    """
    edition = locked(edition)
    if edition.state not in SENT:
        raise ActionRefused(
            f"L’édition {edition.code} n’est pas transmise, ou elle est remplacée : contestez "
            "celle qui est en vigueur."
        )
    if edition.contestations.filter(cell=cell, outcome="").exists():
        raise ActionRefused("Cette case est déjà contestée : la réponse est attendue.")
    contestation = Contestation.objects.create(
        edition=edition, territory=edition.territory, cell=cell, reason=reason, raised_by=by
    )
    note(
        by=by,
        edition=edition,
        kind=EditionEvent.Kind.CONTESTED,
        action="contest_cell",
        text=reason,
    )
    announce(
        "cell_contested",
        edition,
        to=letters.officers(),
        subject=f"Case contestée : édition {edition.code}",
        of=str(contestation.public_id),
        contestation=contestation,
    )
    return contestation


@transaction.atomic
def answer_contestation(
    *, by: User, contestation: Contestation, outcome: str, answer: str
) -> Contestation:
    """Maintain what is contested, or correct it: by the erratum that is open, else by a new one.

    Answering twice changes nothing.

    Raises:
        ActionRefused: no erratum can be opened now.
    """
    contestation = Contestation.objects.select_for_update(of=("self",)).get(pk=contestation.pk)
    if contestation.outcome:
        return contestation
    edition = contestation.edition
    contestation.outcome, contestation.answer = outcome, answer
    contestation.answered_at, contestation.answered_by = timezone.now(), by
    if outcome == _OUTCOMES.ERRATUM:
        contestation.erratum = _erratum_of(by, edition, answer)
    contestation.save(update_fields=["outcome", "answer", "answered_at", "answered_by", "erratum"])
    note(
        by=by,
        edition=edition,
        kind=EditionEvent.Kind.ANSWERED,
        action="answer_contestation",
        text=f"{contestation.get_outcome_display()} : {answer}",
    )
    announce(
        "contestation_answered",
        edition,
        to=letters.coordinators(edition.territory),
        subject=f"Réponse à votre contestation : édition {edition.code}",
        of=str(contestation.public_id),
        contestation=contestation,
    )
    return contestation


def note_reading(*, by: User, contestation: Contestation) -> None:
    """The first time that the Region opens the answer, once for all its readers.

    Comes after the page, in a scope of its own: the page that was read could write nothing.
    """
    with tenancy.scope(regions=[contestation.territory]):
        unread = Contestation.objects.filter(pk=contestation.pk, read_at__isnull=True)
        unread.exclude(outcome="").update(read_at=timezone.now(), read_by=by)


def _erratum_of(by: User, edition: Edition, cause: str) -> Edition:
    later = Edition.objects.filter(
        period=edition.period, territory=edition.territory, number__gt=edition.number
    )
    period, newest = Period.parse(edition.period), later.order_by("-number").first()
    if newest and newest.state == Edition.State.VALIDATED:
        raise ActionRefused(
            f"L’erratum {newest.code} est validé et pas encore scellé : scellez-le, ou reprenez sa "
            "validation, puis répondez."
        )
    if newest and not newest.is_sealed:
        request_compilation(by=by, period=period, regions=[edition.territory, NATION])
        return newest
    opened = open_erratum(by=by, period=period, territories=[edition.territory], cause=cause)
    return next(one for one in opened if one.territory == edition.territory)
