"""Journeys: opening, following, closing and opening again."""

import uuid
from collections.abc import Iterable

from django.db.models import F
from django.utils import timezone

from beneficiaries.actions.persons import remember_person
from beneficiaries.actions.rules import (
    Place,
    locked_journey,
    place,
    record_row,
    refuse_closed,
    refuse_day,
    refuse_stranger,
    refuse_unknown,
    writing,
)
from beneficiaries.contact_codes import journey_fingerprint
from beneficiaries.entries import Change, Closing, Following, Profile, Talk
from beneficiaries.models import (
    Beneficiary,
    FollowUp,
    Journey,
    JourneyReason,
    Session,
    SituationChange,
)
from beneficiaries.queries import code_lists, follow_up_on, situation_changes, situation_on
from operators.models import Arrival, Operator
from regions.models import Membership, User
from regions.permissions import Permission
from regions.queries import department_regions, in_force
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.periods import full_date

RURAL, URBAN, UNKNOWN = "rural", "urban", "NR"


def open_journey(
    membership: Membership,
    person: Beneficiary,
    profile: Profile,
    talk: Talk,
    where: Place,
    operator: Operator,
    key: uuid.UUID | None,
    thread: uuid.UUID | None = None,
) -> Journey:
    """A journey with its frozen profile and first follow-up; the session comes right after.

    `thread`: the road that goes on here, when another structure sent the person.
    """
    former = _former_journey(person, talk)
    code = profile.contact_code
    journey = Journey.objects.create(
        region_id=where.region,
        structure_id=membership.structure_id,
        department_id=where.department,
        category_id=operator.category_id,
        beneficiary=person,
        requested_on=profile.requested_on,
        opened_on=talk.held_on,
        main_reason_id=profile.main_reason,
        sex_id=person.sex_id,
        age=person.birth_date and periods.age_on(person.birth_date, talk.held_on),
        education_level_id=profile.education_level,
        situation_id=profile.situation,
        socio_professional_category_id=profile.socio_professional_category,
        sector_id=profile.sector,
        contract_type_id=profile.contract_type,
        boeth_id=profile.boeth,
        residence_area_id=_residence_area(person),
        arrival_id=_arrival(profile, thread),
        continues=former,
        thread_number=thread or (former.thread_number if former else uuid.uuid4()),
        contact_code_fingerprint=journey_fingerprint(code) if code else None,
        idempotency_key=key,
    )
    JourneyReason.objects.bulk_create(
        JourneyReason(
            region_id=where.region,
            structure_id=membership.structure_id,
            journey=journey,
            reason_id=reason,
        )
        for reason in profile.other_reasons
        if reason != profile.main_reason
    )
    FollowUp.objects.create(
        region_id=where.region,
        structure_id=membership.structure_id,
        journey=journey,
        department_id=where.department,
        site=where.site,
        referent=membership,
        starts_on=talk.held_on,
    )
    return journey


def _former_journey(person: Beneficiary, talk: Talk) -> Journey | None:
    """The last one in the structure, which the new one continues."""
    former = (
        Journey.objects.select_for_update(of=("self",))
        .filter(structure=person.structure_id, beneficiary=person)
        .order_by(F("closed_on").desc(nulls_first=True), "-opened_on", "-pk")
        .first()
    )
    if former is None:
        return None
    if former.is_open:
        raise ActionRefused(
            f"Cette personne a un parcours ouvert depuis le {full_date(former.opened_on)}. "
            "Ajoutez-y l’entretien, ou clôturez-le avant d’en ouvrir un autre."
        )
    if talk.held_on < former.closed_on:
        raise ActionRefused(
            f"Cette personne était suivie jusqu’au {full_date(former.closed_on)} : un nouveau "
            "parcours ne peut pas commencer avant. Corrigez la date, ou rouvrez l’ancien parcours."
        )
    return former


def _residence_area(person: Beneficiary) -> str:
    if person.commune is None:
        return UNKNOWN
    return RURAL if person.commune.is_rural else URBAN


def _arrival(profile: Profile, thread: uuid.UUID | None) -> str:
    """A code is told before a fiche: it deducts her from the contacts, that are counted once."""
    if profile.contact_code:
        return Arrival.WITH_A_CODE
    return Arrival.FROM_A_STRUCTURE if thread else profile.arrival


def change_follow_up(
    *, by: User, membership: Membership, journey: Journey, following: Following
) -> FollowUp:
    """Another site or référent from a day on, were it the day of the last change."""
    with writing(membership, Permission.LOG_SESSIONS):
        journey = locked_journey(membership, journey)
        refuse_closed(journey)
        refuse_day(following.starts_on, "Ce changement")
        refuse_stranger(membership, following.site, following.referent)
        _refuse_absent(following)
        last = follow_up_on(journey, periods.today())
        if following.starts_on < last.starts_on:
            raise ActionRefused(
                f"Le suivi actuel a commencé le {full_date(last.starts_on)} : le nouveau ne peut "
                "pas commencer avant. Choisissez ce jour-là ou un jour suivant."
            )
        where = place(membership, following.site, following.starts_on, journey.beneficiary.commune)
        columns = {
            "region_id": where.region,
            "department_id": where.department,
            "site": where.site,
            "referent": following.referent,
        }
        same = all(getattr(last, name) == value for name, value in columns.items())
        if same and following.starts_on == last.starts_on:
            return last
        # Replaced on its first day it becomes empty, and stays in the history.
        last.ends_on = following.starts_on
        last.save(update_fields=["ends_on"])
        follow_up = FollowUp.objects.create(
            structure_id=journey.structure_id,
            journey=journey,
            starts_on=following.starts_on,
            **columns,
        )
        record_row(by, journey, "change_follow_up", "site referent starts_on")
    return follow_up


