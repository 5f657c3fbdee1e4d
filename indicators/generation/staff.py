"""Advisers, and where journeys open: the offices of each operator in each département."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import count

from beneficiaries.identity import normalised
from indicators.generation import chance, mix
from indicators.generation.ground import Ground, Span
from indicators.generation.names import Names
from indicators.generation.plan import BEGINNING, Days, Plan
from indicators.generation.structures import MAX_RANK, Body, Place

# These have advisers in each département, the others in each Region.
_BY_DEPARTMENT = frozenset({"FT", "APEC"})
_FEWEST_ADVISERS, _SMALL_TEAM = 1, 4
JOURNEYS_A_YEAR = 200  # that one adviser opens


@dataclass
class Adviser:
    user: int
    name: str
    email: str
    place: Place
    # Region → membership, with its first and last days.
    memberships: dict[str, tuple[int, date, date | None]] = field(default_factory=dict)


@dataclass
class Era:
    """An office while its département is of one Region: the text that its facts begin with."""

    until: int
    region: str
    place: str  # region, structure
    operator: str  # region, structure, département, category, highest rank
    members: list[int]


@dataclass
class Office:
    """One operator structure in one département."""

    structure: int
    category: str
    department: str
    sites: list[int]
    eras: list[Era]
    first_day: int
    last_day: int
    neighbours: list["Office"] = field(default_factory=list)

    def era(self, day: int) -> Era:
        for era in self.eras:
            if day < era.until:
                return era
        raise ValueError(f"no Region on day {day}")

    @cached_property
    def turns(self) -> list[int]:
        """Days on which the département changes Region."""
        return [era.until for era in self.eras[:-1]]


class Staffing:
    """Hires advisers; a merger ends their memberships and opens others the same day."""

    def __init__(
        self, ground: Ground, names: Names, plan: Plan, first_user: int, first_member: int
    ):
        self.advisers: list[Adviser] = []
        self.of_pool: dict[tuple[int, str], list[Adviser]] = defaultdict(list)
        self._ground, self._names = ground, names
        self._chance = chance.source(plan.seed, "staff")
        quarters = len(plan.focus or plan.quarters)
        self._journeys_a_year = plan.journeys * 4 / quarters
        self._shares = mix.operator_shares(plan.first.starts.year)
        self._users, self._members = count(first_user), count(first_member)

    def hire(self, bodies: list[Body]) -> None:
        rivals = Counter((d, body.category) for body in bodies for d in body.departments)
        for body in bodies:
            pools: dict[str, list[Place]] = defaultdict(list)
            if body.category:
                for place in body.places:
                    pools[self._pool(body, place.department)].append(place)
            for pool, places in pools.items():
                departments = list(dict.fromkeys(place.department for place in places))
                for rank in range(self._wanted(body.category, departments, rivals)):
                    adviser = self._adviser(body, places[rank % len(places)])
                    self.of_pool[body.id, pool].append(adviser)

    def _wanted(self, category: str, departments: list[str], rivals: Counter) -> int:
        """A small team, or what the journeys that will open there take, by inhabitants."""
        small = self._chance.randint(_FEWEST_ADVISERS, _SMALL_TEAM)
        people = sum(self._ground.population(d) / rivals[d, category] for d in departments)
        part = people / sum(self._ground.populations.values()) * self._shares.get(category, 0)
        return max(small, round(self._journeys_a_year * part / JOURNEYS_A_YEAR))

    def _pool(self, body: Body, department: str) -> str:
        """By département, or by the Region on the operator's first day."""
        if body.network in _BY_DEPARTMENT:
            return department
        return f"R{self._ground.region(department, body.starts_on)}"

    def _adviser(self, body: Body, place: Place) -> Adviser:
        user = next(self._users)
        last, first = self._names.last_name(self._chance), self._names.first_name(self._chance)
        email = f"{normalised(first)}.{normalised(last)}.{user}@example.org".lower()
        adviser = Adviser(user, f"{first} {last}", email, place)
        for span in self._ground.spans[place.department]:
            starts_on, ends_on = overlap(span, body)
            if ends_on is None or starts_on < ends_on:
                adviser.memberships[span.region] = (next(self._members), starts_on, ends_on)
        self.advisers.append(adviser)
        return adviser

    def offices(self, bodies: list[Body], days: Days) -> list[Office]:
        found = [
            self._office(body, department, days)
            for body in bodies
            if body.category
            for department in body.departments
        ]
        by_region = defaultdict(list)
        for office in found:
            regions = tuple(era.region for era in office.eras)
            by_region[office.structure, regions].append(office)
        for office in found:
            regions = tuple(era.region for era in office.eras)
            office.neighbours = [o for o in by_region[office.structure, regions] if o is not office]
        return found

    def _office(self, body: Body, department: str, days: Days) -> Office:
        advisers = self.of_pool[body.id, self._pool(body, department)]
        sites = [place.id for place in body.places if place.department == department]
        ends_on = body.ends_on
        return Office(
            structure=body.id,
            category=body.category,
            department=department,
            sites=[sites[0], *sites],  # the first receives twice as many
            eras=[
                self._era(body, department, span, advisers, days)
                for span in self._ground.spans[department]
                if _exists(span, body)
            ],
            first_day=days.number(body.starts_on),
            last_day=min(days.horizon, days.number(ends_on) - 1) if ends_on else days.horizon,
        )

    def _era(self, body: Body, department: str, span: Span, advisers: list, days: Days) -> Era:
        place = f"{span.region}\t{body.id}"
        return Era(
            until=days.number(span.ends_on) if span.ends_on else days.horizon + 1,
            region=span.region,
            place=place,
            operator=f"{place}\t{department}\t{body.category}\t{MAX_RANK}",
            members=[adviser.memberships[span.region][0] for adviser in advisers],
        )


def overlap(span: Span, body: Body) -> tuple[date, date | None]:
    """Days of the body within the Region, from the beginning of the data set on."""
    ends = [day for day in (span.ends_on, body.ends_on) if day]
    return max(span.starts_on, body.starts_on, BEGINNING), min(ends, default=None)


def _exists(span: Span, body: Body) -> bool:
    starts_on, ends_on = overlap(span, body)
    return ends_on is None or starts_on < ends_on
