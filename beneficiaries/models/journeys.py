"""Journeys, with their reasons and their dated follow-ups."""

import uuid
from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Case, CheckConstraint, F, Q, UniqueConstraint, When

from beneficiaries.models.columns import (
    FOLLOW_UP,
    JOURNEY,
    JOURNEY_REASON,
)
from beneficiaries.models.keys import code_of, department_on, held_by, isolation
from beneficiaries.models.persons import Beneficiary
from operators.models import (
    Arrival,
    Boeth,
    ContractType,
    EducationLevel,
    OperatorCategory,
    Outcome,
    Reason,
    ResidenceArea,
    Sector,
    Sex,
    Situation,
    SocioProfessionalCategory,
)
from regions.models import Department, Membership, Region, Site, Structure
from sprocep.constraints import CompositeKey, day, span
from sprocep.tenancy import Grants


class Journey(models.Model):
    """The CEP of a beneficiary at a structure, from opening to closing.

    The profile is frozen at opening. Region and département are those of the opening, and
    `closed_region`, `closed_department` those of the closing; neither is ever rewritten.
    """

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    department = held_by(Department, "département")
    category = held_by(OperatorCategory, "catégorie d’opérateur")
    beneficiary = models.ForeignKey(
        Beneficiary, models.PROTECT, related_name="journeys", verbose_name="bénéficiaire"
    )
    # The file that it was opened in, as long as this one is merged into the beneficiary's; written
    # by PostgreSQL with the merge.
    came_from = held_by(Beneficiary, "venu de la fiche", null=True, blank=True, editable=False)
    requested_on = models.DateField("demande du", null=True, blank=True)
    opened_on = models.DateField("ouvert le")
    opened = day("opened_on")
    closed_on = models.DateField("clos le", null=True, blank=True)
    closed = day("closed_on")
    closed_region = held_by(Region, "Région à la clôture", null=True, blank=True)
    closed_department = held_by(Department, "département à la clôture", null=True, blank=True)
    outcome = code_of(Outcome, "issue", null=True, blank=True)
    exit_situation = code_of(Situation, "situation à la sortie", null=True, blank=True)
    # None: not asked, as of the journeys closed before the question was put.
    may_be_asked = models.BooleanField("accepte d’être interrogée à six mois", null=True)
    main_reason = code_of(Reason, "motif principal")
    sex = code_of(Sex, "sexe", default="NR")
    age = models.PositiveSmallIntegerField("âge à l’ouverture", null=True, blank=True)
    education_level = code_of(EducationLevel, "niveau de formation", default="NR")
    situation = code_of(Situation, "situation", default="NR")
    socio_professional_category = code_of(
        SocioProfessionalCategory, "catégorie socioprofessionnelle", default="NR"
    )
    sector = code_of(Sector, "secteur d’activité", default="NR")
    contract_type = code_of(ContractType, "type de contrat", default="K99")
    boeth = code_of(Boeth, "bénéficiaire de l’obligation d’emploi", default="NR")
    residence_area = code_of(ResidenceArea, "commune rurale ou urbaine", default="NR")
    arrival = code_of(Arrival, "venue", default="NR")
    continues = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="suite de",
    )
    # Of two that were open when their files were merged, the one that goes on. This one is over
    # and nobody left: it has neither outcome nor Region of an exit (docs/adr/0064).
    joined_to = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="joined",
        db_index=False,
        verbose_name="réuni au parcours",
    )
    thread_number = models.UUIDField("numéro de fil", default=uuid.uuid4, editable=False)
    # Of the code of an anonymous contact, when the person gave it: not the contact's own.
    contact_code_fingerprint = models.BinaryField(
        "empreinte du code d’accueil", max_length=32, null=True
    )
    idempotency_key = models.UUIDField("clé d’envoi", null=True, editable=False)
    recorded_at = models.DateTimeField("enregistré le", auto_now_add=True)
    updated_at = models.DateTimeField("modifié le", auto_now=True)

    class Meta:
        verbose_name = "parcours"
        constraints = [
            *isolation("journey"),
            Grants(name="journey_grants", app="SELECT, INSERT, UPDATE", compiler=JOURNEY.compiler),
            CompositeKey(
                name="journey_beneficiary",
                columns=["structure_id", "beneficiary_id"],
                to="beneficiaries.Beneficiary",
                to_columns=["structure_id", "id"],
                violation_error_message="Cette personne n’est pas connue de votre structure.",
            ),
            CompositeKey(
                name="journey_came_from",
                columns=["structure_id", "came_from_id"],
                to="beneficiaries.Beneficiary",
                to_columns=["structure_id", "id"],
            ),
            department_on("journey_department", "department_id", "region_id", "opened"),
            department_on(
                "journey_closed_department", "closed_department_id", "closed_region_id", "closed"
            ),
            CompositeKey(
                name="journey_operator",
                columns=["structure_id", "category_id"],
                to="operators.Operator",
                to_columns=["structure_id", "category_id"],
                period="opened",
                violation_error_message=(
                    "Votre structure n’est pas opérateur du CEP à cette date: elle peut accueillir "
                    "et informer, pas ouvrir un parcours."
                ),
            ),
            CheckConstraint(
                name="journey_requested_before_opened",
                condition=Q(requested_on__isnull=True) | Q(requested_on__lte=F("opened_on")),
                violation_error_message="La demande ne peut pas suivre le premier entretien.",
            ),
            CheckConstraint(
                name="journey_closed_after_opened",
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                violation_error_message="Un parcours ne peut pas être clos avant son ouverture.",
            ),
            CheckConstraint(
                name="journey_closing_is_whole",
                condition=Q(
                    closed_on__isnull=True,
                    outcome__isnull=True,
                    exit_situation__isnull=True,
                    closed_region__isnull=True,
                    closed_department__isnull=True,
                    may_be_asked__isnull=True,
                    joined_to__isnull=True,
                )
                | Q(
                    closed_on__isnull=False,
                    outcome__isnull=True,
                    exit_situation__isnull=True,
                    closed_region__isnull=True,
                    closed_department__isnull=True,
                    may_be_asked__isnull=True,
                    joined_to__isnull=False,
                )
                | Q(
                    closed_on__isnull=False,
                    joined_to__isnull=True,
                    outcome__isnull=False,
                    exit_situation__isnull=False,
                    closed_region__isnull=False,
                    closed_department__isnull=False,
                ),
                violation_error_message=(
                    "Pour clore un parcours, donnez la date, l’issue et la situation à la sortie."
                ),
            ),
            CheckConstraint(
                name="journey_age",
                condition=Q(age__isnull=True) | Q(age__gte=14, age__lte=99),
                violation_error_message="L’âge à l’ouverture doit être compris entre 14 et 99 ans.",
            ),
            CheckConstraint(
                name="journey_arrival_with_a_code",
                condition=Q(arrival=Arrival.WITH_A_CODE, contact_code_fingerprint__isnull=False)
                | ~Q(arrival=Arrival.WITH_A_CODE) & Q(contact_code_fingerprint__isnull=True),
            ),
            UniqueConstraint(fields=["structure", "id"], name="journey_of_structure"),
            CompositeKey(
                name="journey_joined_to",
                columns=["structure_id", "joined_to_id"],
                to="beneficiaries.Journey",
                to_columns=["structure_id", "id"],
            ),
            UniqueConstraint(fields=["structure", "public_id"], name="journey_public_id"),
            UniqueConstraint(
                fields=["structure", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="journey_sent_once",
            ),
            UniqueConstraint(
                fields=["structure", "contact_code_fingerprint"],
                condition=Q(contact_code_fingerprint__isnull=False),
                name="journey_contact_code_once",
                violation_error_message=(
                    "Ce code d’accueil a déjà ouvert un parcours dans votre structure. Relisez-le, "
                    "ou laissez-le vide."
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["structure", "region", "-opened_on", "-id"], name="journey_newest"
            ),
            # The open ones are an eighth of all, and what is asked for every day.
            models.Index(
                fields=["structure", "region", "-opened_on", "-id"],
                condition=Q(closed_on__isnull=True),
                name="journey_open_newest",
            ),
            models.Index(fields=["region", "opened_on"], name="journey_region_opened"),
            models.Index(
                fields=["closed_region", "closed_on"],
                condition=Q(closed_on__isnull=False),
                name="journey_region_closed",
            ),
            # Those whose persons are asked six months later.
            models.Index(
                fields=["closed_on"], condition=Q(may_be_asked=True), name="journey_to_be_asked"
            ),
            # Journeys that lived in a period. `CASE` and not `coalesce`, which PostgreSQL does not
            # hold for leakproof: behind row level security its index would stay unused.
            models.Index(
                F("region"),
                Case(When(closed_on__isnull=True, then=date.max), default=F("closed_on")),
                F("opened_on"),
                name="journey_living",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opened_on}"

    @property
    def is_open(self) -> bool:
        return self.closed_on is None


class JourneyReason(models.Model):
    """The other reasons of a journey; the main one stands on the journey itself."""

    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    journey = models.ForeignKey(
        Journey, models.PROTECT, related_name="other_reasons", db_index=False
    )
    reason = code_of(Reason, "motif")

    class Meta:
        verbose_name = "autre motif"
        constraints = [
            *isolation("journey_reason"),
            Grants(
                name="journey_reason_grants",
                app="SELECT, INSERT, UPDATE, DELETE",
                compiler=JOURNEY_REASON.compiler,
            ),
            CompositeKey(
                name="journey_reason_journey",
                columns=["structure_id", "journey_id"],
                to="beneficiaries.Journey",
                to_columns=["structure_id", "id"],
            ),
            UniqueConstraint(fields=["structure", "journey", "reason"], name="journey_reason_once"),
        ]
        indexes = [models.Index(fields=["journey"], name="journey_reason_journey_idx")]

    def __str__(self) -> str:
        return self.reason_id


class FollowUp(models.Model):
    """Dated site and référent of a journey; its spans do not overlap. One that was replaced on its
    first day is empty, and comes before the one that replaced it."""

    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    journey = models.ForeignKey(Journey, models.PROTECT, related_name="follow_ups", db_index=False)
    department = held_by(Department, "département")
    site = held_by(Site, "lieu d’accueil")
    referent = held_by(Membership, "référent")
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    started = day("starts_on")
    valid = span("starts_on", "ends_on")

    class Meta:
        verbose_name = "suivi"
        constraints = [
            *isolation("follow_up"),
            Grants(
                name="follow_up_grants",
                app="SELECT, INSERT, UPDATE, DELETE",
                compiler=FOLLOW_UP.compiler,
            ),
            CompositeKey(
                name="follow_up_journey",
                columns=["structure_id", "journey_id"],
                to="beneficiaries.Journey",
                to_columns=["structure_id", "id"],
            ),
            department_on("follow_up_department", "department_id", "region_id", "started"),
            CompositeKey(
                name="follow_up_site",
                columns=["structure_id", "site_id"],
                to="regions.Site",
                to_columns=["structure_id", "id"],
                violation_error_message="Ce lieu d’accueil n’est pas de votre structure.",
            ),
            CompositeKey(
                name="follow_up_referent",
                columns=["structure_id", "referent_id"],
                to="regions.Membership",
                to_columns=["structure_id", "id"],
                violation_error_message="Ce référent n’est pas de votre structure.",
            ),
            CheckConstraint(
                name="follow_up_span",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="Le nouveau suivi ne commence pas avant l’ancien.",
            ),
            # On sums: nobody looks rows up by them, so that the planner, which believes a GiST
            # index as cheap as a b-tree, is left the b-tree (measured: 0.7 ms a row against 0.01).
            # Journey first, and numbers, no texts: a row is checked twelve times as fast.
            ExclusionConstraint(
                name="follow_up_once",
                expressions=[
                    (F("journey_id") + 0, RangeOperators.EQUAL),
                    (F("structure_id") + 0, RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message="Un parcours n’a qu’un lieu et un référent à la fois.",
            ),
        ]
        indexes = [
            models.Index(fields=["journey", "-starts_on", "-id"], name="follow_up_latest"),
            # With all that « followed by me today » reads (docs/adr/0011).
            models.Index(
                fields=["structure", "referent", "journey"],
                include=["region", "starts_on", "ends_on"],
                name="follow_up_followed_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on}"
