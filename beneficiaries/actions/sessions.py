"""Sessions: the first one, which opens the journey, the next ones, and their corrections."""

import uuid
from datetime import datetime

from beneficiaries.actions.documents import carry_document, hold_shared_document
from beneficiaries.actions.drafts import drop_draft
from beneficiaries.actions.journeys import open_journey
from beneficiaries.actions.persons import open_file, remember_person
from beneficiaries.actions.referrals import receive_person
from beneficiaries.actions.rules import (
    ChangedMeanwhile,
    Place,
    locked_journey,
    operator_on,
    place,
    record_row,
    refuse_above_level1,
    refuse_closed,
    refuse_day,
    refuse_level,
    refuse_unknown,
    sent_before,
    writing,
)
from beneficiaries.entries import Identity, Profile, Talk
from beneficiaries.models import (
    Beneficiary,
    FollowUp,
    Journey,
    Referral,
    Session,
    SessionService,
    SynthesisDocument,
)
from beneficiaries.queries import CodeLists, code_lists
from operators.models import Operator
from regions.models import Membership, User
from regions.permissions import Permission
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.periods import full_date

_PROFILE_LISTS = (
    ("education_level", "education_level"),
    ("situation", "situation"),
    ("socio_professional_category", "socio_professional_category"),
    ("sector", "sector"),
    ("contract_type", "contract_type"),
    ("boeth", "boeth"),
    ("arrival", "arrival"),
    ("reason", "main_reason"),
)


def log_first_session(
    *,
    by: User,
    membership: Membership,
    person: Beneficiary | Identity,
    profile: Profile,
    talk: Talk,
    referral: Referral | None = None,
    document: SynthesisDocument | None = None,
    key: uuid.UUID | None = None,
) -> Session:
    """Open a journey with its first session, and the person's file when she is new.

    `referral`: the fiche de liaison that sent her, which this session answers.
    `document`: the document de synthèse that she shares, which goes on here.
    """
    with writing(membership, Permission.LOG_SESSIONS):
        if stored := _stored(membership, key, talk):
            return stored
        if document:
            hold_shared_document(membership, document)
        lists, operator = _checked(membership, talk)
        codes = [(name, getattr(profile, field)) for name, field in _PROFILE_LISTS]
        codes += [("reason", reason) for reason in profile.other_reasons]
        if isinstance(person, Identity):
            refuse_unknown(lists, [*codes, ("sex", person.sex)])
            person = open_file(membership, person)
        else:
            refuse_unknown(lists, codes)
            person = _own(membership, person)
        where = _place(membership, talk, lists, person)
        thread = _thread(referral, document)
        journey = open_journey(membership, person, profile, talk, where, operator, key, thread)
        session = _store(membership, journey, talk, lists, operator, where, key)
        drop_draft(membership=membership, key=key)
        if referral:
            receive_person(membership, referral, journey)
        if document:
            carry_document(membership, document, journey)
        record_row(by, session, "log_first_session")
    return session


def _thread(referral: Referral | None, document: SynthesisDocument | None) -> uuid.UUID | None:
    if document:
        return uuid.UUID(document.content["thread_number"])
    return referral.thread_number if referral else None


def log_session(
    *,
    by: User,
    membership: Membership,
    journey: Journey,
    talk: Talk,
    referral: Referral | None = None,
    key: uuid.UUID | None = None,
) -> Session:
    """Add a session to an open journey; it answers the fiche that sent her here again."""
    with writing(membership, Permission.LOG_SESSIONS):
        if stored := _stored(membership, key, talk):
            return stored
        journey = locked_journey(membership, journey)
        refuse_closed(journey)
        lists, operator = _checked(membership, talk)
        if talk.held_on < journey.opened_on:
            raise ActionRefused(
                f"Ce parcours est ouvert depuis le {full_date(journey.opened_on)} : un entretien "
                "ne peut pas le précéder. Si le premier entretien est plus ancien, corrigez "
                "d’abord sa date."
            )
        where = _place(membership, talk, lists, journey.beneficiary)
        session = _store(membership, journey, talk, lists, operator, where, key)
        drop_draft(membership=membership, key=key)
        if referral:
            receive_person(membership, referral, journey)
        record_row(by, session, "log_session")
    return session


