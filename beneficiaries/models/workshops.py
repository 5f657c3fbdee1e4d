"""Workshops: one act for many, counted apart from all that is counted of persons."""

import uuid

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from beneficiaries.models.columns import WORKSHOP, WORKSHOP_PARTICIPANT
from beneficiaries.models.journeys import Journey
from beneficiaries.models.keys import (
    code_of,
    department_on,
    held_by,
    isolation,
    of_journey,
    of_member,
)
from operators.models import Channel, Theme
from regions.models import Department, Membership, Region, Site, Structure
from sprocep.constraints import CompositeKey, day
from sprocep.tenancy import Grants

MOST_HEADS = 500


class Workshop(models.Model):
    """A collective act: one entry for all who came, by head-count, by name, or both.

    It is no session: it has no level and no service, and no indicator reads it.
    """

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    department = held_by(Department, "département")
    site = held_by(Site, "lieu d’accueil")
    animator = held_by(Membership, "animé par")
    held_on = models.DateField("date")
    held = day("held_on")
    channel = code_of(Channel, "canal")
    theme = code_of(Theme, "thème")
    title = models.CharField("intitulé", max_length=120, blank=True)
    minutes = models.PositiveSmallIntegerField("durée en minutes")
    heads = models.PositiveSmallIntegerField("nombre de personnes")
    cancelled_at = models.DateTimeField("annulé le", null=True, blank=True)
    cancelled_by = held_by(Membership, "annulé par", null=True, blank=True)
    cancel_reason = models.CharField("motif d’annulation", max_length=200, blank=True)
    idempotency_key = models.UUIDField("clé d’envoi", null=True, editable=False)
    updated_at = models.DateTimeField("modifié le", auto_now=True)

    class Meta:
        verbose_name = "atelier"
        constraints = [
            *isolation("workshop"),
            Grants(
                name="workshop_grants", app="SELECT, INSERT, UPDATE", compiler=WORKSHOP.compiler
            ),
            department_on("workshop_department", "department_id", "region_id", "held"),
            CompositeKey(
                name="workshop_site",
                columns=["structure_id", "site_id"],
                to="regions.Site",
                to_columns=["structure_id", "id"],
                violation_error_message="Ce lieu d’accueil n’est pas de votre structure.",
            ),
            of_member("workshop_animator", "animator_id"),
            of_member("workshop_cancelled_by", "cancelled_by_id"),
            CheckConstraint(
                name="workshop_minutes",
                condition=Q(minutes__gte=1, minutes__lte=600),
                violation_error_message="La durée va de 1 à 600 minutes.",
            ),
            CheckConstraint(
                name="workshop_heads",
                condition=Q(heads__gte=1, heads__lte=MOST_HEADS),
                violation_error_message="Un atelier compte de 1 à 500 personnes.",
            ),
            CheckConstraint(
                name="workshop_cancelled_with_reason",
                condition=Q(cancelled_at__isnull=True, cancelled_by__isnull=True, cancel_reason="")
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False) & ~Q(cancel_reason=""),
                violation_error_message="Dites pourquoi l’atelier est annulé.",
            ),
            UniqueConstraint(fields=["structure", "region", "id"], name="workshop_of_structure"),
            UniqueConstraint(fields=["structure", "public_id"], name="workshop_public_id"),
            UniqueConstraint(
                fields=["structure", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="workshop_sent_once",
            ),
        ]
        indexes = [
            models.Index(fields=["structure", "region", "-held_on", "-id"], name="workshop_newest")
        ]

    def __str__(self) -> str:
        return f"{self.held_on}"

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None


class WorkshopParticipant(models.Model):
    """A person who came and is known here, by her journey; the others are in `heads` alone."""

    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    workshop = models.ForeignKey(
        Workshop, models.CASCADE, related_name="participants", db_index=False
    )
    journey = models.ForeignKey(Journey, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = "participant d’un atelier"
        constraints = [
            *isolation("workshop_participant"),
            Grants(
                name="workshop_participant_grants",
                app="SELECT, INSERT, DELETE",
                compiler=WORKSHOP_PARTICIPANT.compiler,
            ),
            CompositeKey(
                name="workshop_participant_workshop",
                columns=["structure_id", "region_id", "workshop_id"],
                to="beneficiaries.Workshop",
                to_columns=["structure_id", "region_id", "id"],
            ),
            of_journey("workshop_participant_journey"),
            UniqueConstraint(
                fields=["structure", "workshop", "journey"], name="workshop_participant_once"
            ),
        ]
        indexes = [
            models.Index(fields=["workshop"], name="workshop_participant_idx"),
            models.Index(fields=["journey"], name="workshop_of_journey_idx"),
        ]

    def __str__(self) -> str:
        return str(self.journey_id)
