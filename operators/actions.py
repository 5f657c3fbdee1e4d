"""Dated changes of the national code lists: a code begins or ends, and never changes meaning."""

from datetime import date

from django.db import models, transaction

from operators.models import Nomenclature
from regions.actions import begins_a_quarter, record
from regions.models import User
from sprocep import memory, periods
from sprocep.errors import ActionRefused, refusals
from sprocep.tenancy import NATION


@transaction.atomic
def add_code(
    *,
    by: User,
    code_list: type[Nomenclature],
    code: str,
    label: str,
    starts_on: date,
    **features: models.Model | bool,
) -> Nomenclature:
    """A code more, from the first day of a coming quarter, at the end of its list.

    `features` are the further columns of the list: `level` of a service, `is_health` of a reason.

    Raises:
        ActionRefused: a code that the list holds or held, a day that begins no coming quarter.
    """
    begins_a_quarter(starts_on)
    if code_list.objects.filter(pk=code).exists():
        raise ActionRefused(
            f"Le code {code} existe ou a existé dans cette liste: un code ne change jamais de "
            "sens. Choisissez-en un autre."
        )
    last = code_list.objects.aggregate(last=models.Max("position"))["last"] or 0
    with refusals():
        entry = code_list.objects.create(
            code=code, label=label, position=last + 1, starts_on=starts_on, **features
        )
        record(by=by, territory=NATION, action="add_code", obj=entry, fields="label starts_on")
    transaction.on_commit(memory.forget)
    return entry


@transaction.atomic
def end_code(*, by: User, entry: Nomenclature, ends_on: date) -> Nomenclature:
    """Offer a code no longer from the first day of a coming quarter on; what bears it keeps it.

    Raises:
        ActionRefused: a code that has its end already, a day that begins no coming quarter.
    """
    begins_a_quarter(ends_on)
    entry = type(entry).objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if entry.ends_on:
        raise ActionRefused(f"Ce code s'arrête déjà le {periods.full_date(entry.ends_on)}.")
    if entry.starts_on >= ends_on:
        raise ActionRefused("Ce code ne peut pas s'arrêter avant d'avoir commencé.")
    entry.ends_on = ends_on
    with refusals():
        entry.save(update_fields=["ends_on"])
        record(by=by, territory=NATION, action="end_code", obj=entry, fields="ends_on")
    transaction.on_commit(memory.forget)
    return entry
