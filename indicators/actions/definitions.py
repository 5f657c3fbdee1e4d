"""Versions of national definitions, and the opinions heard on them."""

from datetime import date

from django.db import transaction
from django.db.models import Max

from indicators.models import Definition, Opinion
from regions.actions import begins_a_quarter, record
from regions.models import User
from sprocep import periods
from sprocep.errors import ActionRefused, refusals
from sprocep.tenancy import NATION

OWNER = "DGEFP"


@transaction.atomic
def publish_definition(
    *,
    by: User,
    code: str,
    starts_on: date,
    label: str,
    statement: str,
    numerator: str,
    denominator: str,
    legal_source: str,
    is_break: bool,
    change: str,
) -> Definition:
    """A new version of the words of a national indicator, from the first day of a coming quarter.

    What is in force, and what sealed editions were read by, stays as it was.

    Raises:
        ActionRefused: an indicator that does not exist, a day that begins no coming quarter or does
            not follow the last version, a change that is not said.
    """
    begins_a_quarter(starts_on)
    former = Definition.objects.filter(code=code)
    last = former.aggregate(version=Max("version"), starts_on=Max("starts_on"))
    if last["version"] is None:
        raise ActionRefused(f"Aucun indicateur du socle national ne porte le code {code}.")
    if starts_on <= last["starts_on"]:
        raise ActionRefused(
            f"Une version prend déjà effet le {periods.full_date(last['starts_on'])}: "
            "choisissez un trimestre qui la suit."
        )
    with refusals():
        definition = Definition.objects.create(
            code=code,
            version=last["version"] + 1,
            starts_on=starts_on,
            label=label,
            statement=statement,
            numerator=numerator,
            denominator=denominator,
            legal_source=legal_source,
            owner=OWNER,
            is_break=is_break,
            change=change,
        )
        record(by=by, territory=NATION, action="publish_definition", obj=definition)
    return definition


@transaction.atomic
def record_opinion(
    *, by: User, definition: Definition, given_on: date, sense: str, reference: str
) -> Opinion:
    """What the CNEFOP said of a version: a fact of the past, kept as it was given.

    Raises:
        ActionRefused: an opinion that is not given yet.
    """
    if given_on > periods.today():
        raise ActionRefused("Cet avis n’est pas encore rendu: choisissez un jour passé.")
    with refusals():
        opinion = Opinion.objects.create(
            definition=definition,
            body=Opinion.Body.CNEFOP,
            given_on=given_on,
            sense=sense,
            reference=reference,
        )
        record(by=by, territory=NATION, action="record_opinion", obj=opinion)
    return opinion
