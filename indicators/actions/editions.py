"""The life of an edition: sealed, transmitted."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from indicators.actions.bell import ring
from indicators.exports.chain import FIRST, chained, sealed_in_order
from indicators.exports.seal import figures_seal
from indicators.models import Edition, Work
from regions.actions import record
from regions.models import User
from regions.queries import national_regions
from sprocep.errors import ActionRefused
from sprocep.periods import Period


def _locked(edition: Edition) -> Edition:
    return Edition.objects.select_for_update(of=("self",)).get(pk=edition.pk)


@transaction.atomic
def seal_edition(*, by: User, edition: Edition) -> Edition:
    """Seal what is validated: its figures can never change again. Twice changes nothing.

    Raises:
        ActionRefused: it is not validated, or the cells are not those that were compiled.
    """
    edition = _locked(edition)
    if edition.is_sealed:
        return edition
    if edition.state != Edition.State.VALIDATED:
        raise ActionRefused(
            f"L'édition {edition.code} n'est pas validée. Validez-la avant de la sceller."
        )
    period = Period.parse(edition.period)
    if not edition.figures_seal or figures_seal(edition) != edition.figures_seal:
        raise ActionRefused(
            f"Les valeurs de l'édition {edition.code} ne sont plus celles qui ont été compilées. "
            "Relancez la compilation de la période, puis scellez."
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
    record(by=by, territory=edition.territory, action="seal_edition", obj=edition)
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
    """Record that a sealed edition is sent to its Region. Transmitting twice changes nothing.

    Raises:
        ActionRefused: the edition is not sealed.
    """
    edition = _locked(edition)
    if edition.state == Edition.State.TRANSMITTED:
        return edition
    if not edition.is_sealed:
        raise ActionRefused(
            f"L'édition {edition.code} n'est pas scellée. Scellez-la avant de la transmettre."
        )
    edition.state = Edition.State.TRANSMITTED
    edition.transmitted_at, edition.transmitted_by = timezone.now(), by
    edition.save(update_fields=["state", "transmitted_at", "transmitted_by"])
    record(by=by, territory=edition.territory, action="transmit_edition", obj=edition)
    return edition
