"""The activity itself: who comes, to whom, when; one road a person, sometimes two."""

from collections import defaultdict
from datetime import date

from indicators.generation import chance, mix
from indicators.generation.chance import Lot
from indicators.generation.contacts import Contacts
from indicators.generation.ground import Ground
from indicators.generation.journeys import Journey, Journeys, Opening
from indicators.generation.people import File, People, Person
from indicators.generation.plan import Days, Slice
from indicators.generation.rows import MOST_ROWS, Batch, Rows
from indicators.generation.staff import Office
from sprocep import periods

# Of the persons who come: followed by two structures, in two Regions, coming back.
TWO_STRUCTURES, TWO_REGIONS, COMING_BACK = 0.092, 0.008, 0.09
_SINGLE = 1 - TWO_STRUCTURES - TWO_REGIONS - COMING_BACK

# Journeys of a person beyond her first, all kinds together; measured, see `primary_shares`.
_SECONDS = TWO_STRUCTURES / (1 + TWO_STRUCTURES + 0.045)


def primary_shares(shares: dict[str, float]) -> dict[str, float]:
    """Shares of first journeys so that, with the second ones, the year's shares come out.

    A second structure is the public employment service, or another operator when the first was it.
    """
    others = {c: share for c, share in shares.items() if c != mix.FT}
    first = (shares[mix.FT] - _SECONDS) / (1 - 2 * _SECONDS)
    left = (1 - first) / sum(others.values())
    return {mix.FT: first} | {c: share * left for c, share in others.items()}


class Market:
    """Which office a person of a year goes to."""

    def __init__(self, ground: Ground, days: Days, offices: list[Office], factors: dict, seed: int):
        self._seed = seed
        self._near: dict[tuple[str, str], list[Office]] = defaultdict(list)
        for office in offices:
            self._near[office.department, office.category].append(office)
        self._lots: dict[int, tuple[Lot[Office], Lot[str]]] = {}
        for year in range(days.plan.first.starts.year, days.plan.horizon.year + 1):
            shares = mix.operator_shares(year)
            there = [o for o in offices if _works(o, year, days)]
            weights = _office_weights(there, primary_shares(shares), ground, factors)
            others = {c: share for c, share in shares.items() if c != mix.FT}
            self._lots[year] = (Lot(there, weights), Lot.of(others))

    def begin(self, part: Slice) -> None:
        """Draw from here on what belongs to this slice."""
        drawn = chance.source(self._seed, "market", part.number)
        self._random = drawn.random
        self._first = {year: first.stream(drawn) for year, (first, _) in self._lots.items()}
        self._second = {year: second.stream(drawn) for year, (_, second) in self._lots.items()}

    def first(self, year: int) -> Office:
        return self._first[year]()

    def second(self, office: Office, year: int) -> Office:
        """Another structure of the same département."""
        category = self._second[year]() if office.category == mix.FT else mix.FT
        near = self._near[office.department, category]
        return near[int(self._random() * len(near))]


def _works(office: Office, year: int, days: Days) -> bool:
    """All through the year, as far as the data go."""
    first, last = days.number(date(year, 1, 1)), days.number(date(year, 12, 31))
    return office.first_day <= first and office.last_day >= min(last, days.horizon)


def _office_weights(
    offices: list[Office], shares: dict[str, float], ground: Ground, factors: dict[str, float]
) -> list[float]:
    """A category's share, over its offices: by inhabitants, the Region's factor, structures."""
    near: dict[tuple[str, str], int] = defaultdict(int)
    for office in offices:
        near[office.department, office.category] += 1
    weights = [
        ground.population(o.department) * factors[o.department] / near[o.department, o.category]
        for o in offices
    ]
    totals: dict[str, float] = defaultdict(float)
    for office, weight in zip(offices, weights, strict=True):
        totals[office.category] += weight
    return [
        weight * shares.get(office.category, 0) / totals[office.category]
        for office, weight in zip(offices, weights, strict=True)
    ]


