"""Profiles, reasons, sessions and roads drawn beforehand: a journey then draws one of each."""

from dataclasses import dataclass
from itertools import accumulate
from random import Random

from indicators.generation import mix
from indicators.generation.chance import Lot
from indicators.generation.ground import Ground
from indicators.generation.structures import MAX_RANK
from operators.models import (
    Arrival,
    Boeth,
    Channel,
    ContractType,
    EducationLevel,
    OperatorCategory,
    Outcome,
    Reason,
    ResidenceArea,
    Sector,
    Service,
    Sex,
    Situation,
    SocioProfessionalCategory,
)

NR = "NR"
_PROFILES, _SESSIONS, _ROADS = 3_000, 1_200, 8
_MINUTES = (20, 30, 30, 45, 45, 45, 60, 60, 90)
_COLLECTIVE = 0.05


@dataclass(frozen=True)
class Act:
    """What a session was: level, rank, collective or not, minutes, no note; then its services.

    `services` holds the end of each row: `code, position`.
    """

    text: str
    services: tuple[str, ...]


@dataclass(frozen=True)
class Road:
    """Days from the opening to each session, and from the last session to the closing."""

    offsets: tuple[int, ...]
    closing: int | None
    outcome: str


def check_codes(ground: Ground) -> None:
    """Every code of the proportions is one of the national lists."""
    ground.check(OperatorCategory, mix.SITUATIONS)
    for model, lists in (
        (Situation, [*mix.SITUATIONS.values(), *mix.EXITS.values(), mix.OTHER_EXITS, [NR]]),
        (EducationLevel, [*mix.EDUCATION.values(), [NR]]),
        (SocioProfessionalCategory, [*mix.OCCUPATIONS.values(), [NR]]),
        (Sector, [mix.SECTORS, [NR]]),
        (Reason, mix.REASONS.values()),
        (Service, [mix.SERVICES]),
        (Outcome, [mix.OUTCOMES]),
        (Channel, [mix.CHANNELS_BEFORE_2020, mix.CHANNELS_SINCE_2020, mix.CONTACT_CHANNELS]),
        (ContractType, [mix.CONTRACTS.values(), [mix.NO_CONTRACT, mix.CONTRACT_UNFILLED]]),
        (Boeth, [["OUI", "NON", NR]]),
        (Sex, [["F", "H", NR]]),
        (ResidenceArea, [["rural", "urban", NR]]),
        (Arrival, [mix.ARRIVALS, [Arrival.FROM_A_STRUCTURE]]),
    ):
        for codes in lists:
            ground.check(model, codes)


def profiles(drawn: Random, category: str) -> list[str]:
    """Education level, situation, occupation, sector, contract, BOETH: each unfilled one in ten;
    then how she came."""
    pool = []
    education = Lot.of(mix.EDUCATION[category]).stream(drawn)
    situations = Lot.of(mix.SITUATIONS[category]).stream(drawn)
    occupation = Lot.of(mix.OCCUPATIONS[category]).stream(drawn)
    sector = Lot.of(mix.SECTORS).stream(drawn)
    arrival = Lot.of(mix.ARRIVALS).stream(Random(category))  # leaves the other draws as they were
    for _ in range(_PROFILES):
        situation = situations()
        contract = mix.CONTRACTS.get(situation, mix.NO_CONTRACT)
        disabled = "OUI" if drawn.random() < mix.DISABLED[category] else "NON"
        values = [
            (education(), NR),
            (situation, NR),
            (occupation(), NR),
            (sector(), NR),
            (contract, mix.CONTRACT_UNFILLED),
            (disabled, NR),
        ]
        filled = [
            unfilled if drawn.random() < mix.UNFILLED else value for value, unfilled in values
        ]
        pool.append("\t".join([*filled, arrival()]))
    return pool


def reasons(drawn: Random, category: str) -> list[tuple[str, tuple[str, ...]]]:
    """Main reason, and the others of one journey in three."""
    pool = []
    weights = mix.REASONS[category]
    mains = Lot.of(weights).stream(drawn)
    for _ in range(_PROFILES):
        main = mains()
        wanted = 0 if drawn.random() >= mix.OTHER_REASONS else drawn.choice((1, 1, 2))
        rest = [code for code in weights if code != main]
        pool.append((main, tuple(drawn.sample(rest, wanted))))
    return pool


def acts(drawn: Random, ground: Ground, ranks: tuple[float, ...]) -> list[Act]:
    """The level is the highest of the services, one in twenty-five raised by hand."""
    levels = {rank: level for level, rank in ground.ranks.items()}
    ranks_drawn = Lot((1, 2, 3), ranks).stream(drawn)
    counts = Lot.of(mix.SERVICES_A_SESSION).stream(drawn)
    of_rank, up_to = {}, {}
    for rank in levels:
        own = {s: w for s, w in mix.SERVICES.items() if ground.service_ranks[s] == rank}
        lower = {s: w for s, w in mix.SERVICES.items() if ground.service_ranks[s] <= rank}
        of_rank[rank], up_to[rank] = (Lot.of(own).stream(drawn), Lot.of(lower).stream(drawn))
    pool = []
    for _ in range(_SESSIONS):
        rank, wanted = ranks_drawn(), counts()
        codes = [of_rank[rank]()]
        for _ in range(wanted - 1):
            code = up_to[rank]()
            if code not in codes:
                codes.append(code)
        if drawn.random() < mix.RAISED:
            rank = min(MAX_RANK, rank + 1)
        collective = "t" if drawn.random() < _COLLECTIVE else "f"
        minutes = drawn.choice(_MINUTES)
        services = tuple(f"{code}\t{position}\n" for position, code in enumerate(codes))
        pool.append(Act(f"{levels[rank]}\t{rank}\t{collective}\t{minutes}\t", services))
    return pool


def roads(drawn: Random) -> list[Road]:
    """About five weeks between two sessions: one road in two crosses a quarter.

    Exactly in the proportions of `SESSIONS_A_JOURNEY`, whose mean the report is held to.
    """
    pool = []
    outcomes = Lot.of(mix.OUTCOMES).stream(drawn)
    lengths = [n for n, share in mix.SESSIONS_A_JOURNEY.items() for _ in range(share * _ROADS)]
    for sessions in lengths:
        gaps = [5 + min(110, int(drawn.gammavariate(2, 15))) for _ in range(sessions - 1)]
        closing: int | None = int(drawn.random() * 46) if drawn.random() > 0.15 else 0
        outcome = outcomes()
        if drawn.random() < mix.SILENT:
            silent_for_ever = drawn.random() < mix.NEVER_CLOSED
            closing = None if silent_for_ever else 200 + int(drawn.random() * 300)
            outcome = mix.SILENT_OUTCOME
        pool.append(Road((0, *accumulate(gaps)), closing, outcome))
    return pool


def exits() -> dict[str, Lot[str]]:
    """Situation at exit, for each outcome; one in ten unfilled."""
    lots = {}
    for outcome in mix.OUTCOMES:
        weights = dict(mix.EXITS.get(outcome, mix.OTHER_EXITS))
        weights[NR] = sum(weights.values()) * mix.UNFILLED / (1 - mix.UNFILLED)
        lots[outcome] = Lot.of(weights)
    return lots


def waits(drawn: Random) -> list[int | None]:
    """Days from the request to the first session: short ones are the most common."""
    pool = [int(mix.LONGEST_WAIT * drawn.random() ** 1.8) for _ in range(_PROFILES)]
    return [None if drawn.random() < mix.NO_REQUEST_DATE else days for days in pool]
