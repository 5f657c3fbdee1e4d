"""Fiches de liaison: a structure asks another to receive somebody.

The fiche says nothing of the person, who stands in a row of its own: that row is all that goes when
she takes her consent back. Each move is logged by PostgreSQL, which refuses those that `MOVES` does
not hold (sql/referrals).
"""

import uuid

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils import timezone

from beneficiaries.models.columns import REFERRAL, REFERRAL_EVENT, REFERRAL_PERSON
from beneficiaries.models.journeys import Journey
from beneficiaries.models.keys import code_of, department_on, held_by
from operators.models import DeclineReason, Reason, ServiceLevel
from regions.models import Department, Membership, Region, Site, Structure
from sprocep.constraints import CompositeKey, day
from sprocep.tenancy import (
    APP,
    BY_A_TRIGGER,
    COMPILER,
    IN_NATIONAL_SCOPE,
    IN_WHOLE_REGIONS,
    REGIONS,
    Grants,
    PartiesIsolation,
    RegionIsolation,
    RowPolicy,
    SenderWriting,
)

# A fiche without an answer for ten days is the coordination's matter: the fiche, not the person.
ESCALATED_HERE = (
    f"state = 'escalated' AND {IN_WHOLE_REGIONS} "
    f"AND (region_id = ANY ({REGIONS}) OR receiver_region_id = ANY ({REGIONS}))"
)
PARTIES = ("structure", "region", "receiver", "receiver_region")
# One look-up a row: `IN` would read every fiche in scope each time that one moves.
OF_A_REFERRAL_SEEN = "EXISTS (SELECT FROM beneficiaries_referral seen WHERE seen.id = referral_id)"


