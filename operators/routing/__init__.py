"""Who is proposed for a fiche de liaison, and why: rules in force, then places left, then the
commune. Rules propose and never impose: whoever sends may choose another."""

from operators.routing.offers import Offer, Receiver, offer_in, receivers
from operators.routing.places import Load, contacts_of, hours_in_words, loads_in, premises_in_words
from operators.routing.rules import PLATFORM, Wanted, effect, rules_of, whom

__all__ = [
    "PLATFORM",
    "Load",
    "Offer",
    "Receiver",
    "Wanted",
    "contacts_of",
    "effect",
    "hours_in_words",
    "loads_in",
    "offer_in",
    "premises_in_words",
    "receivers",
    "rules_of",
    "whom",
]