def correct_session(
    *,
    by: User,
    membership: Membership,
    session: Session,
    talk: Talk,
    seen_at: datetime | None = None,
) -> Session:
    """Correct a session. When it is the first one, the opening of the journey follows.

    Raises:
        ChangedMeanwhile: somebody corrected it since `seen_at`, its `updated_at` when it was read.
        ActionRefused: wrong dates, level, place or code.
    """
    with writing(membership, Permission.LOG_SESSIONS):
        journey = locked_journey(membership, session.journey)
        session = Session.objects.select_for_update(of=("self",)).get(
            structure=membership.structure_id, pk=session.pk
        )
        if seen_at and session.updated_at != seen_at:
            raise ChangedMeanwhile(
                "Cet entretien a été modifié pendant que vous le corrigiez. Comparez les deux "
                "textes, puis enregistrez le vôtre s’il doit remplacer l’autre."
            )
        refuse_above_level1(membership, session.rank)
        lists, operator = _checked(membership, talk)
        _refuse_outside(journey, session, talk)
        where = _place(membership, talk, lists, journey.beneficiary, former=session)
        remember_person(journey.beneficiary, talk.held_on.year, where.region)
        _replace(session, talk, lists, operator, where)
        _follow_first_session(membership, journey)
        record_row(by, session, "correct_session", " ".join(_TALK_FIELDS))
    return session


_TALK_FIELDS = ("held_on", "channel", "services", "level", "site", "minutes", "next_on", "note")


def _stored(membership: Membership, key: uuid.UUID | None, talk: Talk) -> Session | None:
    """What the same form stored already. Its text is not another's that comes after it."""
    session = sent_before(Session, membership, key)
    if session and not _says(session, talk):
        raise ActionRefused(
            "Cet entretien est déjà enregistré, sans vos derniers changements. Ouvrez-le dans le "
            "parcours et corrigez-le : votre texte reste sur cette page."
        )
    return session


def _says(session: Session, talk: Talk) -> bool:
    services = {row.service_id for row in session.services.all()}
    found = (session.held_on, session.channel_id, session.minutes, session.next_on, session.note)
    said = (talk.held_on, talk.channel, talk.minutes, talk.next_on, talk.note)
    if (found, services) != (said, set(talk.services)):
        return False
    lists = code_lists(talk.held_on)
    is_there = talk.site is None or talk.site == session.site or lists.is_remote(talk.channel)
    return is_there and session.level_id == lists.level_of(talk.services, talk.level)


def _own(membership: Membership, person: Beneficiary) -> Beneficiary:
    found = (
        Beneficiary.objects.select_for_update(of=("self",))
        .filter(structure=membership.structure_id, pk=person.pk)
        .first()
    )
    if found is None:
        raise ActionRefused("Cette personne n’est pas connue de votre structure.")
    return found


def _checked(membership: Membership, talk: Talk) -> tuple[CodeLists, Operator]:
    """Date, codes, right of the structure and level."""
    refuse_day(talk.held_on, "Cet entretien")
    lists = code_lists(talk.held_on)
    if not talk.services:
        raise ActionRefused("Choisissez au moins un service : il donne son niveau à l’entretien.")
    codes = [("channel", talk.channel), *(("service", service) for service in talk.services)]
    refuse_unknown(lists, codes + ([("level", talk.level)] if talk.level else []))
    operator = operator_on(membership, talk.held_on)
    refuse_level(membership, operator, lists.rank(lists.level_of(talk.services, talk.level)))
    if talk.next_on and talk.next_on <= talk.held_on:
        raise ActionRefused(
            "Le prochain rendez-vous vient après l’entretien : choisissez un jour suivant, ou "
            "laissez cette date vide."
        )
    return lists, operator


def _place(
    membership: Membership,
    talk: Talk,
    lists: CodeLists,
    person: Beneficiary,
    former: Session | None = None,
) -> Place:
    """Where it is held; when remote, the adviser's site (data model 8)."""
    adviser = former.adviser if former else membership
    if lists.is_remote(talk.channel):
        site = adviser.site
    else:
        site = talk.site or (former.site if former else adviser.site)
    return place(membership, site, talk.held_on, person.commune)


