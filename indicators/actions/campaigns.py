"""From draft to validated: the Region reads over, the DGEFP validates."""

from datetime import date

from django.db import transaction

from indicators import queries, secrecy
from indicators.actions.journal import locked, note
from indicators.models import CalendarEntry, Edition, EditionEvent
from regions import letters
from regions.models import User
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.periods import Period

_STATES = Edition.State


@transaction.atomic
def open_review(*, by: User | None, edition: Edition) -> Edition:
    """Let the Region read a draft over. Opening twice changes nothing.

    Raises:
        ActionRefused: the period is not over, or nothing is computed yet.
    """
    edition = locked(edition)
    if edition.state != _STATES.DRAFT:
        return edition
    period = Period.parse(edition.period)
    if not period.is_over(periods.today()):
        raise ActionRefused(f"La période {period.label} n’est pas finie: rien à relire.")
    if not edition.figures_seal:
        raise ActionRefused(
            f"L’édition {edition.code} n’a pas encore de valeurs. Compilez la période d’abord."
        )
    edition = _moved(by, edition, _STATES.UNDER_REVIEW, "open_review")
    until = review_ends_on(edition) if may_still_comment(edition) else None
    letters.write(
        key=f"review_opened {edition.code}",
        to=letters.coordinators(edition.territory),
        subject=f"sprocep : un tableau de bord est à relire, {period.label}",
        template="review_opened",
        context={"edition": edition, "label": period.label, "until": until},
    )
    return edition


def review_ends_on(edition: Edition) -> date | None:
    """The last day on which the Region comments, where the calendar sets one: an erratum, which
    comes when it comes, has none."""
    if edition.number > 1:
        return None
    entries = CalendarEntry.objects.filter(pk=edition.period)
    return entries.values_list("comment_by", flat=True).first()


def may_still_comment(edition: Edition) -> bool:
    last_day = review_ends_on(edition)
    return edition.state == _STATES.UNDER_REVIEW and (
        last_day is None or periods.today() <= last_day
    )


@transaction.atomic
def comment_edition(*, by: User, edition: Edition, text: str) -> EditionEvent:
    """What the Region says of its draft; the DGEFP is told by letter.

    Raises:
        ActionRefused: it is not under review, or the review is over.
    """
    edition = locked(edition)
    if edition.state != _STATES.UNDER_REVIEW:
        raise ActionRefused(f"L’édition {edition.code} n’est pas en relecture.")
    last_day = review_ends_on(edition)
    if last_day and periods.today() > last_day:
        raise ActionRefused(
            f"La relecture est close depuis le {periods.full_date(last_day)}. Écrivez à la DGEFP, "
            "ou contestez une case quand l’édition vous sera transmise."
        )
    event = note(
        by=by,
        edition=edition,
        kind=EditionEvent.Kind.COMMENTED,
        action="comment_edition",
        text=text,
    )
    letters.write(
        key=f"edition_commented {edition.code} {event.pk}",
        to=letters.officers(),
        subject=f"sprocep : commentaire d’une Région, {Period.parse(edition.period).label}",
        template="edition_commented",
        context={"edition": edition, "label": Period.parse(edition.period).label},
    )
    return event


@transaction.atomic
def validate_edition(*, by: User | None, edition: Edition) -> Edition:
    """The DGEFP holds the figures for right: no compilation changes them. Twice changes nothing.

    Raises:
        ActionRefused: the Region has not been given the draft to read over; or what came out since
            it was protected may give away what it hides.
    """
    edition = locked(edition)
    if edition.state == _STATES.DRAFT:
        raise ActionRefused(
            f"L’édition {edition.code} est un brouillon. Ouvrez sa relecture avant de la valider."
        )
    if edition.state != _STATES.UNDER_REVIEW:
        return edition
    _refuse_uncomputed(edition)
    _refuse_unattacked(edition)
    return _moved(by, edition, _STATES.VALIDATED, "validate_edition")


def _refuse_uncomputed(edition: Edition) -> None:
    """Its cells would stay what they were before the compilation that was asked for."""
    label = Period.parse(edition.period).label
    if queries.is_computing(edition.period):
        raise ActionRefused(
            f"Une compilation de la période {label} est en cours : validez l’édition "
            f"{edition.code} quand elle sera finie."
        )
    if queries.has_failed(edition.period):
        raise ActionRefused(
            f"La dernière compilation de la période {label} a échoué en partie : relancez ce qui a "
            "échoué, puis validez."
        )


def _refuse_unattacked(edition: Edition) -> None:
    if edition.attack_report is None:
        raise ActionRefused(
            f"L’édition {edition.code} n’a pas de rapport d’attaque. Relancez la compilation de la "
            "période, puis validez."
        )
    if came := sorted(secrecy.came_since(edition)):
        raise ActionRefused(
            f"L’édition {edition.code} a été protégée sans connaître {', '.join(came)}, qui la "
            "recoupe et qui est validé depuis. Relancez la compilation de la période, puis validez."
        )


@transaction.atomic
def take_back_edition(*, by: User, edition: Edition) -> Edition:
    """Validated too early: under review again, its figures can change. Twice changes nothing.

    Raises:
        ActionRefused: it is sealed, or was not validated.
    """
    edition = locked(edition)
    if edition.is_sealed:
        raise ActionRefused(
            f"L’édition {edition.code} est scellée: elle ne change plus. Un erratum la remplacera."
        )
    if edition.state == _STATES.DRAFT:
        raise ActionRefused(f"L’édition {edition.code} n’est pas validée.")
    if edition.state == _STATES.UNDER_REVIEW:
        return edition
    return _moved(by, edition, _STATES.UNDER_REVIEW, "take_back_edition")


@transaction.atomic
def validate_period(*, by: User, period: Period) -> list[Edition]:
    """Open the review of each edition of a period and validate it, in one go."""
    settled = []
    for edition in Edition.objects.filter(
        period=period.code, state__in=[_STATES.DRAFT, _STATES.UNDER_REVIEW]
    ).order_by("territory"):
        open_review(by=by, edition=edition)
        settled.append(validate_edition(by=by, edition=edition))
    return settled


_KINDS = {
    "open_review": EditionEvent.Kind.REVIEW_OPENED,
    "validate_edition": EditionEvent.Kind.VALIDATED,
    "take_back_edition": EditionEvent.Kind.TAKEN_BACK,
}


def _moved(by: User | None, edition: Edition, state: str, action: str) -> Edition:
    edition.state = state
    edition.save(update_fields=["state"])
    note(by=by, edition=edition, kind=_KINDS[action], action=action)
    return edition
