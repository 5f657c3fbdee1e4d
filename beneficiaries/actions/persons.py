"""Persons: opening their file, correcting it, and the yearly key that counts them once."""

import secrets

from django.db import connection

from beneficiaries.actions.rules import ChangedMeanwhile, refuse_unknown, writing
from beneficiaries.entries import Identity
from beneficiaries.identity import person_key, sort_key
from beneficiaries.models import TYPED, Beneficiary, Journey, PersonKey, Session
from beneficiaries.queries import code_lists
from regions.actions import record
from regions.models import Membership, User
from regions.permissions import Permission
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.periods import full_date

NAMING = frozenset({"last_name", "first_name", "birth_name", "birth_date"})


def open_file(membership: Membership, identity: Identity) -> Beneficiary:
    """A person new to the structure; one step of the action that logs her first session."""
    _refuse_birth_date(identity)
    person = Beneficiary(
        region_id=membership.region_id, structure_id=membership.structure_id, **_columns(identity)
    )
    refuse_known(person)
    person.save(force_insert=True)
    return person


def correct_beneficiary(
    *,
    by: User,
    membership: Membership,
    beneficiary: Beneficiary,
    identity: Identity,
    seen: str = "",
) -> Beneficiary:
    """Correct who the person is. Another name or birth date changes her key of each year.

    Raises:
        ChangedMeanwhile: her file is no longer the one whose mark is `seen`.
    """
    with writing(membership, Permission.LOG_SESSIONS):
        person = (
            Beneficiary.objects.select_for_update(of=("self",))
            .filter(structure=membership.structure_id, pk=beneficiary.pk)
            .first()
        )
        if person is None:
            raise ActionRefused("Cette personne n’est pas connue de votre structure.")
        _refuse_birth_date(identity)
        refuse_unknown(code_lists(periods.today()), [("sex", identity.sex)])
        columns = _columns(identity)
        if seen and seen != person.mark:
            raise ChangedMeanwhile(_told_apart(person, columns))
        changed = [name for name in TYPED if getattr(person, name) != columns[name]]
        for name, value in columns.items():
            setattr(person, name, value)
        refuse_known(person)
        person.save(update_fields=list(columns))
        if NAMING & set(changed):
            renew_keys(person)
        record(
            by=by,
            territory=person.region_id,
            action="correct_beneficiary",
            obj=person,
            structure_id=person.structure_id,
            fields=" ".join(changed),
        )
    return person


def _told_apart(person: Beneficiary, columns: dict) -> str:
    """What is stored, where it is not what was typed."""
    fields = [
        person._meta.get_field(name) for name in TYPED if getattr(person, name) != columns[name]
    ]
    said = ", ".join(
        f"{field.verbose_name} « {getattr(person, field.name) or ''} »" for field in fields
    )
    return (
        "Une autre personne a corrigé cette fiche pendant ce temps. Elle dit maintenant : "
        f"{said or 'la même chose que vous'}. Votre saisie est gardée ; enregistrez-la à nouveau "
        "si elle doit remplacer ce qui est dit."
    )


def _columns(identity: Identity) -> dict:
    return {
        "last_name": identity.last_name.strip(),
        "first_name": identity.first_name.strip(),
        "birth_name": identity.birth_name.strip(),
        "birth_date": identity.birth_date,
        "sex_id": identity.sex,
        "email": identity.email,
        "phone": identity.phone,
        "commune_id": identity.commune and identity.commune.pk,
        "note": identity.file_note,
        "sort_key": sort_key(identity.last_name, identity.first_name, identity.birth_name),
    }


def _refuse_birth_date(identity: Identity) -> None:
    born, today = identity.birth_date, periods.today()
    if born and not 14 <= periods.age_on(born, today) <= 110:
        raise ActionRefused(
            f"Une naissance le {full_date(born)} ferait {max(periods.age_on(born, today), 0)} ans. "
            "Vérifiez l’année de naissance."
        )


def refuse_known(person: Beneficiary) -> None:
    """The same name born the same day is the same person: her road must not be cut in two."""
    if person.birth_date is None:
        return
    known = Beneficiary.objects.filter(
        structure=person.structure_id,
        region=person.region_id,
        sort_key=person.sort_key,
        birth_date=person.birth_date,
        kept_in__isnull=True,
    )
    if known.exclude(pk=person.pk).exists():
        raise ActionRefused(
            "Votre structure connaît déjà une personne de ce nom, née ce jour-là. Cherchez-la et "
            "choisissez-la dans la liste."
        )


# ── The key of a year ────────────────────────────────────────────────────────────────────────


def remember_person(person: Beneficiary, year: int, region: str) -> None:
    """Write the key with the first fact of the year; call it before storing that fact."""
    if (year, region) not in _years_with_facts(person):
        write_key(person, year, region)


def write_key(person: Beneficiary, year: int, region: str, *, replaces: bool = False) -> None:
    """Add a key; the last one of a year counts. `replaces`: there may be one already.

    Requests may not read this table, so that the ORM's `RETURNING id` would be refused.
    """
    key = person_key(
        birth_name=person.birth_name,
        last_name=person.last_name,
        first_name=person.first_name,
        birth_date=person.birth_date,
        year=year,
    )
    if key is None and not replaces:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {PersonKey._meta.db_table} "
            "(region_id, structure_id, beneficiary_id, year, key) VALUES (%s, %s, %s, %s, %s)",
            # A birth date taken back leaves a person who counts alone: a key that nobody shares.
            [region, person.structure_id, person.pk, year, key or secrets.token_bytes(32)],
        )


def renew_keys(person: Beneficiary) -> None:
    """She is another one, or has other journeys: what is compiled from now on counts her so."""
    for year, region in _years_with_facts(person):
        write_key(person, year, region, replaces=True)


def _years_with_facts(person: Beneficiary) -> set[tuple[int, str]]:
    """Years and Regions of her sessions and closings."""
    sessions = Session.objects.filter(structure=person.structure_id, journey__beneficiary=person)
    closings = Journey.objects.filter(
        structure=person.structure_id, beneficiary=person, closed_region__isnull=False
    )
    return set(sessions.values_list("held_on__year", "region_id").distinct()) | set(
        closings.values_list("closed_on__year", "closed_region_id").distinct()
    )
