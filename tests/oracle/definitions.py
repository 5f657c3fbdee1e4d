"""The indicators: what each measures on its units, and the categories that it spreads them over."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations, permutations
from typing import NamedTuple

from tests.oracle.facts import Book, Row, Unit
from tests.oracle.rows import Level, Plan
from tests.oracle.spans import codes_in_force, is_in_force

ANSWERED = ("accepted", "missed", "received", "declined")

# ── Measures: units → value ──────────────────────────────────────────────────────────────────


def one_decimal(exact: Fraction) -> Decimal:
    """Half away from zero."""
    tenths = int(abs(exact) * 10 + Fraction(1, 2))
    return Decimal(tenths if exact >= 0 else -tenths) / 10


def quantile(values: list[int], share: Fraction) -> Decimal | None:
    """Between the two nearest values, on a straight line."""
    if not values:
        return None
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = int(position)
    exact = Fraction(ordered[below])
    if position > below:
        exact += (position - below) * (ordered[below + 1] - ordered[below])
    return one_decimal(exact)


def mean(values: list[int]) -> Decimal | None:
    return one_decimal(Fraction(sum(values), len(values))) if values else None


def number(book: Book, units: list[Unit]) -> Decimal:
    return Decimal(len(units))


def undated(book: Book, units: list[Unit]) -> Decimal:
    return Decimal(sum(1 for unit in units if unit.row.requested_on is None))


def _session_counts(book: Book, units: list[Unit]) -> list[int]:
    return [len(book.rows.sessions_of_journey.get(unit.row.id, [])) for unit in units]


def mean_sessions(book: Book, units: list[Unit]) -> Decimal | None:
    return mean(_session_counts(book, units))


def median_sessions(book: Book, units: list[Unit]) -> Decimal | None:
    return quantile(_session_counts(book, units), Fraction(1, 2))


def duration(share: Fraction) -> Callable:
    """Days from opening to closing."""

    def measure(book: Book, units: list[Unit]) -> Decimal | None:
        days = [(unit.row.closed_on - unit.row.opened_on).days for unit in units]
        return quantile(days, share)

    return measure


def delay(share: Fraction) -> Callable:
    """Days from request to opening, of the journeys that have a request date."""

    def measure(book: Book, units: list[Unit]) -> Decimal | None:
        dated = [unit.row for unit in units if unit.row.requested_on is not None]
        days = [(journey.opened_on - journey.requested_on).days for journey in dated]
        return quantile(days, share)

    return measure


def answer(share: Fraction) -> Callable:
    """Days from sending to answer, of the fiches whose answer stands."""

    def measure(book: Book, units: list[Unit]) -> Decimal | None:
        answered = [unit.row for unit in units if unit.row.state in ANSWERED]
        days = [(book.rows.answers[fiche.id] - fiche.sent_on).days for fiche in answered]
        return quantile(days, share)

    return measure


def funding_delay(share: Fraction) -> Callable:
    """Days from the request to the answer of its funder."""

    def measure(book: Book, units: list[Unit]) -> Decimal | None:
        days = [(unit.row.decided_on - unit.row.asked_on).days for unit in units]
        return quantile(days, share)

    return measure


def euros(amount: Callable[[Book, Row], Decimal]) -> Callable:
    """To the nearest 10,000, half away from zero; nothing over nothing."""

    def measure(book: Book, units: list[Unit]) -> Decimal | None:
        if not units:
            return None
        whole = sum(amount(book, unit.row) for unit in units)
        return (whole / 10_000).quantize(Decimal(1), ROUND_HALF_UP) * 10_000

    return measure


def _costs(book: Book, plan: Plan) -> Decimal:
    return book.rows.costs_of_plan[plan.id]


def _gap(book: Book, plan: Plan) -> Decimal:
    """What is paid beyond the cost of one plan is no other plan's."""
    granted = sum(funding.granted for funding in book.rows.fundings_of_plan.get(plan.id, []))
    return max(Decimal(0), _costs(book, plan) - granted)


# ── Breakdowns: the codes in force, and those of a unit ──────────────────────────────────────


class Breakdown(NamedTuple):
    name: str
    codes: Callable[[Book], list[str]]
    of: Callable[[Book, Unit], set[str]]
    total_only: bool = False


def _in_force(table: str) -> Callable[[Book], list[str]]:
    return lambda book: codes_in_force(book.rows, table, book.period.last_day)


def _column(name: str, table: str, column: str | None = None) -> Breakdown:
    """The code that stands in a column of the unit's row."""
    return Breakdown(name, _in_force(table), lambda book, unit: {getattr(unit.row, column or name)})


def levels(book: Book) -> list[str]:
    """In force on the last day, lowest first."""
    rows: list[Level] = book.rows["operators_servicelevel"]
    valid = [level for level in rows if is_in_force(level, book.period.last_day)]
    return [level.code for level in sorted(valid, key=lambda level: level.rank)]


