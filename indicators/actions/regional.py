"""The life of a regional indicator: composed, published, withdrawn, or made national."""

import re
from datetime import date

from django.db import connection, transaction
from django.utils import timezone

from indicators.actions.definitions import OWNER
from indicators.models import Definition, RegionalIndicator
from indicators.regional.composition import Composition, check_codes
from indicators.regional.sentence import sentence
from indicators.regional.standing import PUBLIC, rank_of
from regions.actions import QUARTERS_AHEAD, begins_a_quarter, record
from regions.models import Region, User
from regions.queries import in_force
from sprocep import periods
from sprocep.errors import ActionRefused, refusals
from sprocep.periods import Period
from sprocep.tenancy import NATION

# More would let one Region's cells hide too many of its neighbours'.
MOST_IN_FORCE = 20
COMPOSED = (
    "label", "population", "measure", "subject", "filters", "part", "breakdown", "by_level",
    "by_operator", "by_department",
)  # fmt: skip
_State = RegionalIndicator.State
_NATIONAL = re.compile(r"[A-Q][0-9]{1,2}")


def _locked(indicator: RegionalIndicator) -> RegionalIndicator:
    return RegionalIndicator.objects.select_for_update(of=("self",)).get(pk=indicator.pk)


def _draft(indicator: RegionalIndicator) -> RegionalIndicator:
    found = _locked(indicator)
    if found.state != _State.DRAFT:
        raise ActionRefused(
            f"L’indicateur {found.code} est publié : il ne change plus. Composez une nouvelle "
            "version."
        )
    return found


def _fill(row: RegionalIndicator, composed: dict) -> None:
    """What was composed, if the vocabulary knows it, and the sentence that says it."""
    for name in COMPOSED:
        setattr(row, name, composed[name])
    made = Composition.of(row)
    check_codes(made, periods.today())
    row.statement = sentence(made, periods.today())


@transaction.atomic
def compose_indicator(*, by: User, region: Region, composed: dict) -> RegionalIndicator:
    """A draft with the next code of the Region. `composed`: the fields of COMPOSED.

    Raises:
        ActionRefused: what the vocabulary does not know.
    """
    with connection.cursor() as cursor:  # two coordinators at once: the second waits for its code
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"compose {region.pk}"])
    codes = RegionalIndicator.objects.filter(region=region).values_list("code", flat=True)
    rank = max(map(rank_of, codes), default=0) + 1
    row = RegionalIndicator(region=region, code=f"R{region.pk}.{rank}", created_by=by)
    _fill(row, composed)
    with refusals():
        row.save()
        record(by=by, territory=region.pk, action="compose_indicator", obj=row)
    return row


@transaction.atomic
def compose_version(*, by: User, indicator: RegionalIndicator) -> RegionalIndicator:
    """A draft of the next version of a published indicator, composed as it is.

    Raises:
        ActionRefused: not published, or its next version is composed already.
    """
    former = _locked(indicator)
    if former.state != _State.PUBLISHED:
        raise ActionRefused("Seul un indicateur publié a une version suivante.")
    row = RegionalIndicator(
        region=former.region,
        code=former.code,
        version=former.version + 1,
        statement=former.statement,
        created_by=by,
        **{name: getattr(former, name) for name in COMPOSED},
    )
    with refusals():
        row.save()
        record(by=by, territory=row.region_id, action="compose_version", obj=row)
    return row


@transaction.atomic
def change_draft(*, by: User, indicator: RegionalIndicator, composed: dict) -> RegionalIndicator:
    """Raises ActionRefused: published already, or what the vocabulary does not know."""
    row = _draft(indicator)
    _fill(row, composed)
    with refusals():
        row.save(update_fields=[*COMPOSED, "statement"])
        record(
            by=by,
            territory=row.region_id,
            action="change_draft",
            obj=row,
            fields=" ".join(COMPOSED),
        )
    return row


@transaction.atomic
def discard_draft(*, by: User, indicator: RegionalIndicator) -> None:
    """Raises ActionRefused: published already."""
    row = _draft(indicator)
    record(by=by, territory=row.region_id, action="discard_draft", obj=row)
    row.delete()


