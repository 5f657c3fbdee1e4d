"""Sessions and the services mobilised in them."""

import uuid

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from beneficiaries.models.columns import (
    SESSION,
    SESSION_SERVICE,
)
from beneficiaries.models.journeys import Journey
from beneficiaries.models.keys import code_of, department_on, held_by, isolation
from operators.models import (
    Channel,
    OperatorCategory,
    Service,
    ServiceLevel,
)
from regions.models import Department, Membership, Region, Site, Structure
from sprocep.constraints import CompositeKey, day
from sprocep.tenancy import Grants


class Session(models.Model):
    """One dated act of a journey, with a level, services and a channel."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    journey = models.ForeignKey(Journey, models.PROTECT, related_name="sessions", db_index=False)
    department = held_by(Department, "département")
    category = held_by(OperatorCategory, "catégorie d’opérateur")
    max_rank = models.PositiveSmallIntegerField("niveau le plus élevé de l’opérateur")
    site = held_by(Site, "lieu d’accueil")
    adviser = held_by(Membership, "conseiller ou conseillère")
    held_on = models.DateField("date")
    held = day("held_on")
    channel = code_of(Channel, "canal")
    level = code_of(ServiceLevel, "niveau de service")
    rank = models.PositiveSmallIntegerField("rang du niveau")
    is_collective = models.BooleanField("collectif", default=False)
    minutes = models.PositiveSmallIntegerField("durée en minutes", null=True, blank=True)
    next_on = models.DateField("prochain rendez-vous", null=True, blank=True)
    note = models.TextField("note", max_length=1000, blank=True)
    idempotency_key = models.UUIDField("clé d’envoi", null=True, editable=False)
    recorded_at = models.DateTimeField("enregistré le", auto_now_add=True)
    updated_at = models.DateTimeField("modifié le", auto_now=True)

    class Meta:
        verbose_name = "entretien"
        constraints = [
            *isolation("session"),
            Grants(
                name="session_grants",
                app="SELECT, INSERT, UPDATE, DELETE",
                compiler=SESSION.compiler,
            ),
            CompositeKey(
                name="session_journey",
                columns=["structure_id", "journey_id"],
                to="beneficiaries.Journey",
                to_columns=["structure_id", "id"],
                violation_error_message="Ce parcours n’est pas de votre structure.",
            ),
            department_on("session_department", "department_id", "region_id", "held"),
            CompositeKey(
                name="session_operator",
                columns=["structure_id", "category_id", "max_rank"],
                to="operators.Operator",
                to_columns=["structure_id", "category_id", "max_rank"],
                period="held",
                violation_error_message="Votre structure n’est pas opérateur du CEP à cette date.",
            ),
            CompositeKey(
                name="session_level",
                columns=["level_id", "rank"],
                to="operators.ServiceLevel",
                to_columns=["code", "rank"],
                period="held",
                violation_error_message="Ce niveau de service n’est pas en vigueur à cette date.",
            ),
            CompositeKey(
                name="session_site",
                columns=["structure_id", "site_id"],
                to="regions.Site",
                to_columns=["structure_id", "id"],
                violation_error_message="Ce lieu d’accueil n’est pas de votre structure.",
            ),
            CompositeKey(
                name="session_adviser",
                columns=["structure_id", "adviser_id"],
                to="regions.Membership",
                to_columns=["structure_id", "id"],
                violation_error_message="Cette personne n’est pas de votre structure.",
            ),
            CheckConstraint(
                name="session_rank_allowed",
                condition=Q(rank__lte=F("max_rank")),
                violation_error_message=(
                    "Votre structure n’est pas habilitée à ce niveau de service."
                ),
            ),
            CheckConstraint(
                name="session_minutes",
                condition=Q(minutes__isnull=True) | Q(minutes__gte=1, minutes__lte=600),
                violation_error_message="La durée va de 1 à 600 minutes.",
            ),
            CheckConstraint(
                name="session_next_comes_after",
                condition=Q(next_on__isnull=True) | Q(next_on__gt=F("held_on")),
                violation_error_message="Le prochain rendez-vous vient après l’entretien.",
            ),
            UniqueConstraint(fields=["structure", "region", "id"], name="session_of_structure"),
            UniqueConstraint(
                fields=["structure", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="session_sent_once",
            ),
        ]
        indexes = [
            # With what the levels of a journey are read from: its rows are left alone.
            models.Index(
                fields=["journey", "held_on", "id"],
                include=["region", "level", "rank"],
                name="session_timeline",
            ),
            models.Index(fields=["region", "held_on"], name="session_region_day"),
            models.Index(
                fields=["journey", "next_on"],
                condition=Q(next_on__isnull=False),
                name="session_next",
            ),
            # The last channel of an adviser, which the next session starts with.
            models.Index(
                fields=["structure", "adviser", "-held_on", "-id"],
                include=["region", "channel"],
                name="session_last_of",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.held_on}"


class SessionService(models.Model):
    """A service mobilised in a session; position 0 is the main one."""

    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    session = models.ForeignKey(Session, models.CASCADE, related_name="services", db_index=False)
    service = code_of(Service, "service")
    position = models.PositiveSmallIntegerField("rang", default=0)

    class Meta:
        verbose_name = "service mobilisé"
        constraints = [
            *isolation("session_service"),
            Grants(
                name="session_service_grants",
                app="SELECT, INSERT, UPDATE, DELETE",
                compiler=SESSION_SERVICE.compiler,
            ),
            CompositeKey(
                name="session_service_session",
                columns=["structure_id", "region_id", "session_id"],
                to="beneficiaries.Session",
                to_columns=["structure_id", "region_id", "id"],
            ),
            UniqueConstraint(
                fields=["structure", "session", "service"], name="session_service_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["session"],
                include=["region", "service"],
                name="session_service_session_idx",
            )
        ]

    def __str__(self) -> str:
        return self.service_id
