"""Whose session is logged: read from an address, a form or a draft."""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404

from beneficiaries import queries
from beneficiaries.forms import NewPersonForm, OpeningForm, TalkForm
from beneficiaries.models import Beneficiary, Journey, Referral, SynthesisDocument
from regions.models import Membership

NEW = "new"
UNSHARED = (
    "La personne ne partage plus ce document : ni ses étapes ni son plan ne seront repris. Votre "
    "saisie est gardée ; enregistrez-la pour continuer sans lui."
)
RECEIVED = (
    "Cette fiche a déjà son premier entretien. Votre saisie est gardée ; enregistrez-la pour "
    "l’ajouter à ce parcours."
)
DECLINED = (
    "Cette fiche est refusée : l’entretien n’y répondra pas. Votre saisie est gardée ; "
    "enregistrez-la pour recevoir la personne sans elle."
)


@dataclass(frozen=True)
class Chosen:
    """Whose session this is: nobody yet, a new person, or a known one and her journey; sent by a
    fiche de liaison, or with a document de synthèse that she shares."""

    text: str
    is_new: bool = False
    referral: Referral | None = None
    document: SynthesisDocument | None = None
    over: Referral | None = None  # the fiche that it was begun with, answered meanwhile
    told: str = ""  # that what it was begun with no longer holds, and that it goes on without
    person: Beneficiary | None = None
    journeys: tuple[Journey, ...] = ()
    journey: Journey | None = None

    @property
    def is_empty(self) -> bool:
        return not self.is_new and self.person is None

    @property
    def is_withdrawn(self) -> bool:
        """The person took her consent back: nothing that came from her fiche is kept."""
        return self.over is not None and self.over.state == Referral.State.WITHDRAWN

    @property
    def form(self) -> type[TalkForm]:
        if self.is_new:
            return NewPersonForm
        return TalkForm if self.journey or self.is_empty else OpeningForm

    @property
    def department(self) -> str:
        """Where the person lives, where that is known."""
        return self.person.commune.department_id if self.person and self.person.commune else ""

    @property
    def last_sessions(self) -> list[queries.SessionLine]:
        return queries.timeline(self.journey, count=3) if self.journey else []


def chosen_from(membership: Membership, data) -> Chosen:
    """Read `person` (a public id or « new ») and `journey` from an address or a form."""
    text = data.get("q", "")
    wanted, wanted_journey = data.get("person", ""), data.get("journey", "")
    if fiche := data.get("fiche", ""):
        return _sent(membership, text, _referral(membership, fiche), wanted, wanted_journey)
    told = ""
    if asked := data.get("document", ""):
        document = queries.document(uuid_or_404(asked)).first()
        if document and not queries.is_own(membership, document):
            return _sharing(membership, text, document, wanted)
        if not wanted:
            raise Http404
        told = UNSHARED
    if wanted == NEW:
        return Chosen(text, is_new=True, told=told)
    if wanted_journey:
        journey = asked_journey(membership, wanted_journey)
        return Chosen(text, person=journey.beneficiary, journeys=(journey,), journey=journey)
    if not wanted:
        return Chosen(text)
    person = get_object_or_404(queries.person(membership.structure_id, uuid_or_404(wanted)))
    journeys = tuple(queries.open_journeys(person))
    journey = next(iter(journeys), None)
    return Chosen(text, person=person, journeys=journeys, journey=journey, told=told)


def asked_journey(membership: Membership, public_id: str) -> Journey:
    """Of the structure, as an address or a form names it; 404 otherwise."""
    found = queries.journeys(membership.structure_id).filter(public_id=uuid_or_404(public_id))
    return get_object_or_404(found.select_related("beneficiary__commune"))


def _referral(membership: Membership, public_id: str) -> Referral:
    found = queries.received(membership).filter(public_id=uuid_or_404(public_id))
    return get_object_or_404(found.select_related("opened_journey__beneficiary"))


def _sent(
    membership: Membership, text: str, referral: Referral, wanted: str, wanted_journey: str
) -> Chosen:
    """The person of a fiche; when she is known here, her open journey goes on. Of a fiche that was
    answered meanwhile, what was typed goes on without it."""
    if journey := referral.opened_journey:
        person = journey.beneficiary
        return Chosen(
            text, over=referral, told=RECEIVED, person=person, journeys=(journey,), journey=journey
        )
    over = None if referral.is_unanswered or referral.is_agreed else referral
    sent, told = (None, DECLINED) if over else (referral, "")
    person = _known(membership, referral.thread_number, wanted)
    if person is None:
        return Chosen(text, is_new=True, referral=sent, over=over, told=told)
    journeys = tuple(queries.open_journeys(person))
    named = (journey for journey in journeys if str(journey.public_id) == wanted_journey)
    journey = next(named, None) or next(iter(journeys), None)
    return Chosen(
        text,
        referral=sent,
        over=over,
        told=told,
        person=person,
        journeys=journeys,
        journey=journey,
    )


def _sharing(membership: Membership, text: str, document: SynthesisDocument, wanted: str) -> Chosen:
    """The person of a document that she shares."""
    person = _known(membership, document.content["thread_number"], wanted)
    return Chosen(text, is_new=person is None, document=document, person=person)


def _known(membership: Membership, thread_number: UUID, wanted: str) -> Beneficiary | None:
    """By her thread, or chosen among those who resemble her; none when she is new."""
    if former := queries.followed_by_thread(membership, thread_number):
        return former.beneficiary
    if wanted in ("", NEW):
        return None
    return get_object_or_404(queries.person(membership.structure_id, uuid_or_404(wanted)))


def uuid_or_404(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as exc:
        raise Http404 from exc
