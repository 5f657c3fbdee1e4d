"""What anybody can read in docs/counting-rules.md, and the families of relations it makes."""

FAMILIES = {
    "labels": "one count printed under several indicators is one count",
    "levels": "levels add up",
    "operators": "categories of operators add up",
    "categories": "the categories of a breakdown add up",
    "departments": "départements add up to their Region",
    "nation": "Regions add up to the nation",
    "borders": "old and new borders: the same départements give the same figures, and add up",
    "months": "a month is the same in its quarter and in its year",
    "periods": "months, quarters and the year add up",
    "stock": "the journeys open at the end of the year are those at the end of its last quarter",
    "flow": "open before, plus entries, less exits, are open after",
    "persons": "persons: no part exceeds the whole, and the parts together cover it",
    "reasons": "a main reason is one of all reasons, and no more than the journeys",
    "undated": "entries without a date of request are entries",
    "outcomes": "each fiche de liaison sent, each request answered by a funder has one outcome",
    "documents": "a journey that owes no document is one of level 1 alone",
    "thresholds": "a mean or a quantile is published from k units on, a ninth decile from 30",
    "means": "the mean of the whole is the mean of the means of its parts",
    "regional": "a count of a Region's own lies within the cells that may hold a unit of it",
    "errata": "an erratum that changes nothing visible around a count leaves it as it was",
}
# What an outsider supposes and cannot read: dropped, one after the other, where contradicted.
GUESSES = ("errata", "thresholds")

TOTAL = "total"
NATION = "FR"
DEPARTMENTS = 101
# Indicators whose total is the size of their population.
WHOLE = (
    "A1", "A2", "A3", "A4", "A5", "A6", "A7", "B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8",
    "C1.main", "C1.all", "D1", "E4", "E5", "F1", "F2", "I1", "H1.sent", "H1.accepted",
    "H1.received", "H1.declined", "H1.silent", "H1.withdrawn", "G1", "G2.plans", "G2.answered",
    "G2.granted", "G2.refused",
)  # fmt: skip
MEASURES = (
    "E1.mean", "E1.median", "E2.q1", "E2.median", "E2.q3", "E3.median", "E3.d9", "H2.median",
    "H2.d9", "G2.median", "G2.d9", "G2.costs", "G2.gap", "G2.asked", "G2.given",
)  # fmt: skip
NINTH_DECILE_UNITS = 30
SENT, FUNDINGS, PLANS = "referrals", "fundings", "financing_plans"
ANSWERED = ("referrals_accepted", "referrals_received", "referrals_declined")
SHARED_OUT = {
    SENT: (*ANSWERED, "referrals_unanswered", "referrals_withdrawn"),
    FUNDINGS: ("fundings_granted", "fundings_refused"),
}
PERSONS = ("persons_seen", "persons_started_or_ended")
# What keeps the category of the journey's opening, in force or not (docs/counting-rules.md).
CARRIED = ("journeys_closed", "journeys_open", "sessions", "services", PLANS)
ENDED_CATEGORY = "opacif"
HEALTH_REASON = "M11"
# What a category tells of its units, where it is not a code of its own breakdown.
SAYS = {
    "sex_age": lambda category: dict(zip(("sex", "age"), category.split("|"), strict=True)),
    "journey_type": lambda category: {"level": category.split("_")[-1]},
    "document": lambda category: {"level": "N1"} if category == "not_owed" else {},
}