class Referral(models.Model):
    """One fiche, sent with the person's consent. Region and département are the sender's."""

    class State(models.TextChoices):
        SENT = "sent", "envoyée"
        OPENED = "opened", "ouverte"
        ESCALATED = "escalated", "sans réponse, signalée à la Région"
        ACCEPTED = "accepted", "acceptée"
        RECEIVED = "received", "personne reçue"
        MISSED = "missed", "personne non venue"
        DECLINED = "declined", "refusée"
        WITHDRAWN = "withdrawn", "retirée"

    # Before an answer it is the receiver's turn; `accepted` waits for the person to come, who may
    # also come after it was said that she did not.
    UNANSWERED = (State.SENT, State.OPENED, State.ESCALATED)
    AGREED = (State.ACCEPTED, State.MISSED)
    MOVES = {
        State.SENT: (
            State.OPENED, State.ESCALATED, State.ACCEPTED, State.DECLINED, State.WITHDRAWN,
        ),
        State.OPENED: (State.ESCALATED, State.ACCEPTED, State.DECLINED, State.WITHDRAWN),
        State.ESCALATED: (State.ACCEPTED, State.DECLINED, State.WITHDRAWN),
        State.ACCEPTED: (State.RECEIVED, State.MISSED, State.WITHDRAWN),
        State.MISSED: (State.RECEIVED, State.WITHDRAWN),
        State.RECEIVED: (),
        State.DECLINED: (),
        State.WITHDRAWN: (),
    }  # fmt: skip

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure qui oriente")
    department = held_by(Department, "département")
    site = held_by(Site, "lieu d’accueil")
    receiver = held_by(Structure, "structure qui reçoit")
    receiver_region = held_by(Region, "Région de la structure qui reçoit")
    journey = models.ForeignKey(
        Journey, models.PROTECT, null=True, related_name="referrals", db_index=False
    )
    opened_journey = held_by(Journey, "parcours ouvert", null=True)
    thread_number = models.UUIDField("numéro de fil", default=uuid.uuid4, editable=False)
    level = code_of(ServiceLevel, "niveau demandé")
    reason = code_of(Reason, "motif")
    sent_by = held_by(Membership, "envoyée par")
    sent_on = models.DateField("envoyée le")
    sent = day("sent_on")
    consented_on = models.DateField("accord de la personne le")
    state = models.CharField("état", max_length=9, choices=State, default=State.SENT)
    state_since = models.DateTimeField("depuis le", default=timezone.now)
    reminded_on = models.DateField("relancée le", null=True)
    decline_reason = code_of(DeclineReason, "motif de refus", null=True)
    # Told by a structure that has no account, and opens no journey here.
    received_by_link = models.BooleanField("accueil dit par un lien", default=False)
    idempotency_key = models.UUIDField("clé d’envoi", null=True, editable=False)

    class Meta:
        verbose_name = "fiche de liaison"
        constraints = [
            Grants(
                name="referral_grants",
                app="SELECT, INSERT, "
                "UPDATE (state, state_since, reminded_on, decline_reason_id, opened_journey_id, "
                "received_by_link)",
                compiler=REFERRAL.compiler,
            ),
            PartiesIsolation(
                name="referral_parties", also=f"({ESCALATED_HERE}) OR {IN_NATIONAL_SCOPE}"
            ),
            SenderWriting(name="referral_sender"),
            RegionIsolation(name="referral_region", to=(COMPILER,)),
            department_on("referral_department", "department_id", "region_id", "sent"),
            CompositeKey(
                name="referral_journey",
                columns=["structure_id", "journey_id"],
                to="beneficiaries.Journey",
                to_columns=["structure_id", "id"],
                violation_error_message="Ce parcours n’est pas de votre structure.",
            ),
            CompositeKey(
                name="referral_opened_journey",
                columns=["receiver_id", "opened_journey_id"],
                to="beneficiaries.Journey",
                to_columns=["structure_id", "id"],
            ),
            CompositeKey(
                name="referral_site",
                columns=["structure_id", "site_id"],
                to="regions.Site",
                to_columns=["structure_id", "id"],
                violation_error_message="Ce lieu d’accueil n’est pas de votre structure.",
            ),
            CompositeKey(
                name="referral_sent_by",
                columns=["structure_id", "sent_by_id"],
                to="regions.Membership",
                to_columns=["structure_id", "id"],
            ),
            CheckConstraint(
                name="referral_to_another",
                condition=~Q(structure=F("receiver")) | ~Q(region=F("receiver_region")),
                violation_error_message="Choisissez une autre structure que la vôtre.",
            ),
            CheckConstraint(
                name="referral_consent_first",
                condition=Q(consented_on__lte=F("sent_on")),
                violation_error_message="L’accord de la personne précède l’envoi de la fiche.",
            ),
            CheckConstraint(
                name="referral_refused_with_reason",
                condition=Q(state="declined", decline_reason__isnull=False)
                | (~Q(state="declined") & Q(decline_reason__isnull=True)),
                violation_error_message="Donnez le motif du refus : il revient à la structure.",
            ),
            CheckConstraint(
                name="referral_received_in_a_journey",
                condition=Q(state="received", opened_journey__isnull=False, received_by_link=False)
                | Q(state="received", opened_journey__isnull=True, received_by_link=True)
                | ~Q(state="received") & Q(opened_journey__isnull=True, received_by_link=False),
                violation_error_message="La personne est reçue par un premier entretien.",
            ),
            UniqueConstraint(fields=[*PARTIES, "id"], name="referral_of_parties"),
            UniqueConstraint(fields=["structure", "public_id"], name="referral_public_id"),
            UniqueConstraint(
                fields=["structure", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="referral_sent_once",
            ),
        ]
        indexes = [
            models.Index(fields=["structure", "region", "-sent_on", "-id"], name="referral_sent"),
            models.Index(
                fields=["receiver", "receiver_region", "-sent_on", "-id"], name="referral_to"
            ),
            models.Index(
                fields=["sent_on"],
                condition=Q(state__in=["sent", "opened", "escalated", "accepted"]),
                name="referral_waiting",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What two structures and their Region call it by."""
        return f"L{self.sent_on:%y}-{self.pk:06d}"

    @property
    def is_withdrawable(self) -> bool:
        return self.State.WITHDRAWN in self.MOVES[self.state]

    @property
    def is_unanswered(self) -> bool:
        return self.state in self.UNANSWERED

    @property
    def is_agreed(self) -> bool:
        """The receiver accepted, and has not received the person."""
        return self.state in self.AGREED


class ReferralPerson(models.Model):
    """Whom a fiche is about: the fields that its level asks for. Erased when consent is taken
    back."""

    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure qui oriente")
    receiver = held_by(Structure, "structure qui reçoit")
    receiver_region = held_by(Region, "Région de la structure qui reçoit")
    referral = models.ForeignKey(
        Referral, models.CASCADE, related_name="persons", db_index=False, verbose_name="fiche"
    )
    fields = models.JSONField("champs partagés")
    # Why none of the structures that were proposed: said of the person, so nobody else's to read.
    other_choice = models.CharField("pourquoi une autre structure", max_length=200, blank=True)

    class Meta:
        verbose_name = "personne d’une fiche de liaison"
        constraints = [
            Grants(
                name="referral_person_grants",
                app="SELECT, INSERT, DELETE",
                compiler=REFERRAL_PERSON.compiler,
            ),
            PartiesIsolation(name="referral_person_parties"),
            SenderWriting(name="referral_person_sender"),
            RegionIsolation(name="referral_person_region", to=(COMPILER,)),
            CompositeKey(
                name="referral_person_referral",
                columns=[f"{name}_id" for name in (*PARTIES, "referral")],
                to="beneficiaries.Referral",
                to_columns=[*(f"{name}_id" for name in PARTIES), "id"],
            ),
            UniqueConstraint(fields=["structure", "referral"], name="referral_person_once"),
        ]

    def __str__(self) -> str:
        return f"{self.fields['last_name'].upper()} {self.fields['first_name']}"


class ReferralEvent(models.Model):
    """A move of a fiche, written by PostgreSQL with it. Delays are counted on these."""

    referral = models.ForeignKey(
        Referral, models.CASCADE, related_name="events", db_index=False, verbose_name="fiche"
    )
    state = models.CharField("état", max_length=9, choices=Referral.State)
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "étape d’une fiche de liaison"
        constraints = [
            Grants(
                name="referral_event_grants",
                app="SELECT, INSERT",
                compiler=REFERRAL_EVENT.compiler,
            ),
            RowPolicy(
                name="referral_event_of_referral",
                using=OF_A_REFERRAL_SEEN,
                check=f"({OF_A_REFERRAL_SEEN}) AND {BY_A_TRIGGER}",
                to=(APP, COMPILER),
            ),
        ]
        indexes = [models.Index(fields=["referral", "id"], name="referral_event_timeline")]

    def __str__(self) -> str:
        return self.get_state_display()
