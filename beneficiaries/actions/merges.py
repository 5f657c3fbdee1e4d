"""Two files of one person: merged, and separated again."""

from collections.abc import Collection, Mapping

from django.utils import timezone

from beneficiaries.actions.persons import refuse_known, renew_keys
from beneficiaries.actions.rules import record_row, writing
from beneficiaries.identity import sort_key
from beneficiaries.models import Beneficiary, Journey, Merge
from beneficiaries.queries import (
    changed_since,
    compared,
    continuing,
    financing_plan,
    replaced,
)
from regions.models import Membership, User
from regions.permissions import Permission
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.periods import full_date


def merge_persons(
    *,
    by: User,
    membership: Membership,
    kept: Beneficiary,
    aside: Beneficiary,
    taken: Collection[str],
) -> Merge:
    """All journeys of both files are of the one that is kept; the other is set aside as it is.

    Of two open journeys one goes on (`queries.continuing`), and the other is joined to it: over,
    without an outcome, and no exit.

    Args:
        taken: columns whose value comes from the file that is set aside.
    """
    with writing(membership, Permission.LOG_SESSIONS):
        kept, aside = _held(membership, kept, aside)
        found = Merge.objects.filter(
            structure=membership.structure_id, kept=kept, aside=aside, separated_at__isnull=True
        )
        if stored := found.first():
            return stored
        journeys = _open_pair(kept, aside)
        values = {
            one.column: [one.one, one.other]
            for one in compared(kept, aside)
            if one.column in taken and one.one != one.other
        }
        merge = Merge.objects.create(
            region_id=membership.region_id,
            structure_id=membership.structure_id,
            kept=kept,
            aside=aside,
            replaced=values,
            merged_by=membership,
        )
        if journeys:
            _join(*journeys)
        _write(kept, {name: after for name, (_, after) in values.items()})
        refuse_known(kept)
        renew_keys(kept)
        record_row(by, merge, "merge_persons", " ".join(values))
    return merge


def separate_persons(
    *, by: User, membership: Membership, merge: Merge, put_back: Mapping[str, bool]
) -> Merge:
    """Each journey goes back to the file that it came from, and values to what they were.

    Args:
        put_back: of each column that somebody changed since the merge, whether it is put back.
    """
    with writing(membership, Permission.LOG_SESSIONS):
        kept, aside = _held(membership, merge.kept, merge.aside)
        merge.refresh_from_db(fields=["separated_at", "replaced"])
        if merge.separated_at:
            return merge
        changed = {one.column for one in changed_since(merge, kept)}
        if unsaid := changed - set(put_back):
            raise ActionRefused(
                f"La fiche a changé pendant ce temps ({len(unsaid)}). Relisez ce qu’elle dit "
                "maintenant, puis choisissez à nouveau."
            )
        merge.separated_by, merge.separated_at = membership, timezone.now()
        merge.save(update_fields=["separated_by", "separated_at"])
        values = {
            name: before
            for name, (before, _) in replaced(merge).items()
            if name not in changed or put_back[name]
        }
        _write(kept, values)
        for person in (kept, aside):
            renew_keys(person)
        record_row(by, merge, "separate_persons", " ".join(values))
    return merge


def _held(membership: Membership, kept: Beneficiary, aside: Beneficiary) -> list[Beneficiary]:
    """Both files as they are now, held in one order until the end of the action."""
    rows = Beneficiary.objects.select_for_update(of=("self",)).order_by("pk")
    found = rows.filter(structure=membership.structure_id, pk__in=[kept.pk, aside.pk]).in_bulk()
    if set(found) != {kept.pk, aside.pk}:
        raise ActionRefused("Cette personne n’est pas connue de votre structure.")
    return [found[kept.pk], found[aside.pk]]


def _open_pair(kept: Beneficiary, aside: Beneficiary) -> tuple[Journey, Journey] | None:
    """Where each file has an open journey, the one that goes on and the other; both held."""
    pair = continuing(kept, aside)
    if pair is None:
        return None
    if all(financing_plan(journey) for journey in pair):
        raise ActionRefused(
            f"Chaque fiche a un parcours ouvert avec un plan de financement, depuis le "
            f"{full_date(pair[0].opened_on)} et le {full_date(pair[1].opened_on)}. Retirez ou "
            "clôturez celui qui ne sert plus, puis réunissez les fiches."
        )
    held = Journey.objects.select_for_update(of=("self",)).order_by("pk")
    found = held.filter(pk__in=[journey.pk for journey in pair], closed_on__isnull=True).in_bulk()
    if len(found) < len(pair):
        raise ActionRefused("Un de ces parcours vient d’être clos. Relisez les deux fiches.")
    return pair[0], pair[1]


def _join(lasting: Journey, other: Journey) -> None:
    """End the other journey in the one that goes on; it says no outcome, and counts no exit."""
    other.refresh_from_db()
    other.closed_on, other.joined_to = periods.today(), lasting
    other.save(update_fields=["closed_on", "joined_to", "updated_at"])


def _write(person: Beneficiary, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(person, name, value)
    person.sort_key = sort_key(person.last_name, person.first_name, person.birth_name)
    person.save(update_fields=[*values, "sort_key"])
