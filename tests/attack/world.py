"""A small invented activity, counted by docs/counting-rules.md in a few lines: three Regions
of 2015, of which two merge, four quarters and their year. What the attacker is tried on."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scripts.attack_editions import TOTAL, Block, Blocks, Row, span

FIRST_MONTH = span("2015")[0]
REGIONS = {"72": ("24", "33"), "54": ("86", "17"), "93": ("13", "83")}
MERGED = {"75": ("24", "33", "86", "17")}
DEPARTMENTS = tuple(d for departments in REGIONS.values() for d in departments)
QUARTERS = ("2015-T1", "2015-T2", "2015-T3", "2015-T4")
PERIODS = (*QUARTERS, "2015")
LEVELS = ("N1", "N2", "N3")
OPERATORS = ("public_employment_service", "mission_locale", "apec", "opacif")
SITUATIONS = ("S1", "S2", "S3", "NR")
REASONS = ("M01", "M02", "M03")
NETWORKS = ("FT", "ML", "CIO")
OUTCOMES = {
    "H1.accepted": "referrals_accepted",
    "H1.received": "referrals_received",
    "H1.declined": "referrals_declined",
    "H1.silent": "referrals_unanswered",
    "H1.withdrawn": "referrals_withdrawn",
}
FUNDERS = ("CPF", "REG", "PTP")
ANSWERS = {
    "G2.answered": ("fundings", (True, False)),
    "G2.granted": ("fundings_granted", (True,)),
    "G2.refused": ("fundings_refused", (False,)),
}


@dataclass(frozen=True)
class Journey:
    number: int
    person: int
    department: str
    operator: str
    level: str
    situation: str
    reason: str
    other_reasons: tuple[str, ...]
    is_dated: bool
    sessions: int
    opened: int  # month
    closed: int | None
    sent_to: str  # of a fiche de liaison of that month, or nothing
    outcome: str
    is_handed: bool  # its document
    funder: str  # asked on the day of closing, or nothing
    is_granted: bool


def journeys(count: int, seed: int) -> list[Journey]:
    """The first months of the first year are those of the calendar; some opened before it."""
    chance = random.Random(seed)
    return [_journey(number, count, chance) for number in range(count)]


def _journey(number: int, count: int, chance: random.Random) -> Journey:
    opened = FIRST_MONTH + chance.randint(-6, 11)
    closed = opened + int(chance.expovariate(0.2)) + 1
    return Journey(
        number,
        chance.randrange(max(1, count * 9 // 10)),
        chance.choices(DEPARTMENTS, (2, 9, 5, 3, 9, 6))[0],
        chance.choices(OPERATORS, (8, 5, 1, 1))[0],
        chance.choices(LEVELS, (5, 4, 2))[0],
        chance.choices(SITUATIONS, (9, 5, 1, 1))[0],
        chance.choices(REASONS, (6, 3, 1))[0],
        tuple(reason for reason in REASONS if chance.random() < 0.2),
        chance.random() < 0.8,
        1 + int(chance.expovariate(0.4)),
        opened,
        closed if closed < FIRST_MONTH + 12 else None,
        chance.choices(("", *NETWORKS), (6, 2, 1, 1))[0],
        chance.choices(tuple(OUTCOMES), (4, 3, 2, 1, 1))[0],
        chance.random() < 0.8,
        chance.choices(("", *FUNDERS), (4, 4, 2, 1))[0],
        chance.random() < 0.8,
    )


def raw(facts: list[Journey], *, periods: Iterable[str] = PERIODS, number: int = 1) -> Blocks:
    """All figures, with their units: editions of the date, the nation, borders of 2016."""
    found: Blocks = {}
    for period in periods:
        for territory, departments in {**REGIONS, "FR": DEPARTMENTS}.items():
            found[Block(period, territory, "date", number)] = _block(facts, period, departments)
            if territory == "FR":
                found[Block(period, territory, "date", number)] = [
                    row for row in _block(facts, period, departments) if row.department == TOTAL
                ]
        for territory, departments in MERGED.items():
            found[Block(period, territory, "2016", 0)] = _block(facts, period, departments)
    return found


def _block(facts: list[Journey], period: str, departments: tuple[str, ...]) -> list[Row]:
    here = [fact for fact in facts if fact.department in departments]
    months = span(period)
    opened = [fact for fact in here if fact.opened in months]
    closed = [fact for fact in here if fact.closed in months]
    stock = [
        fact
        for fact in here
        if fact.opened <= months[-1] and (fact.closed is None or fact.closed > months[-1])
    ]
    rows: list[Row] = []
    for margin, keep in _margins(with_levels=True):
        of = [fact for fact in opened if keep(fact)]
        rows += _counts("A1", "journeys_opened", margin, of, None)
        rows += _counts("B3", "journeys_opened", margin, of, "situation")
        rows += _counts("C1.main", "journeys_opened", margin, of, "reason")
        rows += _all_reasons(margin, of)
        rows += _counts("A4", "journeys_open", margin, [f for f in stock if keep(f)], None)
    for margin, keep in _margins(with_levels=False):
        entries = [fact for fact in opened if keep(fact)]
        exits = [fact for fact in closed if keep(fact)]
        rows += _counts("A5", "journeys_closed", margin, exits, None)
        rows += _delays(margin, entries)
        rows += _mean_sessions(margin, exits)
        rows += _documents(margin, exits)
    rows += _persons(opened)
    rows += _fiches(opened, departments)
    rows += _fundings(closed)
    rows += [
        _count("A1", "journeys_opened", TOTAL, sum(f.opened == month for f in opened),
               "month", f"2015-{month - FIRST_MONTH + 1:02}")
        for month in months
    ]  # fmt: skip
    for department in departments:
        for margin, keep in _margins(with_levels=True):
            of = [f for f in opened if keep(f) and f.department == department]
            rows.append(_count("A1", "journeys_opened", margin, len(of), department=department))
    return rows


def _margins(*, with_levels: bool) -> list[tuple[str, Callable[[Journey], bool]]]:
    found: list[tuple[str, Callable[[Journey], bool]]] = [(TOTAL, lambda fact: True)]
    if with_levels:
        found += [(f"level={c}", lambda fact, c=c: fact.level == c) for c in LEVELS]
    return found + [(f"operator={c}", lambda fact, c=c: fact.operator == c) for c in OPERATORS]


def _count(
    indicator: str,
    population: str,
    margin: str,
    value: float | None,
    breakdown: str = TOTAL,
    category: str = TOTAL,
    *,
    department: str = TOTAL,
    units: int | None = None,
) -> Row:
    units = int(value or 0) if units is None else units
    return Row(
        indicator, population, department, margin, breakdown, category, value, "published", units
    )


CODES = {"situation": SITUATIONS, "reason": REASONS}


def _counts(
    indicator: str, population: str, margin: str, facts: list[Journey], breakdown: str | None
) -> list[Row]:
    rows = [_count(indicator, population, margin, len(facts))]
    for code in CODES[breakdown] if breakdown else ():
        value = sum(getattr(fact, breakdown) == code for fact in facts)
        rows.append(_count(indicator, population, margin, value, breakdown, code))
    return rows


def _all_reasons(margin: str, facts: list[Journey]) -> list[Row]:
    return [_count("C1.all", "journeys_opened", margin, len(facts))] + [
        _count("C1.all", "journeys_opened", margin,
               sum(code in (f.reason, *f.other_reasons) for f in facts), "reason", code)
        for code in REASONS
    ]  # fmt: skip


def _delays(margin: str, entries: list[Journey]) -> list[Row]:
    dated = sum(fact.is_dated for fact in entries)
    return [
        _count("E3.undated", "journeys_opened", margin, len(entries) - dated),
        _count("E3.median", "journeys_opened", margin, 7.5 if dated else None, units=dated),
    ]


def _mean_sessions(margin: str, exits: list[Journey]) -> list[Row]:
    mean = round(sum(f.sessions for f in exits) / len(exits), 1) if exits else None
    return [_count("E1.mean", "journeys_closed", margin, mean, units=len(exits))]


def _documents(margin: str, exits: list[Journey]) -> list[Row]:
    owing = [fact for fact in exits if fact.level != "N1"]
    handed = sum(fact.is_handed for fact in owing)
    kinds = {"handed": handed, "owed": len(owing) - handed, "not_owed": len(exits) - len(owing)}
    levels = {level: sum(fact.level == level for fact in exits) for level in LEVELS}
    return [
        _count(code, "journeys_closed", margin, value, breakdown, category)
        for code, breakdown, found in (("G1", "document", kinds), ("E4", "journey_type", levels))
        for category, value in found.items()
    ]


def _fundings(exits: list[Journey]) -> list[Row]:
    rows = []
    for code, (population, answers) in ANSWERS.items():
        funders = [fact.funder for fact in exits if fact.funder and fact.is_granted in answers]
        rows.append(_count(code, population, TOTAL, len(funders)))
        for funder in FUNDERS:
            rows.append(_count(code, population, TOTAL, funders.count(funder), "funder", funder))
    return rows


def _fiches(opened: list[Journey], departments: tuple[str, ...]) -> list[Row]:
    sent = [fact for fact in opened if fact.sent_to]
    kinds = {"H1.sent": ("referrals", sent)} | {
        code: (population, [fact for fact in sent if fact.outcome == code])
        for code, population in OUTCOMES.items()
    }
    rows = []
    for code, (population, facts) in kinds.items():
        rows.append(_count(code, population, TOTAL, len(facts)))
        for network in NETWORKS:
            value = sum(fact.sent_to == network for fact in facts)
            rows.append(_count(code, population, TOTAL, value, "to_network", network))
        for department in departments:
            value = sum(fact.department == department for fact in facts)
            rows.append(_count(code, population, TOTAL, value, department=department))
    answered = [fact for fact in sent if fact.outcome in tuple(OUTCOMES)[:3]]
    median = 6.0 if answered else None
    return [*rows, _count("H2.median", "referrals", TOTAL, median, units=len(answered))]


def _persons(opened: list[Journey]) -> list[Row]:
    """Once each in the whole and once in each category of operator; the level is the highest of the
    margin, the profile that of the journey opened last."""
    rows = []
    for margin, keep in _margins(with_levels=False):
        rows += _of_persons(margin, [fact for fact in opened if keep(fact)])
    levels = [max(f.level for f in mine) for mine in _by_person(opened)]
    for level in LEVELS:
        rows.append(_count("A3", "persons_seen", f"level={level}", levels.count(level)))
    return rows


def _of_persons(margin: str, facts: list[Journey]) -> list[Row]:
    last = [max(mine, key=lambda f: (f.opened, -f.number)) for mine in _by_person(facts)]
    return [
        _count("A3", "persons_seen", margin, len(last)),
        *_counts("B3", "persons_seen", margin, last, "situation"),
    ]


def _by_person(facts: list[Journey]) -> list[list[Journey]]:
    found: dict[int, list[Journey]] = {}
    for fact in facts:
        found.setdefault(fact.person, []).append(fact)
    return list(found.values())
