"""Who is proposed in a département on a day: rules, then places left, then what is near."""

from dataclasses import dataclass
from datetime import date

from django.db.models import F

from operators.models import Operator, RoutingRule
from operators.queries import described, reached
from operators.routing.places import Load, Place, loads_in, places_in, sites_in
from operators.routing.rules import (
    Wanted,
    concerns,
    holds,
    platform_members,
    public_without,
    reason_of,
    rules_in,
)
from regions.models import DepartmentRegion, Structure
from regions.queries import in_force, intercommunalities

PROPOSALS = 3
_UNRULED = 10**6  # behind every rule
_HER_COMMUNE, _NEXT_TO_IT, _ELSEWHERE = range(3)
_NEAR = {_HER_COMMUNE: "dans sa commune", _NEXT_TO_IT: "dans son intercommunalité"}


@dataclass(frozen=True)
class Receiver:
    """A structure that delivers this level, and why it is proposed, or not."""

    structure: Structure
    name: str
    reasons: tuple[str, ...]
    is_proposed: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Offer:
    """Who receives in a département on a day, by which rules, where and with what left."""

    day: date
    operators: list[Operator]
    rules: list[RoutingRule]
    places: dict[int, list[Place]]
    loads: dict[int, Load]
    reached: set[int]
    members: frozenset[int]  # of a platform
    intercommunalities: dict[str, str]  # of communes


def offer_in(department: str, day: date) -> Offer:
    """Before the Region of the day, the one that the département was of: its rules and capacities
    hold there until the new one has its own."""
    regions = list(
        DepartmentRegion.objects.filter(department=department, starts_on__lte=day)
        .order_by("starts_on")
        .values_list("region_id", flat=True)
    )
    operators = (
        described(Operator.objects.filter(in_force(day)), day)
        .filter(structure__in=sites_in(department).values("structure_id"))
        .annotate(publics=F("structure__network__publics"))
        .select_related("structure")
    )
    found = list(operators)
    return Offer(
        day=day,
        operators=found,
        rules=rules_in(department, regions, day),
        places=places_in(department),
        loads=loads_in(regions, day),
        reached=reached([one.structure_id for one in found], regions),
        members=platform_members(regions, day),
        intercommunalities=intercommunalities(department),
    )


def receivers(wanted: Wanted, offer: Offer) -> list[Receiver]:
    """Structures with the right to deliver this level: those proposed first."""
    rules = [rule for rule in offer.rules if holds(rule, wanted)]
    candidates = sorted(
        (
            _candidate(operator, rules, wanted, offer)
            for operator in offer.operators
            if operator.max_rank >= wanted.rank and operator.structure_id not in wanted.without
        ),
        key=lambda one: one.order,
    )
    return [
        Receiver(
            structure=one.operator.structure,
            name=one.operator.name,
            reasons=one.reasons,
            is_proposed=place < PROPOSALS and one.is_reached and not one.is_excluded,
        )
        for place, one in enumerate(candidates)
    ]


# ── One structure among the others ───────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Candidate:
    operator: Operator
    rule: RoutingRule | None  # the first that holds and that concerns it
    load: Load
    places: list[Place]  # the nearest first
    distance: int  # of the first
    is_reached: bool
    wanted: Wanted
    day: date
    public: str  # the ages that rules send to it, where hers is none of them

    @property
    def is_excluded(self) -> bool:
        return self.rule is not None and self.rule.excludes

    @property
    def order(self) -> tuple:
        """The lowest is proposed first."""
        return (
            not self.is_reached,
            self.is_excluded,
            bool(self.public),
            self.load.is_full(self.day),
            self.rule.position if self.rule else _UNRULED,
            self.distance,
            self.operator.name,
        )

    @property
    def reasons(self) -> tuple[str, ...]:
        publics = "" if self.rule else self.operator.publics
        said = (
            ""
            if self.is_reached
            else "ni compte ni adresse qui reçoive : aucune fiche ne lui parviendrait",
            reason_of(self.rule, self.wanted) if self.rule else "",
            f"reçoit d’ordinaire : {self.public}" if self.public else "",
            self.load.in_words(self.day),
            f"reçoit à {', '.join(map(str, self.places[:3]))}{'…' if self.places[3:] else ''}",
            _NEAR.get(self.distance, ""),
            f"public : {publics}" if publics else "",
            f"jusqu’au niveau {self.operator.max_rank}",
        )
        return tuple(filter(None, said))


def _candidate(
    operator: Operator, rules: list[RoutingRule], wanted: Wanted, offer: Offer
) -> _Candidate:
    def distance(place: Place) -> int:
        return _distance(place.code, wanted.commune, offer.intercommunalities)

    def concerning(some: list[RoutingRule]) -> list[RoutingRule]:
        return [rule for rule in some if concerns(rule, operator.structure, offer.members)]

    rule = next(iter(concerning(rules)), None)
    places = sorted(offer.places[operator.structure_id], key=distance)
    return _Candidate(
        operator=operator,
        rule=rule,
        load=offer.loads.get(operator.structure_id, Load()),
        places=places,
        distance=distance(places[0]),
        is_reached=operator.structure_id in offer.reached,
        wanted=wanted,
        day=offer.day,
        public="" if rule else public_without(wanted.age, concerning(offer.rules)),
    )


def _distance(place: str, home: str, intercommunalities: dict[str, str]) -> int:
    """How far it is from where she lives, as far as two communes tell."""
    if place == home:
        return _HER_COMMUNE
    hers = intercommunalities.get(home)
    return _NEXT_TO_IT if hers and hers == intercommunalities.get(place) else _ELSEWHERE
