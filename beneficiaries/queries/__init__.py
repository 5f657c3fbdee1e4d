"""Reads of the nominal files and of the anonymous contacts, split by noun.

Each list names its structure and Regions itself, although row security would: an index serves an
explicit filter in order, and never a policy (docs/architecture.md).
"""

from beneficiaries.queries.code_lists import CodeLists, code_lists
from beneficiaries.queries.contacts import contacts_of_the_day, themes_of_the_day
from beneficiaries.queries.journeys import (
    SILENT_DAYS,
    Rows,
    follow_up_on,
    in_index_order,
    is_followed_by,
    is_silent,
    journey_file,
    journeys,
    last_sessions,
    open_journeys,
    reached_level,
    timeline,
)
from beneficiaries.queries.persons import SearchedPerson, person, persons_found
from beneficiaries.queries.places import (
    advisers,
    large_communes,
    last_channel,
    sites,
)

__all__ = [
    "SILENT_DAYS",
    "CodeLists",
    "Rows",
    "SearchedPerson",
    "advisers",
    "code_lists",
    "contacts_of_the_day",
    "follow_up_on",
    "in_index_order",
    "is_followed_by",
    "is_silent",
    "journey_file",
    "journeys",
    "large_communes",
    "last_channel",
    "last_sessions",
    "open_journeys",
    "person",
    "persons_found",
    "reached_level",
    "sites",
    "themes_of_the_day",
    "timeline",
]
