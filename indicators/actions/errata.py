"""Corrections of what is sealed: a new edition, with its cause; the former one stays."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from indicators.actions.compilations import request_compilation
from indicators.actions.journal import note
from indicators.models import Edition, EditionEvent
from regions.models import User
from sprocep.errors import ActionRefused
from sprocep.periods import Period
from sprocep.tenancy import NATION


@transaction.atomic
def open_erratum(
    *, by: User, period: Period, territories: Iterable[str], cause: str
) -> list[Edition]:
    """Open a draft of the next number for these Regions, and for the nation, whose sums change
    with theirs; then compute them again. Needs the national scope.

    A draft of the nation that is open already takes these in.

    Raises:
        ActionRefused: a territory whose newest edition is not sealed, or a nation that is
            validated and not sealed yet.
    """
    newest = _newest(period)
    wanted = {*territories, NATION}
    if not_sealed := sorted(
        code for code in wanted - {NATION} if code not in newest or not newest[code].is_sealed
    ):
        raise ActionRefused(
            f"Rien à corriger par un erratum pour {', '.join(not_sealed)} : la dernière édition "
            "n’est pas scellée."
        )
    if NATION not in newest:
        raise ActionRefused(
            f"La France n’a pas encore d’édition, {period.label} : compilez la période d’abord."
        )
    if newest[NATION].state == Edition.State.VALIDATED:
        raise ActionRefused(
            f"L’édition de la France, {period.label}, est validée et pas encore scellée : "
            "scellez-la, ou reprenez sa validation."
        )
    opened = [_open(by, newest[code], cause) for code in sorted(wanted) if newest[code].is_sealed]
    request_compilation(by=by, period=period, regions=wanted)
    return opened


def _newest(period: Period) -> dict[str, Edition]:
    """Locked, so that two errata of one Region come one after the other."""
    found = Edition.objects.filter(period=period.code).select_for_update(of=("self",))
    return {edition.territory: edition for edition in found.order_by("number")}


def _open(by: User, former: Edition, cause: str) -> Edition:
    erratum = Edition.objects.create(
        period=former.period,
        territory=former.territory,
        number=former.number + 1,
        supersedes=former,
        cause=cause,
        compiled_at=timezone.now(),
        figures_seal="",
    )
    note(
        by=by,
        edition=erratum,
        kind=EditionEvent.Kind.ERRATUM_OPENED,
        action="open_erratum",
        text=cause,
    )
    return erratum