def age_band(book: Book, age: int | None) -> str:
    """The band with the highest `youngest` that is not above the age."""
    if age is None:
        return "NR"
    bands = [
        (band.youngest, band.code)
        for band in book.rows["operators_ageband"]
        if is_in_force(band, book.period.last_day) and band.youngest is not None
    ]
    reached = [band for band in bands if band[0] <= age]
    if not reached:
        raise ValueError(f"no age band for {age}")
    return max(reached)[1]


def _sex_age_codes(book: Book) -> list[str]:
    sexes = codes_in_force(book.rows, "operators_sex", book.period.last_day)
    bands = codes_in_force(book.rows, "operators_ageband", book.period.last_day)
    return [f"{sex}|{band}" for sex in sexes for band in bands]


def _sex_age(book: Book, unit: Unit) -> set[str]:
    return {f"{unit.row.sex}|{age_band(book, unit.row.age)}"}


def _journey_type_codes(book: Book) -> list[str]:
    """N1, N2, N3, N1_N2, N1_N3, N2_N3, N1_N2_N3."""
    valid = levels(book)
    sizes = range(1, len(valid) + 1)
    return ["_".join(some) for size in sizes for some in combinations(valid, size)]


def _journey_type(book: Book, unit: Unit) -> set[str]:
    held = book.rows.sessions_of_journey.get(unit.row.id, [])
    ranked = sorted({(session.rank, session.level) for session in held})
    return {"_".join(level for _, level in ranked)}


def _all_reasons(book: Book, unit: Unit) -> set[str]:
    return {unit.row.main_reason} | book.rows.reasons_of_journey.get(unit.row.id, set())


def _networks(book: Book) -> list[str]:
    begun = book.period.last_day
    return [n.code for n in book.rows["regions_network"] if n.starts_on <= begun]


def _network_of(column: str) -> Callable[[Book, Unit], set[str]]:
    return lambda book, unit: {book.rows.network_of_structure[getattr(unit.row, column)]}


MONTH = Breakdown(
    "month",
    lambda book: book.period.months,
    lambda book, unit: {unit.row.opened_on.isoformat()[:7]},
    total_only=True,
)
OUTCOME = _column("outcome", "operators_outcome")
CHANNEL = _column("channel", "operators_channel")
THEME = _column("theme", "operators_theme")
STEERING_RESULT = _column("steering_result", "operators_steeringresult", "result")
NETWORK = Breakdown("network", _networks, _network_of("structure"))
FROM_TO = (
    Breakdown("from_network", _networks, _network_of("sender")),
    Breakdown("to_network", _networks, _network_of("receiver")),
)
DECLINE_REASON = _column("decline_reason", "operators_declinereason")
SEX_AGE = Breakdown("sex_age", _sex_age_codes, _sex_age)
PROFILES = (
    SEX_AGE,
    _column("education_level", "operators_educationlevel"),
    _column("situation", "operators_situation"),
    _column("socio_professional_category", "operators_socioprofessionalcategory"),
    _column("boeth", "operators_boeth"),
    _column("sector", "operators_sector"),
    _column("contract_type", "operators_contracttype"),
    _column("residence_area", "operators_residencearea"),
)
MAIN_REASON = _column("reason", "operators_reason", "main_reason")
ALL_REASONS = Breakdown("reason", _in_force("operators_reason"), _all_reasons)
SERVICE = _column("service", "operators_service")
JOURNEY_TYPE = Breakdown("journey_type", _journey_type_codes, _journey_type)
EXIT_SITUATION = _column("exit_situation", "operators_situation")


def _document(book: Book, unit: Unit) -> set[str]:
    if unit.level == "N1":
        return {"not_owed"}
    return {"handed" if unit.row.id in book.rows.journeys_with_document else "owed"}


def _payers(book: Book, unit: Unit) -> set[str]:
    fundings = book.rows.fundings_of_plan.get(unit.row.id, [])
    payers = {funding.funder for funding in fundings if funding.state == "granted"}
    return {("none", "one", "several")[min(len(payers), 2)]}


def _structures(book: Book, unit: Unit) -> set[str]:
    is_shared = unit.row.arrival == "V3" or unit.row.id in book.rows.journeys_sent_and_received
    return {"several" if is_shared else "one"}


def _level_changes(book: Book) -> list[str]:
    return ["none", *("_".join(two) for two in permutations(levels(book), 2))]


def _level_change(book: Book, unit: Unit) -> set[str]:
    held = book.rows.sessions_of_journey[unit.row.journey]
    rank = held.index(unit.row)
    before, now = held[max(0, rank - 1)].level, unit.row.level
    return {"none" if before == now else f"{before}_{now}"}


ARRIVAL = _column("arrival", "operators_arrival")
STRUCTURES = Breakdown("structures", lambda book: ["one", "several"], _structures)
LEVEL_CHANGE = Breakdown("level_change", _level_changes, _level_change)
DOCUMENT = Breakdown("document", lambda book: ["handed", "owed", "not_owed"], _document)
PAYERS = Breakdown("payers", lambda book: ["none", "one", "several"], _payers)
FUNDER = _column("funder", "operators_funder")