def entrust_journeys(
    *, by: User, membership: Membership, journeys: Iterable[Journey], following: Following
) -> dict[int, str]:
    """Change the follow-up of several; why, by id, for each that is refused and stays as it is."""
    refused = {}
    for journey in journeys:
        try:
            change_follow_up(by=by, membership=membership, journey=journey, following=following)
        except ActionRefused as refusal:
            refused[journey.pk] = str(refusal)
    return refused


def _refuse_absent(following: Following) -> None:
    day = following.starts_on
    if not Membership.objects.filter(
        in_force(day), pk=following.referent.pk, unconfirmed_since__isnull=True
    ).exists():
        raise ActionRefused(
            f"{following.referent.name} n’est pas dans votre structure au {full_date(day)}. "
            "Choisissez une autre date ou une autre personne."
        )


def change_situation(*, by: User, membership: Membership, journey: Journey, change: Change) -> None:
    """Another situation from a day on; the same day again corrects it. Figures count the one of
    the opening (S158)."""
    with writing(membership, Permission.LOG_SESSIONS):
        journey = locked_journey(membership, journey)
        refuse_closed(journey)
        day = change.starts_on
        refuse_day(day, "Ce changement")
        refuse_unknown(code_lists(day), [("situation", change.situation)])
        if day <= journey.opened_on:
            raise ActionRefused(
                f"Ce parcours est ouvert depuis le {full_date(journey.opened_on)} : un changement "
                "vient après. La situation de ce jour-là reste celle de l’ouverture."
            )
        if situation_on(journey, periods.days_after(day, -1)) == change.situation:
            raise ActionRefused(
                "La personne était déjà dans cette situation la veille. Choisissez-en une autre, "
                "ou une autre date."
            )
        noted = {
            "situation_id": change.situation,
            "noted_by_id": membership.pk,
            "noted_at": timezone.now(),
        }
        if not situation_changes(journey).filter(starts_on=day).update(**noted):
            SituationChange.objects.create(
                region_id=journey.region_id,
                structure_id=journey.structure_id,
                journey=journey,
                starts_on=day,
                **noted,
            )
        record_row(by, journey, "change_situation", "situation starts_on")


def close_journey(
    *, by: User, membership: Membership, journey: Journey, closing: Closing
) -> Journey:
    """Close with an outcome; the exit lies where the journey was followed that day."""
    with writing(membership, Permission.LOG_SESSIONS):
        journey = locked_journey(membership, journey)
        refuse_closed(journey)
        day = closing.closed_on
        refuse_day(day, "Cette clôture")
        last = _last_session(journey)
        if day < last.held_on:
            raise ActionRefused(
                f"Le dernier entretien est du {full_date(last.held_on)} : le parcours ne peut pas "
                "être clos avant. Choisissez ce jour-là ou un jour suivant."
            )
        refuse_unknown(
            code_lists(day), [("outcome", closing.outcome), ("situation", closing.exit_situation)]
        )
        department = follow_up_on(journey, day).department_id
        region = department_regions(day)[department]
        remember_person(journey.beneficiary, day.year, region)
        journey.closed_on = day
        journey.closed_region_id = region
        journey.closed_department_id = department
        journey.outcome_id = closing.outcome
        journey.exit_situation_id = closing.exit_situation
        journey.may_be_asked = closing.may_be_asked
        journey.save()
        record_row(by, journey, "close_journey", "closed_on outcome exit_situation may_be_asked")
    return journey


def reopen_journey(*, by: User, membership: Membership, journey: Journey) -> Journey:
    """Take the closing back, unless the person has begun another journey since."""
    with writing(membership, Permission.LOG_SESSIONS):
        journey = locked_journey(membership, journey)
        if journey.is_open:
            raise ActionRefused("Ce parcours est déjà ouvert. Vous pouvez y ajouter un entretien.")
        if journey.joined_to:
            raise ActionRefused(
                f"Ce parcours est réuni à celui du {full_date(journey.joined_to.opened_on)}, qui "
                "continue. Séparez les fiches si ce sont deux personnes."
            )
        later = Journey.objects.filter(
            structure=journey.structure_id,
            beneficiary=journey.beneficiary_id,
            opened_on__gte=journey.closed_on,
        ).exclude(pk=journey.pk)
        if newer := later.order_by("opened_on").first():
            raise ActionRefused(
                f"Cette personne a commencé un autre parcours le {full_date(newer.opened_on)}. "
                "Continuez celui-ci : l’ancien reste lié à lui."
            )
        journey.closed_on = None
        journey.closed_region = journey.closed_department = None
        journey.outcome = journey.exit_situation = journey.may_be_asked = None
        journey.save()
        record_row(by, journey, "reopen_journey", "closed_on outcome exit_situation may_be_asked")
    return journey


def _last_session(journey: Journey) -> Session:
    return Session.objects.filter(structure=journey.structure_id, journey=journey).latest(
        "held_on", "pk"
    )
