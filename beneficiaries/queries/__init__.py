"""Reads of the nominal files and of the anonymous contacts, split by noun.

Each list names its structure and Regions itself, although row security would: an index serves an
explicit filter in order, and never a policy (docs/architecture.md).
"""

from beneficiaries.queries.code_lists import CodeLists, code_lists, label
from beneficiaries.queries.contacts import contacts_of_the_day, is_code_given, themes_of_the_day
from beneficiaries.queries.drafts import DRAFT_DAYS, drafts, forgotten_drafts
from beneficiaries.queries.financing import (
    LEVEL,
    Totals,
    cost,
    financing_plan,
    funding,
    hints,
    plan_costs,
    plan_events,
    plan_fundings,
    reaches_level,
    totals,
)
from beneficiaries.queries.journeys import (
    HANDED_OVER_DAYS,
    SILENT_DAYS,
    JourneyRow,
    Rows,
    SessionLine,
    follow_up_on,
    follow_ups,
    is_followed_by,
    is_silent,
    journey_file,
    journeys,
    last_session,
    open_journeys,
    reached_level,
    timeline,
)
from beneficiaries.queries.look_alikes import LookAlike, look_alikes
from beneficiaries.queries.persons import SearchedPerson, person, persons_found, persons_named
from beneficiaries.queries.places import (
    advisers,
    large_communes,
    last_channel,
    sites,
)
from beneficiaries.queries.referrals import (
    escalations,
    received,
    referral,
    referrals_of,
    to_answer,
    told_by,
)

__all__ = [
    "DRAFT_DAYS",
    "HANDED_OVER_DAYS",
    "LEVEL",
    "SILENT_DAYS",
    "CodeLists",
    "JourneyRow",
    "LookAlike",
    "Rows",
    "SearchedPerson",
    "SessionLine",
    "Totals",
    "advisers",
    "code_lists",
    "contacts_of_the_day",
    "cost",
    "drafts",
    "escalations",
    "financing_plan",
    "follow_up_on",
    "follow_ups",
    "forgotten_drafts",
    "funding",
    "hints",
    "is_code_given",
    "is_followed_by",
    "is_silent",
    "journey_file",
    "journeys",
    "label",
    "large_communes",
    "last_channel",
    "last_session",
    "look_alikes",
    "open_journeys",
    "person",
    "persons_found",
    "persons_named",
    "plan_costs",
    "plan_events",
    "plan_fundings",
    "reached_level",
    "reaches_level",
    "received",
    "referral",
    "referrals_of",
    "sites",
    "themes_of_the_day",
    "timeline",
    "to_answer",
    "told_by",
    "totals",
]