# ── Indicators ───────────────────────────────────────────────────────────────────────────────


class Indicator(NamedTuple):
    code: str
    population: str
    breakdowns: tuple[Breakdown, ...] = ()
    by_level: bool = False
    by_operator: bool = False
    by_department: bool = False
    measure: Callable = number


LEVEL = {"by_level": True}
OPERATOR = {"by_operator": True}
DEPARTMENT = {"by_department": True}
MEDIAN, D9 = Fraction(1, 2), Fraction(9, 10)
Q1, Q3 = Fraction(1, 4), Fraction(3, 4)

INDICATORS = (
    Indicator("A1", "journeys_opened", (MONTH,), **LEVEL, **OPERATOR, **DEPARTMENT),
    Indicator("A2", "persons_started_or_ended", **LEVEL, **OPERATOR, **DEPARTMENT),
    Indicator("A3", "persons_seen", **LEVEL, **OPERATOR, **DEPARTMENT),
    Indicator("A4", "journeys_open", **LEVEL, **OPERATOR, **DEPARTMENT),
    Indicator("A5", "journeys_closed", (OUTCOME,), **OPERATOR),
    Indicator("A6", "contacts", (CHANNEL, THEME, STEERING_RESULT, NETWORK), **DEPARTMENT),
    Indicator("A7", "journeys_opened", (ARRIVAL,), **OPERATOR),
    *(
        Indicator(f"B{rank}", population, (profile,), **LEVEL, **OPERATOR)
        for rank, profile in enumerate(PROFILES, start=1)
        for population in ("journeys_opened", "persons_seen")
    ),
    Indicator("C1.main", "journeys_opened", (MAIN_REASON,), **LEVEL, **OPERATOR),
    Indicator("C1.all", "journeys_opened", (ALL_REASONS,), **LEVEL, **OPERATOR),
    Indicator("D1", "services", (SERVICE,), **LEVEL, **OPERATOR),
    Indicator("E1.mean", "journeys_closed", **LEVEL, **OPERATOR, measure=mean_sessions),
    Indicator("E1.median", "journeys_closed", **LEVEL, **OPERATOR, measure=median_sessions),
    Indicator("E2.q1", "journeys_closed", **LEVEL, **OPERATOR, measure=duration(Q1)),
    Indicator("E2.median", "journeys_closed", **LEVEL, **OPERATOR, measure=duration(MEDIAN)),
    Indicator("E2.q3", "journeys_closed", **LEVEL, **OPERATOR, measure=duration(Q3)),
    Indicator("E3.median", "journeys_opened", **OPERATOR, **DEPARTMENT, measure=delay(MEDIAN)),
    Indicator("E3.d9", "journeys_opened", **OPERATOR, **DEPARTMENT, measure=delay(D9)),
    Indicator("E3.undated", "journeys_opened", **OPERATOR, **DEPARTMENT, measure=undated),
    Indicator("E4", "journeys_closed", (JOURNEY_TYPE,), **OPERATOR),
    Indicator("E5", "journeys_closed", (STRUCTURES,), **OPERATOR),
    Indicator("F1", "sessions", (CHANNEL,), **LEVEL, **OPERATOR),
    Indicator("F2", "sessions", (LEVEL_CHANGE,)),
    Indicator("G1", "journeys_closed", (DOCUMENT,), **OPERATOR),
    Indicator("G2.plans", "financing_plans", (PAYERS,), **OPERATOR),
    Indicator("G2.costs", "financing_plans", **OPERATOR, measure=euros(_costs)),
    Indicator("G2.gap", "financing_plans", **OPERATOR, measure=euros(_gap)),
    *(
        Indicator(f"G2.{code}", population, (FUNDER,), measure=measure)
        for code, population, measure in (
            ("answered", "fundings", number),
            ("granted", "fundings_granted", number),
            ("refused", "fundings_refused", number),
            ("asked", "fundings", euros(lambda book, funding: funding.asked)),
            ("given", "fundings", euros(lambda book, funding: funding.granted)),
            ("median", "fundings", funding_delay(MEDIAN)),
            ("d9", "fundings", funding_delay(D9)),
        )
    ),
    Indicator("H1.sent", "referrals", FROM_TO, **DEPARTMENT),
    Indicator("H1.accepted", "referrals_accepted", FROM_TO),
    Indicator("H1.received", "referrals_received", FROM_TO),
    Indicator("H1.declined", "referrals_declined", (*FROM_TO, DECLINE_REASON)),
    Indicator("H1.silent", "referrals_unanswered", FROM_TO),
    Indicator("H1.withdrawn", "referrals_withdrawn", FROM_TO),
    Indicator("H2.median", "referrals", FROM_TO, measure=answer(MEDIAN)),
    Indicator("H2.d9", "referrals", FROM_TO, measure=answer(D9)),
    Indicator("I1", "journeys_closed", (EXIT_SITUATION,), **OPERATOR),
)