class Activity:
    """Makes the facts slice by slice."""

    def __init__(
        self, days: Days, rows: Rows, people: People, market: Market, journeys: Journeys,
        contacts: Contacts, first: dict[str, int],
    ):  # fmt: skip
        self._days, self._rows, self._people, self._first = days, rows, people, first
        self._market, self._journeys, self._contacts = market, journeys, contacts
        self._lots = (
            Lot(*days.openings()),
            Lot.of(
                {
                    self._once: _SINGLE,
                    self._in_two_structures: TWO_STRUCTURES,
                    self._in_two_regions: TWO_REGIONS,
                    self._coming_back: COMING_BACK,
                }
            ),
        )

    def make(self, part: Slice) -> Batch:
        """Rows of all its journeys, and of the contacts that come beside."""
        drawn = chance.source(self._days.plan.seed, "activity", part.number)
        self._random, self._left = drawn.random, part.journeys
        self._openings, kinds = (lot.stream(drawn) for lot in self._lots)
        ids = {name: first + MOST_ROWS[name] * part.first for name, first in self._first.items()}
        self._market.begin(part)
        self._people.begin(part, ids)
        self._journeys.begin(part, ids)
        while self._left:
            kinds()()
        self._contacts.receive(part)
        return Batch(self._rows.take(), "".join(self._people.truth), self._people.count)

    # ── Kinds of persons ─────────────────────────────────────────────────────────────────────

    def _once(self) -> None:
        day = self._openings()
        office = self._market.first(self._days.years[day])
        person = self._people.person(office.category, self._days.dates[day])
        file = self._file(person, office, day)
        self._open(file, office, day, self._journeys.profile(person.category))
        self._rows.person_key += self._people.keys(file)

    def _in_two_structures(self) -> None:
        """Both in the same quarter, so that the quarter counts one person and two categories."""
        day = self._openings()
        first = self._market.first(self._days.years[day])
        second = self._market.second(first, self._days.years[day])
        public = second.category if first.category == mix.FT else first.category
        person = self._people.person(public, self._days.dates[day])
        profile = self._journeys.profile(public)
        file = self._file(person, first, day)
        self._open(file, first, day, profile)
        self._rows.person_key += self._people.keys(file)
        if self._left:
            end = min(self._days.quarter_ends[day], second.last_day)
            later = self._days.open_before[day + int(self._random() * (end - day + 1))]
            if self._is_too_old(second, person, later):
                return
            file = self._file(person, second, later, other=True)
            self._open(file, second, later, profile)
            self._rows.person_key += self._people.keys(file)

    def _in_two_regions(self) -> None:
        """She moves: another file, the same thread."""
        day, later = sorted((self._openings(), self._openings()))
        first = self._market.first(self._days.years[day])
        second = self._market.first(self._days.years[later])
        person = self._people.person(first.category, self._days.dates[day])
        profile = self._journeys.profile(person.category)
        file = self._file(person, first, day)
        before = self._open(file, first, day, profile)
        self._rows.person_key += self._people.keys(file)
        far = (
            first.era(later if later <= first.last_day else day).region != second.era(later).region
        )
        if self._left and far and self._receives(second, person, later):
            file = self._file(person, second, later, other=True)
            ended = before.is_closed and before.last_day <= later
            self._open(file, second, later, profile, before.thread, before.id if ended else None)
            self._rows.person_key += self._people.keys(file)

    def _coming_back(self) -> None:
        """A second road in the same file, once the first is closed."""
        day, later = sorted((self._openings(), self._openings()))
        office = self._market.first(self._days.years[day])
        person = self._people.person(office.category, self._days.dates[day])
        file = self._file(person, office, day)
        before = self._open(file, office, day, self._journeys.profile(person.category))
        over = before.is_closed and before.last_day < later <= office.last_day
        if self._left and over and self._receives(office, person, later):
            goes_on = self._random() < 0.5
            thread = (before.thread, before.id) if goes_on else ("", None)
            self._open(file, office, later, self._journeys.profile(person.category), *thread)
        self._rows.person_key += self._people.keys(file)

    # ── Steps ────────────────────────────────────────────────────────────────────────────────

    def _is_too_old(self, office: Office, person: Person, day: int) -> bool:
        """For a mission locale, which she was of an age for a while ago."""
        if office.category != mix.ML or person.birth is None:
            return False
        return periods.age_on(person.birth, self._days.dates[day]) > max(mix.AGES[mix.ML])

    def _receives(self, office: Office, person: Person, day: int) -> bool:
        """Her age, or her public, still is the operator's."""
        if office.category == mix.ML:
            return person.birth is not None and not self._is_too_old(office, person, day)
        return office.category in (mix.FT, person.category)

    def _file(self, person: Person, office: Office, day: int, *, other: bool = False) -> File:
        region, stamp = office.era(day).region, self._days.stamps[day]
        file, row = self._people.file(person, office, region, stamp, other=other)
        self._rows.beneficiary.append(row)
        return file

    def _open(
        self, file: File, office: Office, day: int, profile: str, thread: str = "", continues=None
    ) -> Journey:
        self._left -= 1
        sex = file.person.sex if self._random() >= mix.UNFILLED else "NR"
        thread = thread or self._journeys.thread()
        return self._journeys.open(Opening(file, office, day, profile, sex, thread, continues))
