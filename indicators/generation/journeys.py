"""Journeys with their follow-ups, sessions and services, as rows of COPY text.

The inner loops make nine tenths of the data: they draw from prepared pools and join prepared text.
"""

from dataclasses import dataclass
from itertools import pairwise

from indicators.generation import chance, mix, profiles
from indicators.generation.chance import Lot
from indicators.generation.ground import Ground
from indicators.generation.people import NULL, File
from indicators.generation.plan import Days, Slice
from indicators.generation.rows import Rows
from indicators.generation.staff import Era, Office
from sprocep import periods

_CHANGES = 0.12  # of site or référent, in journeys of several sessions
_MOVES = 0.1  # of these changes, to another département
_OPEN = f"{NULL}\t{NULL}\t{NULL}\t{NULL}\t{NULL}"


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
class Stay:
    """A site and a référent, from a day on; `era` says of which Region they then are."""

    day: int
    office: Office
    era: Era
    site: int
    rank: int

    @property
    def referent(self) -> int:
        return self.era.members[self.rank]


@dataclass(slots=True)
class Journey:
    id: int
    thread: str
    last_day: int  # of its facts
    is_closed: bool


class Journeys:
    def __init__(self, ground: Ground, days: Days, rows: Rows, seed: int):
        drawn = chance.source(seed, "journeys")
        self._seed, self._days, self._rows = seed, days, rows
        # Working days at or after each day, never after the horizon.
        last = days.open_before[days.horizon]
        self._working = [n if n <= days.horizon else last for n in days.open_after]
        # A session of the day, at its end: the day, and when it was written down and changed.
        self._dated = [f"{t}\t{s}\t{s}\n" for t, s in zip(days.texts, days.stamps, strict=True)]
        self._lots = {
            "roads": Lot(profiles.roads(drawn)),
            "waits": Lot(profiles.waits(drawn)),
            "before 2020": Lot.of(mix.CHANNELS_BEFORE_2020),
            "since 2020": Lot.of(mix.CHANNELS_SINCE_2020),
        }
        self._exit_lots = profiles.exits()
        self._category_lots = {
            category: (
                Lot(profiles.profiles(drawn, category)),
                Lot(profiles.reasons(drawn, category)),
                *(Lot(profiles.acts(drawn, ground, own)) for own in ranks),
            )
            for category, ranks in mix.RANKS.items()
        }

    def begin(self, part: Slice, first: dict[str, int]) -> None:
        """Draw from here on what belongs to this slice, with these first ids."""
        drawn = chance.source(self._seed, "journeys", part.number)
        self._random, self._uuid, self._next = drawn.random, chance.uuids(drawn), first
        streams = {name: lot.stream(drawn) for name, lot in self._lots.items()}
        self._roads, self._waits = streams["roads"], streams["waits"]
        self._exits = {outcome: lot.stream(drawn) for outcome, lot in self._exit_lots.items()}
        self._profiles, self._reasons, self._acts = {}, {}, {}
        for category, lots in self._category_lots.items():
            self._profiles[category], self._reasons[category], *acts = (
                lot.stream(drawn) for lot in lots
            )
            self._acts[category] = acts
        before, since = streams["before 2020"], streams["since 2020"]
        self._channels = [before if year < 2020 else since for year in self._days.years]

    def profile(self, category: str) -> str:
        return self._profiles[category]()

    def thread(self) -> str:
        return self._uuid()

    def open(self, opening: Opening) -> Journey:
        """Write a journey and all that belongs to it."""
        ids, office = self._next, opening.office
        journey = ids["journey"]
        ids["journey"] = journey + 1
        road = self._roads()
        held = self._held(opening.day, road.offsets, office.last_day)
        closed, outcome = self._closing(held[-1], road, office)
        stays = self._stays(opening, held, closed)
        self._write_follow_ups(journey, stays)
        self._write_sessions(journey, office.category, stays, held, opening.file.facts)
        self._write_journey(journey, opening, stays, held[-1], closed, outcome)
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

    def _stays(self, opening: Opening, held: list[int], closed: int | None) -> list[Stay]:
        """One after the other; a merger of Regions begins another."""
        office, day = opening.office, opening.day
        stays = [self._stay(day, office)]
        if len(held) > 1 and self._random() < _CHANGES:
            changed = held[1 + int(self._random() * (len(held) - 1))]
            if changed > day:
                if office.neighbours and self._random() < _MOVES:
                    office = office.neighbours[int(self._random() * len(office.neighbours))]
                stays.append(self._stay(changed, office))
        for turn in opening.office.turns:
            if day < turn <= self._days.horizon and (closed is None or turn <= closed):
                stays = _turned(stays, turn)
        return stays

    def _stay(self, day: int, office: Office) -> Stay:
        drawn, era = self._random, office.era(day)
        site = office.sites[int(drawn() * len(office.sites))]
        return Stay(day, office, era, site, int(drawn() * len(era.members)))

    # ── Rows ─────────────────────────────────────────────────────────────────────────────────

    def _write_follow_ups(self, journey: int, stays: list[Stay]) -> None:
        texts, add, rank = self._days.texts, self._rows.follow_up.append, self._next["follow_up"]
        for stay, after in pairwise([*stays, None]):
            ends = texts[after.day] if after else NULL
            add(
                f"{rank}\t{stay.era.place}\t{journey}\t{stay.office.department}\t{stay.site}\t"
                f"{stay.referent}\t{texts[stay.day]}\t{ends}\n"
            )
            rank += 1
        self._next["follow_up"] = rank

    def _write_sessions(
        self, journey: int, category: str, stays: list[Stay], held: list[int], facts: set
    ) -> None:
        add, add_service = self._rows.session.append, self._rows.session_service.append
        session, service = self._next["session"], self._next["session_service"]
        years, uuid, channels, dated = self._days.years, self._uuid, self._channels, self._dated
        act, acts = self._acts[category]
        for stay, after in pairwise([*stays, None]):
            days = held
            if len(stays) > 1:
                until = after.day if after else held[-1] + 1
                days = [day for day in held if stay.day <= day < until]
            era = stay.era
            text = f"{era.operator}\t{journey}\t{stay.site}\t{stay.referent}"
            for day in days:
                done = act()
                act = acts
                add(f"{session}\t{uuid()}\t{text}\t{channels[day]()}\t{done.text}\t{dated[day]}")
                for code in done.services:
                    add_service(f"{service}\t{era.place}\t{session}\t{code}")
                    service += 1
                session += 1
            facts.update([(year, era.region) for year in {years[day] for day in days}])
        self._next["session"], self._next["session_service"] = session, service

    def _write_journey(
        self,
        journey: int,
        opening: Opening,
        stays: list[Stay],
        last: int,
        closed: int | None,
        outcome: str,
    ) -> None:
        days, file, office, day = self._days, opening.file, opening.office, opening.day
        texts, place, there = days.texts, stays[0].era.place, stays[-1]
        wait = self._waits()
        requested = NULL if wait is None else texts[day - wait]
        closing = _OPEN
        if closed is not None:
            last, region = closed, there.era.region
            file.facts.add((days.years[closed], region))
            closing = (
                f"{texts[closed]}\t{region}\t{there.office.department}\t{outcome}\t"
                f"{self._exits[outcome]()}"
            )
        main, others = self._reasons[office.category]()
        self._rows.journey.append(
            f"{journey}\t{self._uuid()}\t{place}\t{office.department}\t{office.category}\t"
            f"{file.id}\t{requested}\t{texts[day]}\t{closing}\t{main}\t{opening.sex}\t"
            f"{self._age(file, day)}\t{opening.profile}\t{file.area}\t"
            f"{opening.continues or NULL}\t{opening.thread}\t{days.stamps[day]}\t"
            f"{days.stamps[last]}\n"
        )
        if others:
            reason = self._next["journey_reason"]
            for rank, code in enumerate(others, start=reason):
                self._rows.journey_reason.append(f"{rank}\t{place}\t{journey}\t{code}\n")
            self._next["journey_reason"] = reason + len(others)

    def _age(self, file: File, day: int) -> int | str:
        birth = file.person.birth
        if birth is None or self._random() < mix.UNFILLED - mix.NO_BIRTH_DATE:
            return NULL
        return periods.age_on(birth, self._days.dates[day])


def _turned(stays: list[Stay], turn: int) -> list[Stay]:
    """The same site and référent go on under the new Region, by a follow-up of that day."""
    if any(stay.day == turn for stay in stays):
        return stays
    before = [stay for stay in stays if stay.day < turn]
    held = before[-1]
    goes_on = Stay(turn, held.office, held.office.era(turn), held.site, held.rank)
    return [*before, goes_on, *stays[len(before) :]]
