"""Who is proposed for a fiche de liaison, and why: rules in force, then places left, then the
commune. Rules propose and never impose: whoever sends may choose another."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time

from django.db.models import Case, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from operators.models import (
    Capacity,
    OpeningHours,
    Operator,
    PlaceTaken,
    PlatformMember,
    Reason,
    RoutingRule,
    Situation,
    SocioProfessionalCategory,
)
from operators.queries import described, labels, reached
from regions.models import DepartmentRegion, Site, Structure
from regions.queries import department_names, in_force, name_of
from sprocep import periods

PROPOSALS = 3
PLATFORM = "membres d'une plateforme de suivi et d'appui"
_UNRULED = 10**6  # behind every rule
# What a rule asks of a person, by its column: the list of its codes, the same of who is wanted.
_ASKED = (
    ("reasons", Reason, "reason"),
    ("situations", Situation, "situation"),
    ("categories", SocioProfessionalCategory, "category"),
)


@dataclass(frozen=True)
class Wanted:
    """Whom a receiver is looked for. No rule reads what the fiche of its level does not share; that
    she follows the path of décrocheurs is read with the fiche by members of a platform alone."""

    rank: int
    commune: str = ""
    age: int | None = None
    reason: str = ""
    situation: str = ""
    category: str = ""  # socio-professional
    is_dropout: bool = False
    without: frozenset[int] = frozenset()


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
    places: dict[int, list["Place"]]
    loads: dict[int, "Load"]
    reached: frozenset[int]
    members: frozenset[int]  # of a platform


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
        .filter(structure__in=_sites_in(department).values("structure_id"))
        .annotate(publics=F("structure__network__publics"))
        .select_related("structure")
    )
    found = list(operators)
    return Offer(
        day=day,
        operators=found,
        rules=rules_in(department, regions, day),
        places=_places_in(department),
        loads=loads_in(regions, day),
        reached=reached([one.structure_id for one in found], regions),
        members=platform_members(regions, day),
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


# ── Rules ────────────────────────────────────────────────────────────────────────────────────


def rules_in(department: str, regions: list[str], day: date) -> list[RoutingRule]:
    """In their order: those for décrocheurs and the others, of each the last of these Regions that
    has any in force; else national."""
    found = rules_of(regions, day).filter(in_force(day))
    held = {(rule.of_dropouts, rule.region_id) for rule in found}
    owners = {
        kind: next((code for code in reversed(regions) if (kind, code) in held), None)
        for kind in (True, False)
    }
    return [
        rule
        for rule in found
        if rule.region_id == owners[rule.of_dropouts] and rule.department_id in (None, department)
    ]


def rules_of(regions: list[str], day: date) -> QuerySet[RoutingRule]:
    """Of all times, these Regions' and the national ones, in their order; with the name that what
    they propose bears on the day."""
    return (
        RoutingRule.objects.filter(Q(region__in=regions) | Q(region=None))
        .select_related("level")
        .annotate(
            target=Case(
                When(to_platform=True, then=Value(PLATFORM)),
                default=Coalesce(
                    name_of("network", day, "network_id"),
                    name_of("structure", day, "structure_id"),
                    "network_id",  # its name is over
                    "structure__siret",
                ),
            )
        )
        .order_by("position", "pk")
    )


def holds(rule: RoutingRule, wanted: Wanted) -> bool:
    """Whether this person, of whom the fiche says so much, is one that the rule is for."""
    if rule.level and rule.level.rank != wanted.rank:
        return False
    if rule.of_dropouts and not wanted.is_dropout:
        return False
    if any(
        getattr(rule, column) and getattr(wanted, name) not in getattr(rule, column)
        for column, _, name in _ASKED
    ):
        return False
    if rule.youngest is None and rule.oldest is None:
        return True
    if wanted.age is None:
        return False
    return (rule.youngest or 0) <= wanted.age <= (rule.oldest or wanted.age)


def concerns(rule: RoutingRule, structure: Structure, members: frozenset[int]) -> bool:
    if rule.to_platform:
        return structure.pk in members
    return rule.structure_id == structure.pk or rule.network_id == structure.network_id


def platform_members(regions: list[str], day: date) -> frozenset[int]:
    """Structures that belong to a platform in one of these Regions, if the reader is there."""
    found = PlatformMember.objects.filter(in_force(day), region__in=regions)
    return frozenset(found.values_list("structure_id", flat=True))


def whom(rule: RoutingRule, wanted: Wanted | None = None) -> str:
    """« 16–25 ans, demandeur d'emploi, niveau 3 »; of what fits `wanted` alone when it is given."""
    parts = ["parcours décrocheur" if rule.of_dropouts else "", _ages(rule)]
    for column, nomenclature, name in _ASKED:
        named_codes = labels(nomenclature)
        codes = getattr(rule, column)
        if codes and wanted:
            codes = [getattr(wanted, name)]
        parts.append(_either([_small(named_codes[code]) for code in codes]))
    parts.append(f"niveau {rule.level.rank}" if rule.level else "")
    parts.append(department_names()[rule.department_id] if rule.department_id else "")
    return ", ".join(filter(None, parts)) or "toute personne"


def effect(rule: RoutingRule) -> str:
    """« Missions locales », « pas France Travail »."""
    return f"pas {rule.target}" if rule.excludes else rule.target


def reason_of(rule: RoutingRule, wanted: Wanted) -> str:
    whose = "règle de la Région" if rule.region_id else "règle nationale"
    return f"{whose} : {whom(rule, wanted)} → {effect(rule)}"


def _ages(rule: RoutingRule) -> str:
    if rule.youngest is None:
        return "" if rule.oldest is None else f"jusqu'à {rule.oldest} ans"
    if rule.oldest is None:
        return f"dès {rule.youngest} ans"
    return f"{rule.youngest}–{rule.oldest} ans"


