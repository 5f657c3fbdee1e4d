"""Journeys with their follow-ups, sessions and services, as rows of COPY text.

The inner loops make nine tenths of the data: they draw from prepared pools and join prepared text.
"""

from dataclasses import dataclass
from itertools import pairwise

from indicators.generation import chance, mix, profiles
from indicators.generation.ground import Ground
from indicators.generation.people import NULL, File
from indicators.generation.plan import Days
from indicators.generation.rows import Rows
from indicators.generation.staff import Office
from sprocep import periods

_CHANGES = 0.12  # of site or référent, in journeys of several sessions
_MOVES = 0.1  # of these changes, to another département
_MINUTES = (20, 30, 30, 45, 45, 45, 60, 60, 90)
_COLLECTIVE = 0.05


@dataclass(slots=True)
class Opening:
    """Where, when and with what a journey begins."""

    file: File
    office: Office
    day: int
    profile: str
    sex: str
    thread: str
    continues: int | None = None


@dataclass(slots=True)
class Journey:
    id: int
    thread: str
    last_day: int  # of its facts
    is_closed: bool


class Journeys:
    def __init__(self, ground: Ground, days: Days, rows: Rows, seed: int, first: dict[str, int]):
        drawn = chance.source(seed, "journeys")
        self._random, self._uuid = drawn.random, chance.uuids(drawn)
        self._days, self._rows = days, rows
        # Working days at or after each day, never after the horizon.
        last = days.open_before[days.horizon]
        self._working = [n if n <= days.horizon else last for n in days.open_after]
        self._next = dict(first)
        self._roads = chance.stream(drawn, profiles.roads(drawn))
        self._waits = chance.stream(drawn, profiles.waits(drawn))
        self._exits = profiles.exits(drawn)
        self._profiles, self._reasons, self._acts = {}, {}, {}
        for category, ranks in mix.RANKS.items():
            self._profiles[category] = chance.stream(drawn, profiles.profiles(drawn, category))
            self._reasons[category] = chance.stream(drawn, profiles.reasons(drawn, category))
            self._acts[category] = tuple(
                chance.stream(drawn, profiles.acts(drawn, ground, own)) for own in ranks
            )
        self._channels = {
            year: chance.stream_of(
                drawn, mix.CHANNELS_BEFORE_2020 if year < 2020 else mix.CHANNELS_SINCE_2020
            )
            for year in sorted(set(days.years))
        }
        minutes = [
            f"{'t' if n < 100 * _COLLECTIVE else 'f'}\t{_MINUTES[n % len(_MINUTES)]}\t"
            for n in range(100)
        ]
        self._lengths = chance.stream(drawn, minutes)

    def profile(self, category: str) -> str:
        return self._profiles[category]()

    def thread(self) -> str:
        return self._uuid()

    def open(self, opening: Opening) -> Journey:
        """Write a journey and all that belongs to it."""
        ids = self._next
        journey = ids["journey"]
        ids["journey"] = journey + 1
        road = self._roads()
        held = self._held(opening.day, road.offsets, opening.office.last_day)
        closed, outcome = self._closing(held[-1], road, opening.office)
        stays = self._stays(opening, held, closed)
        self._write_follow_ups(journey, stays)
        self._write_sessions(journey, stays, held, opening.file.facts)
        self._write_journey(journey, opening, held[-1], closed, outcome, stays[-1][1])
        return Journey(
            journey, opening.thread, held[-1] if closed is None else closed, closed is not None
        )

    # ── Dates ────────────────────────────────────────────────────────────────────────────────

    def _held(self, day: int, offsets: tuple[int, ...], last_day: int) -> list[int]:
        """Days of the sessions; drawn together when they would pass the last day."""
        working = self._working
        if day + offsets[-1] + 6 <= last_day:
            return [working[day + offset] for offset in offsets]
        room = last_day - day
        sessions = min(len(offsets), 1 + room // 3)
        if sessions == 1:
            return [day]
        pace = min(1.0, room * (0.6 + 0.4 * self._random()) / offsets[sessions - 1])
        before = self._days.open_before
        return [max(day, before[day + int(offset * pace)]) for offset in offsets[:sessions]]

    def _closing(self, last: int, road, office: Office) -> tuple[int | None, str]:
        if road.closing is not None:
            day = last + road.closing
            if day <= office.last_day:
                return self._working[day] if road.closing else last, road.outcome
        if office.last_day < self._days.horizon:
            # The operator ends: others take over.
            return office.last_day, mix.HANDED_OVER
        return None, ""

    def _stays(self, opening: Opening, held: list[int], closed: int | None) -> list[tuple]:
        """(first day, office, site, rank of the référent), one after the other."""
        office, day, drawn = opening.office, opening.day, self._random
        sites, members = office.sites, len(office.eras[0].members)
        stays = [(day, office, sites[int(drawn() * len(sites))], int(drawn() * members))]
        if len(held) > 1 and drawn() < _CHANGES:
            changed = held[1 + int(drawn() * (len(held) - 1))]
            if changed > day:
                if office.neighbours and drawn() < _MOVES:
                    office = office.neighbours[int(drawn() * len(office.neighbours))]
                sites, members = office.sites, len(office.eras[0].members)
                stays.append(
                    (changed, office, sites[int(drawn() * len(sites))], int(drawn() * members))
                )
        for turn in opening.office.turns:
            if day < turn <= self._days.horizon and (closed is None or turn <= closed):
                stays = _turned(stays, turn)
        return stays

    # ── Rows ─────────────────────────────────────────────────────────────────────────────────

    def _write_follow_ups(self, journey: int, stays: list[tuple]) -> None:
        texts, ids = self._days.texts, self._next
        for (day, office, site, rank), after in pairwise([*stays, None]):
            era = office.era(day)
            ends = texts[after[0]] if after else NULL
            self._rows.follow_up.append(
                f"{ids['follow_up']}\t{era.place}\t{journey}\t{office.department}\t{site}\t"
                f"{era.members[rank]}\t{texts[day]}\t{ends}\n"
            )
            ids["follow_up"] += 1

    def _write_sessions(self, journey: int, stays: list, held: list[int], facts: set) -> None:
        texts, stamps, years = self._days.texts, self._days.stamps, self._days.years
        add, add_service = self._rows.session.append, self._rows.session_service.append
        session, service = self._next["session"], self._next["session_service"]
        uuid, length, channels = self._uuid, self._lengths, self._channels
        category = stays[0][1].category
        act, acts = self._acts[category]
        coming = iter([*stays[1:], (1 << 30, None, 0, 0)])
        (_, office, site, rank), until = stays[0], next(coming)
        era = office.era(held[0])
        text = f"{era.operator}\t{journey}\t{site}\t{era.members[rank]}"
        for day in held:
            while day >= until[0]:
                (_, office, site, rank), until = until, next(coming)
                era = office.era(day)
                text = f"{era.operator}\t{journey}\t{site}\t{era.members[rank]}"
            year, done, stamp = years[day], act(), stamps[day]
            facts.add((year, era.region))
            add(
                f"{session}\t{uuid()}\t{text}\t{texts[day]}\t{channels[year]()}\t{done.level}\t"
                f"{length()}\t{stamp}\t{stamp}\n"
            )
            for code in done.services:
                add_service(f"{service}\t{era.place}\t{session}\t{code}")
                service += 1
            session += 1
            act = acts
        self._next["session"], self._next["session_service"] = session, service

    def _write_journey(
        self,
        journey: int,
        opening: Opening,
        last: int,
        closed: int | None,
        outcome: str,
        there: Office,
    ) -> None:
        days, file, office = self._days, opening.file, opening.office
        day, texts = opening.day, days.texts
        era = office.era(day)
        wait = self._waits()
        requested = NULL if wait is None else texts[day - wait]
        closing = f"{NULL}\t{NULL}\t{NULL}\t{NULL}\t{NULL}"
        if closed is not None:
            region = there.era(closed).region
            file.facts.add((days.years[closed], region))
            closing = (
                f"{texts[closed]}\t{region}\t{there.department}\t{outcome}\t"
                f"{self._exits[outcome]()}"
            )
        main, others = self._reasons[office.category]()
        self._rows.journey.append(
            f"{journey}\t{self._uuid()}\t{era.place}\t{office.department}\t{office.category}\t"
            f"{file.id}\t{requested}\t{texts[day]}\t{closing}\t{main}\t{opening.sex}\t"
            f"{self._age(file, day)}\t{opening.profile}\t{file.area}\t"
            f"{opening.continues or NULL}\t{opening.thread}\t{days.stamps[day]}\t"
            f"{days.stamps[last if closed is None else closed]}\n"
        )
        reason = self._next["journey_reason"]
        for code in others:
            self._rows.journey_reason.append(f"{reason}\t{era.place}\t{journey}\t{code}\n")
            reason += 1
        self._next["journey_reason"] = reason

    def _age(self, file: File, day: int) -> int | str:
        birth = file.person.birth
        if birth is None or self._random() < mix.UNFILLED - mix.NO_BIRTH_DATE:
            return NULL
        return periods.age_on(birth, self._days.dates[day])


def _turned(stays: list[tuple], turn: int) -> list[tuple]:
    """The same site and référent go on under the new Region, by a follow-up of that day."""
    if any(stay[0] == turn for stay in stays):
        return stays
    before = [stay for stay in stays if stay[0] < turn]
    return [*before, (turn, *before[-1][1:]), *stays[len(before) :]]
