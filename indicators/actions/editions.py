"""From sealed to acknowledged: what is sealed never changes, and its Region says it has it."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from indicators.actions.bell import ring
from indicators.actions.journal import announce, locked, note
from indicators.exports.chain import FIRST, chained, sealed_in_order
from indicators.exports.seal import borders_seal, figures_seal
from indicators.models import Edition, EditionEvent, Work
from regions import letters
from regions.models import User
from regions.queries import national_regions
from sprocep import tenancy
from sprocep.errors import ActionRefused
from sprocep.periods import Period

_KINDS = EditionEvent.Kind


@transaction.atomic
def seal_edition(*, by: User, edition: Edition) -> Edition:
    """Seal what is validated: its figures can never change again. Twice changes nothing.

    Raises:
        ActionRefused: it is not validated, the cells are not those that were compiled, or no attack
            was tried on them.
    """
    edition = locked(edition)
    if edition.is_sealed:
        return edition
    if edition.state != Edition.State.VALIDATED:
        raise ActionRefused(
            f"L’édition {edition.code} n’est pas validée. Validez-la avant de la sceller."
        )
    period = Period.parse(edition.period)
    are_those = figures_seal(edition) == edition.figures_seal
    if not are_those or borders_seal(edition) != edition.borders_seal:
        raise ActionRefused(
            f"Les valeurs de l’édition {edition.code} ne sont plus celles qui ont été compilées. "
            "Reprenez sa validation, relancez la compilation de la période, validez, puis scellez."
        )
    if edition.attack_report_id is None:
        raise ActionRefused(
            f"L’édition {edition.code} n’a pas de rapport d’attaque. Reprenez sa validation, "
            "relancez la compilation de la période, validez, puis scellez."
        )
    edition.state = Edition.State.SEALED
    edition.sealed_by = by
    edition.sealed_at, edition.chained_seal = _next_link(edition)
    edition.save(update_fields=["state", "chained_seal", "sealed_at", "sealed_by"])
    Work.objects.create(
        step=Work.Step.FILES,
        period=edition.period,
        starts_on=period.starts,
        territory=edition.territory,
        regions=national_regions(),
    )
    note(by=by, edition=edition, kind=_KINDS.SEALED, action="seal_edition")
    ring()
    return edition


def _next_link(edition: Edition) -> tuple[datetime, str]:
    """When it is sealed, and the seal that covers the one before. Two seals of one territory come
    one after the other, and never at one instant: what follows what is read from their dates."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"chain {edition.territory}"])
    now, last = timezone.now(), sealed_in_order(edition.territory).last()
    if last is None:
        return now, chained(FIRST, edition.code, edition.figures_seal)
    at = max(now, last.sealed_at + timedelta(microseconds=1))
    return at, chained(last.chained_seal, edition.code, edition.figures_seal)


@transaction.atomic
def transmit_edition(*, by: User, edition: Edition) -> Edition:
    """Send a sealed edition to its Region; an erratum takes the place of what it corrects.
    Transmitting twice changes nothing.

    Raises:
        ActionRefused: the edition is not sealed.
    """
    edition = locked(edition)
    if edition.transmitted_at:
        return edition
    if not edition.is_sealed:
        raise ActionRefused(
            f"L’édition {edition.code} n’est pas scellée. Scellez-la avant de la transmettre."
        )
    edition.state = Edition.State.TRANSMITTED
    edition.transmitted_at, edition.transmitted_by = timezone.now(), by
    edition.save(update_fields=["state", "transmitted_at", "transmitted_by"])
    note(by=by, edition=edition, kind=_KINDS.TRANSMITTED, action="transmit_edition")
    _supersede(by=by, edition=edition)
    announce(
        "edition_transmitted",
        edition,
        to=letters.coordinators(edition.territory),
        subject=f"Tableau de bord transmis : {Period.parse(edition.period).label}",
    )
    return edition


def _supersede(*, by: User, edition: Edition) -> None:
    """It takes the place of every edition before it, also of those whose erratum was never sent."""
    standing = Edition.objects.select_for_update(of=("self",)).filter(
        period=edition.period, territory=edition.territory, number__lt=edition.number
    )
    for former in standing.exclude(state=Edition.State.SUPERSEDED).order_by("number"):
        former.state = Edition.State.SUPERSEDED
        former.save(update_fields=["state"])
        note(
            by=by,
            edition=former,
            kind=_KINDS.SUPERSEDED,
            action="supersede_edition",
            text=f"Erratum {edition.code} : {edition.cause}",
        )


@transaction.atomic
def acknowledge_edition(*, by: User, edition: Edition) -> Edition:
    """The Region says that it has received what was sent to it. Twice changes nothing.

    Raises:
        ActionRefused: nothing was sent, or an erratum has taken its place.
    """
    edition = locked(edition)
    if edition.state == Edition.State.ACKNOWLEDGED:
        return edition
    if edition.state == Edition.State.SUPERSEDED:
        raise ActionRefused(
            f"L’édition {edition.code} est remplacée par un erratum : accusez réception de "
            "celui-ci."
        )
    if edition.state != Edition.State.TRANSMITTED:
        raise ActionRefused(f"L’édition {edition.code} n’est pas transmise : rien à recevoir.")
    edition.state = Edition.State.ACKNOWLEDGED
    edition.save(update_fields=["state"])
    note(by=by, edition=edition, kind=_KINDS.ACKNOWLEDGED, action="acknowledge_edition")
    return edition


def note_opening(*, by: User, edition: Edition) -> None:
    """The first time that the Region opens what was sent to it, once for all its readers.

    Comes after the page, in a scope of its own: the page that was read could write nothing.
    """
    with tenancy.scope(regions=[edition.territory]):
        opened = EditionEvent(
            edition=edition, territory=edition.territory, kind=_KINDS.OPENED, by=by
        )
        EditionEvent.objects.bulk_create([opened], ignore_conflicts=True)