def _either(words: list[str]) -> str:
    """« a, b ou c »."""
    return " ou ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _small(label: str) -> str:
    """Within a sentence; an acronym keeps its capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


# ── Places, hours and what is left ───────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Place:
    """A commune where a structure receives, and when, as far as it said so."""

    code: str
    name: str
    hours: str

    def __str__(self) -> str:
        return f"{self.name} {self.hours}" if self.hours else self.name


def _places_in(department: str) -> dict[int, list[Place]]:
    """Structure → where it receives there, by name: one place a commune, that with hours."""
    found: dict[int, dict[str, Place]] = {}
    sites = _sites_in(department).select_related("commune").prefetch_related("hours")
    for site in sites.order_by("commune__name", "pk"):
        place = Place(site.commune_id, site.commune.name, hours_in_words(site.hours.all()))
        of_structure = found.setdefault(site.structure_id, {})
        if place.hours or place.code not in of_structure:
            of_structure[place.code] = place
    return {structure: list(places.values()) for structure, places in found.items()}


def _sites_in(department: str) -> QuerySet[Site]:
    return Site.objects.filter(department=department, is_remote_platform=False)


def hours_in_words(hours: Iterable[OpeningHours]) -> str:
    """« le mardi de 9 h à 12 h, du jeudi au vendredi de 9 h à 17 h 30 »."""
    days: dict[tuple[time, time], list[OpeningHours]] = {}
    for one in hours:
        if one.opens_at:
            days.setdefault((one.opens_at, one.closes_at), []).append(one)
    return ", ".join(
        f"{_days(found)} de {_clock(opens)} à {_clock(closes)}"
        for (opens, closes), found in days.items()
    )


def _days(found: list[OpeningHours]) -> str:
    names = [one.get_weekday_display() for one in found]
    if len(found) > 2 and found[-1].weekday - found[0].weekday == len(found) - 1:
        return f"du {names[0]} au {names[-1]}"
    return "le " + " et le ".join([", le ".join(names[:-1]), names[-1]] if names[1:] else names)


def _clock(at: time) -> str:
    return f"{at.hour} h {at.minute:02d}" if at.minute else f"{at.hour} h"


@dataclass(frozen=True)
class Load:
    """What a structure takes a week, until when it is full, what it was sent this week."""

    weekly: int | None = None
    full_until: date | None = None
    taken: int = 0

    def is_full(self, day: date) -> bool:
        return self._is_closed(day) or (self.weekly is not None and self.taken >= self.weekly)

    def _is_closed(self, day: date) -> bool:
        return self.full_until is not None and self.full_until >= day

    def in_words(self, day: date) -> str:
        if self._is_closed(day):
            return f"complet jusqu'au {periods.full_date(self.full_until)}"
        if self.weekly is None:
            return ""
        left = self.weekly - self.taken
        if left <= 0:
            return "complet cette semaine"
        return "1 place cette semaine" if left == 1 else f"{left} places cette semaine"


def loads_in(regions: list[str], day: date) -> dict[int, Load]:
    """Structure → what it said in the last of these Regions where it said something."""
    monday = periods.week_of(day)
    taken = dict(
        PlaceTaken.objects.filter(
            region__in=regions, sent_on__gte=monday, sent_on__lt=periods.days_after(monday, 7)
        )
        .values_list("structure_id")
        .annotate(Sum("places"))
    )
    said = {
        one.structure_id: one
        for one in sorted(
            Capacity.objects.filter(region__in=regions),
            key=lambda one: regions.index(one.region_id),
        )
    }
    return {
        structure: Load(
            weekly=said[structure].weekly if structure in said else None,
            full_until=said[structure].full_until if structure in said else None,
            taken=taken.get(structure, 0),
        )
        for structure in said.keys() | taken.keys()
    }


# ── One structure among the others ───────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Candidate:
    operator: Operator
    rule: RoutingRule | None  # the first that holds and that concerns it
    load: Load
    places: list[Place]  # that of the person's commune first
    is_reached: bool
    wanted: Wanted
    day: date

    @property
    def is_excluded(self) -> bool:
        return self.rule is not None and self.rule.excludes

    @property
    def order(self) -> tuple:
        """The lowest is proposed first."""
        return (
            not self.is_reached,
            self.is_excluded,
            self.load.is_full(self.day),
            self.rule.position if self.rule else _UNRULED,
            self.places[0].code != self.wanted.commune,
            self.operator.name,
        )

    @property
    def reasons(self) -> tuple[str, ...]:
        publics = "" if self.rule else self.operator.publics
        said = (
            "" if self.is_reached else "ni compte ni adresse : aucune fiche ne lui parviendrait",
            reason_of(self.rule, self.wanted) if self.rule else "",
            self.load.in_words(self.day),
            f"reçoit à {', '.join(map(str, self.places[:3]))}{'…' if self.places[3:] else ''}",
            f"public : {publics}" if publics else "",
            f"jusqu'au niveau {self.operator.max_rank}",
        )
        return tuple(filter(None, said))


def _candidate(
    operator: Operator, rules: list[RoutingRule], wanted: Wanted, offer: Offer
) -> _Candidate:
    return _Candidate(
        operator=operator,
        rule=next(
            (rule for rule in rules if concerns(rule, operator.structure, offer.members)), None
        ),
        load=offer.loads.get(operator.structure_id, Load()),
        places=sorted(
            offer.places[operator.structure_id], key=lambda place: place.code != wanted.commune
        ),
        is_reached=operator.structure_id in offer.reached,
        wanted=wanted,
        day=offer.day,
    )