def _store(
    membership: Membership,
    journey: Journey,
    talk: Talk,
    lists: CodeLists,
    operator: Operator,
    where: Place,
    key: uuid.UUID | None,
) -> Session:
    remember_person(journey.beneficiary, talk.held_on.year, where.region)
    session = Session.objects.create(
        structure_id=membership.structure_id,
        journey=journey,
        adviser=membership,
        idempotency_key=key,
        **_columns(talk, lists, operator, where),
    )
    _store_services(session, talk)
    return session


def _columns(talk: Talk, lists: CodeLists, operator: Operator, where: Place) -> dict:
    level = lists.level_of(talk.services, talk.level)
    return {
        "region_id": where.region,
        "department_id": where.department,
        "site": where.site,
        "category_id": operator.category_id,
        "max_rank": operator.max_rank,
        "held_on": talk.held_on,
        "channel_id": talk.channel,
        "level_id": level,
        "rank": lists.rank(level),
        "minutes": talk.minutes,
        "next_on": talk.next_on,
        "note": talk.note,
    }


def _store_services(session: Session, talk: Talk) -> None:
    SessionService.objects.bulk_create(
        SessionService(
            region_id=session.region_id,
            structure_id=session.structure_id,
            session=session,
            service_id=service,
            position=position,
        )
        for position, service in enumerate(dict.fromkeys(talk.services))
    )


def _replace(
    session: Session, talk: Talk, lists: CodeLists, operator: Operator, where: Place
) -> None:
    # Services refer to the session by its Region, which a corrected date may change.
    session.services.all().delete()
    for name, value in _columns(talk, lists, operator, where).items():
        setattr(session, name, value)
    session.save()
    _store_services(session, talk)


# ── The first session and the opening of its journey ─────────────────────────────────────────


def _first(journey: Journey) -> Session:
    """The session that opens the journey: lowest date, then id."""
    return Session.objects.filter(structure=journey.structure_id, journey=journey).earliest(
        "held_on", "pk"
    )


def _refuse_outside(journey: Journey, session: Session, talk: Talk) -> None:
    """Only the first session moves the opening; none leaves the closing behind."""
    if talk.held_on < journey.opened_on and session != _first(journey):
        raise ActionRefused(
            f"Le premier entretien de ce parcours est du {full_date(journey.opened_on)} : celui-ci "
            "ne peut pas le précéder. Corrigez d’abord la date du premier."
        )
    if journey.closed_on and talk.held_on > journey.closed_on:
        raise ActionRefused(
            f"Ce parcours est clos depuis le {full_date(journey.closed_on)} : un entretien ne peut "
            "pas le suivre. Rouvrez le parcours, ou choisissez une date plus ancienne."
        )


def _follow_first_session(membership: Membership, journey: Journey) -> None:
    """Give the journey the date, département, Region and category of its first session's day."""
    first = _first(journey)
    if first.held_on == journey.opened_on:
        return
    follow_ups = FollowUp.objects.filter(structure=journey.structure_id, journey=journey)
    begun = follow_ups.filter(starts_on=journey.opened_on).select_related("site").order_by("pk")
    *replaced, follow_up = begun
    _refuse_opening(journey, follow_up, first)
    for row in (follow_up, *reversed(replaced)):
        where = place(membership, row.site, first.held_on, journey.beneficiary.commune)
        row.starts_on = first.held_on
        row.ends_on = follow_up.ends_on if row is follow_up else first.held_on
        row.region_id, row.department_id = where.region, where.department
        row.save(update_fields=["starts_on", "ends_on", "region_id", "department_id"])
    journey.opened_on = first.held_on
    journey.region_id, journey.department_id = where.region, where.department
    journey.category_id = first.category_id
    born = journey.beneficiary.birth_date
    journey.age = periods.age_on(born, first.held_on) if born else journey.age
    journey.save()


def _refuse_opening(journey: Journey, follow_up: FollowUp, first: Session) -> None:
    if follow_up.ends_on and first.held_on >= follow_up.ends_on:
        raise ActionRefused(
            f"Le suivi a changé le {full_date(follow_up.ends_on)} : le premier entretien ne peut "
            "pas être après ce jour. Choisissez une date plus ancienne."
        )
    if journey.continues and first.held_on < journey.continues.closed_on:
        raise ActionRefused(
            f"Le parcours précédent s’est clos le {full_date(journey.continues.closed_on)} : "
            "celui-ci ne peut pas commencer avant. Choisissez un jour suivant."
        )