@transaction.atomic
def publish_indicator(
    *, by: User, indicator: RegionalIndicator, starts_on: date, opinion: str
) -> RegionalIndicator:
    """Counted from the compilation of the periods that end from this day on; it never changes
    again. A former version ends where this one begins.

    Raises:
        ActionRefused: not a draft, not the first day of this or a coming quarter, not after the
            former version, a code that is no longer in the lists, too many in force.
    """
    row = _draft(indicator)
    now = periods.quarter_of(periods.today())
    if starts_on not in {p.starts for p in (now, *_coming())}:
        raise ActionRefused(
            "Choisissez le premier jour du trimestre en cours ou d’un trimestre à venir."
        )
    made = Composition.of(row)
    check_codes(made, periods.today())
    former = _former(row)
    if former and former.starts_on >= starts_on:
        raise ActionRefused(
            f"La version {former.version} commence le {periods.full_date(former.starts_on)} : "
            "choisissez un trimestre qui la suit."
        )
    if former and former.ends_on and former.ends_on > starts_on:
        last_day = periods.full_date(periods.days_after(former.ends_on, -1))
        raise ActionRefused(
            f"La version {former.version} vaut jusqu’au {last_day} : choisissez un trimestre qui "
            "commence ensuite."
        )
    standing = RegionalIndicator.objects.filter(
        in_force(starts_on), region_id=row.region_id, state__in=PUBLIC
    ).exclude(code=row.code)
    if standing.count() >= MOST_IN_FORCE:
        raise ActionRefused(
            f"Votre Région a déjà {MOST_IN_FORCE} indicateurs à cette date. Retirez-en un d’abord."
        )
    with refusals():
        if former and former.ends_on is None:
            RegionalIndicator.objects.filter(pk=former.pk).update(ends_on=starts_on)
        row.state, row.starts_on, row.opinion = _State.PUBLISHED, starts_on, opinion
        row.published_at, row.statement = timezone.now(), sentence(made, starts_on)
        row.save(update_fields=["state", "starts_on", "opinion", "published_at", "statement"])
        record(by=by, territory=row.region_id, action="publish_indicator", obj=row)
    return row


def _coming() -> list[Period]:
    return periods.coming_quarters(periods.today(), QUARTERS_AHEAD)


def _former(row: RegionalIndicator) -> RegionalIndicator | None:
    """The version that was published before, which this one takes the place of."""
    versions = RegionalIndicator.objects.select_for_update(of=("self",)).filter(
        region_id=row.region_id,
        code=row.code,
        version__lt=row.version,
        published_at__isnull=False,
    )
    return versions.order_by("version").last()


@transaction.atomic
def withdraw_indicator(
    *, by: User, indicator: RegionalIndicator, ends_on: date
) -> RegionalIndicator:
    """No longer counted from the first day of a coming quarter; what was published stays.

    Raises:
        ActionRefused: not published, ended already, or a day that begins no coming quarter.
    """
    begins_a_quarter(ends_on)
    row = _locked(indicator)
    if row.state != _State.PUBLISHED or row.ends_on or row.starts_on >= ends_on:
        raise ActionRefused("Seul un indicateur publié, qui a commencé avant ce jour, se retire.")
    with refusals():
        row.state, row.ends_on = _State.WITHDRAWN, ends_on
        row.save(update_fields=["state", "ends_on"])
        record(by=by, territory=row.region_id, action="withdraw_indicator", obj=row)
    return row


@transaction.atomic
def note_opinion(*, by: User, indicator: RegionalIndicator, opinion: str) -> RegionalIndicator:
    """What the CREFOP said of a version, whenever it says it."""
    row = _locked(indicator)
    with refusals():
        row.opinion = opinion
        row.save(update_fields=["opinion"])
        record(by=by, territory=row.region_id, action="note_opinion", obj=row, fields="opinion")
    return row


@transaction.atomic
def promote_indicator(
    *, by: User, indicator: RegionalIndicator, code: str, starts_on: date
) -> Definition:
    """Take a regional indicator into the national base: counted for every Region and the nation
    under a national code, from the first day of a coming quarter; the regional one ends there.

    Raises:
        ActionRefused: not published or ended, a code that is none or is borne, a day that begins no
            coming quarter.
    """
    begins_a_quarter(starts_on)
    row = _locked(indicator)
    if row.state != _State.PUBLISHED or row.ends_on or row.starts_on >= starts_on:
        raise ActionRefused("Seul un indicateur publié, qui a commencé avant ce jour, est repris.")
    if not _NATIONAL.fullmatch(code):
        raise ActionRefused("Un code national est une lettre de A à Q et un rang : J1, K12.")
    if any(
        known.split(".")[0] == code for known in Definition.objects.values_list("code", flat=True)
    ):
        raise ActionRefused(f"Le code {code} désigne déjà un indicateur du socle national.")
    with refusals():
        definition = Definition.objects.create(
            code=code,
            version=1,
            starts_on=starts_on,
            label=row.label,
            statement=row.statement,
            legal_source=f"indicateur {row.code} repris dans le socle national",
            owner=OWNER,
        )
        row.state, row.promoted_as, row.ends_on = _State.PROMOTED, code, starts_on
        row.save(update_fields=["state", "promoted_as", "ends_on"])
        record(by=by, territory=NATION, action="promote_indicator", obj=definition)
    return definition
