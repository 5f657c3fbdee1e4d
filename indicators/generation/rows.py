"""Rows waiting to be copied, as COPY text, by table: the order of the columns is said here."""

from dataclasses import dataclass, field, fields

from django.db.models import Model

from beneficiaries.models import (
    Beneficiary,
    FinancingPlan,
    FollowUp,
    Journey,
    JourneyReason,
    PersonKey,
    PlanCost,
    PlanEvent,
    PlanFunding,
    Referral,
    ReferralEvent,
    ReferralPerson,
    Session,
    SessionService,
    SynthesisDocument,
)
from operators.models import PlaceTaken

# Facts, parents first. Their keys and indexes are dropped while they are copied.
FACTS = {
    "beneficiary": (
        Beneficiary,
        "id public_id region_id structure_id last_name first_name birth_name birth_date sex_id "
        "email phone commune_id note sort_key recorded_at",
    ),
    "person_key": (PersonKey, "id region_id structure_id beneficiary_id year key"),
    "journey": (
        Journey,
        "id public_id region_id structure_id department_id category_id beneficiary_id requested_on "
        "opened_on closed_on closed_region_id closed_department_id outcome_id exit_situation_id "
        "main_reason_id sex_id age education_level_id situation_id socio_professional_category_id "
        "sector_id contract_type_id boeth_id arrival_id residence_area_id continues_id "
        "thread_number recorded_at updated_at",
    ),
    "journey_reason": (JourneyReason, "id region_id structure_id journey_id reason_id"),
    "follow_up": (
        FollowUp,
        "id region_id structure_id journey_id department_id site_id referent_id starts_on ends_on",
    ),
    "session": (
        Session,
        "id public_id region_id structure_id department_id category_id max_rank journey_id site_id "
        "adviser_id channel_id level_id rank is_collective minutes note held_on recorded_at "
        "updated_at",
    ),
    "session_service": (
        SessionService,
        "id region_id structure_id session_id service_id position",
    ),
}

# What journeys leave behind, made in SQL from the facts once these are whole; parents first.
LEFT_BEHIND: tuple[type[Model], ...] = (
    Referral,
    ReferralEvent,
    ReferralPerson,
    PlaceTaken,
    SynthesisDocument,
    FinancingPlan,
    PlanCost,
    PlanFunding,
    PlanEvent,
)

# Rows of a table that one journey has at most: so many ids are kept for it in each slice.
MOST_ROWS = {
    "beneficiary": 1,
    "person_key": 20,
    "journey": 1,
    "journey_reason": 2,
    "follow_up": 4,
    "session": 12,
    "session_service": 36,
}


@dataclass(frozen=True)
class Batch:
    """All that a slice is: its rows by table, who truly stands behind each file, its persons."""

    rows: dict[str, bytes]
    truth: str
    persons: int


@dataclass(slots=True)
class Rows:
    beneficiary: list[str] = field(default_factory=list)
    person_key: list[str] = field(default_factory=list)
    journey: list[str] = field(default_factory=list)
    journey_reason: list[str] = field(default_factory=list)
    follow_up: list[str] = field(default_factory=list)
    session: list[str] = field(default_factory=list)
    session_service: list[str] = field(default_factory=list)
    contact: list[str] = field(default_factory=list)

    def take(self) -> dict[str, bytes]:
        """All that waits, and empty the lists: writers hold on to them."""
        taken = {}
        for column in fields(self):
            waiting = getattr(self, column.name)
            if waiting:
                taken[column.name] = "".join(waiting).encode()
                waiting.clear()
        return taken
